// The names of a table's columns before any row is read, for a reader that chooses its columns by their names.

import Foundation

extension TextTable {
  /// The names in the first line of a file's content; empty for JSON lines, where each line names its own.
  ///
  /// - Throws: `DataError` for an empty file or a malformed first line.
  package static func header(of content: Data, path: String, format: TableFormat) throws -> [String] {
    var bytes = [UInt8](content)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.isEmpty { throw DataError("\(path): the file is empty") }
    let record: Record?
    switch format {
    case .objects: return []
    case .tabs:
      var reader = TabReader(bytes)
      record = reader.next()
    case .commas:
      var reader = CommaReader(bytes, path: path)
      record = try reader.next()
    }
    return try (record?.fields ?? []).map { field in
      guard let name = String(validating: field, as: UTF8.self) else {
        throw DataError("\(path):1: not valid UTF-8; save the file as UTF-8")
      }
      return name
    }
  }

  /// What to do about a header of one name in which something else than the format's separator seems to stand between names;
  /// nil for any other header.
  package static func separatorAdvice(_ header: [String], _ format: TableFormat) -> String? {
    guard header.count == 1, format != .objects else { return nil }
    func count(_ separator: Character) -> Int { header[0].count { $0 == separator } }
    let other: Character = format == .tabs ? "," : "\t"
    if count(other) > 0, count(other) >= count(";") {
      return format == .tabs
        ? "commas seem to separate its columns: call the file .csv"
        : "tabs seem to separate its columns: call the file .tsv"
    }
    guard count(";") > 0 else { return nil }
    return "semicolons seem to separate its columns, as in Excel's CSV of some languages: save it with commas "
      + "(pandas: read_csv(FILE, sep=\";\", decimal=\",\").to_csv(FILE, index=False))"
  }

  /// The error of columns that a line or a header lacks; `meant` are those that were meant as far as a caller knows.
  package static func missingColumns(
    _ columns: [String], among found: [String], at position: String, meant: [String] = []
  ) -> DataError {
    DataError("\(position): \(missing(columns, among: found, meant: meant))")
  }
}
