// Sweeps whose trainer is a program of the user's own: what they may say, what they expand to, and what a trial is.

import TrialTables
import XCTest

@testable import SweepLanguage
@testable import Trials

final class ProgramSweepTests: XCTestCase {
  /// A sweep with the keys of `program` and others beside it.
  private func text(_ program: String, _ rest: String = "seeds: 2") -> String {
    "{ program: { results: { final: 'acc' }, \(program) },\n \(rest) }"
  }

  private let command = "command: ['train', '--lr', '{lr}', '{seed}'], parameters: { lr: 2e-5 }"

  private func commands(_ plan: SweepPlan) -> [String] {
    plan.trials.map {
      $0.configuration.program.expandedCommand(seeds: $0.seeds, folder: "/f").joined(separator: " ")
    }
  }

  // MARK: - Expansion

  func testSeedsAndParametersBecomeWords() throws {
    XCTAssertEqual(try commands(plan(text(command))), ["train --lr 2e-05 1", "train --lr 2e-05 2"])
  }

  func testGridVariantsAndArgumentsGiveParametersByTheirNames() throws {
    let grid = text(command, "seeds: 1, grid: { lr: [1e-5, 3e-5] }")
    XCTAssertEqual(try commands(plan(grid)), ["train --lr 1e-05 1", "train --lr 3e-05 1"])
    XCTAssertEqual(
      try plan(grid).configurations.map(\.title), ["program default lr=1e-05", "program default lr=3e-05"])
    let long = text(command, "seeds: 1, grid: { 'program.parameters.lr': [1e-5, 3e-5] }")
    XCTAssertEqual(try plan(long).configurations, try plan(grid).configurations, "both names mean the same")
    let variants = text(
      command, "seeds: 1, variants: { a: {}, b: { lr: 1 }, c: { program: { parameters: { lr: 0.5 } } } }")
    XCTAssertEqual(try commands(plan(variants)), ["train --lr 2e-05 1", "train --lr 1 1", "train --lr 0.5 1"])
    XCTAssertEqual(try commands(plan(text(command), ["lr=1e-3", "seeds=1"])), ["train --lr 0.001 1"])
    XCTAssertEqual(
      try commands(plan(text(command), ["program.parameters.lr=[1,2]", "seeds=1"])),
      ["train --lr 1 1", "train --lr 2 1"])
  }

  func testAnExtendingFileGivesParametersAndMayAddSome() throws {
    let files = [
      "base.json5": text(command, "seeds: 1"),
      "sweep.json5": """
      { extends: 'base.json5', variants: { a: {}, b: { wd: 0.1 } }, program: { command: ['t', '{lr}', '{wd}', '{seed}'],
        parameters: { wd: 0, lr: 3 } } }
      """,
    ]
    XCTAssertEqual(try commands(SweepFixture(files).plan()), ["t 3 0 1", "t 3 0.1 1"])
  }

  func testTextsBooleansAndWholeNumbers() throws {
    let sweep = text("command: ['t', '{tag}', '{flag}', '{n}', '{seed}'], parameters: { tag: 'a', flag: true, n: 3.0 }")
    XCTAssertEqual(try commands(plan(sweep, ["seeds=1"])), ["t a true 3 1"])
    XCTAssertEqual(try commands(plan(sweep, ["seeds=1", "tag=12", "flag=false", "n=4.5"])), ["t 12 false 4.5 1"])
    XCTAssertEqual(
      problems(sweep, ["flag=1", "n=many"]),
      """
      flag=1: program.parameters.flag: expected true or false like its default, found the integer 1
      n=many: program.parameters.n: expected a number like its default, found the text "many"
      """)
  }

  func testSeparateSeedsHavePlaceholdersOfTheirOwn() throws {
    let crossed = "seeds: { init: [1, 2], order: [3, 4] }"
    let sweep = text("command: ['t', '{seed_init}', '{seed_order}', '{seed_dropout}']", crossed)
    XCTAssertEqual(try commands(plan(sweep)), ["t 1 3 3", "t 1 4 4", "t 2 3 3", "t 2 4 4"])
    XCTAssertEqual(
      problems(text("command: ['t', '{seed}']", crossed)),
      "sweep.json5:1:50: program.command: {seed} is not known, because the sweep has separate seeds; write {seed_init}, "
        + "{seed_order} or {seed_dropout}")
    XCTAssertEqual(
      problems(text("command: ['t', '{seed_init}']", crossed)),
      "sweep.json5:1:50: program.command: the 4 seeds make 2 commands, so that trials would repeat each other; write "
        + "{seed_init}, {seed_order} and {seed_dropout} where the program takes its seeds")
    XCTAssertEqual(
      problems(text("command: ['t']")),
      "sweep.json5:1:50: program.command: the 2 seeds make one command, so that trials would repeat each other; write "
        + "{seed} where the program takes its seed")
    XCTAssertNoThrow(try plan(text("command: ['t'], environment: { SEED: '{seed}' }")))
    let bare = problems(text("command: ['t', '{seed}'], environment: { A: 'x', OMP_NUM_THREADS: 1 }"))
    XCTAssertTrue(
      bare.hasSuffix(
        "program.environment: expected an object of names with texts, found an object; 1 of OMP_NUM_THREADS needs quotes"
      ), bare)
  }

  /// The command and the environment count together, as each configuration has them.
  func testTheSeedsOfEveryConfigurationAreTold() throws {
    let plain = "command: ['t', '{x}'], parameters: { x: 1 }"
    let seeded = plain + ", environment: { SEED: '{seed}' }"
    func repeats(_ count: Int) -> String {
      "program.environment: the \(count) seeds make one command, so that trials would repeat each other; write {seed} where "
        + "the program takes its seed"
    }
    XCTAssertEqual(
      problems(
        text(seeded, "seeds: 3, variants: { a: {}, b: { x: 2, 'program.environment': { MODE: 'fast' } } }")),
      "sweep.json5:2:65: \(repeats(3))")
    let argument = "program.environment={MODE:'fast'}"
    XCTAssertEqual(problems(text(seeded), [argument]), "\(argument): \(repeats(2))")
    XCTAssertEqual(problems(text(plain), ["program.environment={SEED:'{seed}'}"]), "no problem")
    XCTAssertEqual(
      problems(text(plain, "seeds: 2, variants: { a: { 'program.environment': { SEED: '{seed}' } } }")), "no problem")
  }

  func testWhatAnExtendingFileTakesAway() throws {
    func inherited(_ base: String, _ text: String) throws -> SweepPlan {
      try SweepFixture(["base.json5": base, "sweep.json5": "{ extends: 'base.json5', \(text) }"]).plan()
    }
    let grid = text(command, "seeds: 1, grid: { lr: [1, 2] }")
    for key in ["lr", "program.parameters.lr"] {
      XCTAssertEqual(try commands(inherited(grid, "grid: { '\(key)': null }")), ["train --lr 2e-05 1"], key)
    }
    XCTAssertEqual(
      problems(text(command, "seeds: 1, grid: { lr: [1, 2], 'program.parameters.lr': [3] }")),
      "sweep.json5:2:32: program.parameters.lr is given twice; it is first given at 2:20")
    // Without the program its parameters mean nothing.
    for member in ["lr: 3", "grid: { lr: [1, 2] }"] {
      let plan = try inherited(
        text(command, "seeds: 1, variants: { a: {}, b: { \(member) } }"),
        "program: null, variants: { b: { 'optimizer.beta1': 0.5 } }")
      XCTAssertEqual(plan.configurations.map(\.configuration.optimizer.beta1), [0.9, 0.5])
      XCTAssertFalse(plan.configurations.contains { $0.configuration.hasProgram })
    }
  }

  func testFilesBecomePathsAndOtherBracesStay() throws {
    let sweep = text(
      "command: ['./train.sh', '{{seed}}', '{\"a\": {\"b\": 1}}', '{data}', '{seed}'], parameters: { data: 'd.csv' }, "
        + "files: { './train.sh': '/x/train.sh', 'd.csv': '/y/data.csv' }", "seeds: 1")
    XCTAssertEqual(try commands(plan(sweep)), ["/x/train.sh {seed} {\"a\": {\"b\": 1}} /y/data.csv 1"])
    let fixture = try SweepFixture([
      "sweep.json5": text("command: ['sh', 'train.sh', '{seed}'], files: ['train.sh']", "seeds: 1"),
      "train.sh": "exit 0",
    ])
    XCTAssertEqual(try commands(fixture.plan()), ["sh \(fixture.directory)/train.sh 1"])
  }

  // MARK: - Identity

  func testWhatIsPartOfATrialAndWhatIsNot() throws {
    func identifier(_ program: String, _ overrides: [String] = []) throws -> String {
      try plan(text(program, "seeds: 1"), overrides).trials[0].identifier
    }
    let base = try identifier(command)
    for same in [
      command + ", baseline: 0.5", command + ", devices: 2", command + ", timeout: 60", command + ", grace: 1",
      command + ", deterministic: true", command + ", task: 'rte'", command + ", keep_folders: false",
      command.replacingOccurrences(of: "2e-5", with: "0.00002"),
    ] { XCTAssertEqual(try identifier(same), base, same) }
    let others = [
      command.replacingOccurrences(of: "--lr", with: "--rate"), command.replacingOccurrences(of: "2e-5", with: "3e-5"),
      command + ", environment: { A: '1' }", command + ", files: ['a']", command + ", files: ['b']",
    ]
    XCTAssertEqual(Set(try others.map { try identifier($0) } + [base]).count, others.count + 1)
    XCTAssertEqual(try identifier(command, ["lr=3e-5"]), try identifier(others[1]))
    for key in ["program.results.file=a.json", "program.results.best=min", "program.results.final=f1"] {
      XCTAssertNotEqual(try identifier(command, [key]), base, key)
    }
  }

  /// A score that is named like a loss is judged in no direction before the sweep says which. The default one, given, makes no other
  /// trials.
  func testALossNeedsADirection() throws {
    func text(_ results: String, _ rest: String = "seeds: 1") -> String {
      "{ program: { command: ['t', '{seed}'], results: { \(results) } }, \(rest) }"
    }
    func words(_ name: String) -> String {
      "program.results.final: \"\(name)\" seems to be better where it is lower; set program.results.best to \"min\", or to "
        + "\"max\" if it is not"
    }
    for results in ["final: 'eval_loss'", "final: 'eval_loss', best: null"] {
      XCTAssertEqual(problems(text(results)), "sweep.json5:1:58: \(words("eval_loss"))", results)
    }
    XCTAssertEqual(
      problems(text("final: 'acc'"), ["program.results.final=wer"]), "program.results.final=wer: \(words("wer"))")
    XCTAssertEqual(
      problems(text("final: 'acc'", "seeds: 1, variants: { a: {}, b: { program: { results: { final: 'loss' } } } }")),
      "sweep.json5:1:132: \(words("loss"))")
    let best = try ["min", "max"].map { try plan(text("final: 'eval_loss', best: '\($0)'")).trials[0] }
    XCTAssertEqual(best.map(\.configuration.program.results.best), [.min, .max])
    XCTAssertEqual(
      try plan(text("final: 'eval_loss'"), ["program.results.best=max"]).trials[0].identifier, best[1].identifier)
    XCTAssertEqual(
      try plan(text("final: 'acc', best: 'max'")).trials[0].identifier,
      try plan(text("final: 'acc'")).trials[0].identifier)
  }

  /// What `sweep.json` and the messages to ranks hold reads back as the same trial.
  func testAPlanReadsBack() throws {
    let plan = try plan(
      text(
        command
          + ", baseline: -0.5, files: ['a', 'b'], environment: { A: '{lr}' }, devices: 2, timeout: 1.5, task: 'x'",
        "seeds: 2, grid: { lr: [1, 2.5] }"))
    let again = try SweepPlan(json: plan.encodedJSON())
    XCTAssertEqual(again.configurations, plan.configurations)
    XCTAssertEqual(Array(again.trials), Array(plan.trials))
    for trial in plan.trials { XCTAssertEqual(try Trial(json: trial.encodedJSON()), trial) }
    XCTAssertFalse(plan.encodedJSON().contains("\"optimizer\""), "nothing of our own trainer")
  }

  func testParametersHaveTheColumnsOfHyperparametersOrTheirOwn() throws {
    let plan = try plan(
      text(
        "command: ['t', '{lr}', '{bs}', '{depth}', '{seed}'], parameters: { lr: 2e-5, bs: 16, depth: 'deep' }",
        "seeds: 1"))
    let configuration = plan.configurations[0].configuration
    let values = Dictionary(
      uniqueKeysWithValues: zip(TrialColumns.configurationNames, TrialColumns.values(of: configuration)))
    XCTAssertEqual(values["learning_rate"], "2e-05")
    XCTAssertEqual(values["batch_size"], "16")
    XCTAssertEqual(values.values.filter { !$0.isEmpty }.count, 2, "nothing of our own trainer")
    let columns = ParameterColumns(plan)
    XCTAssertEqual(columns.names, ["parameter_depth"])
    XCTAssertEqual(columns.fields(of: configuration.program.parameters), ["deep"])
    XCTAssertEqual(ParameterColumns(["lr", "learning_rate"]).own, ["learning_rate", "lr"], "none hides the other")
  }

  // MARK: - Problems

  func testPlaceholdersThatAreNone() {
    XCTAssertEqual(
      problems(text("command: ['t', '{lrr}', '{seed}', '{lr}'], parameters: { lr: 1 }")),
      "sweep.json5:1:50: program.command: unknown placeholder {lrr} in \"{lrr}\"; there are seed, seed_init, seed_order, "
        + "seed_dropout, folder, lr. Write {{lrr}} for the text {lrr}")
    XCTAssertEqual(
      problems(
        text("command: ['t', '--lr={learning_rat}', '{seed}', '{learning_rate}'], parameters: { learning_rate: 1 }")),
      "sweep.json5:1:50: program.command: unknown placeholder {learning_rat} in \"--lr={learning_rat}\"; did you mean "
        + "\"learning_rate\"?")
  }

  func testParametersThatAreNoneOrChangeNothing() {
    XCTAssertEqual(
      problems(text(command, "seeds: 1, variants: { a: { ls: 1 }, b: { weight_decay: 1 } }")),
      """
      sweep.json5:2:29: unknown key "ls"; the program's parameters are lr
      sweep.json5:2:43: unknown key "weight_decay"; the program's parameters are lr
      """)
    XCTAssertEqual(
      problems(
        text("command: ['{rate_of_learning}{seed}'], parameters: { rate_of_learning: 1 }"), ["rate_of_learnin=2"]),
      "rate_of_learnin=2: unknown key \"rate_of_learnin\"; did you mean \"rate_of_learning\"?")
    XCTAssertEqual(
      problems(text("command: ['t', '{seed}'], parameters: { lr: 1 }")),
      "sweep.json5:1:85: program.parameters.lr: neither program.command nor program.environment has {lr}, so that it changes "
        + "nothing; add it there or remove the parameter")
    XCTAssertEqual(
      problems(text("command: ['{seed}'], parameters: { seed: 1, '2x': 1, ok: null, list: [1], label: 2 }")),
      """
      sweep.json5:1:76: program.parameters: {seed} is known without being a parameter; choose another name
      sweep.json5:1:85: program.parameters: expected a name of letters, digits, _, - and . that begins with a letter or _, found "2x"
      sweep.json5:1:98: program.parameters.ok: expected its default, a number, a text in quotes, true or false, found null
      sweep.json5:1:110: program.parameters.list: expected its default, a number, a text in quotes, true or false, found a list
      sweep.json5:1:115: program.parameters: "label" is a key of the sweep itself; choose another name
      """)
  }

  func testWhatMayNotStandBesideAProgram() {
    XCTAssertEqual(
      problems(text(command, "seeds: 1, optimizer: { learning_rate: 1e-5, epsilon: 1e-8 }, task: { name: 'rte' }")),
      """
      sweep.json5:2:40: optimizer has no effect beside program (1:3), which trains by itself; remove it, and give what the \
      program should know in program.parameters
      sweep.json5:2:77: task has no effect beside program (1:3), which trains by itself; remove it, and give what the program \
      should know in program.parameters
      """)
    XCTAssertEqual(
      problems(text("parameters: { lr: 1 }")),
      "sweep.json5:1:3: program.command: missing; give the program and its arguments as a list of texts such as [\"python3\", "
        + "\"train.py\", \"--seed\", \"{seed}\"]")
    XCTAssertEqual(
      problems("{ program: { command: ['t', '{seed}'] }, seeds: 1 }"),
      "sweep.json5:1:1: program.results.final: missing; the program's score is read under this name, such as \"eval_accuracy\""
    )
  }

  func testFilesThatTheProgramWouldNotFind() {
    XCTAssertEqual(
      problems(["sweep.json5": text("command: ['sh', 'train.sh', '{seed}']", "seeds: 1"), "train.sh": ""]),
      "sweep.json5:1:50: program.command: \"train.sh\" is a file beside the sweep, and the program runs in the trial's folder; "
        + "list it in program.files, which makes it part of the trials' identifiers as well")
    XCTAssertEqual(
      problems(text("command: ['bin/train', '{seed}']")),
      "sweep.json5:1:50: program.command: \"bin/train\" is relative to the trial's folder, where no program is; list it in "
        + "program.files, or write an absolute path")
    XCTAssertEqual(
      problems(text("command: ['t', '{seed}'], files: ['missing']")),
      "sweep.json5:1:74: cannot read missing: there is no such file")
    XCTAssertEqual(
      problems("{ program: { command: ['t', '{seed}'], results: { final: 'a', file: '../x.json' } }, seeds: 1 }"),
      "sweep.json5:1:69: program.results.file: expected the name of a file in the trial's folder, found \"../x.json\"")
  }

  func testWrongKinds() {
    XCTAssertEqual(
      problems(text("command: 'train {seed}', files: 3, environment: { A: 1 }, devices: 0")),
      """
      sweep.json5:1:50: program.command: expected a list of texts such as ["python3", "train.py"], found the text "train {seed}"
      sweep.json5:1:73: program.files: expected a list of paths such as ["train.py"], found the integer 3
      sweep.json5:1:89: program.environment: expected an object of names with texts, found an object; 1 of A needs quotes
      sweep.json5:1:108: program.devices: expected an integer from 1 to 2147483647, found the integer 0
      """)
  }

  /// An error about a time says that it is in seconds, and how many a text with another unit means.
  func testTimesAreSeconds() {
    XCTAssertEqual(
      problems(text("command: ['t', '{seed}'],\ntimeout: '2h', grace: 'soon'"), ["program.timeout=0:30"]),
      """
      sweep.json5:2:10: program.timeout: expected a number of seconds above 0, found the text "2h"; write 7200
      sweep.json5:2:23: program.grace: expected a number of seconds from 0, found the text "soon"
      program.timeout=0:30: program.timeout: expected a number of seconds above 0, found the text "0:30"; write 30
      """)
    XCTAssertEqual(
      problems(text(command), ["program.timeout=0"]),
      "program.timeout=0: program.timeout: expected a number of seconds above 0, found the integer 0")
  }

  // MARK: - What other texts give and take away

  /// A list is the value of a key whose values are lists.
  func testListsOnTheCommandLine() throws {
    XCTAssertEqual(
      try commands(plan(text(command), ["program.command=['t', '{lr}', '{seed}']", "seeds=1"])), ["t 2e-05 1"])
    XCTAssertEqual(
      try commands(
        plan(text(command), ["program.command=[['t', '{lr}', '{seed}'], ['u', '{lr}', '{seed}']]", "seeds=1"])),
      ["t 2e-05 1", "u 2e-05 1"])
    let bare = "found a list; 1 needs quotes"
    let expected = "program.command: expected a list of texts such as [\"python3\", \"train.py\"], \(bare)"
    XCTAssertEqual(problems(text(command), ["program.command=['t', 1]"]), "program.command=['t', 1]: \(expected)")
    XCTAssertEqual(problems(text("command:\n['t', 1]")), "sweep.json5:2:1: \(expected)")
  }

  func testParametersAreTakenAway() throws {
    let base = text(
      "command: ['t', '{lr}', '{wd}', '{seed}'], parameters: { lr: 1, wd: 2 }", "seeds: 1, grid: { lr: [1, 2] }")
    func inherited(_ program: String) throws -> [String] {
      try commands(
        SweepFixture(["base.json5": base, "sweep.json5": "{ extends: 'base.json5', program: { \(program) } }"]).plan())
    }
    XCTAssertEqual(
      try inherited("command: ['t', '{lr}', '{seed}'], parameters: { wd: null }"), ["t 1 1", "t 2 1"])
    XCTAssertEqual(try inherited("command: ['t', '{seed}'], parameters: null"), ["t 1"])
  }

  /// A key with its whole name means what it means in its section.
  func testParametersAreDeclaredInEverySpelling() throws {
    let keys = "seeds: 1, 'program.command': ['t', '{lr}', '{seed}'], 'program.results.final': 'a'"
    for parameters in ["'program.parameters': { lr: 2 }", "'program.parameters.lr': 2"] {
      XCTAssertEqual(try commands(plan("{ \(keys), \(parameters) }", ["lr=3"])), ["t 3 1"], parameters)
    }
    XCTAssertEqual(
      problems(text("command: ['{seed}'], parameters: {\nprogram: 1 }")),
      "sweep.json5:2:1: program.parameters: \"program\" is a key of the sweep itself; choose another name")
  }

  func testANameOfAVariableHasNoEqualsSign() {
    XCTAssertEqual(
      problems(text("command: ['t', '{seed}'], environment:\n{ 'A=B': 'x' }")),
      "sweep.json5:2:1: program.environment: expected the name of a variable, which has no = in it, found \"A=B\"")
  }
}
