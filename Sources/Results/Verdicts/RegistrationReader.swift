// Reads a registration file, strictly, with the readers of claims files: an unknown key, a missing one or a value of the wrong kind
// is refused with its position. It opens no results.

import Claims
import Foundation
import JSON5

/// Reads registration files.
package struct RegistrationReader {
  private let claims: ClaimsReader

  /// Whether a file's text is a registration rather than a list of claims: only registrations have draws.
  package static func isRegistration(_ bytes: [UInt8]) -> Bool {
    (try? JSONReader.read(bytes, name: ""))?["families"] != nil
  }

  /// What a file's bytes register; `name` is what messages call it.
  ///
  /// - Throws: `ClaimsError` with the first mistake, or `Diagnostics` for text that is no JSON5.
  package static func file(_ bytes: [UInt8], name: String) throws -> Registration {
    let reader = RegistrationReader(claims: ClaimsReader(bytes: bytes, name: name))
    return try reader.registration(JSONReader.read(bytes, name: name))
  }

  private enum Test: String, CaseIterable {
    case pooled = "reml_hartung_knapp"
  }

  private enum Score: String, CaseIterable {
    case final, best
  }

  private func registration(_ node: JSONNode) throws -> Registration {
    let root = try StrictObject(node, "registration", claims)
    try root.allow([
      "registered", "test", "failure_rule", "score", "least_draws", "sweeps", "stages", "families", "claims",
    ])
    let commit = try self.commit(root.required("registered"))
    _ = try root.required("test")
    let _: Test? = try root.word("test")
    let sweeps = try StrictObject(root.required("sweeps"), "sweeps", claims)
    let named = try sweeps.members.map { (name: $0.key, how: try sweeps.text($0.key)) }
    let stages = try root.optional("stages").map { try self.stages($0, sweeps: named.map(\.name)) } ?? []
    let score: Score = try root.word("score") ?? .final
    let least = try root.optional("least_draws").map { try count($0, "least_draws", atLeast: 2) } ?? 3
    let families = try family(root.required("families"), sweeps: named.map(\.name), isDraft: commit == nil)
    let registeredClaims = try root.list("claims").map { try claim($0, sweeps: named.map(\.name)) }
    for (index, claim) in registeredClaims.enumerated()
    where registeredClaims[..<index].contains(where: { $0.name == claim.name }) {
      throw claims.error(try root.list("claims")[index].range, "claim \(claim.name) is registered twice")
    }
    return Registration(
      commit: commit, failureRule: try root.optional("failure_rule").map { _ in try root.text("failure_rule") },
      score: score.rawValue, leastDraws: least, sweeps: named, stages: stages, families: families,
      claims: registeredClaims)
  }

  /// The first stages, each with what it is.
  private func stages(_ node: JSONNode, sweeps: [String]) throws -> [(name: String, what: String)] {
    let stages = try StrictObject(node, "stages", claims)
    return try stages.members.map { member in
      guard !sweeps.contains(member.key) else {
        throw claims.error(
          member.keyRange,
          "\(member.key) is one of the registered sweeps, and a first stage is none of them: no claim counts it")
      }
      return (member.key, try stages.text(member.key))
    }
  }

  private func missing(_ object: StrictObject, _ key: String) -> ClaimsError {
    claims.error(object.node.range, "\(key) is missing")
  }

  /// What `registered` says; nil for null.
  private func commit(_ node: JSONNode) throws -> Registration.Commit? {
    if node.content == .null { return nil }
    let fields = try StrictObject(node, "registered", claims)
    try fields.allow(["time", "commit"])
    let text = try fields.text("time")
    guard let time = try? Date(text, strategy: .iso8601).timeIntervalSince1970 else {
      throw claims.error(
        try fields.required("time").range,
        "time: expected the commit's time such as 2026-12-01T12:00:00Z, found \"\(text)\"")
    }
    return Registration.Commit(time: time, timeText: text, identifier: try fields.text("commit"))
  }

  private enum Kind: String, CaseIterable {
    case confirmatory, replication
  }

  private func family(_ node: JSONNode, sweeps: [String], isDraft: Bool) throws -> [Registration.Family] {
    let families = try StrictObject(node, "families", claims)
    guard !families.members.isEmpty else { throw claims.error(node.range, "families: expected at least one") }
    var names: Set<String> = []
    return try families.members.map { member in
      let fields = try StrictObject(member.value, "family \(member.key)", claims)
      try fields.allow(["kind", "draws"])
      guard let kind: Kind = try fields.word("kind") else { throw missing(fields, "kind") }
      let draws = try fields.list("draws").map { try draw($0, sweeps: sweeps, isDraft: isDraft) }
      for (draw, node) in zip(draws, try fields.list("draws")) where !names.insert(draw.name).inserted {
        throw claims.error(node.range, "draw \(draw.name) is registered twice")
      }
      return Registration.Family(name: member.key, isConfirmatory: kind == .confirmatory, draws: draws)
    }
  }

  private func draw(_ node: JSONNode, sweeps: [String], isDraft: Bool) throws -> Registration.Draw {
    let fields = try StrictObject(node, "draw", claims)
    try fields.allow(["name", "pretraining", "data", "registered", "identifiers", "processor"])
    let name = try fields.text("name")
    let registered = fields.optional("registered")
    let commit = try registered.flatMap { try self.commit($0) }
    if isDraft, commit != nil, let registered {
      throw claims.error(
        registered.range,
        "registered: draw \(name) is registered and the file is not; commit the file, write that commit and its time into its own "
          + "registered, and register draws after that")
    }
    let identifiers = try StrictObject(fields.required("identifiers"), "identifiers", claims)
    if commit != nil, identifiers.members.isEmpty {
      throw claims.error(
        identifiers.node.range, "identifiers: draw \(name) is registered and has none\(Self.cure(name))")
    }
    let lacking = sweeps.filter { identifiers.optional($0) == nil }
    if commit != nil, !lacking.isEmpty {
      throw claims.error(
        identifiers.node.range,
        "identifiers: draw \(name) is registered and lacks \(lacking.joined(separator: ", "))\(Self.cure(name))")
    }
    return Registration.Draw(
      name: name, pretraining: try fields.text("pretraining"),
      data: try count(fields.required("data"), "data", atLeast: 0), commit: commit,
      identifiers: try identifiers.members.map {
        try identifier($0, of: name, sweeps: sweeps, mayBeMissing: commit == nil)
      },
      processor: try fields.optional("processor").map { try claims.text($0, "processor") })
  }

  /// What to do where a draw lacks an identifier.
  private static func cure(_ draw: String) -> String {
    "; 'scripts/register-draw.sh \(draw)' prints all of them, and until they are committed registered of the draw is null"
  }

  private func identifier(
    _ member: JSONMember, of draw: String, sweeps: [String], mayBeMissing: Bool
  ) throws -> (String, String?) {
    guard sweeps.contains(member.key) else {
      throw claims.error(
        member.keyRange, "\(member.key) is none of the registered sweeps: \(sweeps.joined(separator: ", "))")
    }
    if member.value.content == .null {
      if mayBeMissing { return (member.key, nil) }
      throw claims.error(
        member.value.range,
        "\(member.key): draw \(draw) is registered and this identifier is missing\(Self.cure(draw))")
    }
    guard let digest = member.value.stringValue, digest.wholeMatch(of: /[0-9a-f]{64}/) != nil else {
      throw claims.error(
        member.value.range,
        "\(member.key): expected the SHA-256 that 'seedsweep plan --digest' prints for the sweep in this draw")
    }
    return (member.key, digest)
  }

  private func count(_ node: JSONNode, _ key: String, atLeast least: Int) throws -> Int {
    guard let number = node.intValue, number >= least else {
      throw claims.error(node.range, "\(key): expected a whole number, at least \(least)")
    }
    return number
  }

  private func claim(_ node: JSONNode, sweeps: [String]) throws -> RegisteredClaim {
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
    let given = fields.members.filter { Self.measures.contains($0.key) }
    guard given.count == 1, let first = given.first else {
      throw claims.error(
        node.range, "a part has one of \(Self.measures.joined(separator: ", ")); found \(given.count)")
    }
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

  private static func options(of measure: String) -> [String] { measure == "mean" ? ["against"] : [] }

  private func measure(_ fields: StrictObject, _ member: JSONMember) throws -> Measure {
    func groups(_ column: String? = nil) throws -> (Rows, Rows) {
      let two = try claims.pair(member)
      return (try claims.rows(two.0, column: column), try claims.rows(two.1, column: column))
    }
    func rowsWith() throws -> (Rows, String) {
      let inner = try StrictObject(member.value, member.key, claims)
      return (try claims.rows(member.value, also: ["with"]), try inner.text("with"))
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
      let (rows, other) = try rowsWith()
      return .covariance(rows, with: other)
    case "spearman":
      let (rows, other) = try rowsWith()
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
    let given = fields.members.filter { Self.measures.contains($0.key) }
    guard given.count == 1, let first = given.first else {
      throw claims.error(node.range, "expected one of \(Self.measures.joined(separator: ", "))")
    }
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

extension RegisteredClaim {
  /// The sweeps that it measures.
  package var runs: [String] {
    switch content {
    case .parts(let parts, let beside): (parts + beside).flatMap(\.measure.runs)
    case .law(let law): [law.run]
    }
  }

  /// The tables that it reads, each with its sweep, also those that only its requirements read.
  package var tables: [(run: String, table: String)] {
    let own: [(run: String, table: String)] =
      switch content {
      case .parts(let parts, let beside):
        (parts + beside).flatMap(\.measure.rows).map { (run: $0.run, table: $0.table) }
      case .law(let law): [DoseLaw.fits, DoseLaw.models].map { (run: law.run, table: $0) }
      }
    return own + requirements.flatMap(\.rows).map { (run: $0.run, table: $0.table) }
  }
}
