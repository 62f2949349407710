// A program of several verbs: finds the verb, reads its words and performs it. This is the one place that prints errors and
// chooses exit codes; verbs only throw.

/// A program with its verbs.
package struct Program: Sendable {
  /// What users type.
  package let name: String
  /// What the program is for.
  package let introduction: String
  /// What stands below the list of verbs, such as the exit codes.
  package let closing: String
  /// All verbs, in the order of the help.
  package let commands: [any Command.Type]

  package init(name: String, introduction: String, closing: String, commands: [any Command.Type]) {
    self.name = name
    self.introduction = introduction
    self.closing = closing
    self.commands = commands
  }

  /// What a command line asks for.
  package enum Request {
    /// To print this text.
    case text(String)
    /// To perform this command.
    case command(any Command)
  }

  /// Performs a command line to its end and returns the exit code. A command whose output was lost, as on a full disk, fails.
  ///
  /// - Parameter speaks: Whether this process prints what concerns all ranks of an mpirun; the others are silent.
  package func perform(_ words: [String], environment: [String: String], speaks: Bool) -> ExitCode {
    let command = command(named: words.first ?? "")
    if !speaks && command?.ranks != .all { return .success }
    command?.begin()
    let context = Context(program: name, words: words, environment: environment)
    let code = perform(words, context, speaks: speaks)
    guard let error = takeOutputError() else { return code }
    context.report(error)
    return code == .success ? .failure : code
  }

  private func perform(_ words: [String], _ context: Context, speaks: Bool) -> ExitCode {
    do {
      switch try request(words) {
      case .text(let text):
        if speaks { say(text) }
        return .success
      case .command(let command): return try command.perform(context)
      }
    } catch let error as any UserError {
      // What the user is to mend, the rank that speaks says as well; a failure may be this rank's alone.
      if !speaks && error.exitCode != .failure { return .success }
      context.report(error)
      return error.exitCode
    } catch {
      context.report(error)
      return .failure
    }
  }

  /// The words after the program's name, understood.
  ///
  /// - Throws: a `Refusal` that lists everything wrong with them.
  package func request(_ words: [String]) throws -> Request {
    guard let verb = words.first else { throw Refusal(standingAlone: HelpText.general(self)) }
    if verb == "--help" {
      return .text(words.dropFirst() == ["--markdown"] ? HelpText.markdown(self) : HelpText.general(self))
    }
    if verb == "--version" { return .text("\(name) \(Version.current)") }
    guard let command = command(named: verb) else { throw unknown(verb) }
    let rest = Array(words.dropFirst())
    if rest.contains("--help") { return .text(HelpText.text(of: command.syntax, in: name)) }
    return .command(try command.read(rest, of: name))
  }

  private func command(named name: String) -> (any Command.Type)? { commands.first { $0.syntax.name == name } }

  private func unknown(_ verb: String) -> Refusal {
    let names = commands.map { $0.syntax.name }
    let kind = verb.hasPrefix("-") ? "flag" : "command"
    let start = "\(name): unknown \(kind) '\(verb)'"
    if let meant = CommonWords.meant(by: verb, among: names + ["--help", "--version"]) {
      return Refusal(standingAlone: "\(start); did you mean '\(meant)'?")
    }
    return Refusal(
      standingAlone: "\(start). Commands are \(names.joined(separator: ", ")); see '\(name) --help'.")
  }
}
