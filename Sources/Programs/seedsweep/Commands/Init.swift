// `seedsweep init`: a first sweep file for the user's data. `SweepDraft` looks at the data and writes the text.

import CommandLine
import Drafts
import Files
import Foundation

/// Writes a commented sweep for some data.
struct InitCommand: Command {
  static let model = Flag(
    "--model", "DIR", "the model folder", .text,
    unset: "models/minilm if it is there, otherwise the model inside the program")
  static let text = Flag("--text", "NAME", "the column of the text, or of the first of two", .text, unset: "a guess")
  static let pair = Flag("--pair", "NAME", "the column of the second text", .text, unset: "a guess, or none")
  static let label = Flag("--label", "NAME", "the column of the label", .text, unset: "a guess")
  static let output = Flag(
    "--output", "FILE.json5", "the sweep file to create, which must not be there yet", .file(endingIn: ".json5"),
    unset: "standard output")

  static let syntax = CommandSyntax(
    "init", "write a commented sweep file for your data",
    details: """
      Looks at a training file (.tsv, .csv or .jsonl) and an evaluation file, or at a folder with both, which may be GLUE's, and
      writes a sweep file with comments, which 'plan' accepts as it is: the columns of text and label, the classes or a number
      to predict, a first recipe, its variants and seeds. If only a training file is given, the evaluation file is the one
      beside it with dev, valid, validation, val, eval or test in its name in place of train. Overwrites nothing.
      """,
    operands: [Operand("DATA", "a folder of data, or a training file and an evaluation file", .some)],
    flags: [model, text, pair, label, output])

  private var draft = SweepDraft()

  init(_ given: Given) {
    draft.data = given.operands
    draft.model = given[Self.model]
    draft.text = given[Self.text]
    draft.pair = given[Self.pair]
    draft.label = given[Self.label]
    draft.path = given[Self.output]
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let path = draft.path, FileManager.default.fileExists(atPath: path) {
      throw Refusal("\(path): there is such a file already; name another one, or remove it")
    }
    let text: String
    do { text = try draft.make() } catch let error as any UserError { throw error } catch { throw Refusal("\(error)") }
    guard let path = draft.path else {
      put(text, to: STDOUT_FILENO)
      return .success
    }
    try WholeFile.write(text, to: path)
    say("\(path) is written; next: seedsweep plan \(ShellText.quoted(path))")
    return .success
  }
}
