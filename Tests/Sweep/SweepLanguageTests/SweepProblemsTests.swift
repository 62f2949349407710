import EmbeddedModels
import TrialTables
import XCTest

@testable import SweepLanguage
@testable import Trials

/// Whole texts of what is said about bad sweeps.
final class SweepProblemsTests: XCTestCase {
  func testPretrainedWeightsAreNeededWhereTheyAreAskedFor() {
    XCTAssertEqual(
      problems("{ seeds: 1, training: { mixout: 0.7 }, optimizer: { decay_towards: 'pretrained' } }"),
      """
      sweep.json5:1:33: training.mixout: mixout needs pre-trained weights: set model.path
      sweep.json5:1:68: optimizer.decay_towards: "pretrained" needs pre-trained weights: set model.path
      """)
    XCTAssertEqual(
      problems("{ seeds: 1, optimizer: { bias_correction: true, match_step_mass: true } }"),
      "sweep.json5:1:66: optimizer.match_step_mass has no effect because optimizer.bias_correction (1:43) is true; remove it "
        + "or change optimizer.bias_correction"
    )
  }

  func testAModelThatTheProgramHasNot() throws {
    let problem = try XCTUnwrap(EmbeddedModel.problem("embedded:none"))
    XCTAssertEqual(
      problems("{ seeds: 1, model: { path: 'embedded:none' } }"), "sweep.json5:1:28: model.path: \(problem)")
    for name in EmbeddedModel.names {
      XCTAssertEqual(problems("{ seeds: 1, model: { path: '\(name)' } }"), "no problem")
    }
  }

  func testCuresThatExcludeEachOther() {
    XCTAssertEqual(
      problems(
        """
        { seeds: 1, model: { reinit_layers: 2, reinit_pooler: true },
          training: { freeze: "encoder" } }
        """),
      """
      sweep.json5:1:37: model.reinit_layers: every weight of a model without a folder is drawn already; set model.path or remove this key
      sweep.json5:1:55: model.reinit_pooler: every weight of a model without a folder is drawn already; set model.path or remove this key
      sweep.json5:2:23: training.freeze: a model without a folder has nothing pre-trained to keep; set model.path or remove this key
      """)
    XCTAssertEqual(
      problems(
        "{ seeds: 1, model: { path: 'm' }, training: { freeze: 'encoder', mixout: 0.5 }, optimizer: { layer_decay: 0.9 } }"
      ),
      """
      sweep.json5:1:74: training.mixout: mixout mixes weights that are trained, and training.freeze: "encoder" freezes them; remove one of them
      sweep.json5:1:107: optimizer.layer_decay: no layer is trained with training.freeze: "encoder"; remove one of them
      """)
    XCTAssertEqual(
      problems("{ seeds: 1, model: { path: 'm' }, training: { freeze: 'layers' } }"),
      "sweep.json5:1:55: training.freeze_layers: missing; training.freeze: \"layers\" needs the number of layers, from the "
        + "lowest, that keep their values")
    XCTAssertEqual(
      problems("{ seeds: 1, training: { average_decay: 0.9, average: 'swa' } }"),
      "sweep.json5:1:40: training.average_decay has no effect because training.average (1:54) is not \"ema\"; remove it or change "
        + "training.average")
    XCTAssertEqual(
      problems("{ seeds: 1, optimizer: { layer_decay: 0 } }"),
      "sweep.json5:1:39: optimizer.layer_decay: expected a number from 1.1754944e-38 to 1, found the integer 0")
    XCTAssertEqual(
      problems(
        "{ seeds: 1, model: { path: 'm' }, task: { name: 'stsb', data: 'STS-B' }, training: { label_smoothing: 0.1 } }"),
      "sweep.json5:1:103: training.label_smoothing: only labels that are classes can be smoothed, and the task predicts numbers; "
        + "remove this key")
  }

  /// A key that few sweeps set has a column in the tables of those that do, and no place in the files of others.
  func testRareKeysHaveColumnsWhereTheyAreSet() throws {
    let plain = try plan("{ seeds: 1 }")
    XCTAssertEqual(ParameterColumns(plain).names, [])
    XCTAssertFalse(plain.encodedJSON().contains("layer_decay"))
    let decayed = try plan(
      "{ seeds: 1, grid: { 'optimizer.layer_decay': [1, 0.9] }, training: { average: 'ema', average_decay: 0.99 } }")
    XCTAssertEqual(ParameterColumns(decayed).names, ["layer_decay", "average"])
    XCTAssertEqual(ParameterColumns(decayed).titles, ["layer_decay", "average"])
    XCTAssertEqual(
      decayed.configurations.map { ParameterColumns(decayed).fields(of: $0.configuration.rareValues) },
      [["", "ema"], ["0.9", "ema"]])
    XCTAssertEqual(Array(try SweepPlan(json: decayed.encodedJSON()).trials), Array(decayed.trials))
    let noisy = try plan(
      """
      { seeds: 1, task: { test_difficulty: 'diagnostic' }, variants: { clean: {}, noisy: { task: { label_noise: 0.1, noise_seed: 7 } },
        apart: { task: { dev_difficulty: 'local' } } } }
      """)
    XCTAssertEqual(
      ParameterColumns(noisy).names, ["dev_difficulty", "label_noise", "noise_seed", "test_difficulty"])
    XCTAssertEqual(
      noisy.configurations.map { ParameterColumns(noisy).fields(of: $0.configuration.rareValues) },
      [["", "", "", "diagnostic"], ["", "0.1", "7", "diagnostic"], ["local", "", "", "diagnostic"]])
  }

  /// Float32 would make 0 or infinity of them.
  func testNumbersThatFloat32CannotHold() throws {
    let allowed = "a number from 1.1754944e-38 to 3.4028235e+38, as float32 holds, found the number"
    XCTAssertEqual(
      problems("{ seeds: 1, optimizer: { learning_rate: 1e-320, max_grad_norm: 1e39,\n weight_decay: 1e-39 } }"),
      """
      sweep.json5:1:41: optimizer.learning_rate: expected \(allowed) 1e-320
      sweep.json5:1:64: optimizer.max_grad_norm: expected \(allowed) 1e39
      sweep.json5:2:16: optimizer.weight_decay: expected 0 or \(allowed) 1e-39
      """)
    XCTAssertNoThrow(
      try plan("{ seeds: 1, optimizer: { learning_rate: 1.2e-38, max_grad_norm: 3.4e38, weight_decay: 0 } }"))
  }

  /// What the built-in task would refuse later is refused with its place.
  func testTheBuiltInTasksCounts() {
    XCTAssertEqual(
      problems("{ seeds: 1, task: { train_size: 3, dev_size: 100001 } }"),
      """
      sweep.json5:1:33: task.train_size: expected an integer from 4 to 100000, found the integer 3
      sweep.json5:1:46: task.dev_size: expected an integer from 4 to 100000, found the integer 100001
      """)
  }

  /// What another key puts out of force is no setting.
  func testSettingsThatReachNobody() throws {
    XCTAssertEqual(
      problems("{ seeds: 1, training: { evaluations_per_epoch: 5, evaluate_every: 10 } }"),
      "sweep.json5:1:48: training.evaluations_per_epoch has no effect because training.evaluate_every (1:67) is set; remove "
        + "one of them")
    XCTAssertNoThrow(
      try plan(
        "{ seeds: 1, training: { evaluations_per_epoch: 5, evaluate_every: 10 } }", ["training.evaluate_every=null"]))
    XCTAssertNoThrow(
      try plan(
        "{ seeds: 1, training: { evaluations_per_epoch: 5 }, variants: { a: {}, b: { 'training.evaluate_every': 7 } } }"
      ))
    XCTAssertEqual(
      problems("{ seeds: { init: { first: 1, count: 2, design: 'nonsense' }, order: [1, 2] } }"),
      "sweep.json5:1:40: unknown key \"seeds.init.design\"; allowed: first, count")
    XCTAssertNoThrow(try plan("{ seeds: { first: 1, count: 2, design: 'tied' } }"))
  }

  /// A long text of nothing else: each problem is told with its place, which takes as long as the text before it.
  func testProblemsComeToAnEnd() {
    let text = "{" + (0..<20_000).map { "zzzzzzzzzz\($0): 1" }.joined(separator: ",") + "}"
    XCTAssertEqual(problems(text).split(separator: "\n").count, 1000)
  }

  func testADeviceIsNoSweepFile() {
    XCTAssertEqual(
      problems("{ extends: \"/dev/zero\", seeds: 1 }"),
      "sweep.json5:1:12: extends: the file /dev/zero cannot be read: it is a device, where a file is needed")
  }

  func testEveryProblemIsReportedAtOnceInTheOrderOfTheText() {
    let text = """
      {
        naem: "x",
        model: { init: "random", config: { hidden_size: 0 } },
        task: { name: "synthetic", difficulty: "locale" },
        training: { epoch: 3, batch_size: 16.5, dropout: 1 },
        optimizer: {
          learning_rat: 1e-4, learning_rate: -1, algorithm: "bertadam", beta1: 1.0, epsilon: Infinity,
          bias_correction: "yes",
        },
        schedule: { warmup: -0.1 },
        seeds: [1, 2, 1],
        grid: { "optimizer.learning_rate": [], "training.batch_size": [16, "32"], "optimizer.foo": [1] },
        variants: { a: { "optimiser.clip": "none" }, b: 3 },
        compare: { reference: "c" },
      }
      """
    XCTAssertEqual(
      problems(text, ["optimizer.clip=globl", "training.max_steps"]),
      """
      sweep.json5:2:3: unknown key "naem"; did you mean "name"?
      sweep.json5:3:51: model.config.hidden_size: expected an integer from 1 to 2147483647, found the integer 0
      sweep.json5:4:42: task.difficulty: expected "order", "local", "distant" or "diagnostic", found the text "locale"; did you mean "local"?
      sweep.json5:5:15: unknown key "training.epoch"; did you mean "training.epochs"?
      sweep.json5:5:37: training.batch_size: expected an integer from 1 to 2147483647, found the number 16.5
      sweep.json5:5:52: training.dropout: expected a number from 0 to 1, 1 excluded, found the integer 1
      sweep.json5:7:5: unknown key "optimizer.learning_rat"; did you mean "optimizer.learning_rate"?
      sweep.json5:7:40: optimizer.learning_rate: expected a number from 1.1754944e-38 to 3.4028235e+38, as float32 holds, found the integer -1
      sweep.json5:7:55: optimizer.algorithm: expected "hf", "google", "bert_adam" or "torch", found the text "bertadam"; did you mean "bert_adam"?
      sweep.json5:7:74: optimizer.beta1: expected a number from 0 to 1, 1 excluded, found the number 1.0
      sweep.json5:7:88: optimizer.epsilon: expected a number from 1.1754944e-38 to 3.4028235e+38, as float32 holds, found the number Infinity
      sweep.json5:8:22: optimizer.bias_correction: expected true or false, found the text "yes"; write true
      sweep.json5:10:23: schedule.warmup: expected 0 or a number from 1.1754944e-38 to 3.4028235e+38, as float32 holds, found the number -0.1
      sweep.json5:11:17: seeds: the seed 1 is given twice; it is first given at 11:11
      sweep.json5:12:38: optimizer.learning_rate: expected a list of at least one value, found an empty list
      sweep.json5:12:70: training.batch_size: expected an integer from 1 to 2147483647, found the text "32"; remove the quotes
      sweep.json5:12:77: unknown key "optimizer.foo"; allowed in optimizer: algorithm, learning_rate, bias_correction, beta1, beta2, epsilon, weight_decay, decay_towards, match_step_mass, layer_decay, clip, max_grad_norm
      sweep.json5:13:20: unknown key "optimiser.clip"; did you mean "optimizer.clip"?
      sweep.json5:13:51: variants.b: expected an object of keys, found the integer 3
      sweep.json5:14:25: compare.reference: there is no variant "c"; there are a
      optimizer.clip=globl: optimizer.clip: expected "none", "global" or "per_tensor", found the text "globl"; did you mean "global"?
      training.max_steps: expected KEY=VALUE, such as optimizer.learning_rate=3e-5
      """)
  }

  func testSyntaxErrorsAndDuplicateKeysHaveTheirPlaces() {
    XCTAssertEqual(
      problems("{ seeds: 1, seeds: 2,\n  task: { name: 'rte', name: 'cola' }\n  model: {} }"),
      """
      sweep.json5:1:13: duplicate key "seeds"; it is first given at 1:3
      sweep.json5:2:24: duplicate key "name"; it is first given at 2:11
      sweep.json5:3:3: expected a comma or }, found "model"
      """)
    XCTAssertEqual(
      problems("{ optimizer.clip: 1 }"),
      "sweep.json5:1:12: expected a colon after the key \"optimizer\", found \".\"; a key with a dot needs quotes")
    XCTAssertEqual(problems("[]"), "sweep.json5:1:1: expected a sweep, an object in braces, found an empty list")
    XCTAssertEqual(
      problems(["other.json5": ""]), "sweep.json5: the file cannot be read: there is no such file")
  }

  func testDuplicateKeysAreReportedAmongEverythingElse() {
    XCTAssertEqual(
      problems("{ seeds: 0, optimizer: { beta1: 2, beta1: 0.5 }, naem: 1 }"),
      """
      sweep.json5:1:10: seeds: expected a count from 1 to 10000000, found the integer 0
      sweep.json5:1:33: optimizer.beta1: expected a number from 0 to 1, 1 excluded, found the integer 2
      sweep.json5:1:36: duplicate key "beta1"; it is first given at 1:26
      sweep.json5:1:50: unknown key "naem"; did you mean "name"?
      """)
  }

  func testWhatNoGridReachesInto() {
    XCTAssertEqual(
      problems("{ seeds: 1, grid: { seeds: [1, 2] } }", ["seeds.init=3"]),
      """
      sweep.json5:1:21: unknown key "seeds"; seeds is given as a whole, at the top of the sweep
      seeds.init=3: unknown key "seeds.init"; seeds is given as a whole, at the top of the sweep
      """)
  }

  func testSizesThatNoMachineHolds() {
    XCTAssertEqual(
      problems(
        "{ seeds: 1, model: { config: { num_hidden_layers: 2147483647,\n hidden_size: 2147483646,"
          + " num_attention_heads: 2, intermediate_size: 2147483647 } } }"),
      """
      sweep.json5:1:51: model.config.num_hidden_layers: expected at most 1000 layers, found 2147483647
      sweep.json5:2:15: model.config.hidden_size: these sizes make 5.9421121756571045e+28 parameters, and 1e+16 are allowed
      """)
  }

  func testTheSameKeyTwiceInTwoSpellings() {
    XCTAssertEqual(
      problems("{ seeds: 1, optimizer: { beta1: 0.5 },\n \"optimizer.beta1\": 0.6, train_subset: 3 }"),
      """
      sweep.json5:2:2: optimizer.beta1 is given twice; it is first given at 1:33
      sweep.json5:2:40: train_subset: expected an object, found the integer 3; write train_subset: { size: 3 }
      """)
    XCTAssertEqual(
      problems("{ seeds: 1, variants: { a: { optimizer: { beta1: 0.5 },\n \"optimizer.beta1\": 0.6 } } }"),
      "sweep.json5:2:2: optimizer.beta1 is given twice; it is first given at 1:50")
  }

  func testTransformersNamesAreTranslated() {
    XCTAssertEqual(
      problems(
        "{ seeds: 1, num_train_epochs: 3, training: { per_device_train_batch_size: 8, learning_rate: 1 },"
          + " schedule: { warmup_ratio: 0.1 } }"),
      """
      sweep.json5:1:13: unknown key "num_train_epochs"; the Transformers library's num_train_epochs is training.epochs here
      sweep.json5:1:46: unknown key "training.per_device_train_batch_size"; the Transformers library's per_device_train_batch_size is training.batch_size here
      sweep.json5:1:78: unknown key "training.learning_rate"; did you mean "optimizer.learning_rate"?
      sweep.json5:1:110: unknown key "schedule.warmup_ratio"; the Transformers library's warmup_ratio is schedule.warmup here
      """)
    for (name, key) in TransformersNames.all where key.contains(".") && !key.hasPrefix("seeds") {
      XCTAssertNotNil(ConfigurationSchema.key(at: key), "\(name) points at \(key)")
    }
  }

  func testCombinationsThatCannotBe() {
    func problem(_ members: String) -> String { problems("{ seeds: 1,\n\(members) }") }
    XCTAssertEqual(
      problem("model: { config: { hidden_size: 64, num_attention_heads: 5 } }"),
      "sweep.json5:2:58: model.config.num_attention_heads: 5 heads do not divide the hidden size 64")
    XCTAssertEqual(
      problem("model: { init: \"random\", path: \"m\" }"),
      "sweep.json5:2:16: model.init: \"random\" contradicts model.path (2:32); remove one of them"
    )
    XCTAssertEqual(
      problem("model: { head: \"keep\" }"),
      "sweep.json5:2:16: model.head: \"keep\" keeps the head of a model folder; set model.path or remove this key"
    )
    XCTAssertEqual(
      problem("task: { name: \"rte\" }"),
      """
      sweep.json5:2:15: model.path: missing; the task "rte" needs a model folder, or model.vocab for a random model
      sweep.json5:2:15: task.data: missing; the GLUE task "rte" is read from a folder with its .tsv files
      """)
    XCTAssertEqual(
      problem("model: { path: \"m\" }, task: { name: \"sst-2\" }"),
      "sweep.json5:2:37: task.name: \"sst-2\" is no built-in task, and task.train and task.dev name no files of your own; did you mean \"sst2\"?"
    )
    XCTAssertEqual(
      problem("model: { path: \"m\" }, task: { name: \"mine\", train: \"a.tsv\", text: \"s\", label: \"s\" }"),
      """
      sweep.json5:2:37: task.dev: missing; the task "mine" of your own files needs it: the evaluation file
      sweep.json5:2:79: task.label: the column "s" is given as task.text already; name another column
      """)
    XCTAssertEqual(
      problem("task: { name: \"synthetic\", data: \"glue\" }"),
      "sweep.json5:2:34: task.data has no effect because task.name (2:15) is not a GLUE task; remove it or change task.name"
    )
    XCTAssertEqual(
      problem("model: { path: \"m\", config: { hidden_size: 8 } }, train_subset: { seed: 3 }"),
      """
      sweep.json5:2:44: model.config.hidden_size has no effect because model.path (2:16) is set; remove one of them
      sweep.json5:2:73: train_subset.seed has no effect because train_subset.size is not set; remove it or set train_subset.size
      """)
    XCTAssertEqual(
      problem("task: { metric: \"pearson\", max_length: 200 }"),
      """
      sweep.json5:2:17: task.metric: the task "synthetic" predicts classes; expected "accuracy", "f1", "macro_f1", "accuracy_and_f1" or "matthews", found "pearson"
      sweep.json5:2:40: task.max_length: 200 tokens do not fit the model's 128 positions (model.config.max_position_embeddings)
      """)
    XCTAssertEqual(
      problem("schedule: { warmup: 10.5 }, train_subset: { size: 2001 }"),
      """
      sweep.json5:2:21: schedule.warmup: expected a fraction below 1 or a whole number of steps up to 2147483647, found 10.5
      sweep.json5:2:51: train_subset.size: 2001 examples are more than the 2000 that the built-in task has (task.train_size)
      """)
    XCTAssertEqual(
      problem("schedule: { warmup: 200 }, training: { max_steps: 100 }"),
      "sweep.json5:2:21: schedule.warmup: 200 steps of warm-up are more than the schedule's 100 (training.max_steps)")
    XCTAssertEqual(
      problem("model: { vocab: \"v\", config: { type_vocab_size: 1 } }, task: { name: \"rte\", data: \"d\" }"),
      "sweep.json5:2:49: model.config.type_vocab_size: the task \"rte\" has pairs of texts and needs at least 2 types, found 1"
    )
  }

  /// Who gives both means both; who gives one over the other means that one.
  func testAKeyIsReplacedOnlyByOneThatIsGivenOverIt() {
    let epochs = "training.epochs has no effect because training.max_steps"
    let norm = "optimizer.max_grad_norm has no effect because optimizer.clip"
    let cure = "remove it or change optimizer.clip"
    XCTAssertEqual(
      problems(
        """
        { seeds: 1,
          training: { epochs: 9, max_steps: 50 },
          optimizer: { clip: 'none', max_grad_norm: 0.5 } }
        """),
      """
      sweep.json5:2:23: \(epochs) (2:37) is set; remove one of them
      sweep.json5:3:45: \(norm) (3:22) is "none"; \(cure)
      """)
    XCTAssertEqual(
      problems("{ seeds: 1, training: { max_steps: 50 }, variants: { a: {}, b: { 'training.epochs': 9 } } }"),
      "sweep.json5:1:85: \(epochs) (1:36) is set; remove one of them")
    XCTAssertEqual(
      problems("{ seeds: 1, training: { max_steps: 50 } }", ["training.epochs=9"]),
      "training.epochs=9: \(epochs) (sweep.json5:1:36) is set; set one of them to null")
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["optimizer.clip=none", "optimizer.max_grad_norm=2"]),
      "optimizer.max_grad_norm=2: \(norm) (optimizer.clip=none) is \"none\"; \(cure)")
    XCTAssertEqual(
      problems([
        "base.json5": "{ training: { max_steps: 50 } }",
        "sweep.json5": "{ extends: 'base.json5', seeds: 1, training: { epochs: 9 } }",
      ]),
      "sweep.json5:1:56: \(epochs) (base.json5:1:26) is set; set one of them to null")

    let shared = ["base.json5": "{ training: { epochs: 9 }, optimizer: { max_grad_norm: 2 } }"]
    for (text, arguments) in [
      ("training: { max_steps: 50 }, optimizer: { clip: 'none' }", []),
      ("variants: { a: { 'training.max_steps': 50 }, b: { training: { max_steps: 60 } } }", []),
      ("grid: { 'training.max_steps': [50, 60] }", []),
      ("training: { epochs: 3 }", ["training.max_steps=50", "optimizer.clip=none"]),
      ("variants: { a: { 'training.epochs': 3 } }", ["training.max_steps=[50, 60]"]),
      ("training: { epochs: 3, max_steps: 50 }, variants: { a: {}, b: { 'training.max_steps': null } }", []),
    ] {
      let files = shared.merging(["sweep.json5": "{ extends: 'base.json5', seeds: 1, \(text) }"]) { $1 }
      XCTAssertEqual(problems(files, arguments), "no problem", text)
    }
  }

  func testConflictsAndDuplicateConfigurations() {
    XCTAssertEqual(
      problems(
        """
        { seeds: 2,
          grid: { "optimizer.beta1": [0.5, 0.6], "training.dropout": [0], "training.hidden_dropout": [0.1] },
          variants: { a: { "optimizer.beta1": 0.9 }, b: {} } }
        """),
      """
      sweep.json5:2:67: grid: training.hidden_dropout and training.dropout both set training.hidden_dropout; give it in one of the two
      sweep.json5:3:39: variants.a: optimizer.beta1 is also an axis of the grid (2:11); give it in one of the two
      """)
    XCTAssertEqual(
      problems("{ seeds: 2, variants: { a: {}, b: { \"optimizer.beta1\": 0.9 } } }"),
      "sweep.json5:1:32: two configurations are the same: synthetic a and synthetic b; their trials would be the same; remove one of them"
    )
    XCTAssertEqual(
      problems("{ seeds: 2, grid: { \"optimizer.beta1\": [0.5, 5e-1] } }"),
      "sweep.json5:1:46: optimizer.beta1: 5e-1 is given twice; it is first given at 1:41")
    XCTAssertEqual(
      problems("{ seeds: 2, variants: { a: {}, b: { \"optimizer.beta1\": 0.8 } } }", ["optimizer.beta1=0.5"]),
      "sweep.json5:1:32: two configurations are the same: synthetic a and synthetic b; their trials would be the same; remove one of them. "
        + "optimizer.beta1 on the command line replaces what the variant b gives; the labels stay.")
  }

  func testSeedsThatCannotBe() {
    func problem(_ seeds: String) -> String { problems("{ seeds: \(seeds) }") }
    XCTAssertEqual(
      problems("{}"), "sweep.json5:1:1: seeds: missing; give a count such as 25 or a list such as [1, 2, 3]")
    XCTAssertEqual(problem("0"), "sweep.json5:1:10: seeds: expected a count from 1 to 10000000, found the integer 0")
    XCTAssertEqual(
      problem("\"5\""),
      "sweep.json5:1:10: seeds: expected a count such as 25, a list such as [1, 2, 3], { first, count }, or "
        + "{ init, order, dropout, design }, found the text \"5\"")
    XCTAssertEqual(
      problem("[1, -1, 2.5]"),
      """
      sweep.json5:1:14: seeds: expected an integer from 0 to 18446744073709551615, found the integer -1
      sweep.json5:1:18: seeds: expected an integer from 0 to 18446744073709551615, found the number 2.5
      """)
    XCTAssertEqual(
      problem("{ first: 5 }"), "sweep.json5:1:10: seeds.count: missing; give both, such as { first: 1001, count: 20 }")
    XCTAssertEqual(
      problem("{ init: 5, odrer: 5 }"), "sweep.json5:1:21: unknown key \"seeds.odrer\"; did you mean \"order\"?")
    XCTAssertEqual(
      problem("{ init: 5 }"), "sweep.json5:1:10: seeds.order: missing; the design \"crossed\" needs init and order")
    XCTAssertEqual(
      problem("{ init: 5, order: 4, design: \"zipped\" }"),
      "sweep.json5:1:10: seeds: the design \"zipped\" needs lists of one length, found init 5, order 4, dropout 4")
    XCTAssertEqual(
      problem("{ init: [1, 1], order: [2, 2], design: \"zipped\" }"),
      "sweep.json5:1:10: seeds: zipping gives seeds init 1, order 2, dropout 2 twice")
    XCTAssertEqual(
      problem("{ init: 3, order: 3, design: \"tied\" }"),
      "sweep.json5:1:21: seeds.order: the design \"tied\" takes seeds.init for everything; remove this key")
    XCTAssertEqual(
      problem("{ init: 3, order: 3, design: \"cross\" }"),
      "sweep.json5:1:39: seeds.design: expected \"crossed\", \"zipped\" or \"tied\", found the text \"cross\"")
    XCTAssertEqual(
      problem("{ init: 10000, order: 10000 }"),
      "sweep.json5:1:10: seeds: crossing them gives more than the 10000000 trials allowed")
  }

  func testProblemsOfTheCommandLine() {
    let text = "{ seeds: 2, variants: { default: {}, corrected: { \"optimizer.bias_correction\": true } } }"
    XCTAssertEqual(
      problems(
        text,
        [
          "seeds=[1, 1]", "variants=default,corected", "extends=x", "optimizer.beta1=0.5", "optimizer.beta1=0.6",
          "trainin.epochs=1", "training.epochs=[", "training.batch_size=big", "=1",
        ]),
      """
      seeds=[1, 1]: seeds: the seed 1 is given twice; it is first given in seeds=[1, 1]
      variants=default,corected: the sweep has no variant "corected"; did you mean "corrected"?
      extends=x: extends belongs into the sweep file
      optimizer.beta1=0.6: optimizer.beta1 is given twice on the command line; first as optimizer.beta1=0.5
      trainin.epochs=1: unknown key "trainin.epochs"; did you mean "training.epochs"?
      training.epochs=[: expected a value, found the end of the text
      training.batch_size=big: training.batch_size: expected an integer from 1 to 2147483647, found the text "big"
      =1: expected KEY=VALUE, such as optimizer.learning_rate=3e-5
      """)
  }

  func testProblemsOfExtendedFiles() {
    XCTAssertEqual(
      problems([
        "sweep.json5": "{ extends: \"sub/base.json5\", seeds: 1 }",
        "sub/base.json5": "{ extends: \"../sweep.json5\", trainig: {} }",
      ]),
      """
      sub/base.json5:1:12: extends: the files extend each other: sweep.json5 -> base.json5 -> sweep.json5
      sub/base.json5:1:30: unknown key "trainig"; did you mean "training"?
      """)
    XCTAssertEqual(
      problems("{ extends: \"nowhere.json5\" }"),
      "sweep.json5:1:12: extends: the file nowhere.json5 cannot be read: there is no such file")
  }

  func testFilesThatCannotBeReadAreNamedWhereTheyAreGiven() {
    XCTAssertEqual(
      problems(
        """
        { seeds: 1, model: { path: "missing" }, task: { name: "rte", data: "glue/missing" },
          grid: { "optimizer.beta1": [0.5, 0.6] } }
        """),
      """
      sweep.json5:1:28: cannot read missing: there is no such file
      sweep.json5:1:68: cannot read missing: there is no such file
      """)
  }

  /// A name that is no task's is one mistake: which keys it reads is not known.
  func testAnUnknownTaskIsOneProblem() {
    // What a task asks of a random model is no problem of its own.
    let models = [("path: \"m\"", 49), ("init: \"random\", config: { max_position_embeddings: 64 }", 95)]
    for keys in ["data: \"glue\"", "difficulty: \"local\"", "text: \"s\", label: \"y\""] {
      for (model, column) in models {
        XCTAssertEqual(
          problems("{ seeds: 1, model: { \(model) }, task: { name: \"CoLA\", \(keys) } }"),
          "sweep.json5:1:\(column): task.name: \"CoLA\" is no built-in task, and task.train and task.dev name no files of your own; "
            + "did you mean \"cola\"?")
      }
    }
  }

  /// The size of the built-in task is no subset of other tasks' examples.
  func testATrainSizeOfOwnFilesPointsToSubsets() {
    for task in [
      "name: \"mine\", train: \"a.tsv\", dev: \"b.tsv\", text: \"s\", label: \"y\"", "name: \"cola\", data: \"d\"",
    ] {
      let problem = problems("{ seeds: 1, model: { path: \"m\" }, task: { train_size: 50, \(task) } }")
      XCTAssertTrue(
        problem.hasPrefix(
          "sweep.json5:1:55: task.train_size has no effect because task.name (1:65) is no built-in task"),
        problem)
      XCTAssertTrue(
        problem.hasSuffix("; write train_subset: { size: N } to train on N of the task's examples, or remove it"),
        problem)
    }
  }

  /// What one text gives and one key decides is one problem.
  func testKeysWithoutEffectAreOneProblem() {
    XCTAssertEqual(
      problems(
        """
        { seeds: 1, model: { path: "m" }, task: { name: "cola", data: "d", train: "a.tsv", dev: "b.tsv", text: "s",
          label: "y" } }
        """),
      "sweep.json5:1:75: task.train, task.dev, task.text and task.label have no effect because task.name (1:49) is a "
        + "built-in task; remove them or change task.name")
    XCTAssertEqual(
      problems("{ seeds: 1, model: { path: \"m\", config: { hidden_size: 8, num_hidden_layers: 2 } } }"),
      "sweep.json5:1:56: model.config.hidden_size and model.config.num_hidden_layers have no effect because model.path "
        + "(1:28) is set; remove them or model.path")
    XCTAssertEqual(
      problems(
        "{ seeds: 1, training: { evaluate_every: 5 }, grid: { 'training.evaluations_per_epoch': [\n1, 3] } }"),
      "sweep.json5:2:1: training.evaluations_per_epoch has no effect because training.evaluate_every (1:41) is set; remove one of "
        + "them")
  }

  /// Another task over the file's own leaves the other's keys without effect, which is no mistake.
  func testAnotherTaskOnTheCommandLine() throws {
    let own =
      "{ seeds: 1, model: { path: \"m\" }, task: { name: \"mine\", train: \"a.tsv\", dev: \"b.tsv\", text: \"s\", "
      + "label: \"y\", max_length: 64 } }"
    let glue = try plan("{ seeds: 1, model: { path: \"m\" }, task: { name: \"cola\", data: \"g\", max_length: 64 } }")
    for overrides in [["task={name: \"cola\", data: \"g\"}"], ["task.name=cola", "task.data=g"]] {
      XCTAssertEqual(
        try plan(own, overrides).configurations.map(\.identifier), glue.configurations.map(\.identifier))
    }
    XCTAssertEqual(
      problems(own, ["task.name=cola"]),
      "task.name=cola: task.data: missing; the GLUE task \"cola\" is read from a folder with its .tsv files")
    XCTAssertEqual(try plan(own, ["task.name=synthetic"]).configurations.count, 1)
  }

  /// A file that cannot be read is named where its path is given, be that the sweep or an argument.
  func testErrorsOfFilesNameTheTextThatGivesThePath() throws {
    let fixture = try SweepFixture([
      "sweep.json5": "{ seeds: 1, model: { path: \"m\" },\n  task: { name: \"mine\", train: \"a.tsv\", dev: \"b.tsv\", "
        + "text: \"s\", label: \"y\" } }"
    ])
    let sweep = try fixture.sweep(["task.dev=other/b.tsv"])
    func place(_ message: String) -> String {
      sweep.diagnostic(message, ofConfiguration: 0, isModel: false).description
        .replacingOccurrences(of: fixture.directory, with: "FOLDER")
    }
    let folder = fixture.directory
    XCTAssertEqual(place("\(folder)/a.tsv:3: no"), "sweep.json5:2:32: FOLDER/a.tsv:3: no")
    XCTAssertEqual(place("cannot read \(folder)/other/b.tsv"), "task.dev=other/b.tsv: cannot read FOLDER/other/b.tsv")
    XCTAssertEqual(place("\(folder)/m/config.json: no"), "sweep.json5:1:28: FOLDER/m/config.json: no")
    // The file that is named first has the problem.
    XCTAssertEqual(
      place("\(folder)/a.tsv:3: not in \(folder)/other/b.tsv"),
      "sweep.json5:2:32: FOLDER/a.tsv:3: not in FOLDER/other/b.tsv")
    XCTAssertEqual(place("something else"), "sweep.json5:2:32: something else")
  }

  /// Values that nobody fine-tunes with are allowed and remarked on, once for each text that gives them.
  func testUnusualValuesAreRemarkedOn() throws {
    func remarks(_ text: String, _ overrides: [String] = []) throws -> [String] {
      try SweepFixture(["sweep.json5": text]).sweep(overrides).remarks
    }
    let hint = "fine-tuning uses 1e-08 to 0.02"
    XCTAssertEqual(
      try remarks("{ seeds: 3, optimizer: { learning_rate: 3 }, grid: { \"schedule.warmup\": [0, 0.1] } }"),
      ["warning: sweep.json5:1:41: optimizer.learning_rate is 3.0; \(hint)"])
    // A number that lacks its minus sign.
    for (written, text, meant) in [("3e5", "300000.0", "3e-05"), ("2.5e3", "2500.0", "0.0025")] {
      XCTAssertEqual(
        try remarks("{ seeds: 3, optimizer: { learning_rate: \(written) } }"),
        ["warning: sweep.json5:1:41: optimizer.learning_rate is \(text); \(hint) (did you mean \(meant)?)"])
    }
    XCTAssertEqual(
      try remarks("{ seeds: 1 }", ["optimizer.learning_rate=[2e-5,2e-9]"]),
      ["warning: optimizer.learning_rate=[2e-5,2e-9]: optimizer.learning_rate is 2e-09; \(hint)"])
    XCTAssertEqual(
      try remarks(
        "{ seeds: 1, training: { epochs: 3000, dropout: 0.95 }, optimizer: { weight_decay: 3, epsilon: 1 } }"
      ).map { $0.components(separatedBy: "; ")[0] },
      [
        "warning: sweep.json5:1:33: training.epochs is 3000",
        "warning: sweep.json5:1:48: training.classifier_dropout is 0.95",
        "warning: sweep.json5:1:83: optimizer.weight_decay is 3.0",
        "warning: sweep.json5:1:95: optimizer.epsilon is 1.0",
      ])
    XCTAssertEqual(
      try remarks(
        "{ seeds: 1, training: { epochs: 3000 }, optimizer: { learning_rate: 1.2e-3 } }", ["training.max_steps=5"]), [])
  }

  func testTheBuiltInTaskHasNoTestSet() {
    XCTAssertEqual(
      problems("{ seeds: 1, task: { test: \"t.tsv\" } }"),
      "sweep.json5:1:27: task.test has no effect because task.name is a task without files; remove it or change task.name"
    )
    XCTAssertEqual(
      problems("{ seeds: 1, model: { path: \"m\" }, task: { name: \"cola\", data: \"d\", test: \"t.tsv\" } }"),
      "no problem")
  }
}
