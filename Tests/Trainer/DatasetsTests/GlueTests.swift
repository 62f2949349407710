// The nine GLUE tasks in the layouts GLUE ships, and what is wrong with broken ones.

import Files
import Foundation
import Tasks
import Trials
import XCTest

@testable import Datasets

final class GlueTests: XCTestCase {
  private func check(
    _ task: GlueTask, _ header: String?, _ rows: [String], expected: [LabeledText], line: UInt = #line
  ) throws {
    let folder = try DataFolder(for: self)
    let text = ((header.map { [$0] } ?? []) + rows).joined(separator: "\n") + "\n"
    try folder.write("train.tsv", text)
    try folder.write(task.devFile, "\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n"))
    let data = try folder.load(task)
    XCTAssertEqual(data.train, expected, line: line)
    XCTAssertEqual(data.dev, expected, "a byte order mark and carriage returns change nothing", line: line)
    XCTAssertEqual(data.labelNames, task.labelNames, line: line)
    XCTAssertEqual(data.files, [folder.path + "/train.tsv", folder.path + "/" + task.devFile], line: line)
  }

  private func labeled(_ text: String, _ pair: String?, _ label: Int) -> LabeledText {
    LabeledText(text: text, pair: pair, target: .classIndex(label))
  }

  func testSingleSentences() throws {
    try check(
      .cola, nil, ["gj04\t1\t\tHe said \"no.", "gj04\t0\t*\tHim \"said\" no."],
      expected: [labeled("He said \"no.", nil, 1), labeled("Him \"said\" no.", nil, 0)])
    try check(
      .sst2, "sentence\tlabel", ["good \t1", "bad\t0"], expected: [labeled("good ", nil, 1), labeled("bad", nil, 0)])
  }

  func testPairs() throws {
    for task in [GlueTask.rte, .qnli] {
      try check(
        task, task == .rte ? "index\tsentence1\tsentence2\tlabel" : "index\tquestion\tsentence\tlabel",
        ["0\ta\tb\tnot_entailment", "1\tc\td\tentailment"], expected: [labeled("a", "b", 1), labeled("c", "d", 0)])
    }
    try check(
      .wnli, "index\tsentence1\tsentence2\tlabel", ["0\ta\tb\t0", "1\tc\td\t1"],
      expected: [labeled("a", "b", 0), labeled("c", "d", 1)])
    try check(
      .mrpc, "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", ["1\t7\t8\t\"a\tb", "0\t9\t10\tc\td\""],
      expected: [labeled("\"a", "b", 1), labeled("c", "d\"", 0)])
    try check(
      .qqp, "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", ["1\t2\t3\ta?\tb?\t0", "4\t5\t6\tc?\td?\t1"],
      expected: [labeled("a?", "b?", 0), labeled("c?", "d?", 1)])
  }

  func testMultiNLI() throws {
    let header =
      "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse"
      + "\tsentence1\tsentence2\tlabel1\tgold_label"
    func row(_ label: String) -> String { "0\t1\t2\tg\tp\tp\tp\tp\ta\tb\tneutral\t\(label)" }
    for task in [GlueTask.mnli, .mnliMismatched] {
      try check(
        task, header, ["entailment", "neutral", "contradiction"].map(row),
        expected: [0, 1, 2].map { labeled("a", "b", $0) })
    }
    XCTAssertEqual(GlueTask(rawValue: "mnli-mm")?.devFile, "dev_mismatched.tsv")
    XCTAssertEqual(GlueTask.mnli.devFile, "dev_matched.tsv")
  }

  func testSimilarityIsARegression() throws {
    try check(
      .stsb, "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore",
      ["0\tg\tf\t2012\t1\tn\tn\ta\tb\t5.000", "1\tg\tf\t2012\t1\tn\tn\tc\td\t0.25"],
      expected: [
        LabeledText(text: "a", pair: "b", target: .value(5)), LabeledText(text: "c", pair: "d", target: .value(0.25)),
      ])
    let folder = try DataFolder(for: self)
    try folder.write("train.tsv", "sentence1\tsentence2\tscore\na\tb\t1\nc\td\tnan\n")
    folder.assertError("FOLDER/train.tsv:3: label \"nan\" is not a finite number, as regression needs") {
      try folder.load(.stsb)
    }
  }

  func testBrokenRows() throws {
    let folder = try DataFolder(for: self)
    let header = "index\tsentence1\tsentence2\tlabel\n"
    try folder.write("dev.tsv", header + "0\ta\tb\tentailment\n")
    try folder.write("train.tsv", header + "0\ta\tb\tentailment\n1\ta\tb\n")
    folder.assertError(
      "FOLDER/train.tsv:3: 3 columns where 4 are needed (index, sentence1, sentence2, label)"
    ) { try folder.load(.rte) }
    try folder.write("train.tsv", header + "0\ta\tb\tentailment\n\n1\ta\tb\tentailment\n")
    folder.assertError("FOLDER/train.tsv:3: 1 column where 4 are needed (index, sentence1, sentence2, label)") {
      try folder.load(.rte)
    }
    try folder.write("train.tsv", header + "0\ta\tb\tentailment\n1\ta\tb\tEntailment\n")
    folder.assertError("FOLDER/train.tsv:3: label \"Entailment\" is not one of entailment, not_entailment") {
      try folder.load(.rte)
    }
    try folder.write("train.tsv", Data(header.utf8) + Data([0x30, 9, 0xC3, 9, 0x62, 9, 0x30, 10]))
    folder.assertError("FOLDER/train.tsv:2: not valid UTF-8; save the file as UTF-8") { try folder.load(.rte) }
    try folder.write("train.tsv", "gj04\t1\t\tA.\ngj04\t0\n")
    folder.assertError("FOLDER/train.tsv:2: 2 columns where 4 are needed (source, label, star, sentence)") {
      try folder.load(.cola)
    }
  }

  func testBrokenFiles() throws {
    let folder = try DataFolder(for: self)
    folder.assertError("cannot read FOLDER/train.tsv: there is no such file", kind: FileError.self) {
      try folder.load(.sst2)
    }
    try folder.write("train.tsv", "")
    folder.assertError("FOLDER/train.tsv: the file is empty") { try folder.load(.sst2) }
    try folder.write("train.tsv", "sentence\tlabel\n\n")
    folder.assertError("FOLDER/train.tsv: no rows below the header") { try folder.load(.sst2) }
    try folder.write("train.tsv", "sentense\tlabel\na\t1\n")
    folder.assertError(
      "FOLDER/train.tsv:1: no column \"sentence\"; found \"sentense\", \"label\"; did you mean \"sentense\"?"
    ) { try folder.load(.sst2) }
    try folder.write("train.tsv", "sentence\tlabel\na\t1\nb\t0\n")
    try FileManager.default.createDirectory(atPath: folder.path + "/dev.tsv", withIntermediateDirectories: false)
    folder.assertError("cannot read FOLDER/dev.tsv: it is a folder, where a file is needed", kind: FileError.self) {
      try folder.load(.sst2)
    }
    try folder.write("train.tsv", "sentence\tlabel\na\t1\nb\t1\n")
    try FileManager.default.removeItem(atPath: folder.path + "/dev.tsv")
    try folder.write("dev.tsv", "sentence\tlabel\na\t1\n")
    folder.assertError(
      "FOLDER/train.tsv: each of its 2 rows has the label \"1\"; a classifier needs at least two classes, and regression "
        + "has to be asked for"
    ) { try folder.load(.sst2) }
  }

  /// GLUE's QQP file breaks some questions over two lines; both halves lack columns.
  func testBrokenQuestionsOfQQPAreLeftOut() throws {
    let folder = try DataFolder(for: self)
    let header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
    try folder.write(
      "train.tsv", header + "1\t2\t3\ta?\tb?\t0\n2\t3\t4\t\"was\n\tc?\t0\n4\t5\t6\tc?\td?\t1\n")
    try folder.write("dev.tsv", header + "1\t2\t3\ta?\tb?\t0\n4\t5\t6\tc?\td?\t1\n")
    let data = try folder.load(.qqp)
    XCTAssertEqual(data.train.map(\.text), ["a?", "c?"])
    XCTAssertEqual(
      data.remarks,
      ["\(folder.path)/train.tsv: left out 2 broken rows, as Hugging Face does; the first is line 3"])
  }

  func testPathsAreNamedWithoutReading() {
    func paths(_ source: TaskDescription.Source) -> [String] {
      TaskReader.filePaths(TaskDescription(name: "x", source: source))
    }
    XCTAssertEqual(paths(.glue(.mnli, folder: "g/MNLI")), ["g/MNLI/train.tsv", "g/MNLI/dev_matched.tsv"])
    XCTAssertEqual(paths(.glue(.rte, folder: "g/RTE/")), ["g/RTE/train.tsv", "g/RTE/dev.tsv"])
    XCTAssertEqual(
      paths(.files(.init(train: "a.tsv", dev: "b.csv", textColumn: "t", labelColumn: "l"))), ["a.tsv", "b.csv"])
    let task = BuiltInTask.all[0]
    XCTAssertEqual(paths(.builtIn(BuiltInExamples(task, trainCount: 10, devCount: 10, seed: 1))), [])
  }
}
