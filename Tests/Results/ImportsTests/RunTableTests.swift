// Tables as wandb, Optuna and Ray Tune export them, and JSON lines as Python writes them: which rows are results, which are named
// as missing, and which hyperparameters they tell.

import Console
import Foundation
import Reports
import ResultsSupport
import Tables
import Tasks
import XCTest

@testable import Imports

final class RunTableTests: FolderTestCase {
  private func request(
    _ text: String, _ columns: [ImportedRun.Column: String], name: String = "runs.csv"
  ) throws -> ImportRequest {
    try write(text.utf8, to: folder + "/" + name)
    return ImportRequest(path: folder + "/" + name, columns: columns)
  }

  private func words(_ imported: ImportedRuns) -> [String] {
    imported.runs.map { "\($0.variant) \($0.seed) \($0.missing?.status.rawValue ?? "\($0.final)")" }
  }

  private func errors(_ request: ImportRequest) -> String {
    do {
      _ = try request.read()
      return "none"
    } catch { return "\(error)".replacing(folder + "/", with: "") }
  }

  /// An export of wandb's table of runs: cells of runs that crashed are empty.
  private let wandb = """
    "Name","State","Notes","Tags","Created","Runtime","lr","per_device_train_batch_size","gradient_accumulation_steps",\
    "max_steps","num_train_epochs","warmup_ratio","warmup_steps","weight_decay","method","seed","eval/accuracy",\
    "train/global_step","train/learning_rate"
    "a1","finished","","","2026-01-01","10","2e-5","16","2","-1","3","0.1","0","0.01","base","1","0.9","468","0"
    "a2","finished","","","2026-01-01","10","2e-5","16","2","-1","3","0.1","0","0.01","base","2","0.5","468","0"
    "a3","crashed","","","2026-01-01","10","2e-5","16","2","-1","3","0.1","0","0.01","base","3","","",""
    "a4","running","","","2026-01-01","10","2e-5","16","2","-1","3","0.1","0","0.01","base","4","0.69","200","1e-5"
    "b1","finished","","","2026-01-01","10","5e-5","16","2","-1","3","0.1","50","0.01","new","1","0.8","468","0"
    "b2","killed","","","2026-01-01","10","5e-5","16","2","-1","3","0.1","50","0.01","new","2","0.7","90","0"
    "b2 again","finished","","","2026-01-01","10","5e-5","16","2","-1","3","0.1","50","0.01","new","2","NaN","468","0"
    "b3","failed","","","2026-01-01","10","","","","","","","","","","","","",""

    """

  /// Numbers as spreadsheets show them: each kind of them once.
  func testNumbersForPeople() throws {
    func errors(_ scores: [String]) throws -> String {
      let rows = scores.enumerated().map { "\($0 + 1),\"\($1)\"\n" }.joined()
      return self.errors(try request("seed,acc\n" + rows, [.seed: "seed", .final: "acc"]))
    }
    func error(_ line: Int, _ found: String, _ advice: String) -> String {
      "runs.csv:\(line): column 'acc': found '\(found)', expected a number, or nan for a run that diverged\(advice)"
    }
    XCTAssertEqual(
      try errors(["71.3%", "72 %", "0,71", "7,134.36", "7'134", " 0.5 ", "NA", "high", "0.5", "-0,2", "low"]),
      """
      \(error(2, "71.3%", "; remove the percent sign")) (and 1 more like it, such as runs.csv:3)
      \(error(4, "0,71", "; write numbers with a decimal point and without other separators")) (and 3 more like it, such as runs.csv:5)
      \(error(7, " 0.5 ", "; remove the spaces"))
      \(error(8, "NA", "; a run without a result needs a state, such as crashed, in the column that --state-column names"))
      \(error(9, "high", ""))
      \(error(12, "low", ""))
      """)
    let seeds = try request("seed,acc\n 1,0.5\n 2,0.5\n", [.seed: "seed", .final: "acc"])
    XCTAssertEqual(
      self.errors(seeds),
      "runs.csv:2: column 'seed': found ' 1', expected a whole number; remove the spaces (and 1 more like it, such as "
        + "runs.csv:3)")
  }

  func testWandbsTable() throws {
    var request = try request(wandb, [.seed: "seed", .final: "eval/accuracy"])
    request.recipeColumns = ["method"]
    request.baselines = ["task": 0.55]
    let (imported, source) = try request.read()
    XCTAssertEqual(
      words(imported), ["base 1 0.9", "base 2 0.5", "base 3 crashed", "base 4 preempted", "new 1 0.8", "new 2 nan"])
    let first = imported.runs[0]
    XCTAssertEqual(
      first.hyperparameters,
      [
        "learning_rate": "2e-05", "batch_size": "32", "epochs": "3", "warmup": "0.1", "weight_decay": "0.01",
      ], "-1 steps mean none; train/learning_rate is what is left of the rate at the end")
    XCTAssertEqual(first.stepCount, 468)
    XCTAssertEqual(imported.runs[4].hyperparameters["warmup"], "50", "steps count where they are not 0")
    let rows = imported.summary(score: .final)
    XCTAssertEqual(rows.map(\.count), [2, 2])
    XCTAssertEqual(rows.map(\.missingCount), [2, 0])
    XCTAssertEqual(rows.map(\.failedCount), [1, 1])
    XCTAssertEqual(
      imported.account.replacing(folder + "/", with: ""),
      "Imported 4 of 8 runs, of 2 recipes. Without a result, counted in n_missing: 1 crashed (runs.csv:4), 1 running "
        + "(runs.csv:5). Left out: 1 failed without a recipe or seed (runs.csv:9), 1 killed whose seed was run again "
        + "(runs.csv:7).")
    XCTAssertEqual(source.settings.first { $0.name == "state-column" }?.value, "State")
    XCTAssertEqual(
      source.settings.first { $0.name == "hyperparameter-columns" }?.value,
      "lr, per_device_train_batch_size, gradient_accumulation_steps, max_steps, num_train_epochs, warmup_ratio, warmup_steps, "
        + "weight_decay, train/global_step")
  }

  func testUnfinishedRowsCountWhereAskedFor() throws {
    var request = try request(wandb, [.seed: "seed", .final: "eval/accuracy"])
    request.recipeColumns = ["method"]
    request.countsUnfinished = true
    XCTAssertEqual(
      errors(request), "runs.csv:8: task new seed 2 stands in runs.csv:7 already", "two results of one seed")
    try write(
      wandb.replacing("\"b2\"", with: "\"b4\"").replacing("\"new\",\"2\",\"0.7\"", with: "\"new\",\"4\",\"0.7\"").utf8,
      to: request.path)
    XCTAssertEqual(
      words(try request.read().runs),
      ["base 1 0.9", "base 2 0.5", "base 3 crashed", "base 4 0.69", "new 1 0.8", "new 4 0.7", "new 2 nan"])
  }

  /// `to_csv(na_rep="nan")` writes the empty field of a run under way as `nan`, which no run that is unfinished has as its score.
  func testUnfinishedRowsWithoutANumberHaveNoScore() throws {
    var request = try request(
      "seed,acc,state\n1,0.5,finished\n2,nan,running\n3,NaN,killed\n4,0.6,running\n5,nan,finished\n",
      [.seed: "seed", .final: "acc"])
    request.countsUnfinished = true
    let imported = try request.read().runs
    XCTAssertEqual(
      words(imported),
      ["recipe 1 0.5", "recipe 2 preempted", "recipe 3 preempted", "recipe 4 0.6", "recipe 5 nan"])
    XCTAssertEqual(imported.summary(score: .final).map(\.failedCount), [1])
    XCTAssertEqual(
      imported.account.replacing(folder + "/", with: ""),
      "Imported 3 of 5 runs, of 1 recipe. Without a result, counted in n_missing: 1 running (runs.csv:3), 1 killed "
        + "(runs.csv:4).")
  }

  func testRecipesOfSeveralColumns() throws {
    for columns in [["method,lr"], ["method", "lr"], ["method , lr"]] {
      var request = try request(wandb, [.seed: "seed", .final: "eval/accuracy"])
      request.recipeColumns = columns
      XCTAssertEqual(
        Set(try request.read().runs.runs.map(\.variant)), ["method=base, lr=2e-5", "method=new, lr=5e-5"])
    }
    var comma = try request("\"a,b\",seed,acc\nx,1,0.5\n", [.seed: "seed", .final: "acc"])
    comma.recipeColumns = ["a,b"]
    XCTAssertEqual(try comma.read().runs.runs[0].variant, "x", "a column's whole name comes first")
    // A column that is called otherwise is found by what it holds.
    for (name, text) in [
      ("runs.csv", "config/learning_rate,seed,acc\n1e-5,1,0.5\n"),
      ("runs.jsonl", "{\"config\": {\"learning_rate\": 1e-5}, \"seed\": 1, \"acc\": 0.5}\n"),
    ] {
      var called = try request(text, [.seed: "seed", .final: "acc"], name: name)
      called.recipeColumns = ["lr"]
      let found =
        name == "runs.csv"
        ? "config/learning_rate\", \"seed\", \"acc" : "acc\", \"config\", \"config/learning_rate\", \"seed"
      XCTAssertEqual(
        errors(called), "\(name):1: no column \"lr\"; found \"\(found)\"; did you mean \"config/learning_rate\"?")
    }
    let none = try request("seed,acc\n1,0.5\n2.0,0.6\n", [.seed: "seed", .final: "acc"])
    XCTAssertEqual(words(try none.read().runs), ["recipe 1 0.5", "recipe 2 0.6"])
    var twice = try request("m,lr,seed,acc\na,1e-5,1,.9\na,2e-5,1,.8\n", [.seed: "seed", .final: "acc"])
    twice.recipeColumns = ["m"]
    XCTAssertEqual(
      errors(twice),
      "runs.csv:3: task a seed 1 stands in runs.csv:2 already; they differ in learning_rate: tell them apart with "
        + "--variant-column")
  }

  /// Seeds as spreadsheets and pandas write whole numbers beside empty cells.
  func testSeedsMayBeWrittenWithAPoint() throws {
    for name in ["runs.csv", "runs.jsonl"] {
      let texts = ["1.0", "2.0", "-0.0", "1e3"]
      let text =
        name == "runs.csv"
        ? "seed,acc\n" + texts.map { "\($0),0.5\n" }.joined()
        : texts.map { "{\"seed\": \($0), \"acc\": 0.5}\n" }.joined()
      let runs = try request(text, [.seed: "seed", .final: "acc"], name: name).read().runs.runs
      XCTAssertEqual(runs.map { "\($0.seed)" }, ["1", "2", "0", "1000"], name)
    }
    let same = try request("seed,acc\n1.0,0.5\n1,0.6\n", [.seed: "seed", .final: "acc"])
    XCTAssertEqual(
      errors(same),
      "runs.csv:3: task recipe seed 1 stands in runs.csv:2 already; if they are of different recipes, tell them apart with "
        + "--variant-column")
    let half = try request("seed,acc\n1.5,0.5\n", [.seed: "seed", .final: "acc"])
    XCTAssertTrue(
      errors(half).hasPrefix("runs.csv:2: column 'seed': found '1.5', expected a whole number"), errors(half))
  }

  /// The error says what is wrong with a whole number: it is too large, or a point or an exponent may have rounded it.
  func testSeedsThatAreTooLarge() throws {
    let bounds = "a whole number from -9223372036854775808 to 9223372036854775807"
    let wrong = try request(
      "seed,acc\n18446744073709551615,0.5\n1e18,0.5\n1.5,0.5\n9223372036854775808.0,0.5\n",
      [.seed: "seed", .final: "acc"])
    XCTAssertEqual(
      errors(wrong),
      """
      runs.csv:2: column 'seed': found '18446744073709551615', expected \(bounds)
      runs.csv:3: column 'seed': found '1e18', expected \(bounds), without a point or an exponent
      runs.csv:4: column 'seed': found '1.5', expected a whole number
      runs.csv:5: column 'seed': found '9223372036854775808.0', expected \(bounds), without a point or an exponent
      """)
    let lines = try request(
      "{\"seed\": 18446744073709551615, \"acc\": 0.5}\n", [.seed: "seed", .final: "acc"], name: "runs.jsonl")
    XCTAssertEqual(errors(lines), "runs.jsonl:1: column 'seed': found '18446744073709551615', expected \(bounds)")
    let largest = try request(
      "seed,acc\n9223372036854775807,0.5\n-9223372036854775808,0.5\n", [.seed: "seed", .final: "acc"])
    XCTAssertEqual(try largest.read().runs.runs.map(\.seed), [.max, .min])
  }

  func testStates() throws {
    func words(_ table: String, _ column: String? = nil) throws -> String {
      var columns: [ImportedRun.Column: String] = [.seed: "seed", .final: "acc"]
      columns[.state] = column
      let request = try request(table, columns)
      do { return self.words(try request.read().runs).joined(separator: ", ") } catch { return errors(request) }
    }
    XCTAssertEqual(
      try words("seed,acc,status\n1,0.5,COMPLETED\n2,,OUT_OF_MEMORY\n3,,TIMEOUT\n4,,NODE_FAIL\n5,,diverged\n"),
      "recipe 1 0.5, recipe 2 crashed, recipe 3 timeout, recipe 4 crashed, recipe 5 nan")
    XCTAssertEqual(
      try words("seed,acc,State\n1,0.5,COMPLETED\n2,,CANCELLED by 1000\n3,,BOOT_FAIL\n4,,DEADLINE\n5,,SUSPENDED\n"),
      "recipe 1 0.5, recipe 2 preempted, recipe 3 crashed, recipe 4 timeout, recipe 5 preempted")
    XCTAssertEqual(try words("seed,acc,state\n1,0.5,Ohio\n2,0.6,Utah\n"), "recipe 1 0.5, recipe 2 0.6")
    XCTAssertEqual(
      try words("seed,acc,state\n1,0.5,finished\n2,0.6,Utah\n3,0.6,Utah\n"),
      "runs.csv:3: column 'state': found 'Utah', expected the state of a run, such as finished, crashed or running; "
        + "--state-column names another column (and 1 more like it, such as runs.csv:4)")
    XCTAssertEqual(
      try words("seed,acc,state,how\n1,0.5,Ohio,ok\n", "how").prefix(50),
      "runs.csv:2: column 'how': found 'ok', expected the")
    XCTAssertEqual(try words("seed,acc,how\n1,0.5,Running\n2,1,done\n", "how"), "recipe 1 preempted, recipe 2 1.0")
  }

  /// `study.trials_dataframe().to_csv(...)` of Optuna 5.0, with a pruned trial and one that raised an error.
  func testOptunasTable() throws {
    var request = try request(
      """
      ,number,value,datetime_start,datetime_complete,duration,params_lr,params_seed,user_attrs_batch_size,system_attrs_grid_id,state
      0,0,0.73,2026-11-29 04:30:33.709680,2026-11-29 04:30:33.726657,0 days 00:00:00.016977,2e-05,3,16,0,COMPLETE
      1,1,0.6,2026-11-29 04:30:33.726762,2026-11-29 04:30:33.727107,0 days 00:00:00.000345,1e-05,3,16,1,PRUNED
      2,2,0.72,2026-11-29 04:30:33.727133,2026-11-29 04:30:33.727321,0 days 00:00:00.000188,1e-05,2,16,2,COMPLETE
      3,3,,2026-11-29 04:30:33.727351,2026-11-29 04:30:33.727549,0 days 00:00:00.000198,2e-05,4,16,3,FAIL

      """, [.seed: "params_seed", .final: "value"])
    request.recipeColumns = ["params_lr"]
    let imported = try request.read().runs
    XCTAssertEqual(words(imported), ["2e-05 3 0.73", "1e-05 3 preempted", "1e-05 2 0.72", "2e-05 4 crashed"])
    XCTAssertEqual(imported.runs[0].hyperparameters, ["learning_rate": "2e-05", "batch_size": "16"])
    XCTAssertEqual(imported.summary(score: .final).map { $0.hyperparameters.joined() }, ["162e-05", "161e-05"])
  }

  /// `ResultGrid.get_dataframe().to_csv(..., na_rep="nan")` of Ray 2.60: `done` is false for each trial of a function that
  /// returned, and a trial that raised an error differs in its iterations only.
  func testRaysTable() throws {
    let table = """
      accuracy,loss,timestamp,done,training_iteration,trial_id,config/lr,config/seed,config/train_loop_config/batch_size,logdir
      0.71,0.29,1795926533,False,3,58c5e_00000,1e-05,1,16,58c5e_00000
      0.72,0.28,1795926558,False,3,58c5e_00002,1e-05,2,16,58c5e_00002
      0.53,0.47,1795926585,False,1,58c5e_00004,1e-05,3,16,58c5e_00004
      nan,nan,1795926612,False,3,58c5e_00006,1e-05,4,16,58c5e_00006
      0.75,0.25,1795926612,True,2,58c5e_00007,1e-05,5,16,58c5e_00007

      """
    var request = try request(table, [.seed: "config/seed", .final: "accuracy"])
    let imported = try request.read().runs
    XCTAssertEqual(
      words(imported), ["recipe 1 0.71", "recipe 2 0.72", "recipe 3 preempted", "recipe 4 nan", "recipe 5 0.75"])
    XCTAssertTrue(
      imported.account.contains(" 1 unfinished (\(folder)/runs.csv:4: iteration 1 of 3)."), imported.account)
    XCTAssertEqual(imported.runs[0].hyperparameters, ["learning_rate": "1e-05", "batch_size": "16"])
    request.countsUnfinished = true
    XCTAssertEqual(words(try request.read().runs)[2], "recipe 3 0.53")
    let empty = try self.request(
      table.replacing("nan,nan", with: ","), [.seed: "config/seed", .final: "accuracy"])
    XCTAssertEqual(
      errors(empty),
      "runs.csv:5: column 'accuracy' is empty; write nan for a run that diverged (pandas: to_csv(..., na_rep='nan')), and for "
        + "one without a result its state, such as crashed, in the column that --state-column names")
  }

  /// A task with fewer iterations than another has no unfinished trials for that.
  func testRaysTrialsAreComparedOnTheirTask() throws {
    let table = """
      accuracy,done,training_iteration,trial_id,config/task,config/lr,config/seed
      0.71,False,3,58c5e_00000,RTE,1e-05,1
      0.72,False,3,58c5e_00001,RTE,1e-05,2
      0.53,False,1,58c5e_00002,RTE,1e-05,3
      0.41,False,2,58c5e_00003,CoLA,1e-05,1
      0.42,False,2,58c5e_00004,CoLA,1e-05,2
      0.43,False,1,58c5e_00005,CoLA,1e-05,3

      """
    var request = try request(table, [.seed: "config/seed", .final: "accuracy", .task: "config/task"])
    request.recipeColumns = ["config/lr"]
    let imported = try request.read().runs
    XCTAssertEqual(
      imported.runs.map { "\($0.task) \($0.seed) \($0.missing?.detail ?? "\($0.final)")" },
      [
        "RTE 1 0.71", "RTE 2 0.72", "RTE 3 iteration 1 of 3", "CoLA 1 0.41", "CoLA 2 0.42", "CoLA 3 iteration 1 of 2",
      ])
    XCTAssertEqual(imported.summary(score: .final).map(\.missingCount), [1, 1])
  }

  func testTablesThatAreNoneOfRuns() throws {
    let chart =
      "\"Step\",\"run-1 - eval/accuracy\",\"run-1 - eval/accuracy__MIN\",\"run-1 - eval/accuracy__MAX\"\n1,0.5,0.5,0.5\n"
    XCTAssertEqual(
      errors(try request(chart, [.seed: "seed", .final: "acc"])),
      "runs.csv: this is the export of one chart (a column for each run, such as 'run-1 - eval/accuracy'), which has no seeds "
        + "and no states; export the table of runs instead: in the project's Runs table, Download, CSV")
    let dictionaries = ",summary,config,name\n0,\"{'accuracy': 0.9}\",\"{'seed': 1}\",a\n"
    XCTAssertEqual(
      errors(try request(dictionaries, [.seed: "seed", .final: "accuracy"])),
      "runs.csv: no column \"seed\", \"accuracy\"; the columns \"summary\" and \"config\" hold dictionaries; give each of "
        + "their keys a column, as pandas.json_normalize does")
  }

  /// Names stand in the order of the file, in every process: import.json lists them, and of two alike the first counts.
  func testObjectsKeepTheOrderOfTheFile() throws {
    let names = ["weight_decay", "lr", "epochs", "batch_size", "beta1", "max_length", "eps", "hp.lr", "warmup_ratio"]
    let members = names.enumerated().map { "\"\($1)\": \($0)" } + ["\"seed\": 1", "\"acc\": 0.9"]
    let (imported, source) = try request(
      "{\(members.joined(separator: ", ")), \"config\": {\"lr\": 9}}\n", [.seed: "seed", .final: "acc"],
      name: "runs.jsonl"
    ).read()
    XCTAssertEqual(
      source.settings.first { $0.name == "hyperparameter-columns" }?.value,
      (names + ["config/lr"]).joined(separator: ", "))
    XCTAssertEqual(imported.runs[0].hyperparameters["learning_rate"], "1")
  }

  /// pandas quotes a field with a quote in it also where `sep` is a tab.
  func testATableWithTabsAndQuotedFields() throws {
    var request = try request(
      "method\tseed\tacc\n\"say \"\"hi\"\"\"\t1\t0.9\nplain\t1\t0.8\n", [.seed: "seed", .final: "acc"], name: "runs.tsv"
    )
    request.recipeColumns = ["method"]
    request.baselines = ["task": 0.5]
    XCTAssertEqual(
      try request.read().runs.remarks.map { $0.replacing(folder + "/", with: "") },
      [
        "runs.tsv: 1 field stands in quotes as CSV writers put them (the first on line 2), and in a .tsv quotes are part of "
          + "the text; save the file as .csv if they are not meant (pandas: to_csv without sep)"
      ])
  }

  func testJSONLines() throws {
    let columns: [ImportedRun.Column: String] = [.seed: "seed", .final: "acc"]
    let lines = """
      {"seed": 1, "acc": 0.9, "loss": NaN, "config": {"lr": 2e-05, "more": [1]}}
      {"seed": 2, "acc": NaN, "loss": 1}

      {"seed": 3, "acc": -Infinity}
      {"seed": 4, "acc": "nan", "config": null}
      """
    let imported = try request(lines, columns, name: "runs.jsonl").read().runs
    XCTAssertEqual(words(imported), ["recipe 1 0.9", "recipe 2 nan", "recipe 3 nan", "recipe 4 nan"])
    XCTAssertEqual(imported.runs[0].hyperparameters, ["learning_rate": "2e-05"])
    XCTAssertEqual(
      errors(try request("{\"seed\": 1, \"acc\": null}\n", columns, name: "runs.jsonl")),
      "runs.jsonl:1: column 'acc' is null, an array or an object; allowed: a number, or NaN or \"nan\" for a run that "
        + "diverged. A run without a result needs a state, such as \"crashed\", in the column that --state-column names"
    )
    let stateful =
      "{\"seed\": 1, \"acc\": null, \"state\": \"crashed\"}\n{\"seed\": 2, \"acc\": 1, \"state\": \"finished\"}\n"
    XCTAssertEqual(
      words(try request(stateful, columns, name: "runs.jsonl").read().runs), ["recipe 1 crashed", "recipe 2 1.0"])
    XCTAssertEqual(
      errors(try request("{\"seed\": 1, \"acc\": 1}\n{\"seed\": 2}\n", columns, name: "runs.jsonl")),
      "runs.jsonl:2: no column \"acc\"; found \"seed\"")
    XCTAssertTrue(
      errors(try request("{\"seed\": 1, \"acc\": 1}\n[]\n", columns, name: "runs.jsonl")).hasPrefix(
        "runs.jsonl:2: the line is "))
    XCTAssertTrue(
      errors(try request("{\"seed\": 1, \"acc\": 1, 'x': 1}\n", columns, name: "runs.jsonl")).hasPrefix("runs.jsonl:1:")
    )
  }

  func testHyperparametersThatOnlyTheUserKnows() throws {
    var request = try request("seed,acc,peak,lr\n1,0.5,3e-5,0.1\n2,0.6,3e-5,0.2\n", [.seed: "seed", .final: "acc"])
    request.hyperparameters = [HyperparameterColumn("learning_rate=peak")].compactMap { $0 }
    XCTAssertEqual(try request.read().runs.runs.map { $0.hyperparameters["learning_rate"] }, ["3e-05", "3e-05"])
    XCTAssertNil(HyperparameterColumn("rate=peak"), "a hyperparameter is a column of trials.csv")
    XCTAssertNil(HyperparameterColumn("learning_rate="))
    request.hyperparameters = [HyperparameterColumn("learning_rate=top")].compactMap { $0 }
    XCTAssertEqual(
      errors(request), "runs.csv:1: no column \"top\"; found \"seed\", \"acc\", \"peak\", \"lr\"")
  }

  /// Of a baseline the last equals sign counts, because no score has one; of a column the first, because no hyperparameter has one.
  func testEqualsSignsInNames() throws {
    let baseline = try XCTUnwrap(TaskBaseline("lr=1=0.4"))
    XCTAssertEqual(baseline.task, "lr=1")
    XCTAssertEqual(baseline.score, 0.4)
    for text in ["RTE", "RTE=", "RTE=high", "RTE=0.4=", "RTE=inf"] { XCTAssertNil(TaskBaseline(text), text) }
    let column = try XCTUnwrap(HyperparameterColumn("learning_rate=peak=1"))
    XCTAssertEqual(column.name, "learning_rate")
    XCTAssertEqual(column.column, "peak=1")
    var request = try request(
      "task,seed,acc\nlr=1,1,0.5\nlr=1,2,0.3\n", [.seed: "seed", .final: "acc", .task: "task"])
    request.baselines = [baseline.task: baseline.score]
    let imported = try request.read().runs
    XCTAssertEqual(imported.runs.map { imported.failure(of: $0, score: .final) }, [nil, .neverLearned])
  }

  /// One recipe whose runs have several rates: its summary has none, and the user is told.
  func testMixedRecipesAreTold() throws {
    let mixed = try request("seed,acc,lr\n1,0.5,1e-5\n2,0.6,2e-5\n", [.seed: "seed", .final: "acc"]).read().runs
    XCTAssertEqual(mixed.summary(score: .final)[0].hyperparameters.joined(), "")
    XCTAssertEqual(
      mixed.remarks.last,
      "task: the runs of 'recipe' differ in learning_rate (1e-05, 2e-05); to compare them, make them recipes of their own with "
        + "--variant-column")
  }

  /// Of a loss the lowest value is best, a run failed if it is not below the baseline, and diverged runs rank last.
  func testLowerIsBetter() throws {
    let table = "seed,val_loss,best\n1,0.3,0.25\n2,0.7,0.5\n3,0.8,0.75\n4,nan,0.6\n5,0.4,0.4\n"
    let columns: [ImportedRun.Column: String] = [.seed: "seed", .final: "val_loss", .best: "best"]
    var request = try request(table, columns)
    request.baselines = ["task": 0.69]
    XCTAssertEqual(
      errors(request),
      "'val_loss' seems to be better where it is lower; add --lower-is-better, or --higher-is-better if it is not")
    for name in ["valLoss", "cross_entropy", "crossEntropy"] {
      XCTAssertEqual(
        errors(try self.request("seed,\(name)\n1,0.3\n", [.seed: "seed", .final: name], name: "one.csv")),
        "'\(name)' seems to be better where it is lower; add --lower-is-better, or --higher-is-better if it is not")
    }
    request.lowerIsBetter = true
    let imported = try request.read().runs
    XCTAssertEqual(
      imported.runs.map { imported.failure(of: $0, score: .final) }, [nil, .collapsed, .neverLearned, .diverged, nil])
    let row = imported.summary(score: .final)[0]
    XCTAssertEqual(row.rule, "lower_baseline=0.69")
    // pandas: Series([.3, .7, .8, inf, .4]).median()
    XCTAssertEqual(row.median, 0.7)
    let table5 = try self.request(
      "seed,val_loss\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n5,0.5\n", columns.filter { $0.key != .best }, name: "five.csv")
    var five = table5
    five.lowerIsBetter = true
    let measures = SummaryTable.rows(try five.read().runs.summary(score: .final), options: TableOptions())[0]
    let index = SummaryTable.columns.firstIndex { $0.name == "expected_max_unbiased_5" }
    XCTAssertEqual(index.map { measures[$0] }, .number(0.1), "the best of all five is the lowest")
    request.lowerIsBetter = false
    XCTAssertEqual(try request.read().runs.runs.count, 5, "--higher-is-better")
    let losses = [
      "eval_loss", "eval/wer", "test_perplexity", "RMSE", "mean absolute error", "valLoss", "val/crossEntropy",
      "cross_entropy", "entropy", "NLLLoss", "testRMSE", "top1Error", "mAE", "categorical_crossentropy", "log_loss",
      "logloss", "LOSS",
    ]
    for name in losses {
      XCTAssertTrue(ScoreDirection.isLoss(name), name)
    }
    let others = [
      "eval_accuracy", "f1", "glossary_score", "closs", "mcc", "terms", "valAccuracy", "mAP", "rougeL", "METEOR",
    ]
    for name in others {
      XCTAssertFalse(ScoreDirection.isLoss(name), name)
    }
  }

  func testNoBaseline() throws {
    var request = try request(
      "seed,acc,task\n1,0.5,A\n2,nan,A\n1,0.4,B\n", [.seed: "seed", .final: "acc", .task: "task"])
    let imported = try request.read().runs
    XCTAssertEqual(imported.runs.map { imported.failure(of: $0, score: .final) }, [nil, .diverged, nil])
    XCTAssertEqual(imported.summary(score: .final).map(\.rule), ["diverged", "diverged"])
    XCTAssertEqual(
      imported.remarks,
      [
        "no baseline is given, so only diverged runs count as failed; give the score of a classifier that always predicts the largest class, such as --baseline A=0.53"
      ])
    XCTAssertTrue(
      ConsoleTable.text(imported.summary(score: .final)).contains("\nfail: the run diverged; no baseline was given.\n"))
    request.baselines = ["A": 0.5]
    XCTAssertTrue(errors(request).hasPrefix("no baseline for B; "), "one baseline asks for all")
  }

  /// On a task without the reference the first recipe of that task is the reference.
  func testReferenceThatATaskLacks() throws {
    var request = try request(
      "task,variant,seed,acc\nA,base,1,.9\nA,new,1,.7\nB,new,1,.7\nB,other,1,.9\nC,other,1,.9\n",
      [.seed: "seed", .final: "acc", .task: "task"])
    request.recipeColumns = ["variant"]
    let imported = try request.read().runs
    func pairs(_ reference: String?) throws -> [String] {
      try imported.pairs(of: imported.summary(score: .final), reference: reference).map {
        "\($0.candidate.task) \($0.candidateName) \($0.referenceName)"
      }
    }
    XCTAssertEqual(try pairs(nil), ["A new base", "B other new"])
    XCTAssertEqual(
      try imported.referenceRemarks(nil),
      ["B: there is no recipe 'base' to compare with, so its recipes are compared with its first, 'new'"])
    XCTAssertEqual(try pairs("other"), ["A new base", "B new other"])
    XCTAssertEqual(try imported.referenceRemarks("new"), [])
  }
}
