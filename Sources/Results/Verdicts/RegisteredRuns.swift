// The draws of a registration below a folder. Results that a registration cannot vouch for are refused; everything else that differs is
// told. How a single sweep departs from what was registered is in `Departures.swift`.

import Claims
import CommandLine
import Digests
import Foundation
import Host
import Reports
import Storage
import Trials

/// The draws of a registration below a folder.
package struct RegisteredRuns {
  /// The seeds of searches and calibrations, which no verdict may use.
  package static let calibrationSeeds: ClosedRange<UInt64> = 1001...1999
  /// The first seed of verdicts.
  package static let firstSeed: UInt64 = 20001

  /// The draws of each family, as registered.
  package private(set) var families: [[DrawRuns]]
  /// How the runs depart from the registration, a sentence each.
  package private(set) var deviations: [String] = []
  /// The first stages that were run, a sentence each.
  package private(set) var stages: [String] = []

  /// Opens the draws below a folder.
  ///
  /// - Throws: a `Refusal` for results from before the registration, for seeds of calibration and for draws that share trials.
  package init(_ registration: Registration, below folder: String) throws {
    families = try registration.families.map { family in
      try family.draws.map { try Self.open($0, registration, folder) }
    }
    try refuseEarlyRuns(registration, folder)
    try refuseCalibrationSeeds(folder)
    try refuseSharedTrials(folder)
    for family in families.indices {
      for index in families[family].indices {
        var runs = families[family][index]
        guard runs.isRegistered else { continue }
        try compare(&runs, registration)
        runs.training = try DrawTraining(runs.sweeps)
        families[family][index] = runs
      }
    }
    stages = runStages(registration)
    deviations += missingSweeps(registration, folder)
    deviations += unregisteredDraws(registration)
    deviations += try Self.unknownFolders(registration, folder)
  }

  /// The SHA-256 of a plan's trial identifiers, one a line, in plan order.
  package static func digest(of plan: SweepPlan) -> String {
    var digest = SHA256()
    for index in 0..<plan.trials.count { digest.update(plan.trialIdentifier(at: index) + "\n") }
    return digest.finalizedHex()
  }

  private static func open(_ draw: Registration.Draw, _ registration: Registration, _ folder: String) throws -> DrawRuns
  {
    let path = "\(folder)/\(draw.name)"
    let names = try subfolders(of: path).filter {
      FileManager.default.fileExists(atPath: "\(path)/\($0)/journal.jsonl")
    }
    return DrawRuns(
      draw: draw, sweeps: try names.map { StartedSweep(name: $0, results: try ResultsFolder("\(path)/\($0)")) },
      isRegistered: registration.counts(draw),
      tables: ResultTables(folder: path, failureRule: registration.failureRule, score: registration.score))
  }

  /// The names of the folders in a folder, sorted; none where it does not exist.
  private static func subfolders(of path: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder) && isFolder.boolValue
    }.sorted()
  }

  /// Every sweep that a claim may count, with its draw.
  private var registeredSweeps: [(draw: Registration.Draw, sweep: StartedSweep)] {
    families.joined().filter(\.isRegistered).flatMap { runs in
      runs.sweeps.filter { sweep in runs.draw.identifiers.contains { $0.sweep == sweep.name } }.map { (runs.draw, $0) }
    }
  }

  private func refuseEarlyRuns(_ registration: Registration, _ folder: String) throws {
    for (draw, sweep) in registeredSweeps {
      guard let commit = registration.latestCommit(of: draw),
        let start = sweep.results.index.runs.map(\.time).min(), start < commit.time
      else { continue }
      let what =
        commit == draw.commit && commit != registration.commit ? "the registration of its draw" : "the registration"
      throw Refusal(
        "\(folder)/\(draw.name)/\(sweep.name) was begun at \(StatusReport.text(time: start)), before \(what) "
          + "(commit \(commit.identifier.prefix(12)) of \(commit.timeText)), so it cannot confirm what that states; run it "
          + "again into another folder, on seeds that nobody has looked at")
    }
  }

  private func refuseCalibrationSeeds(_ folder: String) throws {
    for (draw, sweep) in registeredSweeps {
      let seeds = Self.seeds(of: sweep.results.plan)
      guard let seed = seeds.first(where: { Self.calibrationSeeds.contains($0) }) else { continue }
      throw Refusal(
        "\(folder)/\(draw.name)/\(sweep.name) has seed \(seed); seeds \(Self.calibrationSeeds.lowerBound) to "
          + "\(Self.calibrationSeeds.upperBound) are for searches and calibration, and verdicts use "
          + "\(Self.firstSeed) and up: register and run it with --shift-seeds")
    }
  }

  static func seeds(of plan: SweepPlan) -> [UInt64] {
    plan.seeds.flatMap { [$0.initialization, $0.order, $0.dropout] }
  }

  /// Refuses draws of which one has a trial of another: they are no draws of their own.
  private func refuseSharedTrials(_ folder: String) throws {
    var owners: [String: (draw: String, sweep: String)] = [:]
    for (draw, sweep) in registeredSweeps {
      let plan = sweep.results.plan
      let shared = (0..<plan.trials.count).filter { index in
        owners[plan.trialIdentifier(at: index)].map { $0.draw != draw.name } ?? false
      }
      if let first = shared.first, let owner = owners[plan.trialIdentifier(at: first)] {
        throw Refusal(
          "\(folder)/\(owner.draw)/\(owner.sweep) and \(folder)/\(draw.name)/\(sweep.name) share "
            + "\(counted(shared.count, "trial")), such as \(plan.trialIdentifier(at: first)), and are no two draws; give each draw "
            + "data of its own (--shift-data N), another pre-training or other seeds")
      }
      for index in 0..<plan.trials.count { owners[plan.trialIdentifier(at: index)] = (draw.name, sweep.name) }
    }
  }

  /// Notes what differs from the registration in a draw, and which of its sweeps do not count for that.
  private mutating func compare(_ runs: inout DrawRuns, _ registration: Registration) throws {
    let name = runs.draw.name
    for (sweep, digest) in runs.draw.identifiers {
      guard let index = runs.sweeps.firstIndex(where: { $0.name == sweep }) else { continue }
      let tables = registration.claims.flatMap(\.tables).filter { $0.run == sweep }.map(\.table).uniqued()
      let departures = try runs.departures(of: runs.sweeps[index], registered: digest, tables: tables)
      runs.sweeps[index].exclusion = departures.lazy.compactMap(\.exclusion).first.map { "\(sweep) \($0)" }
      deviations += departures.map { "\(name)/\(sweep) \($0.text)" }
    }
    for index in runs.sweeps.indices {
      let sweep = runs.sweeps[index].name
      guard !runs.draw.identifiers.contains(where: { $0.sweep == sweep }) else { continue }
      runs.sweeps[index].exclusion = "\(sweep) is not registered here"
      if registration.isStage(sweep) { continue }
      deviations.append("\(name)/\(sweep) was run and is not registered; no claim counts it")
    }
  }

  /// The first stages that were run, each with its draws.
  private func runStages(_ registration: Registration) -> [String] {
    registration.stages.compactMap { stage in
      let draws = families.joined().filter { runs in runs.sweeps.contains { $0.name == stage.name } }
      return draws.isEmpty
        ? nil
        : "\(stage.name) was run in \(draws.map(\.draw.name).joined(separator: ", ")), and no claim counts it: \(stage.what)"
    }
  }

  /// The sweeps that some draws lack, each with these draws.
  private func missingSweeps(_ registration: Registration, _ folder: String) -> [String] {
    registration.sweeps.compactMap { sweep in
      let missing = families.joined().filter { runs in
        runs.isRegistered && runs.draw.identifiers.contains { $0.sweep == sweep.name }
          && !runs.sweeps.contains { $0.name == sweep.name }
      }
      let names = missing.map { runs -> String in
        let path = "\(folder)/\(runs.draw.name)/\(sweep.name)"
        return FileManager.default.fileExists(atPath: path)
          ? "\(runs.draw.name) (\(path) has no journal.jsonl; copy the folder again)" : runs.draw.name
      }
      return names.isEmpty ? nil : "\(sweep.name) was not run in \(names.joined(separator: ", "))"
    }
  }

  /// The draws that are not registered yet, each with what was begun in it nevertheless.
  private func unregisteredDraws(_ registration: Registration) -> [String] {
    families.joined().filter { !$0.isRegistered }.map { runs in
      let name = runs.draw.name
      let hasIdentifiers = runs.draw.identifiers.contains { $0.digest != nil }
      let cure =
        hasIdentifiers
        ? "commit its identifiers and write that commit and its time into its registered"
        : "'scripts/register-draw.sh \(name)' prints what to commit"
      let begun = runs.sweeps.map(\.name).filter { !registration.isStage($0) }.joined(separator: ", ")
      return "\(name) is not registered yet and does not count; \(cure)"
        + (begun.isEmpty ? "" : ". It has runs of \(begun), which will be refused then: move them away")
    }
  }

  /// Folders beside the draws' that hold runs.
  private static func unknownFolders(_ registration: Registration, _ folder: String) throws -> [String] {
    let known = Set(registration.families.flatMap { $0.draws.map(\.name) })
    return try subfolders(of: folder).filter { !known.contains($0) }.filter { name in
      let inside = try ["."] + subfolders(of: "\(folder)/\(name)")
      return inside.contains { FileManager.default.fileExists(atPath: "\(folder)/\(name)/\($0)/journal.jsonl") }
    }.map { "\($0) holds runs and is no registered draw; no claim counts them" }
  }
}

/// A recipe that was started, over all draws.
package struct StartedArm: Equatable, Sendable {
  /// The sweep.
  package let sweep: String
  /// The recipe, as messages name it.
  package let recipe: String
  /// The draws in which it was started.
  package var drawCount = 0
  /// Of these, those without all their results.
  package var unfinishedDraws: [String] = []
  /// The trials planned there.
  package var plannedCount = 0
  /// Those with a result.
  package var resultCount = 0

  init(sweep: String, recipe: String) {
    self.sweep = sweep
    self.recipe = recipe
  }
}

extension RegisteredRuns {
  /// Every recipe that was started in any draw, unfinished and unregistered ones among them, in the order of first appearance.
  package var arms: [StartedArm] {
    var arms: [StartedArm] = []
    for runs in families.joined() {
      for sweep in runs.sweeps {
        for (index, planned) in sweep.results.plan.configurations.enumerated() {
          let recipe = "\(planned.configuration.taskName): \(planned.recipeName)"
          let known = arms.firstIndex { $0.sweep == sweep.name && $0.recipe == recipe }
          if known == nil { arms.append(StartedArm(sweep: sweep.name, recipe: recipe)) }
          let arm = known ?? arms.count - 1
          let (done, seeds) = (sweep.resultCount(ofConfiguration: index), sweep.results.plan.seeds.count)
          arms[arm].drawCount += 1
          arms[arm].plannedCount += seeds
          arms[arm].resultCount += done
          if done < seeds { arms[arm].unfinishedDraws.append(runs.draw.name) }
        }
      }
    }
    return arms
  }
}
