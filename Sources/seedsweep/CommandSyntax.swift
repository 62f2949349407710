// What a command line may hold, as data: the parser and the help text read the same table, so they cannot disagree.

/// One long flag of a command.
struct Flag {
  /// The flag with its dashes.
  let name: String
  /// The placeholder of its value, or nil for a flag that takes none.
  let value: String?
  /// One sentence for the help text.
  let help: String
  /// Whether the command cannot run without it.
  let isRequired: Bool

  /// A flag with everything given.
  init(_ name: String, _ value: String?, _ help: String, required: Bool = false) {
    self.name = name
    self.value = value
    self.help = help
    isRequired = required
  }

  /// The flag and its value.
  var words: String { value.map { "\(name) \($0)" } ?? name }

  /// How the usage line shows it.
  var usage: String { isRequired ? words : "[\(words)]" }
}

/// One operand: a word of the command line that is not a flag.
struct Operand {
  /// The placeholder.
  let name: String
  /// One sentence for the help text.
  let help: String
  /// How many words it takes.
  let count: Count

  /// How many words an operand takes.
  enum Count {
    /// Exactly one.
    case one
    /// Any number of words with `=` in them.
    case assignments
    /// Two or more.
    case several
  }

  /// An operand with everything given.
  init(_ name: String, _ help: String, _ count: Count = .one) {
    self.name = name
    self.help = help
    self.count = count
  }

  /// How the usage line shows it.
  var usage: String {
    switch count {
    case .one: name
    case .assignments: "[\(name) ...]"
    case .several: "\(name) \(name) ..."
    }
  }
}

/// One command: its words, its flags and what its help says.
struct CommandSyntax {
  /// The verb.
  let name: String
  /// What it does, in a few words for the list of commands.
  let summary: String
  /// What it does, in full sentences.
  let details: String
  /// Its operands in order.
  var operands: [Operand] = []
  /// Its flags in the order the help lists them.
  var flags: [Flag] = []

  /// The usage line.
  var usage: String {
    (["seedsweep", name] + operands.map(\.usage) + flags.map(\.usage)).joined(separator: " ")
  }
}
