// Folders as Hugging Face's Trainer leaves them: which file tells of a run, which score is final, and which runs have none. Shapes
// of files are those of Transformers 5.24.

import Foundation
import ResultsSupport
import Tables
import XCTest

@testable import Imports
@testable import Reports
@testable import Storage

final class TrainerStatesTests: FolderTestCase {
  private func put(_ text: String, _ path: String) throws {
    let file = folder + "/" + path
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try write(text.utf8, to: file)
  }

  /// Writes a state with an evaluation for each pair of a step and a score, as JSON.
  private func state(_ path: String, steps: Int, _ scores: [(Int, String)], more: String = "") throws {
    let entries = scores.map { "{\"step\": \($0), \"epoch\": 0.5, \"eval_accuracy\": \($1), \"eval_runtime\": 3.5}" }
    try put(
      "{\"global_step\": \(steps), \(more)\"log_history\": [\(entries.joined(separator: ", "))]}",
      path + "/trainer_state.json")
  }

  private func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder + "/" + path, withDestinationPath: target)
  }

  private func request(_ root: String = "runs", pattern: String = "seed-{seed}") -> ImportRequest {
    var request = ImportRequest(path: folder + "/" + root, columns: [:])
    request.pattern = pattern
    request.metricKey = "eval_accuracy"
    request.baselines = ["task": 0.55]
    return request
  }

  private func imported(_ root: String = "runs") throws -> ImportedRuns { try request(root).read().runs }

  private func words(_ imported: ImportedRuns) -> [String] {
    imported.runs.map { "\($0.seed) \($0.missing?.detail ?? "\($0.final) \($0.best ?? .nan)")" }
  }

  private func error(_ request: ImportRequest) -> String {
    do {
      _ = try request.read()
      return "none"
    } catch { return "\(error)".replacing(folder + "/", with: "") }
  }

  private func notes(_ imported: ImportedRuns) -> [String] {
    imported.notes.map { $0.replacing(folder + "/", with: "") }
  }

  /// Each of 23 folders holds two links to the next, so that 2^23 ways lead to the run in the last.
  func testAFolderIsWalkedOnceThroughLinks() throws {
    for number in 1..<24 {
      let path = "runs/\(number)"
      try FileManager.default.createDirectory(atPath: folder + "/" + path, withIntermediateDirectories: true)
      for name in ["a", "b"] { try link("\(path)/\(name)", to: "../\(number + 1)") }
    }
    try state("runs/24/seed-1", steps: 100, [(100, "0.8")])
    let paths = try RunPaths(below: folder + "/runs", names: ["trainer_state.json"])
    XCTAssertEqual(paths.files.map(\.path), ["24/seed-1/trainer_state.json"])
    XCTAssertEqual(paths.repeated.count, 1)
    XCTAssertEqual(paths.brokenLinks, [])
    // Of several links to a folder the first names its runs, and the others are told.
    try state("store/x", steps: 100, [(100, "0.6")])
    for name in ["seed-10", "seed-9", "seed-11"] {
      try FileManager.default.createDirectory(atPath: folder + "/linked", withIntermediateDirectories: true)
      try link("linked/" + name, to: "../store/x")
    }
    let imported = try imported("linked")
    XCTAssertEqual(words(imported), ["9 0.6 0.6"])
    XCTAssertEqual(
      notes(imported),
      ["2 folders came up again through another link and counted once: linked/seed-10, linked/seed-11"])
  }

  func testLinksAreFollowed() throws {
    try state("runs/seed-1", steps: 100, [(100, "0.8")])
    try state("real/run2", steps: 100, [(100, "0.6")])
    try link("runs/seed-2", to: "../real/run2")
    try link("link", to: "runs")
    try link("runs/latest", to: "seed-1")
    try link("runs/seed-1/up", to: "..")
    try link("runs/seed-3", to: "gone")
    for root in ["runs", "link"] {
      let imported = try imported(root)
      XCTAssertEqual(words(imported), ["1 0.8 0.8", "2 0.6 0.6"])
      XCTAssertEqual(
        notes(imported),
        [
          "1 link led to nothing: \(root)/seed-3",
          "1 file came up again through another link and counted once: \(root)/latest/trainer_state.json",
        ])
    }
    // The file itself may be a link, and of two links to one run the first counts.
    try state("other", steps: 100, [(100, "0.9")])
    try put("", "runs/seed-7/nothing")
    try link("runs/seed-7/trainer_state.json", to: "../../other/trainer_state.json")
    try link("runs/seed-8", to: "../other")
    XCTAssertEqual(words(try imported()), ["1 0.8 0.8", "2 0.6 0.6", "7 0.9 0.9"])
  }

  func testTheRunsOwnFileCounts() throws {
    try state("runs/seed-1", steps: 500, [(500, "0.5")])
    try state("runs/seed-1/checkpoint-1000", steps: 1000, [(1000, "0.9")])
    try state("runs/seed-2/checkpoint-90", steps: 90, [(90, "0.7")])
    try state("runs/seed-2/checkpoint-100", steps: 100, [(90, "0.7"), (100, "0.6")])
    try state("runs/seed-2/checkpoint-best", steps: 90, [(90, "0.7")])
    let imported = try imported()
    XCTAssertEqual(words(imported), ["1 0.5 0.5", "2 0.6 0.7"])
    XCTAssertEqual(imported.failure(of: imported.runs[0], score: .final), .neverLearned)
    XCTAssertEqual(imported.runs[1].bestStep, 90)
    XCTAssertEqual(imported.runs.map(\.stepCount), [500, 100])
    XCTAssertEqual(
      notes(imported),
      [
        "1 run shared the folder with a checkpoint of a longer run; the file in the run's own folder counted: "
          + "runs/seed-1/checkpoint-1000/trainer_state.json: step 1000, the run's own file: step 500"
      ])
  }

  func testTwoRunsOfOneSeed() throws {
    try state("runs/seed-1/monday", steps: 300, [(300, "0.5")])
    try state("runs/seed-1/tuesday", steps: 200, [(200, "0.9")])
    XCTAssertEqual(
      error(request()),
      "runs/seed-1/tuesday/trainer_state.json: task recipe seed 1 stands in "
        + "runs/seed-1/monday/trainer_state.json already; if they are of different recipes, tell them apart with {variant} in "
        + "--path-pattern")
    // One that never ended is no second run.
    try state("runs/seed-1/monday", steps: 300, [(300, "0.5")], more: "\"max_steps\": 400, ")
    let imported = try imported()
    XCTAssertEqual(words(imported), ["1 0.9 0.9"])
    XCTAssertTrue(imported.account.contains("Left out: 1 unfinished whose seed was run again"), imported.account)
  }

  /// What a kill or a full disk leaves of a file costs that file, and what has no other file is a run without a result. The reason is
  /// told, which may be another one.
  func testUnreadableFilesAreNamedAndLeftOut() throws {
    let whole = "{\"global_step\": 100, \"log_history\": [{\"step\": 100, \"eval_accuracy\": 0.8}]}"
    let cut = String(whole.dropLast(20))
    try put(cut, "runs/seed-1/trainer_state.json")
    XCTAssertEqual(
      error(request()), "runs/seed-1/trainer_state.json:1:52: the string is never closed with \"")
    try put(whole, "runs/seed-2/trainer_state.json")
    // The last checkpoint that is whole.
    try state("runs/seed-3/checkpoint-90", steps: 90, [(90, "0.7")])
    try put("", "runs/seed-3/checkpoint-100/trainer_state.json")
    // A file of results.
    try put(String(repeating: "\0", count: 512), "runs/seed-4/trainer_state.json")
    try put("{\"eval_accuracy\": 0.6}", "runs/seed-4/all_results.json")
    // Another run of the seed.
    try put(cut, "runs/seed-5/monday/trainer_state.json")
    try put(whole, "runs/seed-5/tuesday/trainer_state.json")
    let imported = try imported()
    XCTAssertEqual(
      imported.runs.map { "\($0.seed) \($0.missing?.reason ?? "\($0.final)")" },
      ["1 unreadable", "2 0.8", "3 0.7", "4 0.6", "5 0.8"])
    XCTAssertEqual(imported.runs[0].missing?.status, .crashed)
    XCTAssertEqual(
      notes(imported),
      [
        "4 files could not be read as JSON, which a kill or a full disk may cause, and did not count; a run without another file has no "
          + "result: runs/seed-1/trainer_state.json:1:52 (the string is never closed with \"), "
          + "runs/seed-3/checkpoint-100/trainer_state.json:1:1 (expected a value, found an empty text), "
          + "runs/seed-4/trainer_state.json:1:1 (expected a value, found \"\\u0000\") and 1 more"
      ])
    XCTAssertEqual(
      imported.account.replacing(folder + "/", with: ""),
      "Imported 4 of 6 runs, of 1 recipe. Without a result, counted in n_missing: 1 unreadable "
        + "(runs/seed-1/trainer_state.json:1:52). Left out: 1 unreadable whose seed was run again "
        + "(runs/seed-5/monday/trainer_state.json:1:52).")
    XCTAssertEqual(imported.summary(score: .final)[0].missingCount, 1)
    // Whole JSON that no Trainer wrote is a mistake of whoever asks.
    try put("[]", "runs/seed-1/trainer_state.json")
    XCTAssertEqual(error(request()), "runs/seed-1/trainer_state.json: no JSON object")
  }

  /// Windows puts a byte order mark before a text. Duplicate keys are no damage, and are told as what they are.
  func testMarksAndDuplicates() throws {
    let log = "\"log_history\": [{\"step\": 100, \"eval_accuracy\": 0.8}]"
    try put("\u{FEFF}{\"global_step\": 100, \(log)}", "runs/seed-1/trainer_state.json")
    try put("{\"global_step\": 100, \"global_step\": 50, \(log)}", "runs/seed-2/trainer_state.json")
    let imported = try imported()
    XCTAssertEqual(
      imported.runs.map { "\($0.seed) \($0.missing?.reason ?? "\($0.final)")" }, ["1 0.8", "2 unreadable"])
    XCTAssertEqual(
      notes(imported),
      [
        "1 file could not be read as JSON, which a kill or a full disk may cause, and did not count; a run without another file has "
          + "no result: runs/seed-2/trainer_state.json:1:22 (duplicate key \"global_step\"; it is first given at 1:2)"
      ])
    try put("\u{FEFF}{\"log_history\": [{\"eval_accuracy\": \"high\"}]}", "runs/seed-1/trainer_state.json")
    XCTAssertEqual(
      error(request()),
      "runs/seed-1/trainer_state.json: log_history: 'eval_accuracy' is \"high\", which is no number; a score is a number, or NaN "
        + "or null for a run that diverged")
  }

  /// The Trainer writes a step into every entry. Without steps the order counts: the last score is final, and no two are of one step.
  func testScoresWithoutSteps() throws {
    let entries = ["0.9", "0.5", "0.7"].map { "{\"eval_accuracy\": \($0)}" }.joined(separator: ", ")
    try put("{\"global_step\": 200, \"log_history\": [\(entries)]}", "runs/seed-1/trainer_state.json")
    let imported = try imported()
    XCTAssertEqual(words(imported), ["1 0.7 0.9"])
    XCTAssertEqual(notes(imported), [])
    XCTAssertNil(imported.runs[0].bestStep)
  }

  func testScoresThatAreNoNumbers() throws {
    for (text, words) in [("null", "1 nan 0.7"), ("NaN", "1 nan 0.7"), ("-Infinity", "1 nan 0.7"), ("1", "1 1.0 1.0")] {
      try state("runs/seed-1", steps: 200, [(100, "0.7"), (200, text)])
      XCTAssertEqual(self.words(try imported()), [words], text)
    }
    try state("runs/seed-1", steps: 200, [(100, "null"), (200, "0.7")])
    XCTAssertEqual(words(try imported()), ["1 0.7 0.7"])
    for (text, found) in [
      ("\"0.5\"", "\"0.5\""), ("{\"accuracy\":  0.5}", "{\"accuracy\": 0.5}"), ("true", "true"), ("[0.5]", "[0.5]"),
    ] {
      try state("runs/seed-1", steps: 200, [(100, "0.9"), (200, text)])
      XCTAssertEqual(
        error(request()),
        "runs/seed-1/trainer_state.json: log_history: 'eval_accuracy' at step 200 is \(found), which is no number; a score is "
          + "a number, or NaN or null for a run that diverged")
    }
  }

  /// load_best_model_at_end and an evaluation after it: the end of training is final, also where its last evaluation was before
  /// the last step.
  func testEvaluatedAgainWithTheBestModel() throws {
    let best = "\"best_model_checkpoint\": \"out/checkpoint-100\", "
    try state("runs/seed-1", steps: 200, [(100, "0.9"), (200, "0.5"), (200, "0.9")], more: best)
    let text = """
      {"global_step": 200, \(best)"log_history": [{"step": 100, "eval_accuracy": 0.9}, {"step": 150, "eval_accuracy": 0.5},
      {"step": 200, "train_runtime": 3, "train_loss": 0.2}, {"step": 200, "eval_accuracy": 0.9}]}
      """
    try put(text, "runs/seed-2/trainer_state.json")
    try put(text.replacing(best, with: ""), "runs/seed-3/trainer_state.json")
    try state("runs/seed-4", steps: 200, [(100, "0.9"), (200, "0.5"), (200, "0.5")])
    let imported = try imported()
    XCTAssertEqual(words(imported), ["1 0.5 0.9", "2 0.5 0.9", "3 0.9 0.9", "4 0.5 0.9"])
    XCTAssertEqual(imported.failure(of: imported.runs[0], score: .final), .collapsed)
    XCTAssertEqual(
      notes(imported),
      [
        "2 runs ended with a second evaluation that has another score, as load_best_model_at_end makes it; the first is final, "
          + "and the better one best: runs/seed-1/trainer_state.json, runs/seed-2/trainer_state.json"
      ])
    for run in imported.runs.prefix(2) {
      XCTAssertEqual(run.curve.map(\.value), [0.9, 0.5], "the second is no point of the training")
    }
    XCTAssertEqual(imported.runs[2].curve.map(\.value), [0.9, 0.5, 0.9])
  }

  /// `trainer.evaluate(test_set)` logs under the names of the dev set.
  func testEvaluationsOfATestSetAreSkipped() throws {
    let accuracy = ["\"eval_accuracy\": 0.7", "\"eval_accuracy\": 0.6"]
    try stateWithBest(1, best: "0.7", accuracy, after: "\"eval_accuracy\": 0.8")
    try stateWithBest(2, best: "0.7", accuracy)
    try put("{\"eval_accuracy\": 0.8}", "runs/seed-2/eval_results.json")
    var request = request()
    XCTAssertEqual(words(try request.read().runs), ["1 0.8 0.8", "2 0.6 0.7"])
    request.skipsAfterTraining = true
    let (imported, source) = try request.read()
    XCTAssertEqual(words(imported), ["1 0.6 0.7", "2 0.6 0.7"])
    XCTAssertEqual(notes(imported), [])
    XCTAssertEqual(imported.runs[0].curve.map(\.step), [250, 500])
    XCTAssertTrue(source.settings.contains { $0.name == "skip-after-training" })
    try stateWithBest(1, best: "0.4", ["\"eval_loss\": 0.4"], after: "\"eval_accuracy\": 0.8")
    XCTAssertEqual(
      error(request),
      "runs/seed-1/trainer_state.json: no entry of log_history before the end of training has the key 'eval_accuracy', and "
        + "--skip-after-training looks at no other; keys that exist: eval_accuracy, eval_loss")
  }

  /// An entry of an evaluation may hold numbers of the training.
  func testTheTrainingLossIsNoDevLoss() throws {
    try put(
      "{\"global_step\": 4, \"log_history\": [{\"step\": 4, \"loss\": 0.3, \"eval_loss\": 0.1, \"eval_accuracy\": 0.9}]}",
      "runs/seed-1/trainer_state.json")
    XCTAssertEqual(
      try imported().runs[0].curve.map { "\($0.isEvaluation) \($0.quantity) \($0.value)" },
      ["false loss 0.3", "true loss 0.1", "true eval_accuracy 0.9"])
  }

  /// Writes the state of a run of 750 steps that names a best checkpoint. The members of its evaluations at steps 250 and 500 and
  /// after training are given as JSON.
  private func stateWithBest(_ seed: Int, best: String, _ training: [String], after: String? = nil) throws {
    var entries = zip([250, 500], training).map { "{\"step\": \($0), \($1)}" }
    entries.append("{\"step\": 750, \"train_runtime\": 3, \"train_loss\": 0.2}")
    if let after { entries.append("{\"step\": 750, \(after)}") }
    try put(
      "{\"global_step\": 750, \"max_steps\": 750, \"best_model_checkpoint\": \"out/checkpoint\", \"best_metric\": \(best), "
        + "\"log_history\": [\(entries.joined(separator: ", "))]}",
      "runs/seed-\(seed)/trainer_state.json")
  }

  /// `metric_for_best_model` without `load_best_model_at_end` names a best checkpoint too: an evaluation after training with another
  /// score than `best_metric` is one of the last weights.
  func testABestCheckpointThatWasNotLoaded() throws {
    let accuracy = ["\"eval_accuracy\": 0.6", "\"eval_accuracy\": 0.7"]
    try stateWithBest(1, best: "0.7", accuracy, after: "\"eval_accuracy\": 0.52")
    // Loaded: the score of the best checkpoint again.
    try stateWithBest(2, best: "0.7", accuracy.reversed(), after: "\"eval_accuracy\": 0.7")
    // The best checkpoint is the one of the lowest loss: not loaded, and loaded but for rounding.
    let losses = ["\"eval_accuracy\": 0.7, \"eval_loss\": 0.4", "\"eval_accuracy\": 0.6, \"eval_loss\": 0.5"]
    try stateWithBest(3, best: "0.4", losses, after: "\"eval_accuracy\": 0.52, \"eval_loss\": 0.9")
    try stateWithBest(4, best: "0.4", losses, after: "\"eval_accuracy\": 0.7, \"eval_loss\": 0.400001")
    // No evaluation has the score, and the one after training lacks its key: the file does not tell.
    try stateWithBest(5, best: "0.8", accuracy.reversed(), after: "\"eval_accuracy\": 0.52")
    try stateWithBest(6, best: "0.4", losses, after: "\"eval_accuracy\": 0.52")
    // Two keys have the score, and under one of them the evaluation after training has it again.
    try stateWithBest(
      7, best: "0.7", ["\"eval_accuracy\": 0.7, \"eval_f1\": 0.7", "\"eval_accuracy\": 0.6, \"eval_f1\": 0.6"],
      after: "\"eval_accuracy\": 0.65, \"eval_f1\": 0.7")
    // The last weights diverged.
    try stateWithBest(8, best: "0.7", accuracy, after: "\"eval_accuracy\": NaN")
    let imported = try imported()
    XCTAssertEqual(
      words(imported),
      ["1 0.52 0.7", "2 0.6 0.7", "3 0.52 0.7", "4 0.6 0.7", "5 0.6 0.7", "6 0.6 0.7", "7 0.6 0.7", "8 nan 0.7"])
    XCTAssertEqual(
      imported.runs.map { imported.failure(of: $0, score: .final) },
      [.collapsed, nil, .collapsed, nil, nil, nil, nil, .diverged])
    XCTAssertEqual(
      notes(imported),
      [
        "5 runs ended with a second evaluation that has another score, as load_best_model_at_end makes it; the first is final, "
          + "and the better one best: runs/seed-2/trainer_state.json, runs/seed-4/trainer_state.json, "
          + "runs/seed-5/trainer_state.json and 2 more",
        "3 runs had an evaluation after training with another score than the best checkpoint's (best_metric), so it was taken "
          + "for one of the last weights, and is final; if it is one of another set, add --skip-after-training: runs/seed-1/trainer_state.json, runs/seed-3/trainer_state.json, "
          + "runs/seed-8/trainer_state.json",
      ])
  }

  /// The accuracy was evaluated after training only, in the log or in a file of results beside it.
  func testABestCheckpointAndAScoreAfterTrainingOnly() throws {
    let losses = ["\"eval_loss\": 0.4", "\"eval_loss\": 0.5"]
    let (last, best) = ("\"eval_accuracy\": 0.52, \"eval_loss\": 0.9", "\"eval_accuracy\": 0.7, \"eval_loss\": 0.4")
    try stateWithBest(1, best: "0.4", losses, after: last)
    try stateWithBest(2, best: "0.4", losses, after: best)
    try stateWithBest(3, best: "0.4", losses)
    try put("{\(last)}", "runs/seed-3/eval_results.json")
    try stateWithBest(4, best: "0.4", losses)
    try put("{\(best)}", "runs/seed-4/eval_results.json")
    // No best checkpoint, and two evaluations of the last step, as on two sets.
    try state("runs/seed-5", steps: 200, [(100, "0.9"), (200, "0.5"), (200, "0.6")])
    let imported = try imported()
    XCTAssertEqual(words(imported), ["1 0.52 0.52", "2 0.7 0.7", "3 0.52 0.52", "4 0.7 0.7", "5 0.5 0.9"])
    XCTAssertEqual(
      notes(imported),
      [
        "1 run ended with a second evaluation of the last step that has another score; the first is final: "
          + "runs/seed-5/trainer_state.json",
        "2 runs had an evaluation after training only and a best checkpoint; if load_best_model_at_end was set, final is the "
          + "score of that checkpoint: runs/seed-2/trainer_state.json, runs/seed-4/trainer_state.json",
        "2 runs had an evaluation after training with another score than the best checkpoint's (best_metric), so it was taken "
          + "for one of the last weights, and is final; if it is one of another set, add --skip-after-training: runs/seed-1/trainer_state.json, runs/seed-3/trainer_state.json",
      ])
  }

  func testSeedsThatAreTooLarge() throws {
    try state("runs/seed-18446744073709551615", steps: 100, [(100, "0.8")])
    XCTAssertEqual(
      error(request()),
      "runs/seed-18446744073709551615/trainer_state.json: the seed 18446744073709551615 is too large; a seed in a path is a "
        + "whole number from 0 to 9223372036854775807")
  }

  /// Taken for any text, a misspelt placeholder would make one recipe of all runs.
  func testPlaceholdersThatAreNone() throws {
    try state("runs/old/seed-1", steps: 100, [(100, "0.8")])
    try state("runs/new/seed-2", steps: 100, [(100, "0.9")])
    XCTAssertEqual(
      error(request(pattern: "{varient}/seed-{seed}")),
      "--path-pattern: unknown placeholder {varient}; did you mean {variant}?")
    XCTAssertEqual(
      error(request(pattern: "{}{date}/{date}{tsk}-{seed}")),
      """
      --path-pattern: unknown placeholder {}; there are {task}, {variant}, {seed} and {any}, which stands for text that says \
      nothing about the run
      --path-pattern: unknown placeholder {date}; there are {task}, {variant}, {seed} and {any}, which stands for text that \
      says nothing about the run
      --path-pattern: unknown placeholder {tsk}; did you mean {task}?
      """)
    let runs = try request(pattern: "{any}/seed-{seed}").read().runs.runs
    XCTAssertEqual(runs.map { "\($0.variant) \($0.seed)" }, ["recipe 2", "recipe 1"])
  }

  func testScoresBesideTheState() throws {
    try put(
      "{\"global_step\": 900, \"log_history\": [{\"step\": 900, \"train_loss\": 0.4}]}",
      "runs/seed-1/trainer_state.json")
    try put("{\"epoch\": 3.0, \"eval_accuracy\": 0.7}", "runs/seed-1/eval_results.json")
    // Without a state, as run_glue_no_trainer.py writes it.
    try put("{\"eval_accuracy\": 0.6}", "runs/seed-2/all_results.json")
    // A state of checkpoints in a folder below.
    try put("{\"global_step\": 90, \"log_history\": []}", "runs/seed-3/output/checkpoint-90/trainer_state.json")
    try put("{\"eval_accuracy\": NaN}", "runs/seed-3/all_results.json")
    // The log comes first.
    try state("runs/seed-4", steps: 100, [(100, "0.8")])
    try put("{\"eval_accuracy\": 0.1}", "runs/seed-4/eval_results.json")
    // Results of something else, below a checkpoint or outside the pattern.
    try put("{\"eval_accuracy\": 0.1}", "runs/seed-4/checkpoint-100/eval_results.json")
    try put("{\"eval_accuracy\": 0.1}", "runs/ensemble/eval_results.json")
    let imported = try imported()
    XCTAssertEqual(words(imported), ["1 0.7 0.7", "2 0.6 0.6", "3 nan nan", "4 0.8 0.8"])
    try put("{\"eval_accuracy\": \"0.7\"}", "runs/seed-1/eval_results.json")
    XCTAssertEqual(
      error(request()),
      "runs/seed-1/eval_results.json: 'eval_accuracy' is \"0.7\", which is no number; a score is a number, or NaN or null for a "
        + "run that diverged")
  }

  func testUnfinishedRuns() throws {
    let planned = "\"max_steps\": 60, "
    try state("runs/seed-1/checkpoint-40", steps: 40, [(40, "0.6")], more: planned)
    try state("runs/seed-2/checkpoint-60", steps: 60, [(60, "0.6")], more: planned)
    try state("runs/seed-3", steps: 40, [(40, "0.6")], more: planned)
    let stopped = "\"stateful_callbacks\": {\"TrainerControl\": {\"args\": {\"should_training_stop\": true}}}, "
    try state("runs/seed-4", steps: 40, [(40, "0.7")], more: planned + stopped)
    try state("runs/seed-5", steps: 40, [(40, "0.8")], more: planned)
    try put("{\"eval_accuracy\": 0.8}", "runs/seed-5/eval_results.json")
    // Killed before the first evaluation: no score is missed.
    try put(
      "{\"global_step\": 5, \"max_steps\": 60, \"log_history\": []}", "runs/seed-6/checkpoint-5/trainer_state.json")
    let imported = try imported()
    XCTAssertEqual(
      words(imported), ["1 step 40 of 60", "2 0.6 0.6", "3 step 40 of 60", "4 0.7 0.7", "5 0.8 0.8", "6 step 5 of 60"])
    XCTAssertEqual(
      imported.account.replacing(folder + "/", with: ""),
      "Imported 3 of 6 runs, of 1 recipe. Without a result, counted in n_missing: 3 unfinished "
        + "(runs/seed-1/checkpoint-40/trainer_state.json: step 40 of 60, runs/seed-3/trainer_state.json: step 40 of 60, "
        + "runs/seed-6/checkpoint-5/trainer_state.json: step 5 of 60).")
    XCTAssertEqual(imported.summary(score: .final)[0].missingCount, 3)
    XCTAssertEqual(
      notes(imported),
      [
        "2 runs stopped before max_steps, as early stopping does, and counted as finished: runs/seed-4/trainer_state.json, "
          + "runs/seed-5/trainer_state.json"
      ])
    try FileManager.default.removeItem(atPath: folder + "/runs/seed-6")
    var request = request()
    request.countsUnfinished = true
    XCTAssertEqual(
      words(try request.read().runs), ["1 0.6 0.6", "2 0.6 0.6", "3 0.6 0.6", "4 0.7 0.7", "5 0.8 0.8"])
  }

  func testCurvesAndHyperparameters() throws {
    try put(
      """
      {"global_step": 4, "max_steps": 4, "num_train_epochs": 2, "train_batch_size": 8, "log_history": [
      {"epoch": 1.0, "grad_norm": 0.25, "learning_rate": 1e-05, "loss": 0.7, "step": 2},
      {"epoch": 1.0, "eval_accuracy": 0.5, "eval_loss": 0.65, "eval_runtime": 0.1, "eval_samples_per_second": 9.5, "step": 2},
      {"epoch": 2.0, "loss": NaN, "step": 4}, {"epoch": 2.0, "eval_accuracy": 0.6, "eval_loss": null, "step": 4},
      {"epoch": 2.0, "step": 4, "total_flos": 1.0, "train_loss": 0.6, "train_runtime": 0.6}]}
      """, "runs/seed-1/trainer_state.json")
    try put(
      """
      # card
      - learning_rate: 1
      ### Training hyperparameters

      - learning_rate: 2e-05
      - train_batch_size: 8
      - gradient_accumulation_steps: 2
      - total_train_batch_size: 16
      - lr_scheduler_type: linear
      - lr_scheduler_warmup_steps: 2
      - training_steps: 4
      ### Results
      - learning_rate: 3
      """, "runs/seed-1/README.md")
    let (imported, source) = try request().read()
    XCTAssertEqual(
      imported.runs[0].hyperparameters,
      [
        "learning_rate": "2e-05", "batch_size": "16", "schedule": "linear", "warmup": "2", "max_steps": "4",
        "epochs": "2",
      ])
    let output = RunFolder(folder + "/out")
    try ImportedTables.create(output)
    let options = TableOptions()
    let rows = imported.summary(score: .final)
    try ImportedTables.write(imported, rows, [], from: source, to: output, options: options)
    let curves = try TextTable(
      path: output.curves, format: .commas,
      columns: ["trial_id", "step", "epoch", "split", "quantity", "value", "variant", "seed"])
    let identifier = ImportedRuns.trialIdentifier(imported.runs[0])
    XCTAssertEqual(
      curves.rows.map { $0.fields.dropFirst().joined(separator: " ") },
      [
        "2 1.0 train grad_norm 0.25 recipe 1", "2 1.0 train learning_rate 1e-05 recipe 1",
        "2 1.0 train loss 0.7 recipe 1",
        "4 2.0 train loss nan recipe 1", "2 1.0 dev eval_accuracy 0.5 recipe 1", "2 1.0 dev loss 0.65 recipe 1",
        "4 2.0 dev eval_accuracy 0.6 recipe 1", "4 2.0 dev loss nan recipe 1",
      ])
    XCTAssertEqual(Set(curves.rows.map { $0.fields[0] }), [identifier])
    // What is written is read again, for tables of papers.
    let again = try ImportedTables.runs(output.trials)
    XCTAssertEqual(again.map(\.hyperparameters), imported.runs.map(\.hyperparameters))
    let digest = source.digest
    // A card that was written on Windows.
    try put("### Training hyperparameters\r\n- learning_rate: 3e-05\r\n", "runs/seed-1/README.md")
    XCTAssertEqual(try request().read().runs.runs[0].hyperparameters["learning_rate"], "3e-05")
    try put("other", "runs/seed-1/README.md")
    XCTAssertNotEqual(try request().read().source.digest, digest, "the card is a part of the source")
    try ImportedTables.write(
      try ImportedRuns(
        [ImportedRun(origin: "x", task: "t", variant: "a", seed: 1, metric: "m", final: 1)], baselines: [:],
        tolerance: 0),
      [], [], from: source, to: output, options: options)
    XCTAssertFalse(FileManager.default.fileExists(atPath: output.curves), "no curves of an import before")
  }

  func testMissingRunsInTables() throws {
    try state("runs/seed-1", steps: 60, [(60, "0.6")], more: "\"max_steps\": 60, ")
    try state("runs/seed-2", steps: 40, [(40, "0.6")], more: "\"max_steps\": 60, ")
    let (imported, source) = try request().read()
    let output = RunFolder(folder + "/out")
    try ImportedTables.create(output)
    try ImportedTables.write(
      imported, imported.summary(score: .final), [], from: source, to: output, options: TableOptions())
    let columns = ["seed_init", "status", "failed", "value_final", "step_count"]
    XCTAssertEqual(
      try TextTable(path: output.trials, format: .commas, columns: columns).rows.map {
        $0.fields.joined(separator: " ")
      },
      ["1 completed false 0.6 60", "2 preempted   40"])
    XCTAssertEqual(
      try TextTable(path: output.summary, format: .commas, columns: ["n", "n_missing"]).rows.map(\.fields),
      [["1", "1"]])
    let again = try ImportedRuns(
      ImportedTables.runs(output.trials), baselines: ["task": 0.55], tolerance: 0)
    XCTAssertEqual(again.summary(score: .final).map(\.missingCount), [1])
  }

  func testLowerIsBetter() throws {
    try put(
      "{\"global_step\": 200, \"log_history\": [{\"step\": 100, \"eval_loss\": 1.1}, {\"step\": 200, \"eval_loss\": 0.3}]}",
      "runs/seed-1/trainer_state.json")
    var request = request()
    request.metricKey = "eval_loss"
    XCTAssertEqual(
      error(request),
      "'eval_loss' seems to be better where it is lower; add --lower-is-better, or --higher-is-better if it is not")
    request.lowerIsBetter = true
    let imported = try request.read().runs
    XCTAssertEqual(words(imported), ["1 0.3 0.3"])
    XCTAssertNil(imported.failure(of: imported.runs[0], score: .final))
    XCTAssertEqual(imported.runs[0].curve.map(\.quantity), ["eval_loss", "eval_loss"], "the score keeps its name")
  }

  func testErrorsOfManyRunsAreOne() throws {
    for seed in 1...12 {
      try put(
        "{\"log_history\": [{\"eval_f1\": 0.5, \"step\": 1}, {\"loss\": 1, \"eval_runtime\": 2}]}",
        "runs/seed-\(seed)/trainer_state.json")
    }
    XCTAssertEqual(
      error(request()),
      "runs/seed-1/trainer_state.json: no entry of log_history has the key 'eval_accuracy', and no file of results beside it; "
        + "keys that exist: eval_f1, loss (and 11 more like it, such as runs/seed-2/trainer_state.json)")
    XCTAssertTrue(
      error(request(pattern: "s{seed}")).hasSuffix(" (and 11 more like it, such as runs/seed-2/trainer_state.json)"))
    try FileManager.default.removeItem(atPath: folder + "/runs")
    try put("{}", "runs/trial_1/result.json")
    XCTAssertEqual(
      error(request()),
      "runs: no trainer_state.json below this folder; import the table that Ray Tune's ResultGrid.get_dataframe().to_csv"
        + "(\"runs.csv\") writes")
    try put("", "runs/journal.jsonl")
    XCTAssertEqual(
      error(request()),
      "runs is a folder of results that seedsweep trained: compare, report, table and check read it as it is")
  }
}
