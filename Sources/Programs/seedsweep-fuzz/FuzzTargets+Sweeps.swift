// Sweep files, assignments of the command line, resolved plans, claims, registrations.

import Claims
import Datasets
import Digests
import Foundation
import JSON5
import SweepLanguage
import Trials
import Verdicts

extension FuzzTargets {
  /// The files of a sweep are not there: their digests are made up.
  private struct NoFiles: ContentDigests {
    func digest(of model: ModelSpecification) -> String { SHA256.hex(of: model.path ?? model.vocabularyPath ?? "") }
    func digest(of task: TaskSpecification) -> String { SHA256.hex(of: task.name) }
    func digest(of program: ProgramSpecification) -> String { SHA256.hex(of: "\(program.files.count)") }
  }

  /// Trials that a plan is made of in full; parsing more of them shows nothing more.
  private static let mostTrials = 2000

  private static let sweeps = [
    """
    { name: "a", model: { init: "random", config: { num_hidden_layers: 2, hidden_size: 16, num_attention_heads: 2, \
    intermediate_size: 32 } }, task: { name: "synthetic", train_size: 96, dev_size: 40 },
      training: { max_steps: 12, batch_size: 8, evaluate_every: 4 }, optimizer: { learning_rate: 1e-3 },
      grid: { "schedule.warmup": [0, 0.1], "optimizer.learning_rate": [1e-5, 2e-5] }, seeds: 5 }
    """,
    """
    // A comment.
    { 'name': 'b', extends: "base.json5", variants: { default: {}, corrected: { "optimizer.bias_correction": true, label: \
    "bias \\u00e9" } }, compare: { pairs: [["corrected", "default"]] },
      stop: { half_width: .1, looks: [2, 4], level: 0.9, }, seeds: { first: 1001, count: 6 }, }
    """,
    """
    {"model": {"path": "m", "head": "new"}, "tasks": [{"name": "rte", "data": "glue/RTE", "max_length": 64},
     {"name": "mine", "train": "a.tsv", "dev": "b.jsonl", "text": "x", "pair": "y", "label": "z"}],
     "seeds": {"init": [1, 2], "order": [3, 0x4], "dropout": "order", "design": "crossed"}, "train_subset": {"size": 50, \
    "seed": 1}, "record": {"curves_every": 10, "gradient_norms_every": 5, "predictions": "final"}, "schedule": {"kind": \
    "cosine", "warmup": 10, "total_steps": 433}, "training": {"epochs": 3, "evaluations_per_epoch": 2}, \
    "compare": {"reference": "default"}}
    """,
  ]

  private static let sweepWords = [
    "seeds:", "grid: {", "variants: {", "extends: \"base.json5\"", "extends: \"fuzz.json5\"", "compare: {", "stop: {",
    "stop: { pairs: \"failures\" }",
    "\"optimizer.learning_rate\": [", "task: {", "name: \"synthetic\"", "training: {", "null", "design: \"zipped\"",
    "\"tasks\": [", "model: {", "train_subset: null", "[1, 2, 3]", "true", "Infinity", "//", "/* */",
  ].map(bytes)

  private static func isOfSweeps(_ error: any Error) -> Bool { error is Diagnostics || error is CodecError }

  /// Makes everything of a sweep that needs no file of data.
  private static func use(_ sweep: Sweep) throws {
    guard sweep.seeds.count * sweep.configurations.count <= mostTrials else { return }
    let plan = try sweep.plan(digests: NoFiles())
    let text = plan.encodedJSON()
    guard try SweepPlan(json: text).encodedJSON() == text else { throw FuzzError("sweep.json does not read back") }
    for trial in plan.trials.prefix(3) {
      guard try Trial(json: trial.encodedJSON()) == trial else { throw FuzzError("a trial does not read back") }
      let steps = trial.configuration.evaluationSteps(exampleCount: 100)
      _ = [steps.count, steps.contains(1) ? 1 : 0, trial.configuration.warmupStepCount(exampleCount: 100)]
    }
  }

  static func sweep(_ folder: String) throws -> FuzzTarget {
    let path = try path("sweep/fuzz.json5", in: folder)
    try write(bytes(sweeps[0]), to: Self.path("sweep/base.json5", in: folder))
    // A million seeds are what their file asks for.
    return FuzzTarget(
      name: "sweep", samples: sweeps.map(bytes), words: sweepWords, isHandled: isOfSweeps,
      parse: { input in
        try write(input, to: path)
        try use(Sweep(file: path, workingDirectory: folder))
        return true
      }, memoryLimit: 1024)
  }

  static func assignment(_ folder: String) throws -> FuzzTarget {
    let path = try path("assignment/fuzz.json5", in: folder)
    try write(bytes(sweeps[0]), to: path)
    return FuzzTarget(
      name: "assignment",
      samples: [
        "optimizer.learning_rate=[1e-5, 3e-5]", "seeds=3", "model.path=models/minilm", "grid.schedule.warmup=[0,0.2]",
        "training.shuffle=false", "name=x", "task={ name: \"synthetic\", train_size: 20, dev_size: 4 }",
      ].map(bytes).filter { (try? use(sweep(path, String(decoding: $0, as: UTF8.self), folder))) != nil },
      words: sweepWords + ["=", "optimizer.", "task.name", "seeds"].map(bytes), isHandled: isOfSweeps,
      parse: { input in
        try use(sweep(path, String(decoding: input, as: UTF8.self), folder))
        return true
      }, memoryLimit: 1024)
  }

  private static func sweep(_ path: String, _ assignment: String, _ folder: String) throws -> Sweep {
    try Sweep(file: path, overrides: [assignment], workingDirectory: folder)
  }

  /// The text of a sweep.json.
  static func planTexts(_ folder: String) throws -> [String] {
    let path = try path("plans/fuzz.json5", in: folder)
    try write(bytes(sweeps[0]), to: Self.path("plans/base.json5", in: folder))
    return try sweeps.map { text in
      try write(bytes(text), to: path)
      return try Sweep(file: path, workingDirectory: folder).plan(digests: NoFiles()).encodedJSON()
    }
  }

  static func plan(_ folder: String) throws -> FuzzTarget {
    FuzzTarget(
      name: "plan", samples: try planTexts(folder).map(bytes),
      words: ["\"first\": 1, \"count\": 10000000", "\"configuration_id\":", "\"looks\": [", "\"axes\": {}"].map(bytes),
      isHandled: isOfSweeps,
      parse: { input in
        let plan = try SweepPlan(json: String(decoding: input, as: UTF8.self))
        _ = plan.trials.first.map { plan.trialIndex(identifier: $0.identifier) }
        for index in plan.trials.indices.prefix(3) { _ = try Trial(json: plan.trials[index].encodedJSON()) }
        return true
      }, memoryLimit: 1024)
  }

  static func claims(_ folder: String) -> FuzzTarget {
    FuzzTarget(
      name: "claims",
      samples: [
        """
        // Claims.
        { claims: [ { claim: 1, says: "x", conditions: [
          { what: "a", value: { run: "r", table: "summary.csv", where: { variant: ["u", 1], n: { at_least: 2 } }, column: "c", \
        over: "d", reduce: "max" }, at_least: 0.2 },
          { what: "b", value: { boschloo: [ { run: "r" }, { run: "s", where: { failed: true } } ] }, below: .05 } ] },
          { claim: 2, says: "y", conditions: [ { what: "c", value: { ratio: [ { difference: [ 1, { run: "r", column: "c" } ] }, \
        3 ] }, above: { run: "r", column: "c", reduce: "sd" } } ] } ] }
        """
      ].map(bytes),
      words: ["levene: [", "spearman: {", "differing: [", "ratio: [", "reduce: \"mean\"", "at_most: 1", "where: {"].map(
        bytes),
      isHandled: { $0 is ClaimsError || $0 is Diagnostics }
    ) { input in
      !(try ClaimsReader.file(input, name: "claims.json5").claims.isEmpty && input.isEmpty)
    }
  }

  static func registration(_ folder: String) -> FuzzTarget {
    FuzzTarget(
      name: "registration",
      samples: [
        """
        { registered: { time: "2026-12-01T12:00:00Z", commit: "a" }, test: "reml_hartung_knapp", least_draws: 3,
          sweeps: { q: "q.json5" }, families: { e: { kind: "confirmatory", draws: [
            { name: "d", pretraining: "p", data: 1, identifiers: { q: "\(String(repeating: "0a", count: 32))" } } ] } },
          claims: [ { claim: "4b", says: "x", stop: "s", exclude: ["e"], parts: [
            { what: "w", difference: [
              { risk_difference: [{ run: "q", where: { variant: "a" } }, { run: "q", where: { variant: "b" } }] },
              { mean: { run: "q", where: { variant: "c" }, column: "c" }, against: 1 } ], direction: "above", smallest: 0.1 } ],
            beside: [ { what: "v", sd_ratio: [ { run: "q", column: "c" }, { run: "q", column: "c" } ] } ] },
          { claim: 2, says: "y", stop: "s", law: { what: "l", run: "q", doses: ["peak_rate"], margin: 1.15, explained: .8 } } ] }
        """
      ].map(bytes),
      words: [
        "spearman: { with: \"d\" }", "covariance: {", "mean_ratio: [", "within: 1.25", "least_runs: 103",
        "registered: null",
        "direction: \"below\"",
      ].map(bytes),
      isHandled: { $0 is ClaimsError || $0 is Diagnostics }
    ) { input in
      !(try RegistrationReader.file(input, name: "registration.json5").claims.isEmpty)
    }
  }
}
