// The texts of --help and the reference of a program's verbs, made from the verbs' syntax.

/// Builds the help texts.
package enum HelpText {
  /// What a program prints for `--help`.
  package static func general(_ program: Program) -> String {
    let commands = table(program.commands.map { ($0.syntax.name, $0.syntax.summary) })
    return """
      \(program.introduction)

      usage: \(program.name) COMMAND ...

      \(commands)

      '\(program.name) COMMAND --help' explains a command; '\(program.name) --version' prints the version.
      \(program.closing)
      """
  }

  /// What a program prints for `COMMAND --help`.
  package static func text(of command: CommandSyntax, in program: String) -> String {
    """
    usage: \(command.usage(in: program))

    \(command.details)

    \(table(rows(of: command) + [("--help", "print this")]))
    """
  }

  /// The reference of a program's verbs, as Markdown.
  package static func markdown(_ program: Program) -> String {
    let sections = program.commands.map { command -> String in
      let syntax = command.syntax
      let rows = rows(of: syntax)
      let table = rows.map { "| `\($0.0.replacing("|", with: "\\|"))` | \($0.1.replacing("|", with: "\\|")) |" }
      return """
        ## \(syntax.name)

        \(sentence(syntax.summary))

            \(syntax.usage(in: program.name))

        \(syntax.details.replacing("<", with: "\\<"))
        """ + (table.isEmpty ? "" : "\n\n| word | meaning |\n|---|---|\n" + table.joined(separator: "\n"))
    }
    return """
      # Verbs

      Every verb of `\(program.name)` with its operands and flags, as `\(program.name) VERB --help` prints them. This page is
      what `\(program.name) --help --markdown` prints.

      \(program.closing)

      \(sections.joined(separator: "\n\n"))
      """
  }

  /// The operands and flags of a verb, each with what it means.
  private static func rows(of command: CommandSyntax) -> [(String, String)] {
    command.operands.map { ($0.name, $0.help) } + command.flags.map { ($0.words, $0.fullHelp) }
  }

  private static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count) + "  " + $0.1 }
      .joined(separator: "\n")
  }

  /// A text with a capital letter and a full stop.
  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}
