// Says which errors of lower modules the user can mend, and the exit code of each. Modules that import CommandLine do this
// themselves.

import CommandLine
import Datasets
import Files
import Glibc
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
  package var problems: [String] { ["\(self)\(cure)"] }

  /// What to do about a file that cannot be written, where the reason does not say it.
  private var cure: String {
    guard isOfWriting, reason.hasSuffix("(error \(code))") else { return "" }
    return switch code {
    case EROFS: "; choose a place on another file system"
    case EACCES, EPERM: "; choose another place, or let this user write there"
    case ENOSPC, EDQUOT: "; make space there and give the same command again"
    default: ""
    }
  }
}

extension LeaseError: UserError {}
extension RunFolderError: UserError {}
extension BLASLibrary.CoreError: UserError {}
extension ComparisonError: UserError {}
extension ImportError: UserError {}
extension PaperError: UserError {}
extension DataError: UserError {}
