// A first sweep file for the user's data and model, with comments. Before it is returned it is read and checked as `plan` does,
// so that a draft is a sweep. It trains nothing and writes nothing.

import CommandLine
import Datasets
import EmbeddedModels
import Files
import Foundation
import JSON5
import Runs
import SweepLanguage
import Tables
import Training
import Transformer
import Trials

/// What a draft is made for.
package struct SweepDraft {
  /// A folder of data, or a training file and perhaps an evaluation file.
  package var data: [String] = []
  /// The model folder; nil for one that is there, or else the model inside the program.
  package var model: String?
  /// The column of the text; nil for a guess.
  package var text: String?
  /// The column of the second text; nil for a guess, which may be that there is none.
  package var pair: String?
  /// The column of the label; nil for a guess.
  package var label: String?
  /// Where the draft will stand; nil for the working directory.
  package var path: String?

  private static let usualModel = "models/minilm"
  private static let usualLength = TaskSpecification().maximumLength

  package init() {}

  /// The text of the sweep file.
  ///
  /// - Throws: what is wrong with data or model; a `Refusal` where `plan` would refuse the sweep.
  package func make() throws -> String {
    let choice = try DataChoice(data)
    let model =
      model
      ?? (FileManager.default.fileExists(atPath: Self.usualModel + "/config.json")
        ? Self.usualModel : EmbeddedModel.first)
    let folder = try ModelFolder(EmbeddedModel.isInside(model) ? model : absolute(model))
    let length = min(Self.usualLength, folder.configuration.longestSequence)
    let text = try sweep(
      task: task(choice, length: length), model: EmbeddedModel.isInside(model) ? model : shown(model))
    try check(text, isEmbedded: EmbeddedModel.isInside(model) && self.model == nil)
    return text
  }

  /// Refuses a draft that `plan` would refuse.
  private func check(_ text: String, isEmbedded: Bool) throws {
    func prepare(_ overrides: [String] = []) throws {
      let sweep = try Sweep(
        file: path ?? "sweep.json5", text: text, overrides: overrides,
        workingDirectory: FileManager.default.currentDirectoryPath)
      _ = try PreparedSweep(sweep, ResourceReader())
    }
    do { try prepare() } catch {
      let model = "give a model whose vocabulary fits the data: --model DIR (scripts/fetch-model.sh downloads one)"
      // Another model helps where nothing but unknown words is in the way.
      let isOfWords = isEmbedded && (try? prepare(["task.allow_unknown_tokens=true"])) != nil
      throw Refusal(problems: ["plan would refuse this sweep: \(error)"] + (isOfWords ? [model] : []))
    }
  }

  // MARK: - The parts of the text

  private func sweep(task: String, model: String) -> String {
    """
    // A first sweep, made by seedsweep init. Paths resolve against this file; `seedsweep keys` explains every key.
    //   seedsweep plan FILE                what it takes: trials, hours, memory
    //   seedsweep run FILE --output DIR    trains every trial; the same command resumes
    {
      name: "mine",

      // A Hugging Face model folder, or "embedded" for the small model inside the program.
      model: { path: \(JSONWriter.quoted(model)) },

    \(task)

      // How long a trial trains, and the recipe that all variants share.
      training: { epochs: 3, batch_size: 16 },
      optimizer: { learning_rate: 2e-5 },
      schedule: { kind: "linear", warmup: 0.1 },

      // The seeds 1 to 5, for a first look. `seedsweep plan FILE --half-width 0.1` says how many a failure rate needs; a larger
      // number here extends a run.
      seeds: 5,

      // Several values of a key, each with every variant:
      // grid: { "optimizer.learning_rate": [1e-5, 2e-5, 3e-5] },

      // The recipes to compare: each is the recipe above with other values of some keys.
      variants: {
        default: {},
        corrected: { "optimizer.bias_correction": true, label: "bias correction" },
      },
    }

    """
  }

  private func task(_ choice: DataChoice, length: Int) throws -> String {
    switch choice {
    case .glue(let task, let folder):
      if text != nil || pair != nil || label != nil {
        throw DataError(
          "\(folder): these are the files of GLUE's \(task.rawValue), whose columns are known; leave out --text, --pair and "
            + "--label")
      }
      return """
          // GLUE's task, scored by \(task.metric.rawValue).
          task: { name: \(JSONWriter.quoted(task.rawValue)), data: \(JSONWriter.quoted(shown(folder))), max_length: \(length) },
        """
    case .files(let train, let dev):
      let file = try DataFile(train)
      let roles = try ColumnRoles(of: file, ColumnRoles.Named(text: text, pair: pair, label: label))
      return ownTask(file, dev, roles, length: length)
    }
  }

  private func ownTask(_ file: DataFile, _ dev: String, _ roles: ColumnRoles, length: Int) -> String {
    let classes = LabelRemarks.quoted(TaskReader.ordered(Set(roles.label.classes)))
    let target =
      roles.isRegression
      ? "The label is a number to predict." : "The label has \(roles.label.classes.count) classes: \(classes)."
    let leftOut = file.leftOutColumns.map { "// Left out, by line \($0.line): \($0.problem)" }
    let lines =
      ["// \(file.rowCount) training examples with the columns \(file.columnList)."] + leftOut + [
        "// \(target)",
        "task: {",
        "  name: \"mine\",",
        "  train: \(JSONWriter.quoted(shown(file.path))),",
        "  dev: \(JSONWriter.quoted(shown(dev))),",
        "  text: \(JSONWriter.quoted(roles.text.name)),",
        roles.pair.map { "  pair: \(JSONWriter.quoted($0.name))," } ?? "  // pair: the column of a second text",
        "  label: \(JSONWriter.quoted(roles.label.name)),",
        roles.isRegression ? "  regression: true," : "  // regression: true, for a label that is a number to predict",
        "  // metric: another one than \(roles.isRegression ? "pearson" : "accuracy")",
        "  max_length: \(length),",
        "},",
      ]
    return lines.map { "  " + Self.oneLine($0) }.joined(separator: "\n")
  }

  /// A line without the separators at which a comment of JSON5 ends.
  private static func oneLine(_ text: String) -> String {
    text.escapingControlCharacters().replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029")
  }

  // MARK: - Paths

  /// A path of the command line made absolute.
  private func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// A path as the draft writes it: relative to the draft's folder where it lies below it.
  private func shown(_ path: String) -> String {
    let folder = self.path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().standardizedFileURL.path }
    let base = (folder ?? FileManager.default.currentDirectoryPath) + "/"
    let whole = absolute(path)
    return whole.hasPrefix(base) ? String(whole.dropFirst(base.count)) : whole
  }
}
