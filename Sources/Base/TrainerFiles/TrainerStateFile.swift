// One trainer_state.json of Hugging Face's Trainer, or the file of results beside it: how far the run is, its scores, its curve
// and its hyperparameters.

import Foundation
import JSON5

/// A file of Hugging Face's Trainer that cannot be used.
package struct TrainerFileError: Error, Equatable, CustomStringConvertible {
  /// The file, and what is wrong with it.
  package let description: String
  /// The file and the position in it where it is no JSON text, as after a kill or on a full disk; nil for other mistakes.
  package var brokenAt: String?
  /// Why it is none; nil for other mistakes.
  package var reason: String?
}

/// A number that a program recorded while it trained.
package struct RecordedNumber: Equatable, Sendable {
  /// The completed updates.
  package var step: Int
  /// The passes over the training examples; NaN if they are not known.
  package var epoch: Double
  /// Whether it comes from an evaluation.
  package var isEvaluation: Bool
  /// What was recorded.
  package var quantity: String
  /// The number.
  package var value: Double

  package init(step: Int, epoch: Double, isEvaluation: Bool, quantity: String, value: Double) {
    (self.step, self.epoch, self.isEvaluation) = (step, epoch, isEvaluation)
    (self.quantity, self.value) = (quantity, value)
  }
}

/// What the numbers of one entry of a log are, by the names that the entry holds.
package struct EntryNumbers {
  private let key: String
  private let isOfEvaluation: Bool
  private let hasEvaluationLoss: Bool

  /// An entry's numbers where `key` is the name of the score. An entry with the score or with a name that begins with `eval_` is
  /// one of an evaluation.
  package init(_ entry: [JSONMember], key: String) {
    self.key = key
    isOfEvaluation = entry.contains { $0.key == key || $0.key.hasPrefix("eval_") }
    hasEvaluationLoss = entry.contains { $0.key == "eval_loss" }
  }

  /// Whether a number comes from an evaluation. In an entry of one, names that begin with `train_` and a `loss` beside an
  /// `eval_loss` are of the training all the same.
  package func isEvaluation(_ name: String) -> Bool {
    guard isOfEvaluation, name != key else { return isOfEvaluation }
    return !name.hasPrefix("train_") && !(name == "loss" && hasEvaluationLoss)
  }

  /// What curves call a number: `eval_loss` becomes `loss`, unless one of the two is the score, which keeps its name.
  package func quantity(_ name: String) -> String {
    name == "eval_loss" && !["eval_loss", "loss"].contains(key) ? "loss" : name
  }
}

/// A file that Hugging Face's Trainer wrote.
package struct TrainerStateFile {
  /// A score of `log_history`.
  package struct Score {
    /// The step at which it was recorded; nil if the entry has none.
    package var step: Int?
    /// The score; NaN for null, NaN and infinite ones.
    package var value: Double
    /// Whether training had ended: its closing entry stands before it.
    package var isAfterTraining: Bool
  }

  /// The file.
  package let path: String
  private let bytes: [UInt8]
  private let node: JSONNode

  /// Reads a file. It may begin with a byte order mark, as files do that were saved again on Windows.
  ///
  /// - Throws: `TrainerFileError` for one that is no JSON object.
  package init(_ path: String) throws {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TrainerFileError(description: "\(path): cannot be read")
    }
    bytes = [UInt8](data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data)
    do throws(Diagnostics) { node = try JSONReader.read(bytes, name: path, as: .python) } catch {
      let position = error.all.first?.position.map { ":\($0)" } ?? ""
      throw TrainerFileError(
        description: "\(error)", brokenAt: path + position, reason: error.all.first?.message)
    }
    guard node.members != nil else { throw TrainerFileError(description: "\(path): no JSON object") }
  }

  /// The completed steps.
  package var stepCount: Int? { node["global_step"]?.stepNumber }

  /// The steps that were planned; nil if the file does not say.
  package var plannedSteps: Int? { node["max_steps"]?.intValue.flatMap { $0 > 0 ? $0 : nil } }

  /// Whether training ended as it should, be it before the last step by early stopping: the Trainer was told to stop, or it wrote
  /// its closing entry.
  package var hasEnded: Bool {
    let stop = node["stateful_callbacks"]?["TrainerControl"]?["args"]?["should_training_stop"]?.booleanValue
    return stop == true || node["log_history"]?.elements?.contains { $0["train_runtime"] != nil } == true
  }

  /// Whether the Trainer knows a best checkpoint, which it may have loaded at the end.
  package var hasBestCheckpoint: Bool { node["best_model_checkpoint"]?.stringValue != nil }

  /// The hyperparameters that the file tells, by columns of trials.csv.
  package var hyperparameters: [(name: String, text: String)] {
    [("max_steps", "max_steps"), ("num_train_epochs", "num_train_epochs"), ("train_batch_size", "train_batch_size")]
      .compactMap { key, name in
        node[key]?.doubleValue.map { (name: name, text: "\($0)") }
      }
  }

  /// Whether the file has a log, as a state has and a file of results has not.
  package var hasLog: Bool { node["log_history"]?.elements != nil }

  /// The entries of the log.
  ///
  /// - Throws: `TrainerFileError` where there are none.
  package func log() throws -> [JSONNode] {
    guard let entries = node["log_history"]?.elements else {
      throw TrainerFileError(
        description: "\(path): no list log_history, so this is no state of Hugging Face's Trainer")
    }
    return entries
  }

  /// The scores under a key, in the order of the log.
  ///
  /// - Throws: `TrainerFileError` for one that is no number.
  package func scores(_ key: String) throws -> [Score] {
    var isAfterTraining = false
    var scores: [Score] = []
    for entry in try log() {
      if entry["train_runtime"] != nil { isAfterTraining = true }
      guard let found = entry[key] else { continue }
      let step = entry["step"]?.stepNumber
      let value = try score(found, "log_history: '\(key)'\(step.map { " at step \($0)" } ?? "")")
      scores.append(Score(step: step, value: value, isAfterTraining: isAfterTraining))
    }
    return scores
  }

  /// The score under a key of a file of results; nil if it has none.
  ///
  /// - Throws: `TrainerFileError` for one that is no number.
  package func result(_ key: String) throws -> Double? { try node[key].map { try score($0, "'\(key)'") } }

  private func score(_ found: JSONNode, _ name: String) throws -> Double {
    if case .null = found.content { return .nan }
    if let number = found.doubleValue { return number.isFinite ? number : .nan }
    let range = Int(found.range.start)..<min(Int(found.range.end), bytes.count)
    let text = String(decoding: bytes[range], as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    throw TrainerFileError(
      description:
        "\(path): \(name) is \(text.count > 60 ? text.prefix(57) + "..." : text), which is no number; a score is a number, or "
        + "NaN or null for a run that diverged"
    )
  }

  /// The keys of the log, or of results, that could be scores.
  package var scoreKeys: [String] {
    let nodes = (node["log_history"]?.elements ?? []) + (node["log_history"] == nil ? [node] : [])
    return Set(
      nodes.flatMap { $0.members ?? [] }.filter { $0.value.doubleValue != nil && !Self.isCost($0.key) }.map(\.key)
    )
    .subtracting(["step", "epoch"]).sorted()
  }

  /// The curve: what was recorded in training and in evaluations up to the one whose score is final.
  ///
  /// - Parameters:
  ///   - key: the key of the score.
  ///   - endsWithTraining: whether evaluations after training are left out.
  package func curve(_ key: String, endsWithTraining: Bool) throws -> [RecordedNumber] {
    var points: [RecordedNumber] = []
    var known: Set<String> = []
    for entry in try log() {
      if entry["train_runtime"] != nil {
        if endsWithTraining { break }
        continue
      }
      guard let step = entry["step"]?.stepNumber else { continue }
      let epoch = entry["epoch"]?.doubleValue ?? .nan
      let members = entry.members ?? []
      let numbers = EntryNumbers(members, key: key)
      for member in members {
        guard !["step", "epoch"].contains(member.key), !Self.isCost(member.key) else { continue }
        let value: Double
        switch member.value.content {
        case .null: value = .nan
        case .integer, .number: value = member.value.doubleValue ?? .nan
        case .boolean, .string, .array, .object: continue
        }
        let isEvaluation = numbers.isEvaluation(member.key)
        // Of two evaluations at one step the first is that of the training.
        guard known.insert("\(step) \(isEvaluation) \(member.key)").inserted else { continue }
        points.append(
          RecordedNumber(
            step: step, epoch: epoch, isEvaluation: isEvaluation, quantity: numbers.quantity(member.key), value: value))
      }
    }
    // As in the curves of a run: the training, then the evaluations.
    return points.filter { !$0.isEvaluation } + points.filter(\.isEvaluation)
  }

  /// Whether a key tells what something cost instead of how well it went.
  private static func isCost(_ key: String) -> Bool {
    key.hasSuffix("_runtime") || key.hasSuffix("_per_second") || key == "total_flos" || key.hasSuffix("_time")
      || key.hasSuffix("_samples") || key.contains("_mem_") || key == "train_loss"
  }
}

extension JSONNode {
  /// A number of training steps: a whole number that a journal holds; nil for anything else, such as a time in milliseconds.
  package var stepNumber: Int? {
    guard let number = wholeNumber.flatMap({ Int($0) }), (0...Int(Int32.max)).contains(number) else { return nil }
    return number
  }
}
