// What a command line may hold, as data: the parser and the help text read the same table, so they cannot disagree.

/// One long flag of a command.
package struct Flag: Sendable {
  /// The flag with its dashes.
  package let name: String
  /// The placeholder of its value, or nil for a flag that takes none.
  package let value: String?
  /// One sentence for the help text.
  package let help: String
  /// Whether the command cannot run without it.
  package let isRequired: Bool
  /// Whether it may be given several times.
  package let isRepeatable: Bool

  /// A flag with everything given.
  package init(
    _ name: String, _ value: String?, _ help: String, required: Bool = false, repeatable: Bool = false
  ) {
    self.name = name
    self.value = value
    self.help = help
    isRequired = required
    isRepeatable = repeatable
  }

  /// Which of OpenBLAS's kernels compute, for every command whose bits or speed they decide.
  package static let blasCore = Flag(
    "--blas-core", "NAME", "OpenBLAS's kernels for this processor kind, such as Haswell (default: this processor's)")

  /// The flag and its value.
  var words: String { value.map { "\(name) \($0)" } ?? name }

  /// How the usage line shows it.
  var usage: String {
    let words = isRepeatable ? "\(words) [\(name) ...]" : words
    return isRequired ? words : "[\(words)]"
  }
}

/// One operand: a word of the command line that is not a flag.
package struct Operand: Sendable {
  /// The placeholder.
  package let name: String
  /// One sentence for the help text.
  package let help: String
  /// How many words it takes.
  package let count: Count

  /// How many words an operand takes.
  package enum Count: Sendable {
    /// Exactly one.
    case one
    /// Any number of words with `=` in them.
    case assignments
    /// One or more.
    case some
    /// Two or more.
    case several
  }

  /// An operand with everything given.
  package init(_ name: String, _ help: String, _ count: Count = .one) {
    self.name = name
    self.help = help
    self.count = count
  }

  /// How the usage line shows it.
  var usage: String {
    switch count {
    case .one: name
    case .assignments: "[\(name) ...]"
    case .some: "\(name) [\(name) ...]"
    case .several: "\(name) \(name) ..."
    }
  }
}

/// One command: its words, its flags and what its help says.
package struct CommandSyntax: Sendable {
  /// The verb.
  package let name: String
  /// What it does, in a few words for the list of commands.
  package let summary: String
  /// What it does, in full sentences.
  package let details: String
  /// Its operands in order.
  package let operands: [Operand]
  /// Its flags in the order the help lists them.
  package let flags: [Flag]

  /// A command with everything given.
  package init(name: String, summary: String, details: String, operands: [Operand] = [], flags: [Flag] = []) {
    self.name = name
    self.summary = summary
    self.details = details
    self.operands = operands
    self.flags = flags
  }

  /// The usage line of the command in a program.
  func usage(in program: String) -> String {
    ([program, name] + operands.map(\.usage) + flags.map(\.usage)).joined(separator: " ")
  }
}

/// A program: its name, its commands and what its general help says around them.
package struct ProgramSyntax: Sendable {
  /// What users type.
  package let name: String
  /// What the program is for.
  package let introduction: String
  /// What stands below the list of commands, such as the exit codes.
  package let closing: String
  /// All commands, in the order the help lists them.
  package let commands: [CommandSyntax]

  /// A program with everything given.
  package init(name: String, introduction: String, closing: String, commands: [CommandSyntax]) {
    self.name = name
    self.introduction = introduction
    self.closing = closing
    self.commands = commands
  }
}
