// Which errors of lower modules are the user's to mend, and how the process ends with each. Modules that may use CommandLine say
// so themselves.

import CommandLine
import Datasets
import Files
import Imports
import JSON5
import Kernels
import Papers
import Reports
import Storage
import Tables

/// Problems of a sweep file, each with the file's name and a position.
extension Diagnostics: UserError {
  package var standsAlone: Bool { true }
}

/// A file or folder that cannot be used. A full disk is no mistake of the command's.
extension FileError: UserError {
  package var exitCode: ExitCode { isOfDisk ? .failure : .refused }
}

extension LeaseError: UserError {}
extension RunFolderError: UserError {}
extension BLASLibrary.CoreError: UserError {}
extension ComparisonError: UserError {}
extension ImportError: UserError {}
extension PaperError: UserError {}
extension DataError: UserError {}
