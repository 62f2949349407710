import Datasets
import Digests
import Foundation
import ModelFiles
import TestSupport
import Tokenization
import Transformer
import Trials
import XCTest

@testable import Training

final class TrialFilesTests: XCTestCase {
  func testKeptPredictionsAreTheFinalLogits() throws {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial()
    let outcome = TinyTrial.trainer(TrialFolders(predictions: folder + "/predictions")).run(trial).outcome
    let file = try text(folder + "/predictions/\(trial.identifier).csv")
    XCTAssertEqual(outcome.predictionsDigest, SHA256.hex(of: file))
    let rows = file.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    XCTAssertEqual(rows[0], ["index", "label", "prediction", "logit_0", "logit_1"])
    XCTAssertEqual(rows.dropFirst().map { $0[0] }, (0..<40).map(String.init))
    XCTAssertEqual(rows.dropFirst().count { $0[1] == $0[2] }, outcome.evaluations.last?.correctCount)
    for row in rows.dropFirst() {
      let (first, second) = (try XCTUnwrap(Float(row[3])), try XCTUnwrap(Float(row[4])))
      XCTAssertEqual(row[2] == rows[1][2], (first < second) == (Float(rows[1][3])! < Float(rows[1][4])!))
    }
    // The digest does not depend on whether anybody keeps the file.
    XCTAssertEqual(TinyTrial.outcome(), outcome)
    XCTAssertNil(TinyTrial.outcome { $0.record.predictions = .none }.predictionsDigest)
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/predictions").count, 1)
  }

  func testGradientNormsOfEveryTensor() throws {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial {
      $0.record.gradientNormsEvery = 3
      $0.record.curvesEvery = 1
    }
    let outcome = TinyTrial.trainer(TrialFolders(gradientNorms: folder)).run(trial).outcome
    let rows = try text(folder + "/\(trial.identifier).csv").split(separator: "\n").map {
      $0.split(separator: ",").map(String.init)
    }
    XCTAssertEqual(rows[0], ["trial_id", "step", "tensor", "norm"])
    XCTAssertEqual(Set(rows.dropFirst().map { $0[1] }), ["3", "6"])
    for step in [3, 6] {
      let norms = try rows.dropFirst().filter { $0[1] == "\(step)" }.map { try XCTUnwrap(Double($0[3])) }
      let total = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let recorded = outcome.curve.first { $0.step == step && $0.quantity == "gradient_norm" }?.value
      // As many roundings of Double as tensors, and one each for the roots and squares.
      XCTAssertEqual(total, try XCTUnwrap(recorded), accuracy: Double(norms.count + 4) * 0x1p-52 * total)
      XCTAssertTrue(rows.contains { $0.count == 4 && $0[2] == "classifier.weight" && $0[1] == "\(step)" })
    }
    XCTAssertTrue(rows.dropFirst().allSatisfy { $0[0] == trial.identifier })
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), ["\(trial.identifier).csv"])
  }

  func testAStoppedTrialLeavesNoFile() throws {
    let folder = try temporaryFolder()
    let trainer = TinyTrial.trainer(TrialFolders(predictions: folder, gradientNorms: folder, weights: folder))
    let trial = TinyTrial.trial { $0.record.gradientNormsEvery = 1 }
    let result = trainer.run(trial) { $0.step == 6 ? .stop : .proceed }
    XCTAssertEqual(result.outcome.status, .preempted)
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), [])
  }

  func testKeptWeightsOpenAgainWithTheSameLogits() throws {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial()
    let trainer = TinyTrial.trainer(TrialFolders(predictions: folder + "/p", weights: folder + "/w"))
    let outcome = trainer.run(trial).outcome
    XCTAssertNil(outcome.message)
    let path = folder + "/w/" + trial.identifier
    let scored = try Evaluator.evaluate(modelPath: path, task: trial.configuration.task, split: .dev)
    XCTAssertEqual(scored.predictions, try text(folder + "/p/\(trial.identifier).csv"))
    var expected = try XCTUnwrap(outcome.evaluations.last)
    (expected.step, expected.epoch) = (0, 0)
    XCTAssertEqual(scored.evaluation, expected)
    XCTAssertEqual(scored.majorityCount, outcome.majorityCount)
    XCTAssertEqual(scored.exampleCount, 40)
    let training = try Evaluator.evaluate(modelPath: path, task: trial.configuration.task, split: .train)
    XCTAssertEqual(training.evaluation.loss, outcome.trainLossFull)

    // A trial in bfloat16 is scored in bfloat16.
    var rounded = TinyTrial.trial { $0.training.precision = .bfloat16 }
    rounded.identifier = "00000000000000a2"
    let last = try XCTUnwrap(trainer.run(rounded).outcome.evaluations.last)
    let roundedPath = folder + "/w/" + rounded.identifier
    let task = rounded.configuration.task
    let alike = try Evaluator.evaluate(modelPath: roundedPath, task: task, split: .dev, .ofIdentifiers, .bfloat16)
    XCTAssertEqual(alike.evaluation.loss, last.loss)
    XCTAssertNotEqual(
      try Evaluator.evaluate(modelPath: roundedPath, task: task, split: .dev).evaluation.loss, last.loss)
    try FileManager.default.removeItem(atPath: roundedPath)

    // Running the trial again replaces the folder; its bytes are the same.
    let weights = try Data(contentsOf: URL(fileURLWithPath: path + "/model.safetensors"))
    XCTAssertEqual(trainer.run(trial).outcome, outcome)
    XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: path + "/model.safetensors")), weights)
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/w"), [trial.identifier])
  }

  /// The model inside the program trains as its folder in the checkout does, and is the same trial.
  func testATrialStartsFromTheEmbeddedModel() throws {
    let checkout = Checkout.path("Sources/Base/C/CEmbeddedModels/models/embedded")
    let paths = ["embedded", checkout]
    let digests = try paths.map { path in
      var model = ModelSpecification()
      model.path = path
      return try FileDigests().digest(of: model)
    }
    XCTAssertEqual(digests[0], digests[1])
    let folder = try temporaryFolder()
    let outcomes = paths.map { path in
      TinyTrial.trainer(TrialFolders(weights: folder)).run(
        TinyTrial.trial {
          $0.model.path = path
          $0.task.name = "synthetic-pairs"
          $0.training.maximumSteps = 3
        }
      ).outcome
    }
    XCTAssertEqual(outcomes[0].status, .completed)
    XCTAssertEqual(outcomes[0], outcomes[1])
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder)
    XCTAssertEqual(kept.count, 1)
    let model = try ModelFolder(folder + "/" + kept[0])
    XCTAssertEqual(try model.labelNames(), ["first", "second"])
  }

  func testATrialStartsFromAModelFolder() throws {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial()
    _ = TinyTrial.trainer(TrialFolders(weights: folder)).run(trial)
    let path = folder + "/" + trial.identifier
    func start(_ seed: UInt64, _ head: ModelSpecification.Head, steps: Int, warmup: Double) -> Outcome {
      TinyTrial.outcome(seed: seed) {
        $0.model.path = path
        $0.model.head = head
        $0.training.maximumSteps = steps
        $0.schedule.warmup = warmup
      }
    }
    // One update at rate 0 leaves every weight: with the kept head those of the folder, whatever the seed.
    let kept = [1, 2].map { start($0, .keep, steps: 1, warmup: 5) }
    XCTAssertEqual(kept[0].weightsDigest, kept[1].weightsDigest)
    let new = [1, 2].map { start($0, .new, steps: 1, warmup: 5) }
    XCTAssertEqual(Set((kept + new).map(\.weightsDigest)).count, 3)
    XCTAssertEqual(new[0].distanceFromPretrained, 0)
    XCTAssertGreaterThan(start(1, .new, steps: 3, warmup: 0).distanceFromPretrained ?? 0, 0)

    let trainer = TinyTrial.trainer()
    let mixed = [1, 2, 1].map { seed in trainer.run(TinyTrial.trial(seed: seed) { $0.model.path = path }).outcome }
    XCTAssertEqual(mixed[0], mixed[2])
    XCTAssertNotEqual(mixed[0].weightsDigest, mixed[1].weightsDigest)
  }

  /// A folder whose tokens are what blanks separate trains, and so does the folder that is kept.
  func testTokensBetweenBlanks() throws {
    let folder = try temporaryFolder()
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "C", "c", "(", ")", "[C@@H]", "O", ">>"]
    let vocabulary = try write(tokens.map { $0 + "\n" }.joined(), "vocab.txt", in: folder)
    let rows = (0..<32).map { "C ( O ) >> [C@@H] ( \($0 % 2 == 0 ? "c" : "O") )\t\($0 % 2)\n" }
    let data = try write("reaction\tclass\n" + rows.joined(), "reactions.tsv", in: folder)
    func trial(_ model: String?, _ seed: UInt64) -> Trial {
      TinyTrial.trial(seed: seed) {
        ($0.model.path, $0.model.vocabularyPath) = (model, vocabulary)
        $0.task.name = "reactions"
        ($0.task.trainPath, $0.task.devPath) = (data, data)
        ($0.task.textColumn, $0.task.labelColumn) = ("reaction", "class")
        $0.training.maximumSteps = 2
      }
    }
    func kept(_ trial: Trial) throws -> String {
      let folders = TrialFolders(predictions: folder, weights: folder)
      XCTAssertNil(TinyTrial.trainer(folders).run(trial).outcome.message)
      return folder + "/" + trial.identifier
    }
    let model = try kept(trial(nil, 1))
    _ = try write(
      #"{"do_basic_tokenize": false, "do_lower_case": false, "tokenizer_class": "BertTokenizer"}"#,
      "tokenizer_config.json", in: model)
    let second = trial(model, 2)
    let path = try kept(second)
    XCTAssertEqual(
      try ModelFolder(path).tokenizer.tokenizer().encode("C ( [C@@H] c", maximumLength: 16).tokenIdentifiers,
      [2, 5, 7, 9, 6, 3])
    let scored = try Evaluator.evaluate(modelPath: path, task: second.configuration.task, split: .dev)
    XCTAssertEqual(scored.predictions, try text(path + ".csv"))
  }

  /// The distance against both files, summed here; for a random start against weights drawn here.
  func testTheDistanceIsThatOfTheKeptWeights() throws {
    let folder = try temporaryFolder()
    func encoder(_ path: String) throws -> [Float] {
      let model = try ModelFolder(path)
      let classifier = Classifier(configuration: model.configuration, labelCount: 2)
      try model.load(into: classifier, keepHead: true, seed: 0)
      let head = try XCTUnwrap(classifier.layout["classifier.weight"]).range.lowerBound
      return withExtendedLifetime(classifier) { Array(classifier.parameters[..<head]) }
    }
    func distance(_ first: [Float], _ second: [Float]) -> Double {
      zip(first, second).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }.squareRoot()
    }
    let trainer = TinyTrial.trainer(TrialFolders(weights: folder))
    let first = TinyTrial.trial(seed: 1)
    let drawn = try XCTUnwrap(trainer.run(first).outcome.distanceFromPretrained)
    let path = folder + "/" + first.identifier
    let start = Classifier(configuration: try ModelFolder(path).configuration, labelCount: 2)
    start.initialize(seed: 1)
    let drawnHere = withExtendedLifetime(start) { Array(start.parameters) }
    XCTAssertEqual(drawn, distance(try encoder(path), drawnHere), accuracy: 1e-12 * drawn)
    let second = TinyTrial.trial(seed: 2) { $0.model.path = path }
    let read = try XCTUnwrap(trainer.run(second).outcome.distanceFromPretrained)
    XCTAssertEqual(
      read, distance(try encoder(path), try encoder(folder + "/" + second.identifier)), accuracy: 1e-12 * read)
  }

  /// What was trained is kept whatever becomes of the model file; but no trial starts from a changed one.
  func testAModelFileThatChangesWhileInUse() throws {
    let folder = try temporaryFolder()
    let trial = TinyTrial.trial()
    _ = TinyTrial.trainer(TrialFolders(weights: folder)).run(trial)
    let path = folder + "/" + trial.identifier
    let weights = path + "/model.safetensors"
    let second = TinyTrial.trial(seed: 2) { $0.model.path = path }
    let trainer = TinyTrial.trainer()
    let expected = trainer.run(second).outcome
    XCTAssertEqual(expected.status, .completed)

    // Replaced by other weights under the same name: the open file goes on.
    try FileManager.default.moveItem(atPath: weights, toPath: weights + ".old")
    try Data(repeating: 1, count: 1000).write(to: URL(fileURLWithPath: weights))
    XCTAssertEqual(trainer.run(second).outcome, expected)

    // Cut while the trial trains.
    let result = trainer.run(second) {
      if $0.phase == .training && $0.step == 5 { truncate(weights + ".old", 5000) }
      return .proceed
    }.outcome
    XCTAssertEqual(result.status, .completed)
    XCTAssertEqual(result.weightsDigest, expected.weightsDigest)
    XCTAssertEqual(result.evaluations, expected.evaluations)
    XCTAssertNil(result.distanceFromPretrained)
    let message = try XCTUnwrap(result.message)
    XCTAssertTrue(message.hasPrefix("distance_from_pretrained is not known: \(weights): "), message)

    let next = trainer.run(second).outcome
    XCTAssertEqual(next.status, .crashed)
    XCTAssertTrue(next.message?.hasPrefix(weights) == true, next.message ?? "")
  }

  func testFilesThatCannotBeWrittenCrashTheTrialByName() throws {
    let folder = try temporaryFolder()
    let blocked = try write("not a folder", "blocked", in: folder)
    for folders in [
      TrialFolders(predictions: blocked), TrialFolders(gradientNorms: blocked), TrialFolders(weights: blocked),
    ] {
      let outcome = TinyTrial.trainer(folders).run(TinyTrial.trial { $0.record.gradientNormsEvery = 1 }).outcome
      XCTAssertEqual(outcome.status, .crashed)
      XCTAssertTrue(outcome.message?.contains(blocked) == true, outcome.message ?? "")
    }
  }

  func testPredictionsQuoteClassNames() throws {
    let texts = ["a", "b"].enumerated().map { LabeledText(text: $1, target: .classIndex($0)) }
    let tokenizer = try TextTokenizer(wordPieces: ["[UNK]", "[CLS]", "[SEP]"], lowercases: true)
    let set = EvaluationSet(EncodedSet(texts, tokenizer: tokenizer, maximumLength: 8), indices: [0, 1])
    XCTAssertEqual(
      predictionsCSV(logits: [0.5, -1, 0.25, 0], labelNames: ["no, never", "say \"yes\""], set: set),
      """
      index,label,prediction,logit_0,logit_1
      0,"no, never","no, never",0.5,-1.0
      1,"say ""yes""\","no, never",0.25,0.0

      """)
  }

}
