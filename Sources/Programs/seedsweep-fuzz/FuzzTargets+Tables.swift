// Data sets and tables of results that something else made.

import Datasets
import Foundation
import Imports
import Reports
import SeedStreams
import Tables

extension FuzzTargets {
  private static let columns = ["sentence1", "sentence2", "label"]

  /// A data set of the user's own, or one of GLUE's where it looks like one of those with rules of their own.
  private static func dataSet(
    _ name: String, _ folder: String, samples: [String], words: [String] = []
  ) throws -> FuzzTarget {
    let path = try path("\(name)/train.\(name)", in: folder)
    // Both sets of a task are the same file.
    let other = try Self.path("\(name)/dev.\(name)", in: folder)
    try? FileManager.default.removeItem(atPath: other)
    try FileManager.default.createSymbolicLink(atPath: other, withDestinationPath: path)
    return FuzzTarget(
      name: name, samples: samples.map(bytes), words: (words + columns).map(bytes), isHandled: { $0 is DataError }
    ) { input in
      try write(input, to: path)
      let source: TaskDescription.Source
      if name == "tsv", input.starts(with: bytes("gj04")) {
        source = .glue(.cola, folder: folder + "/tsv")
      } else if name == "tsv", input.starts(with: bytes("id\tqid1")) {
        source = .glue(.qqp, folder: folder + "/tsv")
      } else {
        source = .files(
          TaskDescription.OwnFiles(
            train: path, dev: path, textColumn: columns[0], pairColumn: columns[1], labelColumn: columns[2],
            isRegression: input.last == UInt8(ascii: " ")))
      }
      let task = TaskDescription(
        name: "fuzz", source: source, subset: input.count % 3 == 0 ? TaskDescription.Subset(size: 2, seed: 1) : nil,
        labelShuffleSeed: input.count % 5 == 0 ? 1 : nil)
      return try !TaskReader.load(task).train.isEmpty
    }
  }

  static func tabSeparated(_ folder: String) throws -> FuzzTarget {
    try dataSet(
      "tsv", folder,
      samples: [
        "sentence1\tsentence2\tlabel\nA \"man\" sat.\tHe sat.\tyes\nIt rains.\tIt snows.\tno\n",
        "label\tsentence1\tsentence2\r\n0.5\ta\tb\r\n1e3\tc\td\r\n",
        "gj04\t1\t\tThe sailors rode.\ngj04\t0\t*\tThe sailors rode it it.\n",
        "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n0\t1\t2\tWhy?\tHow?\t0\n1\t3\t4\tA\tB\t1\n2\t5\n",
      ], words: ["\t", "\t\t", "\"\""])
  }

  static func commaSeparated(_ folder: String) throws -> FuzzTarget {
    try dataSet(
      "csv", folder,
      samples: [
        "sentence1,sentence2,label\n\"A \"\"man\"\", sat.\",He sat.,yes\n\"two\nlines\",b,no\n",
        "label,sentence1,sentence2\r\n1,a,\r\n2,\"\",\"d\"\r\n",
      ], words: ["\"\"", ",", "\",\"", "\"\n\""])
  }

  static func jsonLines(_ folder: String) throws -> FuzzTarget {
    try dataSet(
      "jsonl", folder,
      samples: [
        #"{"sentence1": "A man \u00e9 sat.", "sentence2": "He sat.", "label": 1}"# + "\n\n"
          + #"{"label": 0, "sentence1": "", "sentence2": "b", "more": [1, {"a": null}]}"# + "\n",
        #"{"sentence1": "a", "sentence2": "b", "label": true}"# + "\r\n"
          + #"{"sentence1": "a", "sentence2": "b", "label": "x"}"#,
      ], words: ["\\u00e9", "{\"label\":", "1e400", "}\n{"])
  }

  static func importedRuns(_ folder: String) throws -> FuzzTarget {
    let path = try path("import/runs.csv", in: folder)
    let names: [ImportedRun.Column: String] = [
      .task: "task", .seed: "seed", .final: "final", .best: "best", .finalElsewhere: "test",
      .bestElsewhere: "best_test",
    ]
    let rows = "rte,a,1,.53,.7,.5,.6\nrte,a,2,nan,,.5,.6\nrte,b,1,0.66,0.67,0.6,0.61\nmrpc,b,-3,1e-3,2,3,4\n"
    let states = "rte,a,1,finished,.5,.5,.5,.5,1e-5,16,2,3\nrte,a,2,crashed,,,,,1e-5,16,2,1\n"
    return FuzzTarget(
      name: "import",
      samples: [
        bytes(
          "task,method,seed,final,best,test,best_test\n" + rows.replacingOccurrences(of: "nan,,", with: "nan,nan,")),
        bytes("seed,task,method,best_test,test,best,final\r\n7,rte,\"a,b\",1,2,3,4\r\n"),
        bytes(
          "task,method,seed,State,final,best,test,best_test,lr,train_batch_size,gradient_accumulation_steps,training_iteration\n"
            + states),
      ],
      words: ["nan", "inf", "-inf", "1e308", "0x1p3", "task", "method", "9223372036854775807", "State", "running"].map(
        bytes),
      isHandled: { $0 is DataError || $0 is ImportError }
    ) { input in
      try write(input, to: path)
      var request = ImportRequest(path: path, columns: names)
      request.recipeColumns = ["method"]
      request.lowerIsBetter = input.count % 2 == 0
      try summarize(try request.read().runs)
      return true
    }
  }

  static func trainerStates(_ folder: String) throws -> FuzzTarget {
    let path = try path("trainer/seed-1/trainer_state.json", in: folder)
    let log = #"{"step": 2, "epoch": 1.0, "eval_accuracy": 0.5, "eval_loss": null}, {"step": 2, "loss": NaN}"#
    return FuzzTarget(
      name: "trainer",
      samples: [
        bytes(#"{"global_step": 2, "max_steps": 4, "train_batch_size": 8, "log_history": [\#(log)]}"#),
        bytes(
          #"{"best_model_checkpoint": "x", "global_step": 2, "log_history": [\#(log), {"train_runtime": 1}, \#(log)]}"#),
      ], words: ["NaN", "Infinity", "null", "\"eval_accuracy\"", "\"step\"", "1e400"].map(bytes),
      isHandled: { $0 is ImportError }
    ) { input in
      try write(input, to: path)
      var request = ImportRequest(path: folder + "/trainer", columns: [:])
      request.pattern = "seed-{seed}"
      request.metricKey = "eval_accuracy"
      request.countsUnfinished = input.count % 2 == 0
      try summarize(try request.read().runs)
      return true
    }
  }

  private static func summarize(_ imported: ImportedRuns) throws {
    _ = (imported.account, imported.remarks)
    for score in ScoreChoice.allCases {
      let rows = imported.summary(score: score)
      _ = try imported.pairs(of: rows, reference: nil)
      for row in rows { _ = [row.failureRate, row.median, row.interquartileMean, row.imputedMean] }
    }
  }
}
