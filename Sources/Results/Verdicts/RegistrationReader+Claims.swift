// Reads the claims of a registration file: their parts, the measure of each, and the law of the dose.

import Claims
import JSON5

extension RegistrationReader {
  /// A claim.
  func claim(_ node: JSONNode, sweeps: [String]) throws -> RegisteredClaim {
    let fields = try StrictObject(node, "claim", claims)
    try fields.allow(["claim", "says", "exclude", "stop", "requires", "parts", "beside", "law"])
    let number = try fields.required("claim")
    guard let name = number.stringValue ?? number.intValue.map(String.init), !name.isEmpty else {
      throw claims.error(number.range, "claim: expected its number, such as 4 or \"4b\"")
    }
    guard name.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil else {
      throw claims.error(
        number.range,
        "claim: \"\(name)\" has other characters than letters, digits, points, hyphens and underscores, and files are named by it; "
          + "such as \"4b\"")
    }
    let content: RegisteredClaim.Content
    if let law = fields.optional("law") {
      if let parts = fields.optional("parts") {
        throw claims.error(parts.range, "a claim has parts or a law, not both")
      }
      content = .law(try self.law(law))
    } else {
      let parts = try fields.list("parts").map { try part($0) }
      guard !parts.isEmpty else { throw claims.error(node.range, "claim \(name) has no parts") }
      let besideNodes = try fields.optional("beside") == nil ? [] : fields.list("beside")
      let beside = try besideNodes.map { try part($0, isJudged: false) }
      try refuseEqualNames(parts + beside, try fields.list("parts") + besideNodes, claim: name)
      content = .parts(parts, beside: beside)
    }
    let claim = RegisteredClaim(
      name: name, says: try fields.text("says"),
      exclusions: try fields.optional("exclude") == nil
        ? [] : fields.list("exclude").map { try claims.text($0, "exclude") },
      stop: try fields.text("stop"),
      requirements: try fields.optional("requires") == nil
        ? [] : fields.list("requires").map { try claims.condition($0) },
      content: content)
    if let unknown = claim.runs.first(where: { !sweeps.contains($0) }) {
      throw claims.error(
        node.range,
        "claim \(name) reads \(unknown), which is none of the registered sweeps: \(sweeps.joined(separator: ", "))")
    }
    if let unknown = claim.requirements.flatMap(\.rows).map(\.run).first(where: { !sweeps.contains($0) }) {
      throw claims.error(
        try fields.required("requires").range,
        "requires: claim \(name) reads \(unknown), which is none of the registered sweeps (\(sweeps.joined(separator: ", "))), so that a "
          + "draw could be left out after its results were seen; register \(unknown) and its identifiers in every draw, or leave the "
          + "condition out")
    }
    return claim
  }

  /// Refuses parts of a claim with one name, by which tables and figures tell them apart.
  private func refuseEqualNames(_ parts: [ClaimPart], _ nodes: [JSONNode], claim: String) throws {
    for index in parts.indices where parts[..<index].contains(where: { $0.what == parts[index].what }) {
      throw claims.error(
        nodes[index].range,
        "what: claim \(claim) has two parts that are called \"\(parts[index].what)\"; give each a text of its own, by which tables and "
          + "figures tell them apart")
    }
  }

  private func law(_ node: JSONNode) throws -> DoseLaw {
    let fields = try StrictObject(node, "law", claims)
    try fields.allow(["what", "run", "doses", "margin", "explained"])
    let doses = try fields.list("doses").map { try claims.text($0, "doses") }
    guard !doses.isEmpty else { throw claims.error(node.range, "doses: expected at least one") }
    return DoseLaw(
      what: try fields.text("what"), run: try fields.text("run"), doses: doses,
      margin: try number(fields, "margin", "a ratio above 1") { $0 > 1 },
      explained: try number(fields, "explained", "a share from 0 to 1") { (0...1).contains($0) })
  }

  private func number(
    _ fields: StrictObject, _ key: String, _ expected: String, _ isAllowed: (Double) -> Bool
  ) throws -> Double {
    let node = try fields.required(key)
    guard let number = node.doubleValue, number.isFinite, isAllowed(number) else {
      throw claims.error(node.range, "\(key): expected \(expected)")
    }
    return number
  }

  private enum Direction: String, CaseIterable {
    case above, below
  }

  private func part(_ node: JSONNode, isJudged: Bool = true) throws -> ClaimPart {
    let fields = try StrictObject(node, "part", claims)
    let first = try onlyMeasure(of: fields, "a part", cure: "give each a part of its own")
    let asked = isJudged ? ["direction", "smallest", "within", "least_runs"] : []
    try fields.allow(["what", first.key] + Self.options(of: first.key) + asked)
    let measure = try self.measure(fields, first)
    return ClaimPart(
      what: try fields.text("what"), measure: measure,
      asked: isJudged ? try self.asked(fields, measure.scale) : .nothing,
      leastRuns: try fields.optional("least_runs").map { try count($0, "least_runs", atLeast: 1) } ?? 0)
  }

  private func asked(_ fields: StrictObject, _ scale: Scale) throws -> ClaimPart.Asked {
    if fields.optional("within") != nil {
      if let other = fields.members.first(where: { ["direction", "smallest"].contains($0.key) }) {
        throw claims.error(other.keyRange, "a part asks for a direction or to lie within a margin, not both")
      }
      return .absence(
        margin: try number(fields, "within", scale.marginWords) { $0 > scale.nothing && scale.contains($0) })
    }
    guard let direction: Direction = try fields.word("direction") else {
      throw missing(fields, "direction, or within,")
    }
    let isAbove = direction == .above
    return .effect(
      isAbove: isAbove,
      smallest: try number(fields, "smallest", scale.effectWords) {
        scale.contains($0) && (isAbove ? $0 >= scale.nothing : $0 <= scale.nothing)
      })
  }

  private static let measures = [
    "risk_difference", "mean_difference", "mean_ratio", "sd_ratio", "mean", "covariance", "spearman", "difference",
  ]

  /// The one measure that an object names.
  ///
  /// - Parameter cure: What to do where there are several.
  private func onlyMeasure(of fields: StrictObject, _ title: String, cure: String) throws -> JSONMember {
    let given = fields.members.filter { Self.measures.contains($0.key) }
    guard let first = given.first else {
      throw claims.error(
        fields.node.range,
        "\(title) has one of \(Self.measures.joined(separator: ", ")), and here is none; such as mean: { run: \"correction\", column: "
          + "\"failed\" }")
    }
    guard given.count == 1 else {
      throw claims.error(
        given[1].keyRange,
        "\(title) has one measure, and here are \(given.map(\.key).joined(separator: " and ")); leave all but one out, or \(cure)"
      )
    }
    return first
  }

  private static func options(of measure: String) -> [String] { measure == "mean" ? ["against"] : [] }

  private func measure(_ fields: StrictObject, _ member: JSONMember) throws -> Measure {
    func groups(_ column: String? = nil) throws -> (Rows, Rows) {
      let two = try claims.pair(member)
      return (try claims.rows(two.0, column: column), try claims.rows(two.1, column: column))
    }
    switch member.key {
    case "risk_difference":
      let (one, other) = try groups("failed")
      return .riskDifference(one, other)
    case "mean_difference", "mean_ratio":
      let (one, other) = try groups()
      return .meanDifference(one, other, ofLogs: member.key == "mean_ratio")
    case "sd_ratio":
      let (one, other) = try groups()
      return .deviationRatio(one, other)
    case "covariance":
      let (rows, other) = try claims.rowsWith(member)
      return .covariance(rows, with: other)
    case "spearman":
      let (rows, other) = try claims.rowsWith(member)
      return .spearman(rows, with: other)
    case "mean":
      let against = try fields.optional("against") == nil ? 0 : number(fields, "against", "a number") { _ in true }
      return .mean(try claims.rows(member.value), against: against)
    default:
      let two = try claims.pair(member)
      let (one, other) = (try innerMeasure(two.0), try innerMeasure(two.1))
      guard one.scale == other.scale else {
        throw claims.error(member.value.range, "difference: the two measures are not on one scale")
      }
      // The variance of a difference is the sum of two variances only where the two are of different runs.
      if let shared = one.rows.first(where: { rows in other.rows.contains { rows.mayShareRuns(with: $0) } }) {
        throw claims.error(
          member.value.range,
          "difference: the two measures may be of the same runs (\(shared.title)), and then their errors are not independent; give "
            + "each runs of its own, which the same column of where tells apart")
      }
      return .difference(one, other)
    }
  }

  private func innerMeasure(_ node: JSONNode) throws -> Measure {
    let fields = try StrictObject(node, "measure", claims)
    let first = try onlyMeasure(
      of: fields, "each of the two objects of a difference",
      cure: "write difference: [{ mean: { ... } }, { mean: { ... } }] with one measure in each pair of braces")
    try fields.allow([first.key] + Self.options(of: first.key))
    return try measure(fields, first)
  }
}

extension Scale {
  /// What tables write for no effect.
  fileprivate var nothing: Double {
    switch self {
    case .plain, .correlation: 0
    case .ratio: 1
    }
  }

  /// Whether tables could write a number for an effect.
  fileprivate func contains(_ number: Double) -> Bool {
    switch self {
    case .plain: true
    case .ratio: number > 0
    case .correlation: abs(number) < 1
    }
  }

  fileprivate var marginWords: String {
    switch self {
    case .plain: "a positive number"
    case .ratio: "a ratio above 1"
    case .correlation: "a correlation above 0 and below 1"
    }
  }

  fileprivate var effectWords: String {
    switch self {
    case .plain: "a number of the sign that direction names, or 0"
    case .ratio: "a ratio above 0 on the side of 1 that direction names, or 1"
    case .correlation: "a correlation between -1 and 1 of the sign that direction names, or 0"
    }
  }
}
