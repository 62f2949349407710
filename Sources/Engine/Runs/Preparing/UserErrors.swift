// Says which errors of lower modules the user can mend, and the exit code of each. Modules that import CommandLine do this
// themselves.

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

/// A file or folder that cannot be used. A full disk is not a mistake of the command line.
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
