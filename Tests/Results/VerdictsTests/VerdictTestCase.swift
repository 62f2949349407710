// Run folders of draws that are made here, and a registration of them, which several tests of verdicts share.

import Foundation
import Reports
import ResultsSupport
import StopRules
import Storage
import Trials
import XCTest

@testable import Claims
@testable import Verdicts

class VerdictTestCase: FolderTestCase {
  /// The time of the commit, 2026-12-01T12:00:00Z.
  static let committed = 1_796_126_400.0

  /// Writes the run folder of a sweep of two recipes. `failed` says how many of the seeds fail with the first and with the second recipe,
  /// and `diverged` how many of the former diverge.
  func run(
    _ draw: Int, failed: (Int, Int), as name: String = "quick", seeds: ClosedRange<UInt64> = 20001...20010,
    started: Double = committed + 1, results: Int = .max, configurations: Int? = nil, handsOut: Bool = true,
    stop: StopRule? = nil, diverged: Int = 0
  ) throws -> SweepPlan {
    let recipes = ["plain", "corrected"].enumerated().map { index, name in
      PlannedConfiguration(
        variant: name, label: name, configuration: TrialConfiguration(), axisValues: [],
        identifier: String(format: "%016x", 1 + 2 * (configurations ?? draw) + index))
    }
    let plan = try SweepPlan(
      name: name, configurations: recipes, seeds: seeds.map { TrialSeeds(tied: $0) }, stop: stop)
    let path = RunFolder("\(folder)/d\(draw)/\(name)")
    try FileManager.default.createDirectory(atPath: path.path, withIntermediateDirectories: true)
    try write(plan.encodedJSON().utf8, to: path.sweep)
    let journal = try JournalWriter(path: path.journal, epoch: 1)
    var start = Example.start
    start.time = started
    var records: [JournalRecord] = [.runStart(start)]
    for (index, trial) in zip(plan.trials.indices, plan.trials).prefix(results) {
      let (recipe, seed) = (index / seeds.count, index % seeds.count)
      let isFailed = seed < (recipe == 0 ? failed.0 : failed.1)
      let outcome =
        recipe == 0 && seed < diverged
        ? Example.diverged(after: [6])
        : Example.outcome(correct: [isFailed ? 6 : 9], trainLoss: 0.1 + Double(seed) / 100)
      if handsOut {
        records.append(.handOut(HandOutRecord(trial: trial.identifier, attempt: 1, rank: 0, host: "node")))
      }
      records.append(
        .outcome(TrialRecord(trial: trial.identifier, attempt: 1, timing: Example.timing, outcome: outcome)))
    }
    try journal.append(records)
    try journal.commit()
    try RunTables.write(plan, from: JournalIndex(path: path.journal), to: path)
    return plan
  }

  func registration(_ plans: [SweepPlan?], smallest: Double = 0.1) -> Registration {
    let rows = ["plain", "corrected"].map { variant in
      Rows(run: "quick", table: "trials.csv", requirements: [("variant", .oneOf([variant]))], column: "failed")
    }
    let part = ClaimPart(
      what: "rates", measure: .riskDifference(rows[0], rows[1]), asked: .effect(isAbove: true, smallest: smallest),
      leastRuns: 0)
    return Registration(
      commit: Registration.Commit(time: Self.committed, timeText: "2026-12-01T12:00:00Z", identifier: "abcdef"),
      failureRule: nil,
      score: "final", leastDraws: 3, sweeps: [("quick", "quick.json5")],
      families: [
        Registration.Family(
          name: "embedded", isConfirmatory: true,
          draws: plans.enumerated().map { index, plan in
            Registration.Draw(
              name: "d\(index)", pretraining: "p\(index)", data: index,
              commit: Registration.Commit(time: Self.committed, timeText: "2026-12-01T12:00:00Z", identifier: "abcdef"),
              identifiers: [("quick", plan.map(RegisteredRuns.digest) ?? String(repeating: "0", count: 64))])
          })
      ],
      claims: [
        RegisteredClaim(
          name: "6", says: "correction stabilizes", exclusions: [], stop: "all seeds", requirements: [],
          content: .parts([part], beside: []))
      ])
  }

  /// The draws of a registration as those of two models.
  func twoModels(_ registration: Registration) -> Registration {
    var (registration, town) = (registration, registration.families[0])
    (town.name, town.isConfirmatory) = ("town", false)
    town.draws.removeFirst(3)
    registration.families[0].draws.removeLast(3)
    registration.families.append(town)
    return registration
  }
}
