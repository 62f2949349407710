// The outcome of a trial from what its program left: a file of results, a trainer_state.json, or lines of JSON. A program that
// left no score, or half a file, has no result, and the error says what was found and what was expected.

import Files
import Foundation
import JSON5
import TrainerFiles
import Trials

/// A program that left no score.
package struct MissingScore: Error, Equatable, CustomStringConvertible {
  package let description: String
}

/// Reads what a program left.
package struct ProgramResults {
  let specification: ProgramSpecification
  let folder: String

  package init(specification: ProgramSpecification, folder: String) {
    self.specification = specification
    self.folder = folder
  }

  private var key: String { specification.results.final ?? "" }

  /// The files that a program leaves, which are removed before it starts so that no earlier attempt's are taken for its own.
  static func files(_ specification: ProgramSpecification, in folder: String) -> [String] {
    [specification.results.file, specification.results.history].compactMap { $0 }.map { "\(folder)/\($0)" }
  }

  /// The outcome of a program that exited with code 0. `lines` is what it printed.
  ///
  /// - Throws: `MissingScore`.
  package func outcome(lines: ScoreHistory) throws -> Outcome {
    do {
      guard let name = specification.results.file else {
        return try outcome(of: lines, "standard output")
      }
      let path = "\(folder)/\(name)"
      guard access(path, F_OK) == 0 else {
        throw MissingScore(
          description:
            "it exited with code 0 and left no file \(name) in its folder \(folder); program.results.file names the file "
            + "that holds \(JSONWriter.quoted(key)) when it ends")
      }
      if name.hasSuffix(".jsonl") { return try outcome(of: read(path), path) }
      let file = try TrainerStateFile(path)
      return try file.hasLog ? outcome(ofState: file) : outcome(ofResults: file, lines)
    } catch let error as TrainerFileError {
      throw MissingScore(description: "it exited with code 0, but what it left cannot be read: \(error)")
    } catch let error as FileError {
      throw MissingScore(description: "it exited with code 0, but what it left cannot be read: \(error)")
    }
  }

  private func read(_ path: String) throws -> ScoreHistory {
    var history = ScoreHistory(key: key)
    let file = try RawFile(path: path, flags: O_RDONLY)
    var offset = 0
    while true {
      let piece = try file.read(at: offset, count: 1 << 20)
      if piece.isEmpty { break }
      piece.withUnsafeBytes { history.add($0) }
      offset += piece.count
    }
    history.finish()
    return history
  }

  private func outcome(of lines: ScoreHistory, _ place: String) throws -> Outcome {
    if let kind = lines.badScore {
      throw MissingScore(
        description:
          "it exited with code 0, but \(JSONWriter.quoted(key)) in \(place) is \(kind); a score is a number, or NaN "
          + "or null for a run that diverged")
    }
    guard let last = lines.scores.last else {
      throw MissingScore(
        description: "it exited with code 0 and gave no score: no line of \(place) is a JSON object with "
          + "\(JSONWriter.quoted(key))" + Self.others(lines.numberNames))
    }
    return outcome(
      final: last.value, at: last.step ?? lines.step, lines.scores, lines.numbers, stepCount: max(lines.step, 0))
  }

  private func outcome(ofState state: TrainerStateFile) throws -> Outcome {
    let scores = try state.scores(key)
    let training = state.hasBestCheckpoint ? scores.filter { !$0.isAfterTraining } : scores
    guard let last = (training.isEmpty ? scores : training).last else { throw lacksKey(state) }
    return outcome(
      final: last.value, at: last.step ?? state.stepCount ?? 0,
      (training.isEmpty ? scores : training).map {
        ScoreHistory.Score(step: $0.step, epoch: .nan, value: $0.value)
      }, try state.curve(key), stepCount: state.stepCount ?? 0)
  }

  private func outcome(ofResults file: TrainerStateFile, _ lines: ScoreHistory) throws -> Outcome {
    guard let final = try file.result(key) else { throw lacksKey(file) }
    let history = try history() ?? lines
    let step = history.scores.last?.step ?? history.step
    return outcome(final: final, at: step, history.scores, history.numbers, stepCount: history.step)
  }

  /// What a file beside the results tells; nil where there is none.
  private func history() throws -> ScoreHistory? {
    let named = specification.results.history
    let path = "\(folder)/\(named ?? "trainer_state.json")"
    guard access(path, F_OK) == 0 else {
      guard let named else { return nil }
      throw MissingScore(
        description:
          "it exited with code 0 and left no file \(named) in its folder \(folder); program.results.history names it")
    }
    if path.hasSuffix(".jsonl") { return try read(path) }
    let state = try TrainerStateFile(path)
    return ScoreHistory(
      key: key, scores: try state.scores(key).filter { !$0.isAfterTraining }.map { ($0.step, $0.value) },
      numbers: try state.curve(key), step: state.stepCount ?? 0)
  }

  private func lacksKey(_ file: TrainerStateFile) -> MissingScore {
    MissingScore(
      description: "it exited with code 0, but \(file.path) has no \(JSONWriter.quoted(key))"
        + Self.others(Set(file.scoreKeys)))
  }

  private static func others(_ names: Set<String>) -> String {
    names.isEmpty ? "" : "; it has \(names.sorted().prefix(20).joined(separator: ", "))"
  }

  private func outcome(
    final: Double, at step: Int, _ scores: [ScoreHistory.Score], _ numbers: [RecordedNumber], stepCount: Int
  ) -> Outcome {
    var outcome = Outcome(status: final.isNaN ? .diverged : .completed, metric: .score)
    let evaluated = numbers.filter(\.isEvaluation)
    let losses = Dictionary(
      evaluated.filter { $0.quantity == "loss" || $0.quantity == "eval_loss" }.map { ($0.step, $0.value) },
      uniquingKeysWith: { first, _ in first })
    let epochs = Dictionary(evaluated.map { ($0.step, $0.epoch) }, uniquingKeysWith: { first, _ in first })
    func evaluation(_ step: Int, _ value: Double) -> Evaluation {
      Evaluation(
        step: step, epoch: epochs[step] ?? .nan, value: value, valueA: .nan, valueB: .nan, loss: losses[step] ?? .nan)
    }
    outcome.evaluations = scores.map { evaluation($0.step ?? 0, $0.value) }
    let hasFinal = outcome.evaluations.last.map { $0.value == final || $0.value.isNaN && final.isNaN } ?? false
    if !hasFinal { outcome.evaluations.append(evaluation(max(step, stepCount), final)) }
    outcome.stepCount = max(stepCount, outcome.evaluations.last?.step ?? 0)
    func points(_ isEvaluation: Bool) -> [CurvePoint] {
      numbers.filter { $0.isEvaluation == isEvaluation }.map {
        CurvePoint(step: $0.step, epoch: $0.epoch, quantity: $0.quantity, value: $0.value)
      }
    }
    outcome.curve = points(false)
    outcome.evaluationCurve = points(true)
    if outcome.evaluationCurve.isEmpty {
      outcome.evaluationCurve = [CurvePoint(step: outcome.stepCount, epoch: .nan, quantity: key, value: final)]
    }
    return outcome
  }
}

extension ScoreHistory {
  /// What a file of Hugging Face's Trainer tells.
  fileprivate init(key: String, scores: [(step: Int?, value: Double)], numbers: [RecordedNumber], step: Int) {
    self.init(key: key)
    set(scores.map { Score(step: $0.step, epoch: .nan, value: $0.value) }, numbers, step: step)
  }
}
