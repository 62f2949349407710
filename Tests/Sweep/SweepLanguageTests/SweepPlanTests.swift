import JSON5
import XCTest

@testable import SweepLanguage
@testable import Trials

final class SweepPlanTests: XCTestCase {
  func testTrialsComeInTheOrderOfTheText() throws {
    let plan = try plan(
      """
      { model: { path: "m" }, tasks: [{ name: "rte", data: "glue/RTE" }, { name: "cola", data: "glue/CoLA" }],
        seeds: [3, 1],
        grid: { "optimizer.learning_rate": [3e-5, 1e-5], "training.epochs": [1, 2] },
        variants: { b: {}, a: { "optimizer.bias_correction": true, label: "corrected" } } }
      """)
    let lines = plan.trials.map { trial in
      "\(trial.configuration.task.name) \(trial.variant) \(trial.label) "
        + "\(trial.configuration.optimizer.learningRate) \(trial.configuration.training.epochs) "
        + "\(trial.configuration.optimizer.biasCorrection) \(trial.seeds.order)"
    }
    var expected: [String] = []
    for task in ["rte", "cola"] {
      for (variant, label, corrected) in [("b", "b", false), ("a", "corrected", true)] {
        for rate in [3e-5, 1e-5] {
          for epochs in [1, 2] {
            for seed in [3, 1] { expected.append("\(task) \(variant) \(label) \(rate) \(epochs) \(corrected) \(seed)") }
          }
        }
      }
    }
    XCTAssertEqual(lines, expected)
    XCTAssertEqual(plan.configurations[1].title, "rte b optimizer.learning_rate=3e-05 training.epochs=2")
    for (index, trial) in plan.trials.enumerated() {
      XCTAssertEqual(plan.trialIndex(identifier: trial.identifier), index)
      XCTAssertEqual(plan.trialIdentifier(at: index), trial.identifier)
      XCTAssertEqual(
        plan.configurations[plan.configurationIndex(trialIndex: index)].identifier, trial.configurationIdentifier)
    }
    XCTAssertNil(plan.trialIndex(identifier: "0000000000000000"))
    XCTAssertNil(plan.trialIndex(identifier: "x"))
  }

  func testTheSampleOfEveryKeyIsRead() throws {
    let plan = try plan(
      """
      {
        name: "bias-correction",
        model: { path: "models/minilm", head: "new" },
        task: { name: "rte", data: "glue/RTE", max_length: 128 },
        train_subset: null,
        training: { epochs: 3, batch_size: 16, evaluations_per_epoch: 1, shuffle: true, dropout: 0.1 },
        optimizer: { algorithm: "hf", learning_rate: 2e-5, bias_correction: false, beta1: 0.9, beta2: 0.999,
                     epsilon: 1e-6, weight_decay: 0.01, clip: "global", max_grad_norm: 1.0 },
        schedule: { kind: "linear", warmup: 0.1 },
        seeds: 25,
        grid: { "optimizer.learning_rate": [1e-5, 2e-5, 3e-5] },
        variants: { default: {}, corrected: { "optimizer.bias_correction": true, label: "bias correction" } },
        compare: { reference: "default" },
        record: { curves_every: 10, gradient_norms_every: 0, predictions: "final" },
      }
      """)
    XCTAssertEqual(plan.name, "bias-correction")
    XCTAssertEqual(plan.reference, "default")
    XCTAssertEqual(plan.configurations.count, 6)
    XCTAssertEqual(plan.trials.count, 150)
    XCTAssertEqual(plan.seeds, (1...25).map(TrialSeeds.init(tied:)))
    XCTAssertEqual(plan.configurations[0].configuration.training.attentionDropout, 0.1)
  }

  func testSeedDesigns() throws {
    func seeds(_ text: String) throws -> [[UInt64]] {
      try plan("{ seeds: \(text) }").seeds.map { [$0.initialization, $0.order, $0.dropout] }
    }
    XCTAssertEqual(try seeds("2"), [[1, 1, 1], [2, 2, 2]])
    XCTAssertEqual(try seeds("{ first: 1001, count: 2 }"), [[1001, 1001, 1001], [1002, 1002, 1002]])
    XCTAssertEqual(try seeds("[18446744073709551615]"), [[.max, .max, .max]])
    XCTAssertEqual(try seeds("{ init: 2, order: [7, 8] }"), [[1, 7, 7], [1, 8, 8], [2, 7, 7], [2, 8, 8]])
    XCTAssertEqual(try seeds("{ init: 2, order: [7], dropout: \"init\" }"), [[1, 7, 1], [2, 7, 2]])
    XCTAssertEqual(try seeds("{ init: [1], order: [7], dropout: [3, 4] }"), [[1, 7, 3], [1, 7, 4]])
    XCTAssertEqual(
      try seeds("{ init: [1, 1], order: { first: 7, count: 2 }, dropout: [9, 9], design: \"zipped\" }"),
      [[1, 7, 9], [1, 8, 9]])
    XCTAssertEqual(try seeds("{ init: [5, 4], design: \"tied\" }"), [[5, 5, 5], [4, 4, 4]])
  }

  func testOverridesWinAndReplaceAxes() throws {
    let text = """
      { seeds: 3, name: "x",
        grid: { "optimizer.learning_rate": [1e-5, 2e-5], "training.epochs": [1, 2] },
        variants: { default: {}, corrected: { "optimizer.bias_correction": true } }, compare: { reference: "default" } }
      """
    let scalar = try plan(text, ["optimizer.learning_rate=5e-5", "seeds=1", "name=12", "variants=corrected"])
    XCTAssertEqual(scalar.name, "12")
    XCTAssertNil(scalar.reference)
    XCTAssertEqual(scalar.configurations.map(\.variant), ["corrected", "corrected"])
    XCTAssertEqual(scalar.configurations.map(\.configuration.optimizer.learningRate), [5e-5, 5e-5])
    XCTAssertEqual(scalar.configurations.map(\.configuration.training.epochs), [1, 2])
    XCTAssertEqual(scalar.trials.count, 2)
    let list = try plan(text, ["optimizer.learning_rate=[7e-5]", "model.config.num_hidden_layers=[2,4]"])
    XCTAssertEqual(
      list.configurations[1].axisValues,
      [
        AxisValue(key: "optimizer.learning_rate", text: "7e-05"), AxisValue(key: "training.epochs", text: "1"),
        AxisValue(key: "model.config.num_hidden_layers", text: "4"),
      ])
    let section = try plan(
      text,
      ["train_subset={size: 100, seed: 9}", "optimizer={clip: none}", "schedule.kind=cosine"].map {
        $0.replacingOccurrences(of: "none", with: "'none'")
      })
    XCTAssertEqual(section.configurations[0].configuration.trainSubset, SubsetSpecification(size: 100, seed: 9))
    XCTAssertEqual(section.configurations[0].configuration.optimizer.clip, .unclipped)
    XCTAssertEqual(section.configurations[0].configuration.schedule.kind, .cosine)
  }

  /// A label may tell of a value that the command line replaces.
  func testOverriddenVariantsAreTold() throws {
    let text = """
      { model: { path: 'm' }, task: { name: 'rte', data: 'd' }, seeds: 2,
        variants: { on: { optimizer: { bias_correction: true, learning_rate: 1e-4 } },
                    off: { optimizer: { bias_correction: false, learning_rate: 2e-4 } } } }
      """
    let fixture = try SweepFixture(["sweep.json5": text])
    XCTAssertEqual(try fixture.sweep().remarks, [])
    XCTAssertEqual(try fixture.sweep(["optimizer.weight_decay=0.1"]).remarks, [])
    XCTAssertEqual(
      try fixture.sweep(["optimizer.bias_correction=false"]).remarks,
      ["optimizer.bias_correction on the command line replaces what the variant on gives; the labels stay."])
    XCTAssertEqual(
      try fixture.sweep(["variants=[\"on\"]", "optimizer.learning_rate=3e-4"]).remarks,
      ["optimizer.learning_rate on the command line replaces what the variant on gives; the labels stay."])
    let same = problems(text, ["optimizer.bias_correction=true", "optimizer.learning_rate=1e-4"])
    XCTAssertTrue(
      same.hasSuffix(
        "their trials would be the same; remove one of them. optimizer.bias_correction on the command line replaces what the variant "
          + "off gives; the labels stay. optimizer.learning_rate on the command line replaces what the variant off gives; "
          + "the labels stay."), same)
  }

  func testPathsResolveAgainstTheirText() throws {
    let fixture = try SweepFixture([
      "sub/sweep.json5": "{ seeds: 1, model: { path: \"./m\" }, task: { name: 'rte', data: \"/abs/RTE\" } }"
    ])
    let inFile = try fixture.sweep(file: "sub/sweep.json5").configurations[0]
    XCTAssertEqual(inFile.model.path, fixture.directory + "/sub/m")
    XCTAssertEqual(inFile.task.dataPath, "/abs/RTE")
    let onCommandLine = try fixture.sweep(["model.path=m", "task.data=7"], file: "sub/sweep.json5").configurations[0]
    XCTAssertEqual(onCommandLine.model.path, fixture.directory + "/m")
    for (written, path) in [
      ("embedded", "embedded"), ("./embedded", fixture.directory + "/embedded"),
      ("./embedded:other", fixture.directory + "/embedded:other"),
      ("embedded/m", fixture.directory + "/embedded/m"), ("embedded2", fixture.directory + "/embedded2"),
    ] {
      let model = try fixture.sweep(["model.path=\(written)"], file: "sub/sweep.json5").configurations[0].model
      XCTAssertEqual(model.path, path, "the model inside the program is no path")
    }
    XCTAssertThrowsError(try fixture.sweep(["model.path=embedded:other"], file: "sub/sweep.json5")) { error in
      XCTAssertEqual(
        "\(error)",
        "model.path=embedded:other: model.path: no model inside the program has this name; there are: embedded, embedded:town. A folder of this "
          + "name is ./embedded:other")
    }
    XCTAssertEqual(onCommandLine.task.dataPath, fixture.directory + "/7")
    let digits = String(repeating: "1", count: 64)
    let long = try fixture.sweep(["task.data=\(digits)", "name=\(digits)"], file: "sub/sweep.json5")
    XCTAssertEqual(long.firstConfiguration?.task.dataPath, fixture.directory + "/" + digits)
    XCTAssertEqual(long.name, digits)
    XCTAssertEqual(try fixture.sweep(file: "sub/sweep.json5").name, "sweep")
  }

  func testExtendingAFileReplacesKeyByKey() throws {
    let fixture = try SweepFixture([
      "base/base.json5": """
      { name: "base", seeds: 5, model: { path: "m" }, task: { name: "rte", data: "RTE", max_length: 64 },
        training: { epochs: 7, batch_size: 8, dropout: 0.2 },
        grid: { "optimizer.learning_rate": [1e-5, 2e-5], "optimizer.beta1": [0.8, 0.9], "optimizer.beta2": [0.9, 0.99] },
        variants: { default: {}, corrected: { "optimizer.bias_correction": true }, gone: { "optimizer.epsilon": 1 } },
        compare: { reference: "default" } }
      """,
      "sweep.json5": """
      { extends: "base/base.json5", seeds: 2, task: { max_length: 32 },
        training: { epochs: null, hidden_dropout: 0 }, optimizer: { beta1: 0.5 },
        grid: { "optimizer.learning_rate": [3e-5], "optimizer.beta2": null },
        variants: { corrected: { label: "with correction" }, gone: null, more: { "optimizer.weight_decay": 0 } } }
      """,
    ])
    let plan = try fixture.plan()
    let first = plan.configurations[0].configuration
    XCTAssertEqual(plan.name, "base")
    XCTAssertEqual(plan.seeds.count, 2)
    XCTAssertEqual(plan.reference, "default")
    XCTAssertEqual(plan.configurations.map(\.label), ["default", "with correction", "more"])
    XCTAssertEqual(plan.configurations.map(\.configuration.optimizer.biasCorrection), [false, true, false])
    XCTAssertEqual(plan.configurations[0].axisValues, [AxisValue(key: "optimizer.learning_rate", text: "3e-05")])
    XCTAssertEqual(first.optimizer.beta1, 0.5)
    XCTAssertEqual(first.optimizer.beta2, 0.999)
    XCTAssertEqual(first.task.maximumLength, 32)
    XCTAssertEqual(first.task.dataPath, fixture.directory + "/base/RTE")
    XCTAssertEqual(first.training.epochs, 3)
    XCTAssertEqual(first.training.batchSize, 8)
    XCTAssertEqual(first.training.hiddenDropout, 0)
    XCTAssertEqual(first.training.attentionDropout, 0.2)
  }

  func testGridOverSectionsAndDropout() throws {
    let plan = try plan(
      "{ seeds: 1, grid: { train_subset: [null, { size: 10 }], \"training.dropout\": [0, 0.5] } }")
    XCTAssertEqual(
      plan.configurations.map {
        "\($0.configuration.trainSubset?.size ?? 0) \($0.configuration.training.hiddenDropout ?? -1)"
      },
      ["0 0.0", "0 0.5", "10 0.0", "10 0.5"])
    XCTAssertEqual(plan.configurations[2].title, "synthetic default train_subset={size: 10} training.dropout=0")
  }

  func testSweepTextReadsBackAsTheSamePlan() throws {
    let plan = try plan(
      """
      { model: { path: "m" }, tasks: [{ name: "rte", data: "RTE" }, { name: "stsb", data: "STS" }],
        seeds: { init: 2, order: [5, 6] }, train_subset: { size: 10 }, training: { dropout: 0.3 },
        grid: { "training.max_steps": [null, 100] }, variants: { a: {}, b: { "optimizer.clip": "none", label: "é\\\\" } },
        compare: { reference: "a" } }
      """)
    let text = plan.encodedJSON()
    let back = try SweepPlan(json: text)
    XCTAssertEqual(back.encodedJSON(), text)
    XCTAssertEqual(back.configurations, plan.configurations)
    XCTAssertEqual(Array(back.trials), Array(plan.trials))
    XCTAssertEqual(back.reference, "a")
  }

  func testSweepTextIsPinned() throws {
    let plan = try plan(
      "{ name: 'p', seeds: { first: 5, count: 2 }, grid: { \"training.batch_size\": [8] } }",
      ["training.arithmetic=openblas"])
    XCTAssertEqual(
      plan.encodedJSON(),
      """
      {
        "name": "p",
        "seeds": {"first": 5, "count": 2},
        "configurations": [
          {
            "configuration_id": "\(plan.configurations[0].identifier)",
            "variant": "default",
            "label": "default",
            "axes": {"training.batch_size": "8"},
            "configuration": {
              "model": {
                "path": null,
                "config": {
                  "model_type": "bert",
                  "hidden_size": 64,
                  "num_hidden_layers": 12,
                  "num_attention_heads": 4,
                  "intermediate_size": 256,
                  "max_position_embeddings": 128,
                  "type_vocab_size": 2,
                  "layer_norm_eps": 1e-12,
                  "initializer_range": 0.02
                },
                "vocab": null,
                "head": "new"
              },
              "task": {
                "name": "synthetic",
                "metric": null,
                "max_length": 128,
                "shuffle_labels": null,
                "difficulty": "order",
                "train_size": 2000,
                "dev_size": 500,
                "seed": 1
              },
              "train_subset": {
                "size": null
              },
              "training": {
                "epochs": 3,
                "batch_size": 8,
                "max_steps": null,
                "evaluations_per_epoch": 1,
                "evaluate_every": null,
                "shuffle": true,
                "hidden_dropout": null,
                "attention_dropout": null,
                "classifier_dropout": null,
                "precision": "float32",
                "mixout": 0.0
              },
              "optimizer": {
                "algorithm": "hf",
                "learning_rate": 2e-05,
                "bias_correction": false,
                "beta1": 0.9,
                "beta2": 0.999,
                "epsilon": 1e-06,
                "weight_decay": 0.01,
                "decay_towards": "zero",
                "match_step_mass": false,
                "clip": null,
                "max_grad_norm": 1.0
              },
              "schedule": {
                "kind": "linear",
                "warmup": 0.1,
                "total_steps": null
              },
              "record": {
                "curves_every": 10,
                "gradient_norms_every": 0,
                "predictions": "final"
              }
            }
          }
        ]
      }

      """)
  }

  func testAMillionTrialsArePlanned() throws {
    let plan = try plan(
      "{ seeds: 100000, grid: { \"optimizer.beta1\": [0.1, 0.2, 0.3, 0.4, 0.5], \"training.epochs\": [1, 2] } }")
    XCTAssertEqual(plan.trials.count, 1_000_000)
    let last = plan.trials[999_999]
    XCTAssertEqual(last.seeds, TrialSeeds(tied: 100_000))
    XCTAssertEqual(last.configuration.training.epochs, 2)
    XCTAssertEqual(plan.trialIndex(identifier: last.identifier), 999_999)
  }

  func testTwoTrialsWithOneIdentifierAreRefused() throws {
    let configuration = PlannedConfiguration(
      variant: "a", label: "a", configuration: TrialConfiguration(), axisValues: [], identifier: "0123456789abcdef")
    let seeds = [TrialSeeds(tied: 1), TrialSeeds(tied: 2), TrialSeeds(tied: 1)]
    XCTAssertThrowsError(try SweepPlan(name: "n", configurations: [configuration], seeds: seeds)) { error in
      let identifier = seeds[0].contentHash(configuration: ContentHash(bits: 0x0123_4567_89AB_CDEF)).hexadecimal
      XCTAssertEqual(
        "\(error)",
        "sweep: two trials have the identifier \(identifier): synthetic a seed 1 and synthetic a seed 1")
    }
  }
}
