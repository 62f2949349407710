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
  private(set) var recordsPerPoint: Int

  /// Recorded numbers in step order; of more than `mostPoints`, the means of as many neighbours as it takes, and of `recordsPerPoint`
  /// ones at least. A record that is no number has no part in the mean of its neighbours.
  init(_ records: some Sequence<FigurePoint>, recordsPerPoint least: Int = 1) {
    let records = Array(records)
    let count = max(least, (records.count + Self.mostPoints - 1) / Self.mostPoints)
    recordsPerPoint = count
    guard count > 1 else {
      points = records
      return
    }
    points = stride(from: 0, to: records.count, by: count).map { start in
      let part = records[start..<min(start + count, records.count)]
      let values = part.map(\.y).filter(\.isFinite)
      return FigurePoint(
        part.reduce(0) { $0 + $1.x } / Double(part.count),
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count))
    }
  }

  /// The points that have a value.
  var finite: [FigurePoint] { points.filter { $0.y.isFinite } }

  /// The value at a step, between two points that of the line through them; nil before the first point, after the last one, and where
  /// a point has no value. `index` is that of the point which is probably there.
  func value(at step: Double, near index: Int) -> Double? {
    if index < points.count, points[index].x == step { return points[index].y.isFinite ? points[index].y : nil }
    guard let next = points.firstIndex(where: { $0.x >= step }) else { return nil }
    let after = points[next]
    if after.x == step { return after.y.isFinite ? after.y : nil }
    guard next > 0 else { return nil }
    let before = points[next - 1]
    let value = before.y + (after.y - before.y) * (step - before.x) / (after.x - before.x)
    return value.isFinite ? value : nil
  }
}

/// How many recorded numbers a point of a recipe's curves is the mean of: as many for every run, so that runs of different lengths
/// have their points at the same steps.
struct CurveGrain: Equatable, Sendable {
  var loss = 1
  var devScore = 1
  var norm = 1

  /// One record for each point, or more where a curve is long.
  init() {}

  /// That of the longest curves of the runs with a result.
  init(of runs: [PageRun]) {
    for run in runs where run.status.isResult {
      let own = run.grain
      (loss, devScore, norm) = (max(loss, own.loss), max(devScore, own.devScore), max(norm, own.norm))
    }
  }

  /// That of one run's curves.
  fileprivate init(loss: Int, devScore: Int, norm: Int) {
    (self.loss, self.devScore, self.norm) = (loss, devScore, norm)
  }
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
  init(
    _ trial: Trial, _ record: TrialRecord, _ outcome: Outcome, _ failure: FailureKind?, score: ScoreChoice,
    grain: CurveGrain = CurveGrain()
  ) {
    let isDone = outcome.status == .completed
    self.init(
      identifier: trial.identifier, seed: TrialColumns.seed(of: TrialColumns.values(of: trial.seeds)),
      status: outcome.status, failure: failure, score: isDone ? outcome.value(score) : .nan,
      final: isDone ? outcome.value(.final) : .nan)
    timing = (record.timing.totalSeconds, record.timing.host)
    if outcome.status == .stopped { noteCurves(outcome, grain) }
    guard outcome.status.isResult else { return }
    let best = outcome.evaluation(.best)
    self.best = (best?.value, best?.step)
    test = outcome.test?.value
    trainLoss = outcome.trainLossFinal
    noteCurves(outcome, grain)
  }

  private mutating func noteCurves(_ outcome: Outcome, _ grain: CurveGrain) {
    stepCount = outcome.stepCount
    func curve(_ quantity: String, _ recordsPerPoint: Int) -> PageCurve {
      PageCurve(
        outcome.curve.lazy.filter { $0.quantity == quantity }.map { FigurePoint(Double($0.step), $0.value) },
        recordsPerPoint: recordsPerPoint)
    }
    loss = curve("loss", grain.loss)
    norm = curve("gradient_norm", grain.norm)
    devScore = PageCurve(
      outcome.evaluations.map { FigurePoint(Double($0.step), $0.value) }, recordsPerPoint: grain.devScore)
  }

  /// How many recorded numbers a point of its curves is the mean of.
  var grain: CurveGrain {
    CurveGrain(loss: loss.recordsPerPoint, devScore: devScore.recordsPerPoint, norm: norm.recordsPerPoint)
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
