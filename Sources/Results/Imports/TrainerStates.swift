// Runs from the trainer_state.json files that Hugging Face's Trainer leaves at the end and in its checkpoints. What a run is
// called stands in its path, so the caller gives the path's pattern. The file at a run's own folder counts; without one the last
// checkpoint does.

import Digests
import Foundation
import Host
import TrainerFiles

/// The trainer_state.json files below a folder.
package struct TrainerStates {
  /// The folder.
  package let folder: String
  /// The names of a run's folders: text with {task}, {variant} and {seed} in it.
  package let pattern: String
  /// The key of the score in `log_history`.
  package let metric: String
  /// Whether a lower score is better.
  let lowerIsBetter: Bool
  /// Whether a run that ended before its last step counts.
  let countsUnfinished: Bool
  /// Whether evaluations after training, such as those of a test set, are left out.
  let skipsAfterTraining: Bool

  package init(
    folder: String, pattern: String, metric: String, lowerIsBetter: Bool = false, countsUnfinished: Bool = false,
    skipsAfterTraining: Bool = false
  ) {
    self.folder = folder
    self.pattern = pattern
    self.metric = metric
    self.lowerIsBetter = lowerIsBetter
    self.countsUnfinished = countsUnfinished
    self.skipsAfterTraining = skipsAfterTraining
  }

  /// The files of one run.
  private struct Files {
    var name: PathPattern.Name
    /// The run's folder below the folder of all.
    var root: String
    /// The state in the run's own folder.
    var state: String?
    /// The states of its checkpoints.
    var checkpoints: [String] = []
    /// The files of results in the run's own folder.
    var results: [String] = []

    var hasState: Bool { state != nil || !checkpoints.isEmpty }
    var all: [String] { [state].compactMap { $0 } + checkpoints + results }
  }

  private static let stateName = "trainer_state.json"
  private static let resultNames = ["eval_results.json", "all_results.json"]

  /// The runs, in the order of their paths. A file that is no JSON text is left out; a run without another file has no result.
  ///
  /// - Throws: `ImportError` with everything that is wrong, `FileError`.
  func runs() throws -> ReadRuns {
    let misspelt = PathPattern(text: pattern).problems
    guard misspelt.isEmpty else { throw ImportError(misspelt) }
    let paths = try RunPaths(below: folder, names: Set([Self.stateName] + Self.resultNames))
    var problems = ImportProblems()
    let found = files(paths, &problems)
    if found.isEmpty && problems.isEmpty { throw ImportError([nothingHere]) }
    var reading = Reading()
    for files in found {
      do {
        let run = try run(files, &reading)
        if let run { reading.result.runs.append(run) }
      } catch let error as TrainerFileError { problems.add("", error.description) }
    }
    reading.addMissingKeys(metric, skipsAfterTraining, to: &problems)
    if reading.readableCount == 0 { for error in reading.broken { problems.add("", error.description) } }
    try problems.check()
    reading.finish(paths, folder: folder)
    reading.result.digest = try digest(of: found)
    return reading.result
  }

  /// The SHA-256 of all files' paths and contents.
  private func digest(of runs: [Files]) throws -> String {
    let cards = runs.map { $0.root + "README.md" }.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
    var digest = SHA256()
    for file in runs.flatMap(\.all).sorted(by: { $0.localizedStandardCompare($1) == .orderedAscending }) + cards {
      digest.update("\(file) \(try SHA256.hex(ofFile: "\(folder)/\(file)"))\n")
    }
    return digest.finalizedHex()
  }

  /// The files of each run, in the order of their paths.
  private func files(_ paths: RunPaths, _ problems: inout ImportProblems) -> [Files] {
    let pattern = PathPattern(text: pattern)
    var runs: [String: Files] = [:]
    var order: [String] = []
    for file in paths.files {
      var folders = Array(file.path.split(separator: "/").dropLast())
      let fileName = String(file.path.split(separator: "/").last ?? "")
      let isState = fileName == Self.stateName
      guard let name = pattern.name(ofFolders: folders) else {
        if isState, let seed = pattern.tooLargeSeed(ofFolders: folders) {
          problems.add(
            "\(folder)/\(file.path)",
            ": the seed \(seed) is too large; a seed in a path is a whole number from 0 to \(Int.max)",
            kind: "too large seed")
        } else if isState {
          problems.add(
            "\(folder)/\(file.path)", ": the path does not have the form \(self.pattern)/.../trainer_state.json")
        }
        continue
      }
      let isCheckpoint = folders.count > pattern.depth && Self.isCheckpoint(folders.last ?? "")
      if isCheckpoint { folders.removeLast() }
      // Results in deeper folders belong to whatever was evaluated there.
      guard isState || !isCheckpoint && folders.count == pattern.depth else { continue }
      let root = folders.map { $0 + "/" }.joined()
      if runs[root] == nil { order.append(root) }
      var files = runs[root] ?? Files(name: name, root: root)
      if !isState {
        files.results.append(file.path)
      } else if isCheckpoint {
        files.checkpoints.append(file.path)
      } else {
        files.state = file.path
      }
      runs[root] = files
    }
    return withResults(order.compactMap { runs[$0] })
  }

  /// The runs, where results without a state belong to the one state that is deeper in the same run's folder.
  private func withResults(_ runs: [Files]) -> [Files] {
    var runs = runs
    let indices = Dictionary(grouping: runs.indices) { runs[$0].name }
    var moved: Set<String> = []
    for alone in runs where !alone.hasState {
      let others = (indices[alone.name] ?? []).filter { runs[$0].hasState }
      guard others.count == 1 else { continue }
      runs[others[0]].results += alone.results
      moved.insert(alone.root)
    }
    return runs.filter { !moved.contains($0.root) }
  }

  private static func isCheckpoint(_ name: Substring) -> Bool {
    name.hasPrefix("checkpoint") || name.hasPrefix("tmp-checkpoint")
  }

  private var nothingHere: String {
    if FileManager.default.fileExists(atPath: "\(folder)/journal.jsonl") {
      return "\(folder) is a folder of results that seedsweep trained: compare, report, table and check read it as it "
        + "is"
    }
    let ray = try? RunPaths(below: folder, names: ["progress.csv", "result.json"]).files
    return "\(folder): no trainer_state.json below this folder"
      + (ray?.isEmpty ?? true
        ? "" : "; import the table that Ray Tune's ResultGrid.get_dataframe().to_csv(\"runs.csv\") writes")
  }

  /// The run that its files tell; nil where the score's key is missing.
  private func run(_ files: Files, _ reading: inout Reading) throws -> ImportedRun? {
    let state = try chosenState(files, &reading)
    let results = try files.results.compactMap { try file($0, &reading) }
    let source = state ?? results.first
    var run = ImportedRun(
      origin: source?.path ?? reading.broken.last?.brokenAt ?? "", task: files.name.task, variant: files.name.variant,
      seed: files.name.seed, metric: metric, final: .nan)
    run.hyperparameters = HyperparameterColumns.values(
      ModelCard.hyperparameters("\(folder)/\(files.root)README.md") + (state?.hyperparameters ?? []))
    guard let source else {
      run.missing = MissingResult(.crashed, "unreadable")
      return run
    }
    let scores = try (state?.scores(metric) ?? []).filter { !(skipsAfterTraining && $0.isAfterTraining) }
    var result = try results.compactMap { try $0.result(metric) }.first
    run.stepCount = state?.stepCount
    if let state, let steps = state.stepCount, let planned = state.plannedSteps, steps < planned {
      // Results beside the state are written after training.
      guard state.hasEnded || result != nil || countsUnfinished else {
        run.missing = MissingResult(.preempted, "unfinished", detail: "step \(steps) of \(planned)")
        return run
      }
      reading.stoppedEarly.append(state.path)
    }
    if skipsAfterTraining { result = nil }
    guard !scores.isEmpty || result != nil else {
      reading.lacksKey.append(source.path)
      reading.keys.formUnion(([state].compactMap { $0 } + results).flatMap(\.scoreKeys))
      return nil
    }
    let mayHaveLoadedBest = state?.mayHaveLoadedBest(results) ?? false
    if let state, !scores.isEmpty {
      take(scores, of: state, mayHaveLoadedBest: mayHaveLoadedBest, into: &run, &reading)
    } else {
      (run.final, run.best) = (result ?? .nan, result)
      if mayHaveLoadedBest {
        reading.onlyBest.append(source.path)
      } else if state?.hasBestCheckpoint == true {
        reading.lastWeights.append(source.path)
      }
    }
    let endsWithTraining = skipsAfterTraining || mayHaveLoadedBest && scores.contains { !$0.isAfterTraining }
    run.curve = try state?.curve(metric, endsWithTraining: endsWithTraining) ?? []
    return run
  }

  /// A file of a run; nil for one that is no JSON text, which is noted.
  private func file(_ path: String, _ reading: inout Reading) throws -> TrainerStateFile? {
    do {
      let file = try TrainerStateFile("\(folder)/\(path)")
      reading.readableCount += 1
      return file
    } catch let error as TrainerFileError where error.brokenAt != nil {
      reading.broken.append(error)
      return nil
    }
  }

  /// The state that tells of a run: that of its own folder, or else of its last checkpoint.
  private func chosenState(_ files: Files, _ reading: inout Reading) throws -> TrainerStateFile? {
    let own = try files.state.flatMap { try file($0, &reading) }
    let last = try files.checkpoints.compactMap { try file($0, &reading) }
      .enumerated().max { ($0.element.stepCount ?? 0, $0.offset) < ($1.element.stepCount ?? 0, $1.offset) }?.element
    guard let own else { return last }
    if let last, let steps = own.stepCount, let others = last.stepCount, others > steps {
      reading.olderCheckpoints.append("\(last.path): step \(others), the run's own file: step \(steps)")
    }
    return own
  }

  /// Takes the score at the end of training and the best one. Where the best checkpoint may have been loaded, an evaluation after
  /// training is taken as one of that checkpoint; so is a second one at the last step.
  private func take(
    _ scores: [TrainerStateFile.Score], of state: TrainerStateFile, mayHaveLoadedBest: Bool,
    into run: inout ImportedRun, _ reading: inout Reading
  ) {
    guard let atEnd = scores.ofTraining(mayHaveLoadedBest: mayHaveLoadedBest).last else { return }
    run.final = atEnd.value
    let numbers = scores.filter { !$0.value.isNaN }
    let best = lowerIsBetter ? numbers.map(\.value).min() : numbers.map(\.value).max()
    run.best = best ?? .nan
    run.bestStep = numbers.first { $0.value == best }?.step
    // Scores without steps, which the Trainer does not write, are in an order and nothing else.
    let later = scores.filter {
      atEnd.step != nil && $0.step == atEnd.step || $0.isAfterTraining && mayHaveLoadedBest
    }
    let differs = later.contains { $0.value != atEnd.value && !($0.value.isNaN && atEnd.value.isNaN) }
    if mayHaveLoadedBest && atEnd.isAfterTraining {
      reading.onlyBest.append(state.path)
    } else if differs && mayHaveLoadedBest {
      reading.evaluatedAgain.append(state.path)
    } else if differs {
      reading.evaluatedTwice.append(state.path)
    }
    if state.hasBestCheckpoint && !mayHaveLoadedBest && atEnd.isAfterTraining {
      reading.lastWeights.append(state.path)
    }
  }
}

/// What is noticed while the files of runs are read.
private struct Reading {
  var result = ReadRuns()
  /// The keys that scores could have, of the files that lack the asked-for one.
  var keys: Set<String> = []
  var lacksKey: [String] = []
  var evaluatedAgain: [String] = []
  var evaluatedTwice: [String] = []
  var onlyBest: [String] = []
  var lastWeights: [String] = []
  var stoppedEarly: [String] = []
  var olderCheckpoints: [String] = []
  /// The files that are no JSON text, and the number of those that are.
  var broken: [TrainerFileError] = []
  var readableCount = 0

  func addMissingKeys(_ metric: String, _ skipsAfterTraining: Bool, to problems: inout ImportProblems) {
    let found =
      keys.isEmpty ? "they have no scores at all" : "keys that exist: \(keys.sorted().joined(separator: ", "))"
    for path in lacksKey {
      problems.add(
        path,
        skipsAfterTraining
          ? ": no entry of log_history before the end of training has the key '\(metric)', and --skip-after-training looks at no "
            + "other; \(found)"
          : ": no entry of log_history has the key '\(metric)', and no file of results beside it; \(found)")
    }
  }

  /// Adds the notes.
  mutating func finish(_ paths: RunPaths, folder: String) {
    func note(_ origins: [String], _ noun: String, _ text: String) {
      guard !origins.isEmpty else { return }
      let more = origins.count > 3 ? " and \(origins.count - 3) more" : ""
      result.notes.append(
        "\(counted(origins.count, noun)) \(text): \(origins.prefix(3).joined(separator: ", "))\(more)")
    }
    note(
      evaluatedAgain, "run",
      "ended with a second evaluation that has another score, as load_best_model_at_end makes it; the first is final, and the "
        + "better one best")
    note(
      evaluatedTwice, "run",
      "ended with a second evaluation of the last step that has another score; the first is final")
    note(
      onlyBest, "run",
      "had an evaluation after training only and a best checkpoint; if load_best_model_at_end was set, final is the score of "
        + "that checkpoint")
    note(
      lastWeights, "run",
      "had an evaluation after training with another score than the best checkpoint's (best_metric), so it was taken "
        + "for one of the last weights, and is final; if it is one of another set, add --skip-after-training")
    note(stoppedEarly, "run", "stopped before max_steps, as early stopping does, and counted as finished")
    note(
      olderCheckpoints, "run",
      "shared the folder with a checkpoint of a longer run; the file in the run's own folder counted")
    note(
      broken.compactMap { error in error.brokenAt.map { "\($0) (\(error.reason ?? ""))" } }, "file",
      "could not be read as JSON, which a kill or a full disk may cause, and did not count; a run without another file has no "
        + "result")
    note(paths.brokenLinks.map { "\(folder)/\($0)" }, "link", "led to nothing")
    note(
      paths.repeated.map { "\(folder)/\($0)" }, "file",
      "came up again through another link and counted once")
    note(
      paths.repeatedFolders.map { "\(folder)/\($0)" }, "folder",
      "came up again through another link and counted once")
  }
}
