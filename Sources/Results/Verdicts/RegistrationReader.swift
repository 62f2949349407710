// Reads a registration file, strictly, with the readers of claims files: an unknown key, a missing one or a value of the wrong kind
// is refused with its position. It opens no results. What a claim says is read in `RegistrationReader+Claims.swift`.

import Claims
import Foundation
import JSON5
import Reports
import Tables

/// Reads registration files.
package struct RegistrationReader {
  let claims: ClaimsReader

  /// Whether a file's text is a registration rather than a list of claims: only registrations have draws.
  package static func isRegistration(_ bytes: [UInt8]) -> Bool {
    (try? JSONReader.read(bytes, name: ""))?["families"] != nil
  }

  /// What a file's bytes register; `name` is what messages call it.
  ///
  /// - Parameter tables: The tables whose columns are known.
  /// - Throws: `ClaimsError` with the first mistake, or `Diagnostics` for text that is no JSON5.
  package static func file(_ bytes: [UInt8], name: String, tables: [TableReference] = []) throws -> Registration {
    let reader = RegistrationReader(claims: ClaimsReader(bytes: bytes, name: name, tables: tables))
    return try reader.registration(JSONReader.read(bytes, name: name))
  }

  private enum Test: String, CaseIterable {
    case pooled = "reml_hartung_knapp"
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
    let score: ScoreChoice = try root.word("score") ?? .final
    let least = try root.optional("least_draws").map { try count($0, "least_draws", atLeast: 2) } ?? 3
    let families = try family(root.required("families"), sweeps: named.map(\.name), isDraft: commit == nil)
    let registeredClaims = try root.list("claims").map { try claim($0, sweeps: named.map(\.name)) }
    for (index, claim) in registeredClaims.enumerated()
    where registeredClaims[..<index].contains(where: { $0.name == claim.name }) {
      throw claims.error(try root.list("claims")[index].range, "claim \(claim.name) is registered twice")
    }
    return Registration(
      commit: commit, failureRule: try claims.failureRule(of: root), score: score.rawValue, leastDraws: least,
      sweeps: named, stages: stages, families: families, claims: registeredClaims)
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

  func missing(_ object: StrictObject, _ key: String) -> ClaimsError {
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

  func count(_ node: JSONNode, _ key: String, atLeast least: Int) throws -> Int {
    guard let number = node.intValue, number >= least else {
      throw claims.error(node.range, "\(key): expected a whole number, at least \(least)")
    }
    return number
  }
}
