// What a command line gave to a command. Values are read by their flags; what is wrong with them is gathered and reported at
// once.

/// The words of a command line, sorted.
package final class Given {
  /// The operands in order, assignments apart.
  package internal(set) var operands: [String] = []
  /// The words of the form KEY=VALUE, in order.
  package internal(set) var assignments: [String] = []
  /// The texts of each flag by its name with dashes, in order; flags without value hold an empty text.
  package internal(set) var texts: [String: [String]] = [:]
  private var problems: [String] = []

  init() {}

  /// Whether a flag is given.
  package func isGiven(_ flag: some FlagDeclaration) -> Bool { texts[flag.name] != nil }

  /// The value of a flag: its default where it is not given. What is wrong is noted, and the default
  /// stands in until all errors of the line are reported.
  package subscript<Value>(flag: Flag<Value>) -> Value {
    guard let texts = texts[flag.name] else { return flag.defaultValue }
    let (value, problems) = flag.read(texts)
    for problem in problems { fail("\(flag.name): \(problem)") }
    return value
  }

  /// The value of a flag read by another reader than its own, for limits that depend on other flags; nil where it is not
  /// given or wrong.
  package func value<Value, Other>(_ flag: Flag<Value>, _ reader: ValueReader<Other>) -> Other? {
    guard let text = texts[flag.name]?.last else { return nil }
    do throws(WrongValue) { return try reader.read(text) } catch {
      for problem in error.problems { fail("\(flag.name): \(problem)") }
      return nil
    }
  }

  /// Notes something else that is wrong.
  package func fail(_ problem: String) {
    // A flag may be read twice.
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Whether nothing was wrong so far.
  package var isSound: Bool { problems.isEmpty }

  /// Ends the reading.
  ///
  /// - Throws: a `Refusal` that lists everything wrong.
  package func finish() throws {
    if !isSound { throw Refusal(problems: problems) }
  }
}
