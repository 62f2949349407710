import Foundation
import JSON5
import XCTest

@testable import SweepLanguage
@testable import Trials

/// What is said to those who come from other programs: names, spellings, files in other languages.
final class HintsTests: XCTestCase {
  /// Every name leads to a key that exists, and none hides one.
  func testTheTableOfNames() {
    let names = ForeignNames.all.flatMap(\.names)
    XCTAssertEqual(Set(names).count, names.count)
    XCTAssertEqual(ForeignNames.all.filter { $0.names != $0.names.sorted() }.map(\.names), [])
    let paths = ConfigurationSchema.keys.map(\.path) + SweepMember.all.map(\.path)
    let lastParts = Set(paths.compactMap { $0.split(separator: ".").last.map(String.init) })
    let transformers = Set(TransformersNames.all.map(\.name))
    XCTAssertEqual(names.filter { lastParts.contains($0) || transformers.contains($0) }, [])
    for key in ForeignNames.all.compactMap(\.key) { XCTAssertTrue(paths.contains(key), key) }
    for (key, values) in ForeignValues.values {
      guard case .choice(let words) = ConfigurationSchema.key(at: key)?.kind else { return XCTFail(key) }
      for (value, names) in values {
        XCTAssertTrue(words.contains { value.hasPrefix("\"\($0)\"") }, value)
        XCTAssertEqual(names.filter { words.contains($0) || $0 != $0.lowercased() }, [])
      }
    }
  }

  /// Every key that an advice names is one.
  func testTheAdviceNamesKeysThatExist() {
    for advice in ForeignNames.all.map(\.advice) {
      for word in advice.split(whereSeparator: { " ,;:()".contains($0) }) where word.contains(".") {
        let isFile = word.contains(".tsv")
        XCTAssertTrue(isFile || ConfigurationSchema.key(at: String(word)) != nil, "\(word) in \(advice)")
      }
    }
  }

  /// A run folder's sweep.json is a plan, with every configuration in it, and no sweep file.
  func testThePlanOfARunFolderIsNoSweep() {
    XCTAssertEqual(
      problems("{ seeds: 2, configurations: [] }"),
      "sweep.json5:1:13: unknown key \"configurations\"; this is the plan of a run folder: give the sweep file that it was "
        + "made from, which command_line in the folder's provenance.json names")
  }

  func testNamesOfOtherPrograms() {
    XCTAssertEqual(
      problems(
        """
        { lr: 1e-4, optimizer: { lr: 1e-4 }, fp16: true, bf16: true, n_seeds: 3,
          training: { gradient_accumulation_steps: 2, per_device_eval_batch_size: 8, load_best_model_at_end: true },
          output_dir: "out", save_strategy: "no", logging_steps: 5, report_to: "none", seeds: 1,
        }
        """),
      """
      sweep.json5:1:3: unknown key "lr"; it is optimizer.learning_rate here
      sweep.json5:1:26: unknown key "optimizer.lr"; it is optimizer.learning_rate here
      sweep.json5:1:38: unknown key "fp16"; everything is float32 or, with training.precision: "bfloat16", products in bfloat16; there is no float16
      sweep.json5:1:50: unknown key "bf16"; write training.precision: "bfloat16", or nothing for float32
      sweep.json5:1:62: unknown key "n_seeds"; it is seeds here
      sweep.json5:2:15: unknown key "training.gradient_accumulation_steps"; there is no accumulation; training.batch_size is the number of sequences in a step
      sweep.json5:2:47: unknown key "training.per_device_eval_batch_size"; no result depends on the batches of an evaluation, so there is no key; remove it
      sweep.json5:2:78: unknown key "training.load_best_model_at_end"; every trial trains to its last step, and the tables hold its final and its best evaluation (seedsweep summarize --score best); remove it
      sweep.json5:3:3: unknown key "output_dir"; the folder of results is no part of a sweep; write seedsweep run SWEEP --output DIR
      sweep.json5:3:22: unknown key "save_strategy"; running trials are saved without being asked (run --checkpoint-every SECONDS), and run --keep-weights all keeps the trained models; remove it
      sweep.json5:3:43: unknown key "logging_steps"; the Transformers library's logging_steps is record.curves_every here
      sweep.json5:3:61: unknown key "report_to"; nothing is sent anywhere, and the results are tables in the folder of --output; remove it
      """)
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["lr=1e-4"]), "lr=1e-4: unknown key \"lr\"; it is optimizer.learning_rate here")
    XCTAssertEqual(
      problems("{ seeds: 1, grid: { lr: [1e-4] }, variants: { a: { wd: 0 } } }"),
      """
      sweep.json5:1:21: unknown key "lr"; it is optimizer.learning_rate here
      sweep.json5:1:52: unknown key "wd"; it is optimizer.weight_decay here
      """)
  }

  /// One seed elsewhere would be a count here.
  func testASeedOfOtherPrograms() {
    let forms = "is seeds here, a count such as 25 or a list such as [42]"
    XCTAssertEqual(
      problems("{ seeds: 1, seed: 42, random_seed: 42 }"),
      """
      sweep.json5:1:13: unknown key "seed"; the Transformers library's seed \(forms)
      sweep.json5:1:23: unknown key "random_seed"; it \(forms)
      """)
  }

  /// The nearest key in spelling is another one.
  func testNamesWithTheirSection() {
    XCTAssertEqual(
      problems(
        "{ seeds: 1, optimizer: { name: 'adamw', type: 'adamw' }, schedule: { type: 'linear' }, model: { name: 'a' } }"),
      """
      sweep.json5:1:26: unknown key "optimizer.name"; it is optimizer.algorithm here
      sweep.json5:1:41: unknown key "optimizer.type"; it is optimizer.algorithm here
      sweep.json5:1:70: unknown key "schedule.type"; it is schedule.kind here
      sweep.json5:1:97: unknown key "model.name"; it is model.path here
      """)
  }

  /// A key is known where it stands: inside its section without the section's name, and in a variant beside the variant's own members.
  func testKeysInTheWrongPosition() {
    XCTAssertEqual(
      problems(
        "{ seeds: 1, optimizer: {\n'optimizer.beta1': 0.5 },\n tasks: [{\ntask: { max_length: 64 } }],\n variants: { a: {\nlable: 'x' } } }"
      ),
      """
      sweep.json5:2:1: unknown key "optimizer.optimizer.beta1"; inside optimizer it is written beta1
      sweep.json5:4:1: unknown key "task.task"; the keys of task stand in it without another task around them
      sweep.json5:6:1: unknown key "lable"; did you mean "label"?
      """)
  }

  func testHydrasSigns() {
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["+optimizer.learning_rate=1", "~grid=1"]),
      """
      +optimizer.learning_rate=1: unknown key "+optimizer.learning_rate"; a key is written without +, and a value replaces what the sweep file says
      ~grid=1: unknown key "~grid"; a key is written without ~, and a value replaces what the sweep file says
      """)
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["hydra.sweep=1"]),
      "hydra.sweep=1: unknown key \"hydra.sweep\"; allowed at the top: \(SweepReader.topLevelKeys.joined(separator: ", "))"
    )
  }

  func testValuesOfOtherPrograms() {
    XCTAssertEqual(
      problems(
        "{ seeds: 1, task: { metric: 'mcc' }, optimizer: { algorithm: 'adamw_torch' },\n training: { precision: 'fp16' } }"
      ),
      """
      sweep.json5:1:29: task.metric: expected \(allowed("task.metric")), found the text "mcc"; write "matthews"
      sweep.json5:1:62: optimizer.algorithm: expected \(allowed("optimizer.algorithm")), found the text "adamw_torch"; write "torch" with bias_correction: true
      sweep.json5:2:25: training.precision: expected \(allowed("training.precision")), found the text "fp16"; write "bfloat16" or "float32"; there is no float16
      """)
  }

  private func allowed(_ key: String) -> String { ConfigurationSchema.key(at: key)?.kind.allowed ?? "" }

  func testValuesInQuotes() {
    let rate = "optimizer.learning_rate: expected \(allowed("optimizer.learning_rate"))"
    XCTAssertEqual(
      problems(
        "{ seeds: 1, optimizer: { learning_rate: '2e-5', bias_correction: 'true' },\n training: { batch_size: '16' } }"),
      """
      sweep.json5:1:41: \(rate), found the text "2e-5"; remove the quotes
      sweep.json5:1:66: optimizer.bias_correction: expected true or false, found the text "true"; remove the quotes
      sweep.json5:2:26: training.batch_size: expected an integer from 1 to 2147483647, found the text "16"; remove the quotes
      """)
    // Without the quotes these would be as wrong.
    XCTAssertEqual(
      problems("{ seeds: 1, optimizer: { learning_rate: '-1' }, training: { batch_size: '1.5' } }"),
      """
      sweep.json5:1:41: \(rate), found the text "-1"
      sweep.json5:1:73: training.batch_size: expected an integer from 1 to 2147483647, found the text "1.5"
      """)
    // A share is no percentage.
    XCTAssertEqual(
      problems("{ seeds: 1, training: { hidden_dropout: '7%', attention_dropout: '700%' } }"),
      """
      sweep.json5:1:41: training.hidden_dropout: expected \(allowed("training.hidden_dropout")), found the text "7%"; write 0.07
      sweep.json5:1:66: training.attention_dropout: expected \(allowed("training.attention_dropout")), found the text "700%"
      """)
  }

  func testListsOutsideTheGrid() throws {
    XCTAssertEqual(
      problems("{ seeds: 1, compare: [['a', 'b']] }"),
      "sweep.json5:1:22: compare: expected an object such as { reference: \"default\" }, found a list; pairs are written as "
        + "{ pairs: [[\"better\", \"default\"]] }")
    XCTAssertEqual(
      problems("{ seeds: 1, optimizer: { learning_rate: [1e-5, 2e-5] }, task: [{ name: 'a' }],\n model: ['a', 'b'] }"),
      """
      sweep.json5:1:41: optimizer.learning_rate: expected \(allowed("optimizer.learning_rate")), found a list; several values go into the grid: grid: { "optimizer.learning_rate": [1e-5, 2e-5] }
      sweep.json5:1:63: task: expected an object, found a list; several tasks go into tasks: [...], in place of task
      sweep.json5:2:9: model: expected an object, found a list; several values go into the grid: grid: { "model.path": ['a', 'b'] }
      """)
    XCTAssertEqual(
      problems("{ seeds: 1, training: [1], optimizer: [{ clip: 'none' }, {}] }"),
      """
      sweep.json5:1:23: training: expected an object, found a list; several values go into the grid: grid: { "training.epochs": [1] }
      sweep.json5:1:39: optimizer: expected an object, found a list; several values go into the grid: grid: { optimizer: [{ clip: 'none' }, {}] }
      """)
    // What the error says to write is the axis that the same list is on the command line.
    let file = try plan("{ seeds: 1, grid: { \"optimizer.learning_rate\": [1e-5, 2e-5] } }")
    let words = try plan("{ seeds: 1 }", ["optimizer.learning_rate=[1e-5, 2e-5]"])
    XCTAssertEqual(file.configurations.map(\.identifier), words.configurations.map(\.identifier))
    XCTAssertEqual(
      problems("{ seeds: 1 }", ["optimizer={learning_rate:[1e-5]}"]),
      "optimizer={learning_rate:[1e-5]}: optimizer.learning_rate: expected \(allowed("optimizer.learning_rate")), found a list; "
        + "several values are written optimizer.learning_rate=[1e-5]")
    XCTAssertEqual(
      problems("{ seeds: 1, grid: { \"training.epochs\": 3, \"training.batch_size\": [[8, 16]] } }"),
      """
      sweep.json5:1:40: training.epochs: expected a list of at least one value, found the integer 3; write [3]
      sweep.json5:1:67: training.batch_size: expected an integer from 1 to 2147483647, found a list
      """)
  }

  func testPlainValuesForSections() {
    XCTAssertEqual(
      problems("{ seeds: 1, model: 'embedded', task: 'rte', optimizer: 'torch' }", ["schedule=cosine"]),
      """
      sweep.json5:1:20: model: expected an object, found the text "embedded"; write model: { path: 'embedded' }
      sweep.json5:1:38: task: expected an object, found the text "rte"; write task: { name: 'rte' }
      sweep.json5:1:56: optimizer: expected an object, found the text "torch"; write optimizer: { algorithm: 'torch' }
      schedule=cosine: schedule: expected an object, found the text "cosine"; write schedule.kind=cosine
      """)
  }

  /// 25.0 is the same seed, count or size as 25; 2.5 and 2^53 + 1 as a float are none.
  func testWholeNumbersWithAFraction() throws {
    let whole = try plan("{ seeds: [1, 2], training: { batch_size: 16 }, task: { seed: 3 } }")
    let written = try plan("{ seeds: [1.0, 2e0], training: { batch_size: 16.0 }, task: { seed: 3.0 } }")
    XCTAssertEqual(
      written.trials.indices.map(written.trialIdentifier(at:)), whole.trials.indices.map(whole.trialIdentifier(at:)))
    XCTAssertEqual(try plan("{ seeds: 3.0 }").trials.count, 3)
    XCTAssertEqual(try plan("{ seeds: { first: 7.0, count: 2.0 } }").seeds.map(\.initialization), [7, 8])
    XCTAssertEqual(
      problems("{ seeds: [1, 1.0, 2.5, 9007199254740993.0, -1.0] }"),
      """
      sweep.json5:1:14: seeds: the seed 1 is given twice; it is first given at 1:11
      sweep.json5:1:19: seeds: expected an integer from 0 to 18446744073709551615, found the number 2.5
      sweep.json5:1:24: seeds: expected an integer from 0 to 18446744073709551615, found the number 9007199254740993.0
      sweep.json5:1:44: seeds: expected an integer from 0 to 18446744073709551615, found the number -1.0
      """)
  }

  func testFilesInOtherLanguages() {
    let yaml =
      "this looks like YAML; a sweep file is JSON5, with braces around objects, quotes around texts and commas between keys"
    let toml = yaml.replacing("YAML", with: "TOML")
    XCTAssertEqual(
      problems("# mine\n---\nname: try1\nseeds: 3\n"),
      "sweep.json5:3:1: \(yaml), such as { name: \"try1\", ... }")
    XCTAssertEqual(problems("seeds: 25 # many\n"), "sweep.json5:1:1: \(yaml), such as { seeds: 25, ... }")
    XCTAssertEqual(problems("model:\n  path: x\n"), "sweep.json5:1:1: \(yaml)")
    XCTAssertEqual(problems("- name: a\n"), "sweep.json5:1:1: \(yaml)")
    XCTAssertEqual(problems("name = \"a\"\n"), "sweep.json5:1:1: \(toml), such as { name: \"a\", ... }")
    XCTAssertEqual(problems("\n[model]\npath = \"x\"\n"), "sweep.json5:2:1: \(toml)")
    XCTAssertEqual(
      problems("name: \"a\",\nseeds: 3,\n"),
      "sweep.json5:1:1: a sweep stands in braces: write { before this line and } at the end of the file")
    XCTAssertEqual(problems("{ seeds: 1 name: 2 }"), "sweep.json5:1:12: expected a comma or }, found \"name\"")
    XCTAssertEqual(problems("[1 2]"), "sweep.json5:1:4: expected a comma or ], found \"2\"")
  }

  func testTheHomeFolder() throws {
    let home = try XCTUnwrap(ProcessInfo.processInfo.environment["HOME"])
    let fixture = try SweepFixture([
      "sweep.json5": "{ seeds: 1, model: { path: '~/models/minilm' }, task: { name: 'rte', data: '~' } }",
      "other.json5": "{ extends: '\(fixturePathBelowHome)' }",
    ])
    let configuration = try XCTUnwrap(try fixture.sweep().firstConfiguration)
    XCTAssertEqual(configuration.model.path, home + "/models/minilm")
    XCTAssertEqual(configuration.task.dataPath, home)
    let words = try XCTUnwrap(try fixture.sweep(["model.path=~/m", "task.data=./~/x"]).firstConfiguration)
    XCTAssertEqual(words.model.path, home + "/m")
    XCTAssertEqual(words.task.dataPath, fixture.directory + "/~/x")
    XCTAssertThrowsError(try fixture.sweep(file: "other.json5")) {
      XCTAssertEqual(
        "\($0)",
        "other.json5:1:12: extends: the file \(fixturePathBelowHome) cannot be read: there is no such file")
    }
  }

  private let fixturePathBelowHome = "~/no-such-sweep-of-seedsweep.json5"
}
