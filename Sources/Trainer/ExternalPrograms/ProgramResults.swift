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

/// What changes when a file is written anew.
private struct FileStamp: Equatable {
  private let numbers: [Int]

  /// That of a file; nil where there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    numbers = [
      Int(truncatingIfNeeded: status.st_ino), Int(status.st_size), Int(status.st_mtim.tv_sec),
      Int(status.st_mtim.tv_nsec),
    ]
  }
}

/// Reads what a program left.
package struct ProgramResults {
  let specification: ProgramSpecification
  let folder: String
  /// The history that nobody names, as an earlier attempt left it.
  private var earlierHistory: FileStamp?

  package init(specification: ProgramSpecification, folder: String) {
    self.specification = specification
    self.folder = folder
  }

  private var key: String { specification.results.final ?? "" }

  /// The state of Hugging Face's Trainer beside the file of results.
  private var stateBeside: String {
    let subfolder = RawFile.folder(of: specification.results.file ?? "")
    return "\(folder)/" + (subfolder.isEmpty ? "" : subfolder + "/") + "trainer_state.json"
  }

  /// Called before a program starts, so that nothing of an earlier attempt is taken for its own: removes the files that the sweep
  /// names. One that is read without being named may belong to a checkpoint and stays; it does not count until it is written anew.
  ///
  /// - Throws: `FileError` for a file that cannot be removed.
  mutating func begin() throws {
    for name in [specification.results.file, specification.results.history].compactMap(\.self) {
      let path = "\(folder)/\(name)"
      if unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR { throw FileError.last("remove", path) }
    }
    earlierHistory = FileStamp(stateBeside)
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

  /// The outcome that a state tells, with the files of results beside it.
  private func outcome(ofState state: TrainerStateFile, _ results: [TrainerStateFile] = []) throws -> Outcome {
    let mayHaveLoadedBest = state.mayHaveLoadedBest(results)
    let scores = try state.scores(key).ofTraining(mayHaveLoadedBest: mayHaveLoadedBest)
    guard let last = scores.last else { throw lacksKey(state) }
    let curve = try state.curve(key, endsWithTraining: mayHaveLoadedBest && !last.isAfterTraining)
    return outcome(
      final: last.value, at: last.step ?? state.stepCount ?? 0, scores.map { ScoreHistory.Score($0) }, curve,
      stepCount: state.stepCount ?? 0)
  }

  private func outcome(ofResults file: TrainerStateFile, _ lines: ScoreHistory) throws -> Outcome {
    guard let final = try file.result(key) else { throw lacksKey(file) }
    var history = lines
    if let path = try pathOfHistory() {
      if path.hasSuffix(".jsonl") {
        history = try read(path)
      } else {
        let state = try TrainerStateFile(path)
        let training = try state.scores(key).filter { !$0.isAfterTraining }
        // The results are those of the best checkpoint then, and the score at the end of training stands in the state.
        if !training.isEmpty, state.mayHaveLoadedBest([file]) { return try outcome(ofState: state, [file]) }
        history = ScoreHistory(key: key)
        let curve = try state.curve(key, endsWithTraining: false)
        history.set(training.map { ScoreHistory.Score($0) }, curve, step: state.stepCount ?? 0)
      }
    }
    let step = history.scores.last?.step ?? history.step
    return outcome(final: final, at: step, history.scores, history.numbers, stepCount: history.step)
  }

  /// The file beside the results that tells more; nil where there is none.
  private func pathOfHistory() throws -> String? {
    guard let named = specification.results.history else {
      let stamp = FileStamp(stateBeside)
      return stamp == nil || stamp == earlierHistory ? nil : stateBeside
    }
    let path = "\(folder)/\(named)"
    guard access(path, F_OK) == 0 else {
      throw MissingScore(
        description:
          "it exited with code 0 and left no file \(named) in its folder \(folder); program.results.history names it")
    }
    return path
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
    outcome.evaluations = scores.map { evaluation($0.step ?? step, $0.value) }
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

extension ScoreHistory.Score {
  /// A score of a state of Hugging Face's Trainer.
  fileprivate init(_ score: TrainerStateFile.Score) { self.init(step: score.step, epoch: .nan, value: score.value) }
}
