// Typed values out of a command's flags, every wrong one reported at once. What they mean is the commands' business.

import JSON5
import Trials

/// Reads the flag values of one command and gathers what is wrong with them.
package struct OptionReader {
  private let command: ParsedCommand
  private var errors: [String] = []

  /// A reader of one command's flags.
  package init(_ command: ParsedCommand) { self.command = command }

  /// Whether a flag without value is given.
  package func isGiven(_ flag: String) -> Bool { command.values[flag] != nil }

  /// A flag's text, nil where it is not given.
  package func text(_ flag: String) -> String? { command.values[flag] }

  /// The texts of a flag that may be given several times.
  package func list(_ flag: String) -> [String] { command.lists[flag] ?? [] }

  /// A flag's whole number, nil where it is not given. No count is larger than those of sweep files, so that products of two
  /// never overflow.
  package mutating func count(_ flag: String, atLeast least: Int = 1, atMost most: Int = Int(Int32.max)) -> Int? {
    whole(flag, least, most)
  }

  /// A flag's seed, nil where it is not given.
  package mutating func seed(_ flag: String) -> UInt64? { whole(flag, 0, .max) }

  /// The threads of a process, 1 where they are not given: far more than a machine has cores would only take its memory.
  package mutating func threads() -> Int { count("--threads", atMost: 1024) ?? 1 }

  /// The processes to start on this machine, nil where they are not given.
  package mutating func processes() -> Int? { count("--processes", atMost: 1024) }

  private mutating func whole<Number: FixedWidthInteger>(_ flag: String, _ least: Number, _ most: Number) -> Number? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Number(text), number >= least, number <= most else {
      errors.append("\(flag): found '\(text)', expected a whole number from \(least) to \(most)")
      return nil
    }
    return number
  }

  /// A flag's number, nil where it is not given.
  package mutating func number(_ flag: String, atLeast least: Double) -> Double? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Double(text), number.isFinite, number >= least else {
      errors.append("\(flag): found '\(text)', expected a number of at least \(least)")
      return nil
    }
    return number
  }

  /// A flag's number between two bounds, nil where it is not given.
  package mutating func number(_ flag: String, above low: Double, below high: Double) -> Double? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Double(text), number > low, number < high else {
      errors.append("\(flag): found '\(text)', expected a number above \(low) and below \(high)")
      return nil
    }
    return number
  }

  /// A flag's probability in 0 ..< 1, nil where it is not given.
  package mutating func probability(_ flag: String) -> Double? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Double(text), number >= 0, number < 1 else {
      errors.append("\(flag): found '\(text)', expected a number of at least 0 and below 1")
      return nil
    }
    return number
  }

  /// A flag's file to write, nil where it is not given.
  package mutating func fileName(_ flag: String, endingIn suffix: String) -> String? {
    guard let text = command.values[flag] else { return nil }
    if !text.hasSuffix(suffix) {
      errors.append("\(flag): found '\(text)', expected a file name ending in \(suffix)")
    }
    return text
  }

  /// One of a flag's words, the first where it is not given.
  package mutating func choice(_ flag: String, _ allowed: [String]) -> String {
    guard let text = command.values[flag] else { return allowed[0] }
    guard allowed.contains(text) else {
      errors.append("\(flag): found '\(text)', allowed are \(allowed.joined(separator: ", "))")
      return allowed[0]
    }
    return text
  }

  /// One of a flag's names, of which there are too many to guess; nil where it is not given.
  package mutating func name(_ flag: String, kind: String, among allowed: [String]) -> String? {
    guard let text = command.values[flag] else { return nil }
    if !allowed.contains(text) {
      errors.append(
        "\(flag): unknown \(kind) '\(text)'\(Suggestion.hint(for: text, among: allowed)) "
          + "Allowed are \(allowed.joined(separator: ", ")).")
    }
    return text
  }

  /// Notes what is wrong between the keys of a configuration that flags stand for, once each flag is sound.
  ///
  /// - Parameter flags: What the keys that flags set are called here.
  package mutating func check(_ configuration: TrialConfiguration, flags: [String: String]) {
    guard errors.isEmpty else { return }
    errors = configuration.problems.map { flags.reduce($0) { $0.replacing($1.key, with: $1.value) } }
  }

  /// The flags of a model's sizes, by their keys.
  package static let sizeFlags = [
    "model.config.num_hidden_layers": "--layers", "model.config.hidden_size": "--hidden",
    "model.config.num_attention_heads": "--heads", "model.config.intermediate_size": "--intermediate",
  ]

  /// Notes another error.
  package mutating func fail(_ message: String) { errors.append(message) }

  /// Ends the reading.
  ///
  /// - Throws: a `Refusal` that lists everything wrong.
  package func finish() throws {
    guard errors.isEmpty else {
      throw Refusal(errors.map { "\(command.program) \(command.name): \($0)" }.joined(separator: "\n"))
    }
  }
}
