// Drafts of sweeps: for every kind of data the columns that are chosen, and that the draft is a sweep with these settings.

import Foundation
import SweepLanguage
import TestSupport
import Trials
import XCTest

@testable import Drafts

final class SweepDraftTests: XCTestCase {
  /// Sentences of the built-in language, whose words the embedded model knows.
  private let sentences = ["the dog sees a cat", "a cat sees the dog", "the cat sees a dog", "a dog sees the cat"]

  private func rows(_ separator: String, _ labels: [String], pair: Bool = false) -> String {
    labels.enumerated().map { index, label in
      let words = [sentences[index % 4]] + (pair ? [sentences[(index + 1) % 4]] : []) + [label]
      return words.joined(separator: separator) + "\n"
    }.joined()
  }

  /// The configuration of a draft that stands in the data's folder. Making it already checks it as `plan` does.
  private func configuration(
    _ folder: TemporaryFolder, _ names: [String], _ change: (inout SweepDraft) -> Void = { _ in }
  ) throws -> TaskSpecification {
    var draft = SweepDraft()
    draft.data = names.map { folder.path + "/" + $0 }
    draft.model = "embedded"
    draft.path = folder.path + "/mine.json5"
    change(&draft)
    let text = try draft.make()
    try folder.write(text, to: "mine.json5")
    let sweep = try Sweep(file: "mine.json5", workingDirectory: folder.path)
    XCTAssertEqual(sweep.name, "mine")
    XCTAssertEqual(sweep.configurations.map(\.optimizer.biasCorrection), [false, true])
    XCTAssertEqual(sweep.seeds.count, 5)
    XCTAssertFalse(text.contains(folder.path), "paths below the draft's folder are relative")
    return try XCTUnwrap(sweep.firstConfiguration).task
  }

  func testTabs() throws {
    let folder = try TemporaryFolder()
    try folder.write("sentence\tidx\tlabel\n" + rows("\t7\t", ["0", "1", "1", "0"]), to: "train.tsv")
    try folder.write("sentence\tidx\tlabel\n" + rows("\t7\t", ["0", "1"]), to: "dev.tsv")
    let task = try configuration(folder, ["train.tsv"])
    XCTAssertEqual(task.trainPath, folder.path + "/train.tsv")
    XCTAssertEqual(task.devPath, folder.path + "/dev.tsv")
    XCTAssertEqual([task.textColumn, task.pairColumn, task.labelColumn], ["sentence", nil, "label"])
    XCTAssertFalse(task.isRegression)
    XCTAssertTrue(folder.text("mine.json5").contains("// The label has 2 classes: \"0\", \"1\"."))
    XCTAssertTrue(
      folder.text("mine.json5").contains("// 4 training examples with the columns \"sentence\", \"idx\", \"label\"."))
  }

  /// Columns without usual names: the longest text and the column with the fewest values that repeat.
  func testCommasWithNamesOfTheirOwn() throws {
    let folder = try TemporaryFolder()
    let header = "id,what he said,mood\n"
    func numbered(_ text: String) -> String {
      text.split(separator: "\n").enumerated().map { "\($0.offset),\($0.element)\n" }.joined()
    }
    try folder.write(
      header + numbered(rows(",", ["good", "bad", "so so", "bad", "good", "so so"])), to: "my-train.csv")
    try folder.write(header + numbered(rows(",", ["good", "bad"])), to: "my-validation.csv")
    let task = try configuration(folder, ["my-train.csv"])
    XCTAssertEqual(task.devPath, folder.path + "/my-validation.csv")
    XCTAssertEqual([task.textColumn, task.pairColumn, task.labelColumn], ["what he said", nil, "mood"])
    XCTAssertTrue(folder.text("mine.json5").contains("// The label has 3 classes: \"bad\", \"good\", \"so so\"."))
  }

  func testObjectsWithPairs() throws {
    let folder = try TemporaryFolder()
    func object(_ index: Int, _ label: Bool) -> String {
      "{\"premise\": \"\(sentences[index])\", \"hypothesis\": \"\(sentences[3 - index])\", \"meta\": [1], \"gold\": \(label)}\n"
    }
    // With a byte order mark and a blank line, as some editors leave them.
    try folder.write("\u{FEFF}\n" + object(0, true) + object(1, false) + object(2, true), to: "a.jsonl")
    try folder.write(object(3, false), to: "b.jsonl")
    let task = try configuration(folder, ["a.jsonl", "b.jsonl"])
    XCTAssertEqual([task.textColumn, task.pairColumn, task.labelColumn], ["premise", "hypothesis", "gold"])
    XCTAssertTrue(
      folder.text("mine.json5").contains(
        "// Left out, by line 2: \"meta\" is a list; allowed: a string, a number, a Boolean"))
  }

  /// A column with one null cannot be used, and the draft and a refusal say so.
  func testColumnsOfObjectsWithGaps() throws {
    let folder = try TemporaryFolder()
    func object(_ index: Int, _ title: String) -> String {
      "{\"title\": \(title), \"text\": \"\(sentences[index])\", \"label\": \(index % 2)}\n"
    }
    try folder.write((0..<4).map { object($0, $0 == 2 ? "null" : "\"a cat\"") }.joined(), to: "Train.jsonl")
    try folder.write(object(0, "null") + object(1, "null"), to: "Dev.jsonl")
    let task = try configuration(folder, ["Train.jsonl"])
    XCTAssertEqual(task.devPath, folder.path + "/Dev.jsonl")
    XCTAssertEqual([task.textColumn, task.pairColumn, task.labelColumn], ["text", nil, "label"])
    let text = folder.text("mine.json5")
    XCTAssertTrue(text.contains("// 4 training examples with the columns \"text\", \"label\".\n"), text)
    XCTAssertTrue(
      text.contains("  // Left out, by line 3: \"title\" is null; allowed: a string, a number, a Boolean\n"), text)
    XCTAssertThrowsError(try configuration(folder, ["Train.jsonl"]) { $0.text = "title" }) {
      XCTAssertEqual("\($0)", "\(folder.path)/Train.jsonl:3: \"title\" is null; allowed: a string, a number, a Boolean")
    }
  }

  func testOnlyAWholeWordNamesTheEvaluationFile() {
    let names = [
      "train", "Train", "TRAIN", "training", "my-train", "train_2", "train2", "myTrain", "trainSet", "Training.v2",
      "train-train", "strain", "trained", "constraints", "TRAINED", "data",
    ]
    XCTAssertEqual(
      names.map { DataChoice.replacingTrain(in: $0, with: "dev") ?? "" },
      [
        "dev", "Dev", "DEV", "dev", "my-dev", "dev_2", "dev2", "myDev", "devSet", "Dev.v2", "train-dev", "", "", "", "",
        "",
      ])
  }

  func testRegression() throws {
    let folder = try TemporaryFolder()
    try folder.write("text,score\n" + rows(",", ["0.5", "1.25", "3"]), to: "train.csv")
    try folder.write("text,score\n" + rows(",", ["2"]), to: "dev.csv")
    let task = try configuration(folder, [""])
    XCTAssertTrue(task.isRegression)
    XCTAssertEqual(task.labelColumn, "score")
    XCTAssertEqual(task.reportedMetric, .pearson)
    // Numbers without fractions are classes, as 1.0 is.
    try folder.write("text,score\n" + rows(",", ["0.0", "1.0", "0.0"]), to: "train.csv")
    try folder.write("text,score\n" + rows(",", ["0.0"]), to: "dev.csv")
    XCTAssertFalse(try configuration(folder, [""]).isRegression)
  }

  func testFoldersOfGlue() throws {
    let folder = try TemporaryFolder()
    for name in ["RTE", "CoLA"] {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
    }
    let header = "index\tsentence1\tsentence2\tlabel\n"
    for file in ["RTE/train.tsv", "RTE/dev.tsv"] {
      try folder.write(
        header + "0\t" + rows("\t", ["entailment"], pair: true) + "1\t" + rows("\t", ["not_entailment"], pair: true),
        to: file)
    }
    let rte = try configuration(folder, ["RTE/"])
    XCTAssertEqual(rte.name, "rte")
    XCTAssertThrowsError(try configuration(folder, ["RTE"]) { $0.label = "label" }) {
      XCTAssertEqual(
        "\($0)",
        "\(folder.path)/RTE: these are the files of GLUE's rte, whose columns are known; leave out --text, --pair and --label"
      )
    }
    XCTAssertEqual(rte.dataPath, folder.path + "/RTE")
    for file in ["CoLA/train.tsv", "CoLA/dev.tsv"] {
      try folder.write("gj04\t1\t\t\(sentences[0])\ngj04\t0\t*\t\(sentences[1])\n", to: file)
    }
    XCTAssertEqual(try configuration(folder, ["CoLA"]).name, "cola")
  }

  func testNamedColumns() throws {
    let folder = try TemporaryFolder()
    for name in ["train.tsv", "test.tsv"] {
      try folder.write("a\tb\tlabel\tother\n" + rows("\t", ["x\tp", "y\tq", "x\tp"], pair: true), to: name)
    }
    let task = try configuration(folder, ["train.tsv"]) { ($0.text, $0.pair, $0.label) = ("b", "a", "other") }
    XCTAssertEqual([task.textColumn, task.pairColumn, task.labelColumn], ["b", "a", "other"])
    XCTAssertEqual(task.devPath, folder.path + "/test.tsv")
  }

  /// A column that was named for one role is guessed for no other.
  func testColumnsThatAreNamedAlready() throws {
    let folder = try TemporaryFolder()
    for name in ["train.csv", "dev.csv"] {
      try folder.write("body,query\n" + rows(",", ["p", "q"]), to: name)
    }
    let task = try configuration(folder, ["train.csv"]) { $0.label = "query" }
    XCTAssertEqual([task.textColumn, task.labelColumn], ["body", "query"])
    for name in ["train.csv", "dev.csv"] {
      try folder.write("premise,hypothesis,label\n" + rows(",", ["p", "q"], pair: true), to: name)
    }
    for pair in ["premise", "hypothesis"] {
      let task = try configuration(folder, ["train.csv"]) { $0.pair = pair }
      XCTAssertEqual(
        [task.textColumn, task.pairColumn], pair == "premise" ? ["hypothesis", pair] : ["premise", pair])
    }
  }

  /// Names that a comment or a text in quotes could not hold as they are.
  func testStrangeNames() throws {
    let folder = try TemporaryFolder()
    for name in ["train.csv", "dev.csv"] {
      try folder.write("\"a \"\"b\"\"\n{\u{2028}\",label\n" + rows(",", ["x\u{2028}", "y"]), to: name)
    }
    let task = try configuration(folder, ["train.csv"])
    XCTAssertEqual(task.textColumn, "a \"b\"\n{\u{2028}")
  }

  func testWhatCannotBeDrafted() throws {
    let folder = try TemporaryFolder()
    func problem(_ names: [String], _ change: (inout SweepDraft) -> Void = { _ in }) -> String {
      do {
        _ = try configuration(folder, names, change)
        return "no problem"
      } catch { return "\(error)".replacing(folder.path, with: "FOLDER") }
    }
    XCTAssertEqual(problem(["none.tsv"]), "FOLDER/none.tsv: there is no such file or folder")
    try folder.write("sentence\tlabel\n" + rows("\t", ["0", "1"]), to: "train.tsv")
    XCTAssertEqual(
      problem(["train.tsv"]),
      "FOLDER/train.tsv: there is no evaluation file beside it; give one as well, such as FOLDER/dev.tsv")
    try folder.write("sentence\tlabel\n" + rows("\t", ["0", "1"]), to: "dev.tsv")
    XCTAssertEqual(problem(["train.tsv"]), "no problem")
    XCTAssertEqual(
      problem(["dev.tsv"]),
      "FOLDER/dev.tsv: there is no evaluation file beside it; give one as well, behind the training file")
    XCTAssertEqual(
      problem(["train.tsv"]) { $0.label = "lable" },
      "FOLDER/train.tsv: no column \"lable\"; found \"sentence\", \"label\"; did you mean \"label\"?")
    XCTAssertEqual(
      problem(["train.tsv", "dev.tsv", "dev.tsv"]),
      "3 paths of data; give a folder, or a training file and an evaluation file")
    try folder.write(rows("\t", ["0", "1"]), to: "bare.tsv")
    XCTAssertEqual(
      problem(["bare.tsv", "dev.tsv"]),
      "FOLDER/bare.tsv:1: the first line looks like a row and not like the names of columns; write the names into a first line"
    )
    try folder.write("a\tb\n1\t2\n3\t4\n", to: "numbers.tsv")
    XCTAssertEqual(
      problem(["numbers.tsv", "dev.tsv"]),
      "FOLDER/numbers.tsv: no column looks like a text; name it with --text NAME; the columns are \"a\", \"b\"")
    try folder.write("sentence,label\n" + rows(",", ["0", "1"]), to: "commas.tsv")
    XCTAssertEqual(
      problem(["commas.tsv", "dev.tsv"]),
      "FOLDER/commas.tsv:1: found one column, \"sentence,label\"; commas seem to separate its columns: call the file .csv"
    )
    try folder.write("sentence\tlabel\n" + rows("\t", ["yes", ""]), to: "gaps.tsv")
    XCTAssertEqual(
      problem(["gaps.tsv", "dev.tsv"]),
      "FOLDER/gaps.tsv: the column \"label\" is empty in some rows; a row without a label cannot be used: remove it, or name "
        + "another column with --label NAME")
    try folder.write("sentence\tlabel\n" + rows("\t", ["yes"]), to: "one.tsv")
    XCTAssertEqual(
      problem(["one.tsv", "dev.tsv"]),
      "FOLDER/one.tsv: each row has the same \"label\", \"yes\"; a classifier needs at least two classes: take more rows, or "
        + "name another column with --label NAME")
    try folder.write("{\"sentence\": null, \"label\": 1}\n", to: "null.jsonl")
    XCTAssertEqual(
      problem(["null.jsonl", "dev.tsv"]),
      "FOLDER/null.jsonl: no column looks like a text; name it with --text NAME; the columns are \"label\"; left out: "
        + "FOLDER/null.jsonl:1: \"sentence\" is null; allowed: a string, a number, a Boolean")
    // A dev label that the training file lacks: what plan says.
    try folder.write("sentence\tlabel\n" + rows("\t", ["2"]), to: "dev.tsv")
    XCTAssertTrue(problem(["train.tsv"]).hasPrefix("plan would refuse this sweep: "), problem(["train.tsv"]))
    XCTAssertTrue(problem(["train.tsv"]).contains("label \"2\" does not occur in "), problem(["train.tsv"]))
  }

  /// The model inside the program does not know the words of a real text; the refusal says to give a model.
  func testAModelIsNeededForOtherWords() throws {
    let folder = try TemporaryFolder()
    for name in ["train.csv", "dev.csv"] {
      try folder.write("text,label\nquantum chromodynamics zebra,0\nphotosynthesis kaleidoscope xylem,1\n", to: name)
    }
    XCTAssertThrowsError(try configuration(folder, [""]) { $0.model = nil }) {
      XCTAssertTrue("\($0)".hasSuffix("--model DIR (scripts/fetch-model.sh downloads one)"), "\($0)")
    }
    // No model helps against a label that the training file lacks.
    try folder.write("text,label\n" + rows(",", ["0", "1"]), to: "train.csv")
    try folder.write("text,label\n" + rows(",", ["2"]), to: "dev.csv")
    XCTAssertThrowsError(try configuration(folder, [""]) { $0.model = nil }) {
      XCTAssertTrue("\($0)".hasSuffix("; if they are numbers to predict, set task.regression to true"), "\($0)")
    }
  }

  /// Values differ where their bytes do, and long runs of marks in changing order take no time.
  func testValuesOfAColumnAreComparedByTheirBytes() {
    let marks = String(repeating: "\u{301}\u{323}", count: 10_000)
    let column = DataColumn(name: "text", values: ["e\u{301}", "\u{e9}", "a\(marks)", "b\(marks)", "a\(marks)", ""])
    XCTAssertEqual(column.classes.count, 5)
    XCTAssertTrue(column.hasGaps)
  }
}
