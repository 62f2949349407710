// The user's own TSV, CSV and JSON lines, right and wrong.

import Foundation
import Tasks
import XCTest

@testable import Datasets

final class OwnFilesTests: XCTestCase {
  func testQuotesAreLiteralInTabs() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.tsv", "label\ttext\nyes\t\"a\nno\tb\"\"\n")
    try folder.write("dev.tsv", "text\tlabel\textra\n\"c\"\tno\t\n")
    let data = try folder.load(train: "train.tsv", dev: "dev.tsv")
    XCTAssertEqual(data.labelNames, ["no", "yes"])
    XCTAssertEqual(
      data.train, [.init(text: "\"a", target: .classIndex(1)), .init(text: "b\"\"", target: .classIndex(0))])
    XCTAssertEqual(data.dev, [.init(text: "\"c\"", target: .classIndex(0))])
    XCTAssertEqual(data.labelCount, 2)
    XCTAssertFalse(data.isRegression)
  }

  /// Python tells the two spellings of é apart, so a class of both would be another one than there.
  func testLabelsInTwoSpellingsAreRefused() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.csv", "text,label\na,caf\u{e9}\nb,x\n")
    try folder.write("dev.csv", "text,label\nc,x\nd,cafe\u{301}\n")
    folder.assertError(refusal(of: "cafe\u{301}", at: "FOLDER/dev.csv:3")) {
      try folder.load(train: "train.csv", dev: "dev.csv")
    }
    try folder.write("dev.csv", "text,label\nc,x\nd,caf\u{e9}\n")
    XCTAssertEqual(try folder.load(train: "train.csv", dev: "dev.csv").labelNames, ["caf\u{e9}", "x"])
  }

  /// Unicode takes the sign of the kelvin for the letter K, which is ASCII.
  func testSignsThatAreASCIILettersForUnicodeAreRefused() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.csv", "text,label\na,K\nb,x\nc,\u{212a}\n")
    try folder.write("dev.csv", "text,label\nc,x\nd,K\n")
    folder.assertError(refusal(of: "\u{212a}", at: "FOLDER/train.csv:4")) {
      try folder.load(train: "train.csv", dev: "dev.csv")
    }
    try folder.write("train.csv", "text,label\na,K\nb,x\n")
    try folder.write("test.csv", "text,label\ne,\u{212a}\n")
    let own = TaskDescription.OwnFiles(
      train: folder.path + "/train.csv", dev: folder.path + "/dev.csv", textColumn: "text", labelColumn: "label")
    let task = TaskDescription(
      name: "mine", source: .files(own), finalFiles: [FinalSet("test", folder.path + "/test.csv")])
    folder.assertError(refusal(of: "\u{212a}", at: "FOLDER/test.csv:2")) { try TaskReader.load(task) }
    try folder.write("test.csv", "text,label\ne,K\n")
    XCTAssertEqual(try TaskReader.load(task).test, [.init(text: "e", target: .classIndex(0))])
  }

  private func refusal(of label: String, at position: String) -> String {
    "\(position): the label \"\(label)\" stands in other bytes further up: Unicode takes two spellings for one text there, such as a "
      + "letter with its mark or letter and mark apart; write it alike everywhere"
  }

  func testQuotedCommasAndLineBreaks() throws {
    let folder = try DataFolder(for: self)
    let text = "text,second,label\r\n\"a, \"\"b\"\"\nc\",,1\r\nplain,\"\",0\r\n"
    try folder.write("train.csv", text)
    try folder.write("dev.csv", text)
    let data = try folder.load(train: "train.csv", dev: "dev.csv", pair: "second")
    XCTAssertEqual(
      data.train,
      [
        .init(text: "a, \"b\"\nc", pair: "", target: .classIndex(1)),
        .init(text: "plain", pair: "", target: .classIndex(0)),
      ])
  }

  func testLinesAreCountedInsideQuotes() throws {
    let folder = try DataFolder(for: self)
    try folder.write("dev.csv", "text,label\na,1\nb,2\n")
    func error(_ text: String, _ expected: String, line: UInt = #line) throws {
      try folder.write("train.csv", text)
      folder.assertError(expected, line: line) { try folder.load(train: "train.csv", dev: "dev.csv") }
    }
    try error("text,label\n\"a\n\nb\",1\nc\n", "FOLDER/train.csv:5: 1 column where 2 are needed (text, label)")
    try error("text,label\nc,d,2\n", "FOLDER/train.csv:2: 3 columns where 2 are needed (text, label)")
    try error("text,label\n\"a\nb,1\n", "FOLDER/train.csv:2: the quote opened here is never closed")
    try error(
      "text,label\n\"a\nb\"c,1\n",
      "FOLDER/train.csv:3: text after a field's closing quote; a quote inside a field is doubled")
    try error(
      "text,label,label\na,1,1\n", "FOLDER/train.csv:1: the column \"label\" occurs 2 times; it must be unique")
  }

  func testJSONLines() throws {
    let folder = try DataFolder(for: self)
    try folder.write(
      "train.jsonl",
      "{\"text\": \"a \\\"\\u00e9\", \"label\": 10}\n\n{\"label\": 2, \"text\": \"b\", \"more\": [1]}\n{\"text\":\"c\",\"label\":\"-1\"}\n"
    )
    try folder.write("dev.jsonl", "{\"text\": \"d\", \"label\": 2.0}\r\n")
    let data = try folder.load(train: "train.jsonl", dev: "dev.jsonl")
    XCTAssertEqual(data.labelNames, ["-1", "2", "10"])
    XCTAssertEqual(data.train.map(\.text), ["a \"é", "b", "c"])
    XCTAssertEqual(data.train.map(\.target), [.classIndex(2), .classIndex(1), .classIndex(0)])
    XCTAssertEqual(data.dev, [.init(text: "d", target: .classIndex(1))])
  }

  func testBrokenJSONLines() throws {
    let folder = try DataFolder(for: self)
    func error(_ text: String, _ expected: String, line: UInt = #line) throws {
      try folder.write("train.jsonl", text)
      folder.assertError(expected, line: line) { try folder.load(train: "train.jsonl", dev: "train.jsonl") }
    }
    let first = "{\"text\": \"a\", \"label\": true}\n"
    try error(
      first + "\n{\"text\": \"a\"",
      "FOLDER/train.jsonl:3:13: expected a comma or } in an object opened at 3:1, found the end of the text; each line holds "
        + "an object, such as {\"text\": \"...\", \"label\": 1}")
    try error(
      first + "[1]\n",
      "FOLDER/train.jsonl:2: the line is a list; each line holds an object, such as {\"text\": \"...\", \"label\": 1}")
    try error(
      first + "{\"txt\": \"a\", \"label\": false}\n",
      "FOLDER/train.jsonl:2: no column \"text\"; found \"label\", \"txt\"; did you mean \"txt\"?")
    try error(
      first + "{\"text\": \"a\", \"label\": null}\n",
      "FOLDER/train.jsonl:2: \"label\" is null; allowed: a string, a number, a Boolean")
    try error(
      first + "{\"text\": \"a\", \"label\": [1]}\n",
      "FOLDER/train.jsonl:2: \"label\" is a list; allowed: a string, a number, a Boolean")
    try error(
      first + "{\"text\": \"a\", \"label\": NaN}\n",
      "FOLDER/train.jsonl:2: \"label\" is NaN; allowed: a string, a number, a Boolean")
    try error(
      "{\"text\": -Infinity, \"label\": 1}\n",
      "FOLDER/train.jsonl:1: \"text\" is -Infinity; allowed: a string, a number, a Boolean")
    try error(
      first + "{\"text\": \"a\", \"label\": 1, \"text\": \"b\"}\n",
      "FOLDER/train.jsonl:2:27: duplicate key \"text\"; it is first given at 2:2; each line holds an object, such as "
        + "{\"text\": \"...\", \"label\": 1}")
    try error(
      first,
      "FOLDER/train.jsonl: each of its 1 rows has the label \"true\"; a classifier needs at least two classes, "
        + "and regression has to be asked for")
    try error("\n \n", "FOLDER/train.jsonl: no rows")
  }

  func testDevLabelsMustOccurInTraining() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.tsv", "text\tlabel\na\t1\nb\t0\n")
    try folder.write("dev.csv", "text,label\na,1\nb,01\n")
    folder.assertError(
      "FOLDER/dev.csv:3: label \"01\" does not occur in FOLDER/train.tsv, whose labels are 0, 1; if they are numbers to "
        + "predict, set task.regression to true"
    ) { try folder.load(train: "train.tsv", dev: "dev.csv") }
    try folder.write("train.tsv", "text\tlabel\na\t1\nb\tno\n")
    folder.assertError(
      "FOLDER/dev.csv:3: label \"01\" does not occur in FOLDER/train.tsv, whose labels are 1, no"
    ) { try folder.load(train: "train.tsv", dev: "dev.csv") }
    // As in STS-B, in whatever file.
    try folder.write("train.tsv", "text\tlabel\na\t5.000\nb\t2.6\n")
    try folder.write("dev.csv", "text,label\na,5.000\nb,3.8\n")
    folder.assertError(
      "FOLDER/dev.csv:3: label \"3.8\" does not occur in FOLDER/train.tsv, whose labels are 2.6, 5.000; if they are "
        + "numbers to predict, set task.regression to true"
    ) { try folder.load(train: "train.tsv", dev: "dev.csv") }
  }

  /// A file that is scored alone has the classes of the model's head.
  func testLabelsOfAHead() throws {
    let folder = try DataFolder(for: self)
    let columns = TaskDescription.OwnFiles(train: "", dev: "", textColumn: "text", labelColumn: "label")
    func load(_ labels: [String], _ head: [String]) throws -> TaskData {
      let path = try folder.write("a.csv", "text,label\n" + labels.map { "t,\($0)\n" }.joined())
      return try TaskReader.load(ScoredFile.own(path: path, columns: columns), name: "a", head: head)
    }
    let order = "so their order does not tell which classes of the model's head they are; "
    let cure = "name the head's classes like the labels (id2label in its config.json)"
    folder.assertError(
      "FOLDER/a.csv: its labels \"Yes\", \"no\" have another order in small letters, \(order)\(cure)"
    ) { try load(["Yes", "no"], ["LABEL_0", "LABEL_1"]) }
    folder.assertError(
      "FOLDER/a.csv: its labels \"Yes\", \"yes\" differ in capitals only, \(order)write them alike if they are one class, "
        + "or \(cure)"
    ) { try load(["Yes", "no", "yes"], ["LABEL_0", "LABEL_1", "LABEL_2"]) }
    XCTAssertEqual(try load(["Yes", "No"], ["LABEL_0", "LABEL_1"]).labelNames, ["No", "Yes"])
    XCTAssertEqual(try load(["Yes", "yes"], ["yes", "Yes"]).dev.map(\.target), [.classIndex(1), .classIndex(0)])
    folder.assertError(
      "FOLDER/a.csv: the model's head predicts a number; set task.regression to true (evaluate: --regression)"
    ) { try load(["0.5", "1"], ["LABEL_0"]) }
  }

  /// Names that differ in capitals only are classes of their own in a head that is kept.
  func testAHeadWhoseClassesDifferInCapitals() throws {
    let data = TaskData(name: "a", labelNames: ["A", "a"], train: [], dev: [])
    XCTAssertEqual(try data.ordered(asIn: ["a", "A"], of: "m").labelNames, ["a", "A"])
    XCTAssertEqual(try data.ordered(asIn: ["a", "A"], of: "m").positiveClass, 0)
  }

  func testAnEmptyLabelIsNoClass() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.tsv", "text\tlabel\na\t1\nb\t\nc\t0\n")
    try folder.write("dev.tsv", "text\tlabel\na\t1\n")
    folder.assertError("FOLDER/train.tsv:3: the label is empty; a row without a label cannot be used") {
      try folder.load(train: "train.tsv", dev: "dev.tsv")
    }
    folder.assertError("FOLDER/train.tsv:3: the label is empty; a row without a label cannot be used") {
      try folder.load(train: "dev.tsv", dev: "train.tsv")
    }
  }

  func testLabelOrder() {
    XCTAssertEqual(TaskReader.ordered(["10", "9", "-2", "9.0"]), ["-2", "9", "9.0", "10"])
    XCTAssertEqual(TaskReader.ordered(["10", "9", "b", "a", "Z", "é"]), ["10", "9", "Z", "a", "b", "é"])
  }

  func testRegressionWhenAsked() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.csv", "text,label\na,1\nb,1\nc,-2.5e-1\n")
    let data = try folder.load(train: "train.csv", dev: "train.csv", isRegression: true)
    XCTAssertEqual(data.train.map(\.target), [.value(1), .value(1), .value(-0.25)])
    XCTAssertTrue(data.isRegression)
    XCTAssertEqual(data.labelCount, 1)
    try folder.write("train.csv", "text,label\na,1\nb,one\n")
    folder.assertError("FOLDER/train.csv:3: label \"one\" is not a finite number, as regression needs") {
      try folder.load(train: "train.csv", dev: "train.csv", isRegression: true)
    }
  }

  /// Labels near 2e7 are two apart in single precision; those of usual tasks are not moved to speak of.
  func testNumbersThatSinglePrecisionMovesAreRefused() throws {
    let folder = try DataFolder(for: self)
    func load(_ labels: [String]) throws -> TaskData {
      try folder.write("train.csv", "text,label\n" + labels.map { "t,\($0)\n" }.joined())
      return try folder.load(train: "train.csv", dev: "train.csv", isRegression: true)
    }
    func refusal(_ label: String, _ rounded: String, _ range: String) -> String {
      "FOLDER/train.csv:3: label \"\(label)\" is \(rounded) in single precision, in which models are trained and scored, too far off "
        + "for labels from \(range); rescale the labels of all files, for example to a mean of 0 and a standard deviation of 1"
    }
    folder.assertError(refusal("20000001", "20000000.0", "20000000.0 to 20000050.0")) {
      try load(["20000000", "20000001", "20000050"])
    }
    folder.assertError(refusal("1e300", "inf", "0.0 to 1e+300")) { try load(["0", "1e300"]) }
    for labels in [["3.8", "3.8"], ["0.1", "4.999", "2.3333333333333335"], ["20000000", "20100001"]] {
      XCTAssertEqual(try load(labels).train.count, labels.count)
    }
  }

  /// Labels of a dev set may lie as close together as they like where those that are trained on do not.
  func testSinglePrecisionIsJudgedByTheTrainingLabels() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.csv", "text,label\na,0\nb,5\n")
    try folder.write("dev.csv", "text,label\nc,0.1\nd,0.1000001\n")
    let data = try folder.load(train: "train.csv", dev: "dev.csv", isRegression: true)
    XCTAssertEqual(data.dev.map(\.target), [.value(0.1), .value(0.1000001)])
    try folder.write("dev.csv", "text,label\nc,0.1\nd,20000001\n")
    // It would be near enough for the range of its own file.
    folder.assertError(
      "FOLDER/dev.csv:3: label \"20000001\" is 20000000.0 in single precision, in which models are trained and scored, too far off "
        + "for training labels from 0.0 to 5.0; rescale the labels of all files, for example to a mean of 0 and a standard "
        + "deviation of 1"
    ) { try folder.load(train: "train.csv", dev: "dev.csv", isRegression: true) }
    let header = "sentence1\tsentence2\tscore\n"
    try folder.write("train.tsv", header + "a\tb\t0\nc\td\t5\n")
    try folder.write("dev.tsv", header + "a\tb\t0.1\nc\td\t0.1000001\n")
    XCTAssertEqual(try folder.load(.stsb).dev.count, 2)
  }

  func testUnknownFormatsAndColumns() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.tsv", "sentence1\tsentence2\tgold\na\tb\t1\n")
    folder.assertError(
      "FOLDER/a.txt: the ending tells the format, and \".txt\" is none; allowed: .tsv (quotes are literal), .csv (RFC 4180), "
        + ".jsonl"
    ) { try folder.load(train: "a.txt", dev: "train.tsv") }
    folder.assertError(
      "FOLDER/train.tsv:1: no column \"sentense1\"; found \"sentence1\", \"sentence2\", \"gold\"; did you mean "
        + "\"sentence1\"?"
    ) { try folder.load(train: "train.tsv", dev: "train.tsv", text: "sentense1", label: "gold") }
    folder.assertError(
      "FOLDER/train.tsv:1: no column \"label\"; found \"sentence1\", \"sentence2\", \"gold\""
    ) { try folder.load(train: "train.tsv", dev: "train.tsv", text: "sentence1") }
  }

  /// Numbers taken as classes and labels that a typing error may have made are told; nothing is changed.
  func testLabelsThatMayBeMistakes() throws {
    let folder = try DataFolder(for: self)
    func remarks(_ labels: [String], isRegression: Bool = false) throws -> [String] {
      for name in ["a.csv", "b.csv"] {
        try folder.write(name, "text,label\n" + labels.map { "t,\($0)\n" }.joined())
      }
      return try folder.load(train: "a.csv", dev: "b.csv", isRegression: isRegression).remarks.map {
        $0.replacingOccurrences(of: folder.path, with: "FOLDER")
      }
    }
    XCTAssertEqual(
      try remarks(["0.0", "1.2", "3.4", "4.75", "1.2"]),
      [
        "FOLDER/a.csv: the labels are numbers, some of them fractions, and are taken as 4 classes; set task.regression to true "
          + "to predict the number"
      ])
    XCTAssertEqual(try remarks(["0.0", "1.2"], isRegression: true), [])
    XCTAssertEqual(try remarks(["0.0", "1.0", "2"]), [])
    XCTAssertEqual(try remarks(["0.5", "high"]), [])
    XCTAssertEqual(
      try remarks(["pos", "neg", "pos ", "Neg", "-", "not sure", "not  Sure", "NotSure"]),
      [
        "FOLDER/a.csv: the labels \"Neg\", \"neg\" differ in spaces or capitals only and are 2 classes; write them alike where they "
          + "are one class",
        "FOLDER/a.csv: the labels \"NotSure\", \"not  Sure\", \"not sure\" differ in spaces or capitals only and are 3 classes; write "
          + "them alike where they are one class",
        "FOLDER/a.csv: the labels \"pos\", \"pos \" differ in spaces or capitals only and are 2 classes; write them alike where "
          + "they are one class",
      ])
    XCTAssertEqual(
      LabelRemarks.quoted((0..<12).map(String.init)).components(separatedBy: "\"7\", ")[1], "\"8\", \"9\" and 2 more")
  }

  /// GLUE's CoLA has no header, so it is no file of one's own.
  func testTextsThatAreTrainedOnAndScored() throws {
    let folder = try DataFolder(for: self)
    func rows(_ numbers: Range<Int>, label: Int) -> String {
      "text,label,pair\n" + numbers.map { "t\($0),\($0 % 2 + label),p\($0)\n" }.joined()
    }
    func remarks(dev: String, pair: String? = nil) throws -> [String] {
      try folder.load(train: "train.csv", dev: dev, pair: pair).remarks.map {
        $0.replacingOccurrences(of: folder.path, with: "FOLDER")
      }
    }
    try folder.write("train.csv", rows(0..<40, label: 0) + "t7,2,q7\n")
    try folder.write("dev.csv", rows(30..<130, label: 1))
    let end = "they are trained on, and a score on them says nothing about new texts"
    // The labels do not matter; a pair of texts is another text.
    let shared = ["warning: 10 of 100 texts of FOLDER/dev.csv stand in FOLDER/train.csv, too: \(end)"]
    XCTAssertEqual(try remarks(dev: "dev.csv"), shared)
    XCTAssertEqual(try remarks(dev: "dev.csv", pair: "pair"), shared)
    try folder.write(
      "others.csv",
      rows(30..<130, label: 1).replacingOccurrences(of: ",p1", with: ",r1").replacingOccurrences(of: ",p3", with: ",r3")
    )
    XCTAssertEqual(try remarks(dev: "others.csv", pair: "pair"), [])
    try folder.write("dev.csv", rows(31..<100, label: 1))
    XCTAssertEqual(try remarks(dev: "dev.csv"), [], "nine of them")
    try folder.write("dev.csv", rows(30..<131, label: 1))
    XCTAssertEqual(try remarks(dev: "dev.csv"), [], "less than a tenth")
    XCTAssertEqual(
      try remarks(dev: "train.csv"),
      [
        "warning: task.dev is the training file, FOLDER/train.csv: its texts are trained on, and a score on them says "
          + "nothing about new texts"
      ])
  }

  /// Every set that is scored is compared with the training texts, and each file is told of once.
  func testTextsOfOtherSetsThatAreTrainedOn() throws {
    let folder = try DataFolder(for: self)
    func rows(_ numbers: Range<Int>, _ comma: String = ",") -> String {
      numbers.map { "t\($0)\(comma)\($0 % 2)\n" }.joined()
    }
    for (name, numbers) in [("train", 0..<40), ("dev", 40..<60), ("half", 30..<50)] {
      try folder.write("\(name).csv", "text,label\n" + rows(numbers))
      try folder.write("\(name).tsv", "sentence\tlabel\n" + rows(numbers, "\t"))
    }
    let own = TaskDescription.OwnFiles(
      train: folder.path + "/train.csv", dev: folder.path + "/dev.csv", textColumn: "text", labelColumn: "label")
    func remarks(_ source: TaskDescription.Source, _ sets: [(String, String)]) throws -> [String] {
      let files = sets.map { FinalSet($0.0, folder.path + "/" + $0.1) }
      let data = try TaskReader.load(TaskDescription(name: "mine", source: source, finalFiles: files))
      return data.remarks.map { $0.replacingOccurrences(of: folder.path, with: "FOLDER") }
    }
    let end = "trained on, and a score on them says nothing about new texts"
    XCTAssertEqual(
      try remarks(
        .files(own), [("test", "half.csv"), ("again", "half.csv"), ("far", "train.csv"), ("new", "dev.csv")]),
      [
        "warning: 10 of 20 texts of FOLDER/half.csv stand in FOLDER/train.csv, too: they are \(end)",
        "warning: task.dev_sets.far is the training file, FOLDER/train.csv: its texts are \(end)",
      ])
    XCTAssertEqual(
      try remarks(.glue(.sst2, folder: folder.path), [("test", "train.tsv"), ("far", "half.tsv")]),
      [
        "warning: task.test is the training file, FOLDER/train.tsv: its texts are \(end)",
        "warning: 10 of 20 texts of FOLDER/half.tsv stand in FOLDER/train.tsv, too: they are \(end)",
      ])
    try folder.write("dev.tsv", "sentence\tlabel\n" + rows(30..<50, "\t"))
    XCTAssertEqual(
      try remarks(.glue(.sst2, folder: folder.path), []),
      ["warning: 10 of 20 texts of FOLDER/dev.tsv stand in FOLDER/train.tsv, too: they are \(end)"])
  }

  /// A dev set of one label, be it a class or a number, cannot tell whether anything was learned.
  func testEvaluationTextsOfOneLabel() throws {
    let folder = try DataFolder(for: self)
    func remarks(_ labels: [String], isRegression: Bool) throws -> [String] {
      try folder.write("dev.csv", "text,label\n" + labels.enumerated().map { "u\($0),\($1)\n" }.joined())
      return try folder.load(train: "train.csv", dev: "dev.csv", isRegression: isRegression).remarks
    }
    try folder.write("train.csv", "text,label\na,1\nb,2\nc,3\n")
    func warning(_ label: String) -> String {
      "warning: all rows of \(folder.path)/dev.csv have the label \(label), so that no run can do better than one answer to "
        + "everything, and each counts as failed by default; take evaluation texts with several labels"
    }
    XCTAssertEqual(try remarks(["2", "2", "2"], isRegression: false), [warning("\"2\"")])
    XCTAssertEqual(try remarks(["2", "2.0"], isRegression: true), [warning("2.0")])
    XCTAssertEqual(try remarks(["2", "2", "3"], isRegression: false), [])
    XCTAssertEqual(try remarks(["2", "2.1"], isRegression: true), [])
  }

  /// Texts are one where their bytes are: an é of one letter is not one of letter and mark, and a hundred thousand marks in changing
  /// order take no time.
  func testTextsThatDifferInBytesAreNotTrainedOn() throws {
    let folder = try DataFolder(for: self)
    func rows(_ end: String) -> String { "text,label\n" + (0..<20).map { "t\($0)\(end),\($0 % 2)\n" }.joined() }
    let marks = String(repeating: "\u{301}\u{323}", count: 50_000)
    try folder.write("train.csv", rows("\u{e9}") + "x\(marks),0\n")
    try folder.write("dev.csv", rows("e\u{301}") + "y\(marks),0\n")
    XCTAssertEqual(try folder.load(train: "train.csv", dev: "dev.csv").remarks, [])
  }

  func testManyLabelsInAMessage() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.csv", "text,label\n" + (1...12).map { "a,\($0)\n" }.joined())
    try folder.write("dev.csv", "text,label\nb,13\n")
    folder.assertError(
      "FOLDER/dev.csv:2: label \"13\" does not occur in FOLDER/train.csv, whose labels are 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and "
        + "2 more; if they are numbers to predict, set task.regression to true"
    ) { try folder.load(train: "train.csv", dev: "dev.csv") }
  }

  func testGluesCoLAAsOwnFile() throws {
    let folder = try DataFolder(for: self)
    try folder.write("train.tsv", "gj04\t1\t\tThe dog barks.\ngj04\t0\t*\tDog the bark.\n")
    folder.assertError(
      "FOLDER/train.tsv:1: no column \"sentence\", \"label\"; found \"gj04\", \"1\", \"\", \"The dog barks.\"; the file seems "
        + "to have no header: write the names of its columns into a first line; GLUE's CoLA, which has none, is "
        + "task: { name: \"cola\", data: FOLDER }"
    ) { try folder.load(train: "train.tsv", dev: "train.tsv", text: "sentence", label: "label") }
    try folder.write("other.tsv", "gj04\t2\t\tThe dog barks.\ngj04\t0\t*\tDog the bark.\n")
    folder.assertError(
      "FOLDER/other.tsv:1: no column \"sentence\", \"label\"; found \"gj04\", \"2\", \"\", \"The dog barks.\"; the file seems "
        + "to have no header: write the names of its columns into a first line"
    ) { try folder.load(train: "other.tsv", dev: "other.tsv", text: "sentence", label: "label") }
  }
}
