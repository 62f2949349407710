import TrialTables
import XCTest

@testable import SweepLanguage
@testable import Trials

final class IdentifierTests: XCTestCase {
  private func identifiers(_ text: String, _ overrides: [String] = []) throws -> [String] {
    try plan(text, overrides).trials.map { "\($0.configurationIdentifier) \($0.identifier)" }
  }

  /// The numbers come from `printf 'seedsweep configuration\noptimizer.learning_rate=0.0002\n' | sha256sum` and the like,
  /// the second ones from `printf 'CONFIGURATION_ID 1 2 3' | sha256sum`: a change here orphans every result on disk. The
  /// first ones of the portable arithmetic have a line `training.arithmetic=portable` more.
  func testIdentifiersArePinned() throws {
    let plain = "{ seeds: [1] }"
    let rate = "{ seeds: { init: [1], order: [2], dropout: [3] }, optimizer: { learning_rate: 2e-4 } }"
    let files = "{ seeds: [7], model: { path: 'x/minilm' }, task: { name: 'rte', data: 'RTE', max_length: 64 } }"
    let openblas = ["training.arithmetic=openblas"]
    XCTAssertEqual(try identifiers(plain, openblas), ["565d0c29d6e55d6d 51d58b8d41a3c688"])
    XCTAssertEqual(try identifiers(rate, openblas), ["251add85f7635ae7 70acb380afcd9d9b"])
    XCTAssertEqual(try identifiers(files, openblas), ["8d97935a34d86da0 11edfab635eea36c"])
    XCTAssertEqual(try identifiers(plain), ["1b73c3345b51e5c7 e1f6cde4beba44a5"])
    XCTAssertEqual(try identifiers(rate), ["c8f2bc5184860321 24fa2ced2ca1ade5"])
    XCTAssertEqual(try identifiers(files), ["ecbbac0a68f52477 68e580f8443a5e30"])
  }

  func testCanonicalTextHoldsDigestsAndWhatIsNotAtItsDefault() throws {
    let configuration = try SweepFixture([
      "sweep.json5": """
      { seeds: 1, model: { path: "x/minilm" }, train_subset: { size: 100 },
        task: { name: "cola", data: "CoLA", metric: "matthews", max_length: 128 },
        training: { epochs: 9, evaluate_every: 10 },
        optimizer: { clip: "none", max_grad_norm: 0.5, learning_rate: 2e-5, bias_correction: true } }
      """
    ]).sweep(["optimizer.clip=global", "training.max_steps=50"]).configurations[0]
    XCTAssertEqual(
      configuration.canonicalText(modelDigest: "abc", dataDigest: "def"),
      """
      seedsweep configuration
      data=def
      model=abc
      optimizer.bias_correction=true
      optimizer.max_grad_norm=0.5
      task.name=cola
      train_subset.size=100
      training.arithmetic=portable
      training.evaluate_every=10
      training.max_steps=50

      """)
  }

  func testNamesPathsAndDefaultsDoNotCount() throws {
    let plain = try identifiers("{ seeds: 2, model: { path: \"minilm\" }, task: { name: \"rte\", data: \"RTE\" } }")
    let other = try identifiers(
      """
      { name: "other", seeds: 2, model: { path: "/elsewhere/minilm" }, task: { name: "rte", data: "b/c/RTE" },
        training: { epochs: 3, batch_size: 16 }, optimizer: { algorithm: "hf" }, variants: { v: { label: "l" } } }
      """)
    XCTAssertEqual(plain, other)
  }

  func testEveryKeyCounts() throws {
    let base = "{ seeds: 1, variants: { base: {}, changed: { %@ } } }"
    // What is read only beside pre-trained weights.
    let beside =
      "{ seeds: 1, model: { path: 'm' }, training: { mixout: 0.5 }, variants: { base: {}, changed: { %@ } } }"
    // What is read only where the family has embeddings of a width of their own.
    let narrow =
      "{ seeds: 1, model: { config: { model_type: 'electra' } }, variants: { base: {}, changed: { %@ } } }"
    let besideKeys = [
      "training.mixout", "training.mixout_gradient", "optimizer.decay_towards", "model.reinit_layers",
      "model.reinit_pooler", "training.freeze", "training.freeze_layers", "record.distance_over",
    ]
    let changes: [String: String] = [
      "model.config.model_type": "\"megatron-bert\"", "model.config.hidden_size": "128",
      "model.config.num_attention_heads": "2", "model.head": "null",
      "task.difficulty": "\"local\"", "task.dev_difficulty": "\"distant\"", "task.test_difficulty": "\"distant\"",
      "task.dev_sets": "{ far: { difficulty: 'local' } }", "task.noise_seed": "5, 'task.label_noise': 0.1",
      "task.metric": "\"f1\"",
      "training.dropout": "0.5",
      "optimizer.algorithm": "\"torch\"",
      "optimizer.clip": "\"per_tensor\"", "schedule.kind": "\"cosine\"", "record.predictions": "\"none\"",
      "record.distance_over": "\"linear\"", "record.update_norms": "true",
      "training.shuffle": "false", "training.arithmetic": "\"openblas\"", "training.precision": "\"bfloat16\"",
      "optimizer.bias_correction": "true",
      "task.max_length": "100",
      "model.config.type_vocab_size": "1", "model.config.max_position_embeddings": "200",
      "training.mixout_gradient": "'published'", "optimizer.decay_towards": "'pretrained'",
      "model.reinit_pooler": "true", "training.freeze": "'embeddings'",
      "training.freeze_layers": "2, 'training.freeze': 'layers'", "training.average": "'swa'",
      "training.average_from": "0.5, 'training.average': 'swa'",
      "training.average_every": "5, 'training.average': 'swa'",
      "training.average_decay": "0.5, 'training.average': 'ema'",
      "optimizer.match_step_mass": "true", "train_subset.seed": "5, \"train_subset.size\": 10",
    ]
    // Files and what only a task of files reads are covered by their digests; the rest changes one at a time.
    let unread: Set<String> = [
      "model.path", "model.init", "model.vocab", "model.head", "task.name", "task.data", "task.train", "task.dev",
      "task.text", "task.pair", "task.label", "task.regression", "task.test", "task.allow_unknown_tokens",
    ]
    // Those of a program are ProgramSweepTests' business.
    for key in ConfigurationSchema.keys where !unread.contains(key.path) && !key.path.hasPrefix("program.") {
      let value: String
      switch key.kind {
      case .integer: value = changes[key.path] ?? "7"
      case .number: value = changes[key.path] ?? "0.123"
      case .seed: value = changes[key.path] ?? "99"
      default: value = try XCTUnwrap(changes[key.path], "no other value is known for \(key.path)")
      }
      let template = key.path == "model.config.embedding_size" ? narrow : besideKeys.contains(key.path) ? beside : base
      let text = template.replacingOccurrences(
        of: "%@", with: "\"\(key.path)\": \(value)")
      let plan = try plan(text)
      XCTAssertEqual(Set(plan.configurations.map(\.identifier)).count, 2, key.path)
    }
  }

  /// What the algorithm implies is the same trial given or not, and what it does not imply is another.
  func testClippingCountsWhereItDiffersFromTheAlgorithms() throws {
    let grid = try plan(
      """
      { seeds: 1, grid: { "optimizer.algorithm": ["google", "bert_adam"] },
        variants: { own: {}, none: { "optimizer.clip": "none" } } }
      """)
    let clips = try XCTUnwrap(TrialColumns.configurationNames.firstIndex(of: "clip"))
    XCTAssertEqual(
      grid.configurations.map { TrialColumns.values(of: $0.configuration)[clips] },
      ["global", "per_tensor", "none", "none"])
    func identifier(_ optimizer: String) throws -> [String] {
      try identifiers("{ seeds: 1, optimizer: { \(optimizer) } }")
    }
    XCTAssertEqual(try identifier("algorithm: 'google'"), try identifier("algorithm: 'google', clip: 'global'"))
    let bertAdam = try identifier("algorithm: 'bert_adam'")
    XCTAssertEqual(bertAdam, try identifier("algorithm: 'bert_adam', clip: 'per_tensor'"))
    XCTAssertNotEqual(bertAdam, try identifier("algorithm: 'bert_adam', clip: 'global'"))
    for trial in try plan("{ seeds: 1, optimizer: { algorithm: 'bert_adam', clip: 'global' } }").trials {
      XCTAssertEqual(try Trial(json: trial.encodedJSON()).configuration.optimizer.appliedClip, .global)
    }
  }

  func testSeedsAndFilesCount() throws {
    let text =
      "{ seeds: { init: 2, order: 2, dropout: 2 }, model: { path: \"a\" }, grid: { \"model.path\": [\"a\", \"b\"] } }"
    let all = try plan(text).trials.map(\.identifier)
    XCTAssertEqual(Set(all).count, 16)
    let own = try plan(
      """
      { seeds: 1, model: { path: "m" }, task: { name: "mine", train: "a.tsv", dev: "b.tsv", text: "s", label: "l" },
        variants: { a: {}, b: { "task.pair": "p" }, c: { "task.label": "k" }, d: { "task.train": "c.tsv" },
                    e: { "task.regression": true }, f: { "model.head": "keep" }, g: { "task.name": "yours" } } }
      """)
    XCTAssertEqual(Set(own.trials.map(\.identifier)).count, 7)
  }

  func testColumnsAreUniqueAndEmptyWhereNothingReadsThem() throws {
    let names = TrialColumns.configurationNames + TrialColumns.seeds.names()
    XCTAssertEqual(Set(names).count, names.count)
    let plan = try plan(
      "{ seeds: 1, model: { path: \"models/minilm/\" }, task: { name: \"rte\", data: \"glue/RTE\" } }")
    let trial = plan.trials[0]
    let row = Dictionary(
      uniqueKeysWithValues: zip(TrialColumns.configurationNames, TrialColumns.values(of: trial.configuration)))
    XCTAssertEqual(row["model"], "minilm")
    XCTAssertEqual(row["data"], "RTE")
    XCTAssertEqual(row["hidden_size"], "")
    XCTAssertEqual(row["difficulty"], "")
    XCTAssertEqual(row["learning_rate"], "2e-05")
    XCTAssertEqual(row["bias_correction"], "false")
    XCTAssertEqual(row["hidden_dropout"], "")
    XCTAssertEqual(TrialColumns.values(of: trial.seeds), ["1", "1", "1"])
  }

  func testTrialsTravelWhole() throws {
    let plan = try plan(
      """
      { seeds: { init: [18446744073709551615], order: 2 }, model: { path: "m" },
        task: { name: "mine", train: "a.tsv", dev: "b.tsv", text: "s", label: "l", regression: true, metric: "spearman" },
        train_subset: { size: 5, seed: 3 }, training: { max_steps: 10, dropout: 0.25, shuffle: false },
        optimizer: { algorithm: "google", clip: "per_tensor", epsilon: 1.5e-7 }, schedule: { warmup: 3, total_steps: 9 },
        variants: { "x \\"y\\"": { label: "ü" } } }
      """)
    for trial in plan.trials {
      let text = trial.encodedJSON()
      XCTAssertFalse(text.contains("\n"))
      XCTAssertEqual(try Trial(json: text), trial)
    }
    XCTAssertThrowsError(try Trial(json: "{\"trial_id\":\"a\"}")) { error in
      XCTAssertEqual("\(error)", "configuration_id: the field is missing")
    }
    let bad = plan.trials[0].encodedJSON().replacingOccurrences(
      of: "\"training.max_steps\":10", with: "\"training.x\":10")
    XCTAssertThrowsError(try Trial(json: bad)) { error in
      XCTAssertEqual("\(error)", "configuration.training.x: there is no such key")
    }
  }

  /// A key that changes no result is no part of identifiers, and `sweep.json` of a sweep that does not set it is what it was.
  func testAllowingUnknownTokensIsNoOtherTrial() throws {
    let plain = try plan("{ seeds: 2 }")
    let allowed = try plan("{ seeds: 2, task: { allow_unknown_tokens: true } }")
    XCTAssertEqual(plain.configurations.map(\.identifier), allowed.configurations.map(\.identifier))
    XCTAssertFalse(plain.encodedJSON().contains("allow_unknown_tokens"))
    XCTAssertTrue(allowed.encodedJSON().contains("\"allow_unknown_tokens\": true"))
  }

  /// -0 is 0, in whatever spelling.
  func testZeroHasOneIdentifier() throws {
    for key in ["schedule.warmup", "optimizer.weight_decay", "training.dropout", "optimizer.beta1"] {
      let found = try ["0", "0.0", "-0", "-0.0", "-0e1"].map { try identifiers("{ seeds: 1, '\(key)': \($0) }") }
      XCTAssertEqual(Set(found).count, 1, key)
    }
    let warmup = try plan("{ seeds: 1, schedule: { warmup: -0.0 } }").configurations[0].configuration.schedule.warmup
    XCTAssertEqual(warmup.sign, .plus)
  }

  /// A line end in a text does not make another key of what follows.
  func testALineOfATextIsNoOtherKey() throws {
    for end in ["\\n", "\\r\\n"] {
      let text = """
        { seeds: 1, program: { command: ["t", "{seed}"], results: { final: "a\(end)program.results.history=h" } },
          variants: { a: {}, b: { program: { results: { final: "a\(end.replacing("\\n", with: ""))", history: "h" } } } } }
        """
      XCTAssertEqual(Set(try identifiers(text)).count, 2, end)
    }
    let lines = try plan("{ seeds: 1, program: { command: ['t', '{seed}'], results: { final: 'a\\nb' } } }")
    XCTAssertEqual(
      lines.configurations[0].configuration.canonicalText(modelDigest: nil, dataDigest: nil),
      "seedsweep configuration\nprogram.command=[\"t\",\"{seed}\"]\nprogram.results.final=a\n b\n")
  }
}
