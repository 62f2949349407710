// A verb that uses every kind of flag, for the tests of the parser, of flags and of help.

import CommandLine

enum Color: String, CaseIterable, Sendable { case red, green }

struct SampleCommand: Command {
  static let output = Flag(required: "--output", "DIR", "the folder to write", .folder)
  static let count = Flag("--count", "N", "how many", .count(), default: 3)
  static let rate = Flag("--rate", "X", "how fast", .number(atLeast: 0), default: 1e-5)
  static let limit = Flag("--limit", "N", "only the first N", .count(), unset: "all")
  static let color = Flag("--color", "NAME", "the color", .choice, default: Color.red)
  static let list = Flag("--list", "list everything")
  static let tag = Flag("--tag", "KEY=N", "a tag", eachOf: ValueReader("expected KEY=N such as a=1") { tag($0) })

  static let syntax = CommandSyntax(
    "sample", "shows every kind of flag", details: "Shows every kind of flag.",
    operands: [Operand("FILE", "the file"), Operand("KEY=VALUE", "a value", .assignments)],
    flags: [output, count, rate, limit, color, list, tag])

  let output: String
  let count: Int
  let rate: Double
  let limit: Int?
  let color: Color
  let listsAll: Bool
  let tags: [String]

  init(_ given: Given) {
    output = given[Self.output]
    count = given[Self.count]
    rate = given[Self.rate]
    limit = given[Self.limit]
    color = given[Self.color]
    listsAll = given[Self.list]
    tags = given[Self.tag]
    if listsAll, limit != nil { given.fail("--list and --limit exclude each other") }
  }

  func perform(_ context: Context) throws -> ExitCode { count == 3 ? .success : .failure }

  private static func tag(_ text: String) -> String? {
    let parts = text.split(separator: "=")
    return parts.count == 2 && Int(parts[1]) != nil ? String(parts[0]) : nil
  }
}

/// A verb that fails as it is told to.
struct FailingCommand: Command {
  static let syntax = CommandSyntax("fail", "fails", details: "Fails.", operands: [Operand("HOW", "how it fails")])
  static let ranks = Ranks.all
  private let how: String

  init(_ given: Given) { how = given.operands[0] }

  func perform(_ context: Context) throws -> ExitCode {
    switch how {
    case "mendable": throw Refusal("mend it")
    case "resumable": throw Refusal("go on", code: .resumable)
    case "broken": throw Refusal("broken", code: .failure)
    default: throw UnknownError()
    }
  }

  private struct UnknownError: Error {}
}

let sampleProgram = Program(
  name: "prog", introduction: "prog: a sample.", closing: "Exit codes: 0.",
  commands: [SampleCommand.self, FailingCommand.self])
