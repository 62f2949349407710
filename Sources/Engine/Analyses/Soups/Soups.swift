// The analysis `soups`: averages of the weights of runs that started from the same head, the loss between every two of them, and which
// of them lie in one basin (soups.csv, barriers.csv, basins.csv). The numbers are computed in `SoupKitchen` and `Basins`, the tables are
// in `SoupTables`.

import CommandLine
import Reports
import Storage
import Training
import Trials

/// Averages of weights.
package struct Soups: Analysis {
  package static let name = "soups"
  package static let summary = """
    averages of the weights of runs that started from the same head, uniform and greedy, the loss barriers
    between every two of them, and the basins in which they lie
    """
  private static let members = Flag(
    "--members", "N", "how many runs of each recipe and head are read, the first in plan order",
    .count(atLeast: 2, atMost: 1000), default: 10)
  private static let linePoints = Flag(
    "--line-points", "N", "points between two runs, both ends included", .count(atLeast: 3, atMost: 1000), default: 11)
  private static let basinBarrier = Flag(
    "--basin-barrier", "X", "the largest barrier between two runs of one basin", .number(atLeast: 0),
    unset: "\(Basins.defaultPercent) % of the chance loss")
  package static let flags: [any FlagDeclaration] = [
    AnalysisFlags.retrain, Flag.analysisProcesses, VariantChoice.flag, members, linePoints, basinBarrier,
    AnalysisFlags.examples,
  ]
  static let soups = table("soups", isJudged: false)
  static let barriers = table("barriers", isJudged: false)
  static let basins = table("basins")
  package static let tables = [soups, barriers, basins]
  package static let references = SoupTables.references
  package static let readsWeights = true

  private let retrains: Bool
  private let choice: VariantChoice
  private let runCount: Int
  private let basinBarrier: Double?
  fileprivate let pointCount: Int
  fileprivate let exampleCount: Int

  package init(_ given: Given) {
    retrains = given[AnalysisFlags.retrain]
    choice = VariantChoice(given)
    runCount = given[Self.members]
    basinBarrier = given[Self.basinBarrier]
    pointCount = given[Self.linePoints]
    exampleCount = given[AnalysisFlags.examples]
  }

  package func rounds(of request: AnalysisRequest) -> [any AnalysisRound] {
    [SoupRound(request: request, soups: self)]
  }

  package func perform(_ work: AnalysisWork) throws {
    try choice.check(work.results.plan)
    let pots = try pots(of: work.trials)
    let digests = FileDigests()
    for pot in pots {
      _ = try digests.digest(of: pot.members[0].configuration.model)
      _ = try digests.digest(of: pot.members[0].configuration.task)
    }
    try work.requireUnchanged(digests)
    let members = pots.flatMap(\.members)
    try work.retrain(work.missingWeights(of: members, retrains: retrains), of: members)
    let jobs = pots.indices.flatMap { pot in
      [SoupRound.Job.soups(pot: pot)]
        + pots[pot].pairs.map { SoupRound.Job.line(pot: pot, first: $0.0, second: $0.1) }
    }
    let answers = try work.perform(jobs, of: SoupRound.self)
    let tables = SoupTables(pots, jobs, answers, exampleCount: exampleCount, basinBarrier: basinBarrier)
    try tables.write(to: work.output)
    for sentence in tables.sentences { say(sentence) }
    work.report(Self.tables)
  }

  /// The pots of the chosen recipes.
  fileprivate func pots(of trials: [JudgedTrial]) throws -> [SoupPot] {
    try SoupPot.all(of: trials.filter { choice.contains($0.trial.variant) }, atMost: runCount)
  }
}

/// Computes soups and lines.
struct SoupRound: AnalysisRound {
  /// What to compute.
  enum Job: Codable, Equatable, Sendable {
    /// The soups of a pot.
    case soups(pot: Int)
    /// The losses between two members of a pot.
    case line(pot: Int, first: Int, second: Int)
  }

  /// The answer to a job of the same kind.
  enum Answer: Codable, Equatable, Sendable {
    case soups(SoupScores)
    case line(LineLosses)
  }

  static let name = "soups and lines"

  let request: AnalysisRequest
  let soups: Soups

  func worker(rank: Int) throws -> (Job) throws -> Answer {
    let results = try ResultsFolder(request.folder)
    let pots = try soups.pots(of: JudgedTrial.all(results.plan, results.index, options: request.tables))
    let kept = KeptWeights(of: results.folder)
    var present: (pot: Int, kitchen: SoupKitchen)?
    func kitchen(_ pot: Int) throws -> SoupKitchen {
      if let present, present.pot == pot { return present.kitchen }
      guard pots.indices.contains(pot) else {
        throw AnalysisError("a job asks for group \(pot) of \(pots.count) groups of runs")
      }
      present = nil  // its memory goes before the next one's comes
      let made = try SoupKitchen(pots[pot], kept)
      present = (pot, made)
      return made
    }
    return { job in
      switch job {
      case .soups(let pot): return .soups(try kitchen(pot).soups())
      case .line(let pot, let first, let second):
        let kitchen = try kitchen(pot)
        guard pots[pot].members.indices.contains(first), pots[pot].members.indices.contains(second) else {
          throw AnalysisError("a job asks for the runs \(first) and \(second) of \(pots[pot].members.count)")
        }
        return .line(
          try kitchen.line(first, second, pointCount: soups.pointCount, exampleCount: soups.exampleCount))
      }
    }
  }
}
