// Words into operands, assignments and flags. Long flags only, as `--flag value` or `--flag=value`; every error of a line is
// reported at once. What the values mean is the commands' business.

import Files

/// Reads the words of a command line by a verb's syntax.
package struct CommandLineParser {
  /// The words after the verb, sorted.
  ///
  /// - Throws: a `Refusal` that lists everything wrong with them.
  package static func parse(_ words: [String], of syntax: CommandSyntax, in program: String) throws -> Given {
    var parser = CommandLineParser(syntax: syntax)
    parser.read(words[...])
    parser.check()
    guard parser.problems.isEmpty else {
      throw Refusal(problems: parser.problems, closing: syntax.shortUsage(in: program))
    }
    return parser.given
  }

  private let syntax: CommandSyntax
  private let given = Given()
  private var problems: [String] = []

  private init(syntax: CommandSyntax) { self.syntax = syntax }

  private var takesAssignments: Bool { syntax.operands.contains { $0.count == .assignments } }

  private mutating func read(_ words: ArraySlice<String>) {
    var rest = words
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        // The first operand is a path and may hold "=".
        if takesAssignments && !given.operands.isEmpty && word.contains("=") {
          given.assignments.append(word)
        } else {
          given.operands.append(HomeFolder.expanded(word))
        }
        continue
      }
      readFlag(word, &rest)
    }
  }

  private mutating func readFlag(_ word: String, _ rest: inout ArraySlice<String>) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let allowed = syntax.flags.map(\.name) + ["--help"]
    let isKnown = allowed.contains(parts[0])
    // A misspelt flag is read as the one it was meant to be, lest its value and its absence are errors as well.
    let name = isKnown ? parts[0] : CommonWords.meant(by: parts[0], among: allowed)
    if !isKnown { noteUnknown(parts, meaning: name, allowed) }
    guard let flag = syntax.flags.first(where: { $0.name == name }) else { return }
    if given.isGiven(flag), !flag.isRepeatable { problems.append("\(flag.name) is given twice") }
    given.texts[flag.name, default: []].append(value(of: flag, parts, &rest))
  }

  /// Notes a flag that the verb does not have.
  private mutating func noteUnknown(_ parts: [String], meaning: String?, _ allowed: [String]) {
    let start = "unknown flag '\(parts[0])'"
    let list = allowed.joined(separator: ", ")
    if let meaning {
      problems.append("\(start); did you mean '\(meaning)'?")
    } else if CommonWords.fileFlags.contains(parts[0]), let operand = syntax.operands.first {
      problems.append("\(start); \(operand.name) is given without a flag before it")
      if parts.count == 2 { given.operands.append(HomeFolder.expanded(parts[1])) }
    } else if takesAssignments, parts[0].hasPrefix("--"), parts[0].count > 2 {
      problems.append("\(start); a sweep's values are set as KEY=VALUE, without dashes")
    } else {
      problems.append(list.count <= 100 ? "\(start). Allowed are \(list)." : "\(start).")
    }
  }

  /// The value of a flag that was read as `parts`, taken from the next word if need be.
  private mutating func value(
    of flag: any FlagDeclaration, _ parts: [String], _ rest: inout ArraySlice<String>
  ) -> String {
    guard let placeholder = flag.placeholder else {
      if parts.count == 2 { problems.append("\(flag.name) takes no value, found '\(parts[1])'") }
      return ""
    }
    if parts.count == 2 { return HomeFolder.expanded(parts[1]) }
    if let value = rest.first, !value.hasPrefix("--") {
      rest.removeFirst()
      return HomeFolder.expanded(value)
    }
    problems.append("\(flag.name) needs a value: \(flag.name) \(placeholder)")
    return ""
  }

  private mutating func check() {
    let required = syntax.operands.filter { $0.count != .assignments && $0.count != .any }
    let found = given.operands
    // The words that are there may have been meant as the operands that are missing.
    let taken = zip(required, found).map { "; '\($1)' is taken as \($0.name) (\($0.help))" }.joined()
    for operand in required.dropFirst(found.count) {
      problems.append("\(operand.name) is missing: \(operand.help)\(taken)")
    }
    if required.contains(where: { $0.count == .several }) {
      if found.count == 1 { problems.append("two or more \(required[0].name) are needed, found one") }
    } else if found.count > required.count, !syntax.operands.contains(where: { [.some, .any].contains($0.count) }) {
      let extra = found[required.count...].map { "'\($0)'" }.joined(separator: ", ")
      let hint = takesAssignments ? "; a sweep's values are set as KEY=VALUE" : ""
      problems.append("unexpected \(extra)\(hint)")
    }
    for flag in syntax.flags where flag.isRequired && !given.isGiven(flag) {
      problems.append("\(flag.usage) is missing: \(flag.help)")
    }
  }
}
