// What a paper's tables and macros are made from: the summary of a folder, how it was judged, and the digest that ties a
// number to its results. Reading folders is the command's business.

import Reports
import Trials

/// The part of a paper that cannot be made, and what to do about it.
package struct PaperError: Error, Equatable, CustomStringConvertible {
  /// The whole message.
  package let description: String
}

/// A folder of results as a paper cites it.
package struct PaperSource: Sendable {
  /// The folder's name, without the folders above it.
  package var name: String
  /// The file that all numbers come from.
  package var recordName: String
  /// The SHA-256 of that file.
  package var digest: String
  /// One row for each configuration.
  package var rows: [SummaryRow]
  /// The words that tell each configuration from others, for names of macros: task, variant and grid values.
  package var words: [[String]]
  /// How the runs are scored and judged.
  package var options: TableOptions

  package init(
    name: String, recordName: String, digest: String, rows: [SummaryRow], words: [[String]], options: TableOptions
  ) {
    self.name = name
    self.recordName = recordName
    self.digest = digest
    self.rows = rows
    self.words = words
    self.options = options
  }

  /// The digest as captions show it.
  var shortDigest: String { String(digest.prefix(12)) }

  /// The first lines of every text made from the source: how to make it again, and from which results it was made.
  ///
  /// - Parameter command: The flags of `seedsweep table`.
  func header(_ command: String) -> [String] {
    ["\(PaperText.start)\(command)", "\(PaperText.folder)\(name)", "% \(recordName) sha256: \(digest)"]
  }
}

/// The marks around a text that `seedsweep table` made, by which it is found in a paper.
enum PaperText {
  static let start = "% seedsweep table "
  static let folder = "% folder: "
  static let end = "% end of seedsweep table"
}
