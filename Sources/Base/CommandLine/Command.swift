// A verb of a program as one type: its syntax, what it reads from a command line, and what it does. The list of a program's
// verbs is in the program; how words become values is in `CommandLineParser` and `Given`.

import Files
import Foundation

/// One verb.
package protocol Command: SendableMetatype {
  /// Its name, operands, flags and help.
  static var syntax: CommandSyntax { get }
  /// Which ranks of an mpirun perform it.
  static var ranks: Ranks { get }
  /// What the process does before the command line is read; nothing by default.
  static func begin()
  /// Reads what was given. Wrong values are noted in `given`, so that all of them are reported at once.
  init(_ given: Given) throws
  /// Does what was asked and returns the exit code.
  ///
  /// - Throws: a `UserError` for what the user can mend.
  func perform(_ context: Context) throws -> ExitCode
}

/// Which ranks perform a verb under mpirun and srun, where every process reads the same command line.
package enum Ranks: Sendable {
  /// Rank 0; the others end at once.
  case one
  /// All of them; the verb itself says what each does.
  case all
}

extension Command {
  package static var ranks: Ranks { .one }
  package static func begin() {}

  /// The command that `words`, without the verb, ask for.
  ///
  /// - Throws: a `Refusal` that lists everything wrong with them.
  package static func read(_ words: [String], of program: String) throws -> Self {
    let given = try CommandLineParser.parse(words, of: syntax, in: program)
    let command = try Self(given)
    try given.finish()
    return command
  }
}

/// What surrounds a command that is performed.
package struct Context: Sendable {
  /// The program's name.
  package let program: String
  /// The verb; empty where the command line has none.
  package let verb: String
  /// The whole command line after the program's name.
  package let words: [String]
  /// The environment's variables.
  package let environment: [String: String]

  package init(program: String, words: [String], environment: [String: String]) {
    self.program = program
    self.words = words
    self.environment = environment
    verb = words.first ?? ""
  }

  /// The command line as it can be typed again, indented.
  package var commandLine: String {
    "  " + ([CommandLine.arguments.first ?? program] + words).map(ShellText.quoted).joined(separator: " ")
  }

  /// What stands before every complaint of this command.
  package var prefix: String { verb.isEmpty ? program : "\(program) \(verb)" }

  /// Prints something that is wrong to standard error.
  package func complain(_ problem: String) { put("\(prefix): \(problem)\n", to: STDERR_FILENO) }

  /// Prints an error to standard error, each of its problems behind the program's name and the verb.
  package func report(_ error: any Error) { put(text(of: error) + "\n", to: STDERR_FILENO) }

  /// What `report` prints.
  package func text(of error: any Error) -> String {
    guard let error = error as? any UserError else { return "\(prefix): \(error)" }
    if error.standsAlone { return "\(error)" }
    let lines = error.problems.map { "\(prefix): \($0)" }
    return (lines + [error.closing].compactMap { $0 }).joined(separator: "\n")
  }
}
