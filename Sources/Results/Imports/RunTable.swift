// A table with one row for each run, as people export it: which of its columns are asked for, which are known by their names,
// and what stands in them as text. What the texts mean is `ImportedRows`' business.

import Files
import Foundation
import JSON5
import Tables
import TrainerFiles

/// A table of runs.
struct RunTable {
  /// A row: the line it begins on and the texts of its columns. A missing text is a null of JSON.
  struct Row {
    var line: Int
    var texts: [String: String]
  }

  /// The file.
  let path: String
  /// The names of its columns.
  let header: [String]
  /// The columns of the recipe, in the order asked.
  let recipeColumns: [String]
  /// Its rows; of CSV and TSV with the asked-for and the known columns.
  let rows: [Row]
  /// What a user should be told about the file.
  let remarks: [String]

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - columns: the columns that every row must have.
  ///   - recipeColumns: columns of the recipe, several in one text separated by commas.
  /// - Throws: `DataError`, `FileError`.
  init(path: String, columns: [String], recipeColumns given: [String]) throws {
    self.path = path
    let format = try TableFormat(path: path)
    let content = Data(try InputFile.contents(of: path))
    let header = try TextTable.header(of: content, path: path, format: format)
    if let chart = Self.chartProblem(header) { throw DataError("\(path): \(chart)") }
    if format == .objects {
      let lines = try Self.objects(content, path: path)
      let header = lines.flatMap(\.names).uniqued()
      recipeColumns = Self.split(given, header)
      self.header = header
      let needed = columns + recipeColumns
      for line in lines where needed.contains(where: { !line.names.contains($0) }) {
        let missing = needed.filter { !line.names.contains($0) }
        throw TextTable.missingColumns(
          missing, among: line.names.sorted(), at: "\(path):\(line.row.line)",
          meant: HyperparameterColumns.synonyms(of: missing, in: line.names))
      }
      rows = lines.map(\.row)
      remarks = []
      return
    }
    self.header = header
    recipeColumns = Self.split(given, header)
    let asked = (columns + recipeColumns).uniqued()
    if let advice = Self.dictionaryAdvice(asked, header) { throw DataError("\(path): \(advice)") }
    let missing = asked.filter { !header.contains($0) }
    let meant = HyperparameterColumns.synonyms(of: missing, in: header)
    if !meant.isEmpty { throw TextTable.missingColumns(missing, among: header, at: "\(path):1", meant: meant) }
    let read = (asked + header.filter { Self.isKnown($0, in: header) }).uniqued()
    let table = try TextTable(content, path: path, format: format, columns: read)
    remarks = table.remarks
    rows = table.rows.map {
      Row(line: $0.line, texts: Dictionary(zip(read, $0.fields), uniquingKeysWith: { one, _ in one }))
    }
  }

  /// The texts of a column, where it has one.
  func texts(of column: String) -> [String] { rows.compactMap { $0.texts[column] } }

  /// The columns of Ray Tune that tell how far a trial went.
  static let iterationColumn = "training_iteration"
  static let trialColumn = "trial_id"
  static let doneColumn = "done"

  /// Whether a column is read for its name. One that occurs twice is not.
  private static func isKnown(_ name: String, in header: [String]) -> Bool {
    let names = RunStates.columns + [iterationColumn, trialColumn, doneColumn]
    return (names.contains(name.lowercased()) || HyperparameterColumns.known(among: [name]) == [name])
      && header.count { $0 == name } == 1
  }

  /// The columns that texts name: a text that is a column's whole name is that column, others are split at commas.
  private static func split(_ given: [String], _ header: [String]) -> [String] {
    given.flatMap { text in
      header.contains(text)
        ? [text] : text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }.uniqued()
  }

  /// What to say of the data of one chart, which has a column for each run instead of a row; nil for a table of runs.
  private static func chartProblem(_ header: [String]) -> String? {
    let names = Set(header)
    guard
      let bound = header.first(where: { name in
        name.hasSuffix("__MIN") && name.contains(" - ") && names.contains(String(name.dropLast(5)))
      })
    else { return nil }
    return
      "this is the export of one chart (a column for each run, such as '\(bound.dropLast(5))'), which has no seeds and no "
      + "states; export the table of runs instead: in the project's Runs table, Download, CSV"
  }

  /// What to say of a table whose columns hold Python dictionaries, as an example of wandb's documentation writes it.
  private static func dictionaryAdvice(_ asked: [String], _ header: [String]) -> String? {
    let missing = asked.filter { !header.contains($0) }
    guard !missing.isEmpty, header.contains("summary"), header.contains("config") else { return nil }
    return
      "no column \(missing.map { "\"\($0)\"" }.joined(separator: ", ")); the columns \"summary\" and \"config\" hold "
      + "dictionaries; give each of their keys a column, as pandas.json_normalize does"
  }

  /// The objects of JSON lines, names in the order of the file; the members of an object inside one are named with its key and a
  /// slash before them.
  private static func objects(_ content: Data, path: String) throws -> [(names: [String], row: Row)] {
    var lines: [(names: [String], row: Row)] = []
    var bytes = [UInt8](content)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    let reader = JSONLines(path: path, example: "{\"seed\": 1, \"accuracy\": 0.9}")
    try reader.forEachObject(bytes) { line, members in
      var names: [String] = []
      var texts: [String: String] = [:]
      flatten(members, prefix: "", &names, &texts)
      lines.append((names, Row(line: line, texts: texts)))
    }
    if lines.isEmpty { throw DataError("\(path): no rows") }
    return lines
  }

  private static func flatten(
    _ members: [JSONMember], prefix: String, _ names: inout [String], _ texts: inout [String: String]
  ) {
    for member in members {
      let name = prefix + member.key
      names.append(name)
      switch member.value.content {
      case .string(let text): texts[name] = text
      case .boolean(let truth): texts[name] = "\(truth)"
      case .integer(let integer): texts[name] = "\(integer.isNegative ? "-" : "")\(integer.magnitude)"
      case .number(let number): texts[name] = "\(number)"
      case .object(let members): flatten(members, prefix: name + "/", &names, &texts)
      case .null, .array: break
      }
    }
  }
}
