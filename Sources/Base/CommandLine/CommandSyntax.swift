// What the command line of a verb may hold, as data: the parser and the help text read the same values.

/// One operand: a word of the command line that is not a flag.
package struct Operand: Sendable {
  /// The placeholder.
  package let name: String
  /// What it is, in one sentence.
  package let help: String
  /// How many words it takes.
  package let count: Count

  /// How many words an operand takes.
  package enum Count: Sendable {
    /// Exactly one.
    case one
    /// Any number of words with `=` in them.
    case assignments
    /// None or more.
    case any
    /// One or more.
    case some
    /// Two or more.
    case several
  }

  package init(_ name: String, _ help: String, _ count: Count = .one) {
    self.name = name
    self.help = help
    self.count = count
  }

  /// How the usage line shows it.
  var usage: String {
    switch count {
    case .one: name
    case .assignments, .any: "[\(name) ...]"
    case .some: "\(name) [\(name) ...]"
    case .several: "\(name) \(name) ..."
    }
  }
}

/// A verb's name, operands, flags and help.
package struct CommandSyntax: Sendable {
  /// The verb.
  package let name: String
  /// What it does, in a few words for the list of verbs.
  package let summary: String
  /// What it does, in full sentences.
  package let details: String
  /// Its operands in order.
  package let operands: [Operand]
  /// Its flags in the order of the help.
  package let flags: [any FlagDeclaration]

  package init(
    _ name: String, _ summary: String, details: String, operands: [Operand] = [], flags: [any FlagDeclaration] = []
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.operands = operands
    self.flags = flags
  }

  /// The usage line of the verb in a program.
  package func usage(in program: String) -> String {
    ([program, name] + operands.map(\.usage) + flags.map(\.usage)).joined(separator: " ")
  }

  /// What a refusal says of the usage: the whole line if it is short, otherwise the words that must be given and where the flags
  /// are explained.
  func shortUsage(in program: String) -> String {
    let whole = usage(in: program)
    guard whole.count > 100 else { return "usage: \(whole)" }
    let words = [program, name] + operands.map(\.usage) + flags.filter(\.isRequired).map(\.usage) + ["[FLAG ...]"]
    return "usage: \(words.joined(separator: " "))\n'\(program) \(name) --help' lists the flags."
  }
}
