// The text of --help, made from the command table.

/// Builds the help texts.
package enum HelpText {
  /// What a program prints for `--help`.
  package static func general(_ program: ProgramSyntax) -> String {
    let width = program.commands.map(\.name.count).max() ?? 0
    let commands = program.commands.map { "  " + padded($0.name, to: width) + "  " + $0.summary }
    return """
      \(program.introduction)

      usage: \(program.name) COMMAND ...

      \(commands.joined(separator: "\n"))

      '\(program.name) COMMAND --help' explains a command; '\(program.name) --version' prints the version.
      \(program.closing)
      """
  }

  /// What a program prints for `COMMAND --help`.
  package static func text(of command: CommandSyntax, in program: ProgramSyntax) -> String {
    var rows: [(String, String)] = command.operands.map { ($0.name, $0.help) }
    for flag in command.flags { rows.append((flag.words, flag.help)) }
    rows.append(("--help", "print this"))
    let width = rows.map(\.0.count).max() ?? 0
    let table = rows.map { "  " + padded($0.0, to: width) + "  " + $0.1 }
    return """
      usage: \(command.usage(in: program.name))

      \(command.details)

      \(table.joined(separator: "\n"))
      """
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
