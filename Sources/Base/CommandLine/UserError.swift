// Errors that the user can mend, printed without the program's inner workings. None carries the program's name or the verb:
// `Context` adds them where it prints.

/// An error that the user can mend.
package protocol UserError: Error {
  /// How the process ends.
  var exitCode: ExitCode { get }
  /// What is wrong, where, what was found and what is allowed. One problem may run over several lines.
  var problems: [String] { get }
  /// What follows the problems, such as a usage line.
  var closing: String? { get }
  /// Whether the text is printed as it is: a help page, or lines that begin with a file's name and a position.
  var standsAlone: Bool { get }
}

extension UserError {
  package var exitCode: ExitCode { .refused }
  /// A problem for each line of the description.
  package var problems: [String] { "\(self)".split(separator: "\n").map(String.init) }
  package var closing: String? { nil }
  package var standsAlone: Bool { false }
}

/// A reason to stop that has no error type of its own.
package struct Refusal: UserError, CustomStringConvertible {
  package let problems: [String]
  package let closing: String?
  package let exitCode: ExitCode
  package let standsAlone: Bool

  /// Everything that is wrong, each problem by itself.
  package init(problems: [String], closing: String? = nil, code: ExitCode = .refused) {
    self.problems = problems
    self.closing = closing
    exitCode = code
    standsAlone = false
  }

  /// One problem, which may run over several lines.
  package init(_ problem: String, code: ExitCode = .refused) { self.init(problems: [problem], code: code) }

  /// A text that is printed as it is.
  package init(standingAlone text: String) {
    problems = [text]
    closing = nil
    exitCode = .refused
    standsAlone = true
  }

  /// The problems, a line or more each.
  package var description: String { (problems + [closing].compactMap { $0 }).joined(separator: "\n") }
}
