// Words into a command with its operands and flag values. Long flags only, as `--flag value` or `--flag=value`; every
// error of a line is reported at once. What the values mean is the commands' business.

import JSON5
import Trials

/// A command line that was understood.
package enum ParsedLine: Equatable {
  /// Print this and exit 0.
  case print(String)
  /// Run this command.
  case command(ParsedCommand)
}

/// A command's words, sorted.
package struct ParsedCommand: Equatable {
  /// The program's name.
  package let program: String
  /// The verb.
  package let name: String
  /// The operands in order, assignments apart.
  package var operands: [String] = []
  /// The words of the form KEY=VALUE, in order.
  package var assignments: [String] = []
  /// Flag values by the flag's name with dashes; flags without value hold an empty text.
  package var values: [String: String] = [:]
  /// The values of flags that may be given several times, in order.
  package var lists: [String: [String]] = [:]

  /// A command without words.
  package init(program: String, name: String) {
    self.program = program
    self.name = name
  }
}

/// Reads command lines by a program's table of commands.
package struct CommandLineParser {
  /// The words after the program's name, understood.
  ///
  /// - Throws: a `Refusal` that lists everything wrong with them.
  package static func parse(_ words: [String], of program: ProgramSyntax) throws -> ParsedLine {
    guard let verb = words.first else { throw Refusal(HelpText.general(program)) }
    if verb == "--help" { return .print(HelpText.general(program)) }
    if verb == "--version" { return .print("\(program.name) \(Version.current)") }
    let names = program.commands.map(\.name)
    guard let syntax = program.commands.first(where: { $0.name == verb }) else {
      let kind = verb.hasPrefix("-") ? "flag" : "command"
      let hint = Suggestion.hint(for: verb, among: names + ["--help", "--version"])
      throw Refusal(
        "\(program.name): unknown \(kind) '\(verb)'\(hint) "
          + "Commands are \(names.joined(separator: ", ")); see '\(program.name) --help'.")
    }
    if words.dropFirst().contains("--help") { return .print(HelpText.text(of: syntax, in: program)) }
    var parser = CommandLineParser(syntax: syntax, program: program.name)
    parser.read(words.dropFirst())
    parser.check()
    guard parser.errors.isEmpty else {
      let lines =
        parser.errors.map { "\(program.name) \(verb): \($0)" } + ["usage: \(syntax.usage(in: program.name))"]
      throw Refusal(lines.joined(separator: "\n"))
    }
    return .command(parser.result)
  }

  private let syntax: CommandSyntax
  private var result: ParsedCommand
  private var errors: [String] = []

  private init(syntax: CommandSyntax, program: String) {
    self.syntax = syntax
    result = ParsedCommand(program: program, name: syntax.name)
  }

  private var takesAssignments: Bool { syntax.operands.contains { $0.count == .assignments } }

  private mutating func read(_ words: ArraySlice<String>) {
    var rest = words
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        // The first operand is a path and may hold "=".
        if takesAssignments && !result.operands.isEmpty && word.contains("=") {
          result.assignments.append(word)
        } else {
          result.operands.append(word)
        }
        continue
      }
      readFlag(word, &rest)
    }
  }

  private mutating func readFlag(_ word: String, _ rest: inout ArraySlice<String>) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let allowed = syntax.flags.map(\.name) + ["--help"]
    let known = allowed.contains(parts[0])
    if !known {
      errors.append(
        "unknown flag '\(parts[0])'\(Suggestion.hint(for: parts[0], among: allowed)) "
          + "Allowed are \(allowed.joined(separator: ", ")).")
    }
    // A misspelt flag is read as the one it was meant to be, lest its value and its absence are errors as well.
    let name = known ? parts[0] : Suggestion.nearest(to: parts[0], among: allowed)
    guard let flag = syntax.flags.first(where: { $0.name == name }) else { return }
    if result.values[flag.name] != nil, !flag.isRepeatable { errors.append("\(flag.name) is given twice") }
    guard let placeholder = flag.value else {
      if parts.count == 2 { errors.append("\(flag.name) takes no value, found '\(parts[1])'") }
      result.values[flag.name] = ""
      return
    }
    if parts.count == 2 {
      result.values[flag.name] = parts[1]
    } else if let value = rest.first, !value.hasPrefix("--") {
      result.values[flag.name] = value
      rest.removeFirst()
    } else {
      errors.append("\(flag.name) needs a value: \(flag.name) \(placeholder)")
      result.values[flag.name] = ""
    }
    if flag.isRepeatable { result.lists[flag.name, default: []].append(result.values[flag.name] ?? "") }
  }

  private mutating func check() {
    let required = syntax.operands.filter { $0.count != .assignments }
    for (index, operand) in required.enumerated() where result.operands.count <= index {
      errors.append("\(operand.name) is missing: \(operand.help)")
    }
    if required.contains(where: { $0.count == .several }) {
      if result.operands.count == 1 { errors.append("two or more \(required[0].name) are needed, found one") }
    } else if result.operands.count > required.count, !required.contains(where: { $0.count == .some }) {
      let extra = result.operands[required.count...].map { "'\($0)'" }.joined(separator: ", ")
      let hint = takesAssignments ? "; a sweep's values are set as KEY=VALUE" : ""
      errors.append("unexpected \(extra)\(hint)")
    }
    for flag in syntax.flags where flag.isRequired && result.values[flag.name] == nil {
      errors.append("\(flag.usage) is missing: \(flag.help)")
    }
  }
}
