// Tables by the path of their file.

import Files
import Tables
import Tokenization

extension TextTable {
  /// The columns of a file; `header` names the columns of a file that does not name them itself.
  ///
  /// - Throws: `DataError` for an unreadable or empty file, a missing column or a malformed row.
  package init(
    path: String, format: TableFormat, columns: [String], header: [String]? = nil, ragged: RaggedRows = .refused
  ) throws {
    do {
      try self.init(
        try TextFile.contents(of: path), path: path, format: format, columns: columns, header: header, ragged: ragged)
    } catch let error as TextFile.ReadError { throw DataError("\(path): \(error)") }
  }
}
