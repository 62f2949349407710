// One trial as a page shows it: what its row of trials.csv says, and its curves in few points. Outcomes are read once and let
// go, so that ten thousand trials fit into memory.

import Figures
import Foundation
import Reports
import Storage
import TrialTables
import Trials

/// A curve over training steps.
struct PageCurve: Sendable {
  /// The most points that a curve keeps.
  static let mostPoints = 60

  /// Step and value; a value is NaN where it was no number.
  private(set) var points: [FigurePoint]
  /// How many recorded numbers a point is the mean of.
  private(set) var recordsPerPoint = 1

  /// Recorded numbers in step order; of more than `mostPoints`, the means of as many neighbours as it takes.
  init(_ records: some Sequence<FigurePoint>) {
    let records = Array(records)
    let count = (records.count + Self.mostPoints - 1) / Self.mostPoints
    guard count > 1 else {
      points = records
      return
    }
    recordsPerPoint = count
    points = stride(from: 0, to: records.count, by: count).map { start in
      let part = records[start..<min(start + count, records.count)]
      let size = Double(part.count)
      return FigurePoint(part.reduce(0) { $0 + $1.x } / size, part.reduce(0) { $0 + $1.y } / size)
    }
  }

  /// The points that have a value.
  var finite: [FigurePoint] { points.filter { $0.y.isFinite } }
}

/// One trial of a page.
struct PageRun: Sendable {
  var identifier: String
  /// Its seed, or the three of them.
  var seed: String
  var status: TrialStatus
  var failure: FailureKind?
  /// The score that is reported and judged; NaN where there is none.
  var score: Double
  var final: Double
  var best: (value: Double?, step: Int?) = (nil, nil)
  var test: Double?
  var trainLoss: Double?
  var stepCount: Int?
  var timing: (seconds: Double, host: String)?
  /// The training loss, the dev score, and the norm of the gradient where it was recorded.
  var loss = PageCurve([])
  var devScore = PageCurve([])
  var norm = PageCurve([])

  init(
    identifier: String, seed: String, status: TrialStatus, failure: FailureKind?, score: Double, final: Double
  ) {
    self.identifier = identifier
    self.seed = seed
    self.status = status
    self.failure = failure
    self.score = score
    self.final = final
  }

  /// The trial of an outcome.
  init(_ trial: Trial, _ record: TrialRecord, _ outcome: Outcome, _ failure: FailureKind?, score: ScoreChoice) {
    let isDone = outcome.status == .completed
    self.init(
      identifier: trial.identifier, seed: TrialColumns.seed(of: TrialColumns.values(of: trial.seeds)),
      status: outcome.status, failure: failure, score: isDone ? outcome.value(score) : .nan,
      final: isDone ? outcome.value(.final) : .nan)
    timing = (record.timing.totalSeconds, record.timing.host)
    if outcome.status == .stopped { noteCurves(outcome) }
    guard outcome.status.isResult else { return }
    let best = outcome.evaluation(.best)
    self.best = (best?.value, best?.step)
    test = outcome.test?.value
    trainLoss = outcome.trainLossFinal
    noteCurves(outcome)
  }

  private mutating func noteCurves(_ outcome: Outcome) {
    stepCount = outcome.stepCount
    func curve(_ quantity: String) -> PageCurve {
      PageCurve(outcome.curve.lazy.filter { $0.quantity == quantity }.map { FigurePoint(Double($0.step), $0.value) })
    }
    loss = curve("loss")
    norm = curve("gradient_norm")
    devScore = PageCurve(outcome.evaluations.map { FigurePoint(Double($0.step), $0.value) })
  }

  var hasFailed: Bool { failure != nil }

  /// What happened to it, in words.
  var fate: String {
    switch (failure, status) {
    case (.neverLearned, _): "failed: never learned"
    case (.collapsed, _): "failed: collapsed"
    case (.diverged, _): "failed: diverged"
    case (nil, .completed), (nil, .diverged): "successful"
    case (nil, .preempted): "unfinished"
    case (nil, .stopped): "stopped early"
    case (nil, .crashed), (nil, .timeout), (nil, .lost): status.rawValue
    }
  }
}
