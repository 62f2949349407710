// Reads a claims file, strictly: an unknown key, a missing one or a value of the wrong kind is refused with its position. It
// opens no results: of a column it knows only whether the program's table of that name may have it.

import JSON5
import Reports
import Tables

/// Reads claims files.
package struct ClaimsReader {
  private let bytes: [UInt8]
  private let name: String
  private let tables: [TableReference]

  /// A reader of a file's bytes; `name` is what messages call it.
  ///
  /// - Parameter tables: The tables whose columns are known.
  package init(bytes: [UInt8], name: String, tables: [TableReference] = []) {
    self.bytes = bytes
    self.name = name
    self.tables = tables
  }

  /// What a file's bytes state; `name` is what messages call it.
  ///
  /// - Parameter tables: The tables whose columns are known.
  /// - Throws: `ClaimsError` with the first mistake, or `Diagnostics` for text that is no JSON5.
  package static func file(_ bytes: [UInt8], name: String, tables: [TableReference] = []) throws -> ClaimsFile {
    let reader = ClaimsReader(bytes: bytes, name: name, tables: tables)
    let root = try StrictObject(JSONReader.read(bytes, name: name), "claims file", reader)
    try root.allow(["claims", "failure_rule", "score"])
    let claims = try root.list("claims").map { try reader.claim($0) }
    guard !claims.isEmpty else {
      throw reader.error(try root.required("claims").range, "claims: expected at least one")
    }
    var seen: Set<Int> = []
    for (claim, node) in zip(claims, try root.list("claims")) where !seen.insert(claim.number).inserted {
      throw reader.error(node.range, "claim \(claim.number) is stated twice")
    }
    let score: ScoreChoice = try root.word("score") ?? .final
    return ClaimsFile(claims: claims, failureRule: try reader.failureRule(of: root), score: score.rawValue)
  }

  /// The rule by which runs must have been judged, as tables name it; nil where the file names none.
  package func failureRule(of root: StrictObject) throws -> String? {
    guard let node = root.optional("failure_rule") else { return nil }
    let name = try root.text("failure_rule")
    if let rule = FailureRule(name) { return rule.name }
    guard !BaselineRule.isName(name) else { return name }
    throw error(
      node.range,
      "failure_rule: expected \(FailureRule.names.joined(separator: ", ")) or below=X, or the failure_rule of an imported table, "
        + "found \"\(name)\"" + Suggestion.phrase(Suggestion.nearest(to: name, among: FailureRule.names)))
  }

  private func claim(_ node: JSONNode) throws -> Claim {
    let fields = try StrictObject(node, "claim", self)
    try fields.allow(["claim", "says", "requires", "conditions"])
    guard let number = try fields.required("claim").intValue else {
      throw error(try fields.required("claim").range, "claim: expected its number")
    }
    let conditions = try fields.list("conditions")
    guard !conditions.isEmpty else { throw error(node.range, "claim \(number) has no conditions") }
    let requirements = try fields.optional("requires") == nil ? [] : fields.list("requires")
    return Claim(
      number: number, says: try fields.text("says"), requirements: try requirements.map(condition),
      conditions: try conditions.map(condition))
  }

  /// A condition.
  package func condition(_ node: JSONNode) throws -> Condition {
    let fields = try StrictObject(node, "condition", self)
    let relations = Condition.Relation.allCases
    try fields.allow(["what", "value"] + relations.map(\.rawValue))
    let given = relations.filter { fields.optional($0.rawValue) != nil }
    guard given.count == 1, let relation = given.first else {
      throw error(
        node.range,
        "a condition has one of \(relations.map(\.rawValue).joined(separator: ", ")); found "
          + (given.isEmpty ? "none" : given.map(\.rawValue).joined(separator: " and ")))
    }
    return Condition(
      what: try fields.text("what"), value: try quantity(fields.required("value"), of: "value"), relation: relation,
      threshold: try quantity(fields.required(relation.rawValue), of: relation.rawValue))
  }

  /// - Parameter key: What the quantity stands behind, for messages.
  private func quantity(_ node: JSONNode, of key: String) throws -> Quantity {
    if let number = node.doubleValue { return .constant(try finite(number, node.range)) }
    guard node.members != nil else {
      let cure = node.stringValue.flatMap { Double($0) } == nil ? "" : "; remove the quotes"
      throw error(
        node.range,
        "\(key): expected a number, or an object such as { run: \"a\", column: \"mean\" }, found "
          + "\(node.kindName)\(cure)")
    }
    let fields = try StrictObject(node, "quantity", self)
    if fields.optional("run") != nil {
      let reduction: Quantity.Reduction = try fields.word("reduce") ?? .only
      return .column(try rows(node, also: ["reduce"], column: reduction == .count ? "" : nil), reduction)
    }
    guard let first = fields.members.first else { throw error(node.range, "expected a number or a quantity") }
    func groups() throws -> (Rows, Rows) {
      let two = try pair(first)
      let column = first.key == "boschloo" ? "failed" : nil
      return (try rows(two.0, column: column), try rows(two.1, column: column))
    }
    switch first.key {
    case "boschloo":
      try fields.allow(["boschloo"])
      let (one, other) = try groups()
      return .boschloo(one, other)
    case "levene":
      try fields.allow(["levene", "center"])
      let (one, other) = try groups()
      let center: Center = try fields.word("center") ?? .mean
      return .levene(one, other, aroundMedian: center == .median)
    case "mann_whitney":
      try fields.allow(["mann_whitney"])
      let (one, other) = try groups()
      return .mannWhitney(one, other)
    case "spearman":
      try fields.allow(["spearman", "end"])
      let (rows, other) = try rowsWith(first)
      return .spearman(rows, with: other, try fields.word("end"))
    case "differing":
      try fields.allow(["differing", "by"])
      let (one, other) = try groups()
      let keys = try fields.list("by").map { element -> String in
        let key = try text(element, "by")
        for rows in [one, other] { try check(key, of: rows.table, "by", element.range) }
        return key
      }
      return .differing(one, other, by: keys)
    case "ratio", "difference":
      try fields.allow([first.key])
      let two = try pair(first)
      let (one, other) = (try quantity(two.0, of: first.key), try quantity(two.1, of: first.key))
      return first.key == "ratio" ? .ratio(one, other) : .difference(one, other)
    default:
      throw error(
        first.keyRange,
        "unknown quantity \"\(first.key)\"; expected a number, rows of a run, or boschloo, levene, mann_whitney, "
          + "spearman, differing, ratio or difference")
    }
  }

  /// A number to compare with: nothing lies to NaN, and everything to an infinity.
  package func finite(_ number: Double, _ range: SourceRange) throws -> Double {
    guard number.isFinite else { throw error(range, "expected a finite number, found \(number)") }
    return number
  }

  private enum Center: String, CaseIterable {
    case mean, median
  }

  /// The two elements of a list.
  package func pair(_ member: JSONMember) throws -> (JSONNode, JSONNode) {
    guard let elements = member.value.elements, elements.count == 2 else {
      throw error(member.value.range, "\(member.key): expected a list of two")
    }
    return (elements[0], elements[1])
  }

  /// Rows, their column given or with the default.
  package func rows(_ node: JSONNode, also: [String] = [], column: String? = nil) throws -> Rows {
    let fields = try StrictObject(node, "rows", self)
    try fields.allow(["run", "table", "where", "column", "over"] + also)
    let table = try self.table(fields)
    var requirements: [(column: String, requirement: Rows.Requirement)] = []
    if let condition = fields.optional("where") {
      for member in try StrictObject(condition, "where", self).members {
        try check(member.key, of: table, "where", member.keyRange)
        requirements.append((member.key, try requirement(member)))
      }
    }
    let name = fields.optional("column") == nil ? column : nil
    if let name, !name.isEmpty { try check(name, of: table, "column", node.range) }
    return Rows(
      run: try fields.text("run"), table: table, requirements: requirements,
      column: try name ?? columnName(fields, "column", of: table),
      divisor: fields.optional("over") == nil ? nil : try columnName(fields, "over", of: table))
  }

  /// The table that rows name. One with a slip in its name would never be there; any other name is that of somebody's own table.
  private func table(_ fields: StrictObject) throws -> String {
    guard let node = fields.optional("table") else { return "trials.csv" }
    let name = try fields.text("table")
    let known = tables.map(\.file).filter { $0.hasSuffix(".csv") }
    guard !known.contains(name), let near = Self.table(meantBy: name, among: known) else { return name }
    throw error(
      node.range,
      "table: seedsweep writes no \"\(name)\"\(Suggestion.phrase(near)) A table of your own needs a name that is less like this "
        + "one")
  }

  /// The table whose name another one misspells; nil where none is near, and for names that are made from one, such as `surface_2.csv`.
  private static func table(meantBy name: String, among known: [String]) -> String? {
    func stem(_ file: String) -> String { file.hasSuffix(".csv") ? String(file.dropLast(4)) : file }
    let own = stem(name)
    guard let near = Suggestion.nearest(to: own, among: known.map(stem)) else { return nil }
    return own != near && (own.hasPrefix(near) || own.hasSuffix(near)) ? nil : "\(near).csv"
  }

  /// Rows and the other column, which `with` names.
  package func rowsWith(_ member: JSONMember) throws -> (Rows, String) {
    let fields = try StrictObject(member.value, member.key, self)
    let rows = try self.rows(member.value, also: ["with"])
    return (rows, try columnName(fields, "with", of: rows.table))
  }

  /// The column of a table that a key names.
  private func columnName(_ fields: StrictObject, _ key: String, of table: String) throws -> String {
    let name = try fields.text(key)
    try check(name, of: table, key, fields.required(key).range)
    return name
  }

  /// Refuses a column that a table of the program never has: no run would ever tell. Of other tables nothing is known.
  private func check(_ column: String, of table: String, _ key: String, _ range: SourceRange) throws {
    guard let known = tables.first(where: { $0.file == table }), !known.mayHave(column) else { return }
    let near = Suggestion.nearest(to: column, among: known.columns.map(\.name))
    throw error(
      range,
      "\(key): \(table) never has a column \"\(column)\""
        + (near == nil ? "; 'seedsweep columns \(table)' lists those it may have" : Suggestion.phrase(near)))
  }

  private func requirement(_ member: JSONMember) throws -> Rows.Requirement {
    if let object = member.value.members {
      guard object.count == 1, let relation = Condition.Relation(rawValue: object[0].key),
        let bound = object[0].value.doubleValue
      else {
        throw error(
          member.value.range,
          "\(member.key): expected one of below, above, at_most, at_least with a number")
      }
      return .number(relation, try finite(bound, object[0].value.range))
    }
    let allowed = member.value.elements ?? [member.value]
    guard !allowed.isEmpty else { throw error(member.value.range, "\(member.key): expected at least one value") }
    return .oneOf(try allowed.map { try text($0, member.key) })
  }

  /// A field's text: what it is in a CSV file.
  package func text(_ node: JSONNode, _ key: String) throws -> String {
    if let text = node.stringValue { return text }
    if let flag = node.booleanValue { return flag ? "true" : "false" }
    if let integer = node.intValue { return "\(integer)" }
    if let number = node.doubleValue { return "\(number)" }
    throw error(node.range, "\(key): expected a text, a number or a flag, found \(node.kindName)")
  }

  /// A mistake at a position of the file.
  package func error(_ range: SourceRange, _ message: String) -> ClaimsError {
    let position = bytes.withUnsafeBufferPointer { SourcePosition(offset: Int(range.start), in: $0) }
    return ClaimsError(description: "\(name):\(position): \(message)")
  }
}
