// The text of --help, made from the command table.

/// Builds the help texts.
enum HelpText {
  /// `seedsweep --help`.
  static var general: String {
    let width = CommandSyntax.all.map(\.name.count).max() ?? 0
    let commands = CommandSyntax.all.map { "  " + padded($0.name, to: width) + "  " + $0.summary }
    return """
      seedsweep: is this fine-tuning recipe stable? Trains a BERT-style encoder once for every recipe and seed, on all cores
      or under mpirun, and reports failure rates and spread.

      usage: seedsweep COMMAND ...

      \(commands.joined(separator: "\n"))

      'seedsweep COMMAND --help' explains a command; 'seedsweep --version' prints the version.
      Exit codes: 0 every trial has a result; 1 some trials crashed beyond retries; 2 the command line, sweep or folder
      cannot be run, nothing was started; 75 stopped early, the same command resumes.
      """
  }

  /// `seedsweep COMMAND --help`.
  static func text(of command: CommandSyntax) -> String {
    var rows: [(String, String)] = command.operands.map { ($0.name, $0.help) }
    for flag in command.flags { rows.append((flag.words, flag.help)) }
    rows.append(("--help", "print this"))
    let width = rows.map(\.0.count).max() ?? 0
    let table = rows.map { "  " + padded($0.0, to: width) + "  " + $0.1 }
    return """
      usage: \(command.usage)

      \(command.details)

      \(table.joined(separator: "\n"))
      """
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
