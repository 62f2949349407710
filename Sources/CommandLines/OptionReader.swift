// Typed values out of a command's flags, every wrong one reported at once. What they mean is the commands' business.

import Trials

/// Reads the flag values of one command and gathers what is wrong with them.
public struct OptionReader {
  private let command: ParsedCommand
  private var errors: [String] = []

  /// A reader of one command's flags.
  public init(_ command: ParsedCommand) { self.command = command }

  /// Whether a flag without value is given.
  public func isGiven(_ flag: String) -> Bool { command.values[flag] != nil }

  /// A flag's text, nil where it is not given.
  public func text(_ flag: String) -> String? { command.values[flag] }

  /// The texts of a flag that may be given several times.
  public func list(_ flag: String) -> [String] { command.lists[flag] ?? [] }

  /// A flag's whole number, nil where it is not given.
  public mutating func count(_ flag: String, atLeast least: Int = 1) -> Int? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Int(text), number >= least else {
      errors.append("\(flag): found '\(text)', expected a whole number of at least \(least)")
      return nil
    }
    return number
  }

  /// A flag's number, nil where it is not given.
  public mutating func number(_ flag: String, atLeast least: Double) -> Double? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Double(text), number.isFinite, number >= least else {
      errors.append("\(flag): found '\(text)', expected a number of at least \(least)")
      return nil
    }
    return number
  }

  /// A flag's number between two bounds, nil where it is not given.
  public mutating func number(_ flag: String, above low: Double, below high: Double) -> Double? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Double(text), number > low, number < high else {
      errors.append("\(flag): found '\(text)', expected a number above \(low) and below \(high)")
      return nil
    }
    return number
  }

  /// A flag's probability in 0 ..< 1, nil where it is not given.
  public mutating func probability(_ flag: String) -> Double? {
    guard let text = command.values[flag] else { return nil }
    guard let number = Double(text), number >= 0, number < 1 else {
      errors.append("\(flag): found '\(text)', expected a number of at least 0 and below 1")
      return nil
    }
    return number
  }

  /// A flag's file to write, nil where it is not given.
  public mutating func fileName(_ flag: String, endingIn suffix: String) -> String? {
    guard let text = command.values[flag] else { return nil }
    if !text.hasSuffix(suffix) {
      errors.append("\(flag): found '\(text)', expected a file name ending in \(suffix)")
    }
    return text
  }

  /// One of a flag's words, the first where it is not given.
  public mutating func choice(_ flag: String, _ allowed: [String]) -> String {
    guard let text = command.values[flag] else { return allowed[0] }
    guard allowed.contains(text) else {
      errors.append("\(flag): found '\(text)', allowed are \(allowed.joined(separator: ", "))")
      return allowed[0]
    }
    return text
  }

  /// One of a flag's names, of which there are too many to guess; nil where it is not given.
  public mutating func name(_ flag: String, kind: String, among allowed: [String]) -> String? {
    guard let text = command.values[flag] else { return nil }
    if !allowed.contains(text) {
      errors.append(
        "\(flag): unknown \(kind) '\(text)'\(Suggestion.hint(for: text, among: allowed)) "
          + "Allowed are \(allowed.joined(separator: ", ")).")
    }
    return text
  }

  /// Notes another error.
  public mutating func fail(_ message: String) { errors.append(message) }

  /// Ends the reading.
  ///
  /// - Throws: a `Refusal` that lists everything wrong.
  public func finish() throws {
    guard errors.isEmpty else {
      throw Refusal(errors.map { "\(command.program) \(command.name): \($0)" }.joined(separator: "\n"))
    }
  }
}
