// Whether the fields of a table with tabs were quoted as CSV writers quote them. Quotes are text in such a table, as in GLUE's
// files; a program such as pandas, whose to_csv quotes what holds a quote or a line end, means something else.

/// What the quotes at the beginning of fields look like, over the fields of a table.
struct QuotedFields {
  /// Fields that begin and end with a quote and double every quote between.
  private var wellFormedCount = 0
  /// Of these, those with a doubled quote.
  private var doubledCount = 0
  /// Whether a field begins with a quote and is not well formed.
  private var isLiteral = false
  private var firstLine: Int?
  private var recordCount = 0

  /// Takes note of a record's fields.
  mutating func note(_ record: Record) {
    if isLiteral { return }
    recordCount += 1
    for field in record.fields where field.first == 34 {
      guard Self.isWellFormed(field) else {
        isLiteral = true
        return
      }
      wellFormedCount += 1
      if firstLine == nil { firstLine = record.line }
      if field.count > 3 && field.dropFirst().dropLast().contains(34) { doubledCount += 1 }
    }
  }

  /// A sentence about fields that are all well formed, where one has doubled quotes or there is one for each row; nil where
  /// quotes are as texts have them.
  func remark(_ path: String) -> String? {
    guard !isLiteral, doubledCount > 0 || wellFormedCount >= recordCount, let firstLine else { return nil }
    let count = wellFormedCount == 1 ? "1 field stands" : "\(wellFormedCount) fields stand"
    return
      "\(path): \(count) in quotes as CSV writers put them (the first on line \(firstLine)), and in a .tsv quotes are part of "
      + "the text; save the file as .csv if they are not meant (pandas: to_csv without sep)"
  }

  /// Whether a record has a field that begins with a quote and never closes it, as where a row breaks inside a field.
  static func opensQuote(_ record: Record) -> Bool {
    record.fields.contains { $0.first == 34 && !isWellFormed($0) }
  }

  /// Whether all names of a header stand in quotes, as where a writer quotes every field.
  static func areQuoted(_ header: [String]) -> Bool { header.allSatisfy { isWellFormed(Array($0.utf8)[...]) } }

  /// What to do about such a header.
  static let headerAdvice =
    "the names stand in quotes as CSV writers put them, and in a .tsv quotes are part of the text; save the file as .csv "
    + "(pandas: to_csv without sep)"

  private static func isWellFormed(_ field: ArraySlice<UInt8>) -> Bool {
    guard field.count > 1, field.last == 34 else { return false }
    var index = field.startIndex + 1
    let end = field.endIndex - 1
    while index < end {
      if field[index] == 34 {
        guard index + 1 < end, field[index + 1] == 34 else { return false }
        index += 1
      }
      index += 1
    }
    return true
  }
}
