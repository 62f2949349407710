import Datasets
import Foundation
import TestSupport
import Transformer
import Trials
import XCTest

@testable import Training

final class DigestAndCostTests: XCTestCase {
  func testDigestsFollowContentsAndNotPaths() throws {
    let (first, second) = (try temporaryFolder(), try temporaryFolder())
    func task(_ folder: String, _ name: String, _ text: String) throws -> TaskSpecification {
      var task = TaskSpecification()
      task.name = "mine"
      task.trainPath = try write(text, name, in: folder)
      task.devPath = try write("text\tlabel\nb\t0\n", "dev.tsv", in: folder)
      task.textColumn = "text"
      task.labelColumn = "label"
      return task
    }
    let base = try FileDigests().digest(of: task(first, "train.tsv", "text\tlabel\na\t1\n"))
    XCTAssertEqual(base, try FileDigests().digest(of: task(second, "other.tsv", "text\tlabel\na\t1\n")))
    XCTAssertNotEqual(base, try FileDigests().digest(of: task(second, "train.tsv", "text\tlabel\na\t0\n")))
    XCTAssertNotEqual(base, try FileDigests().digest(of: task(second, "train.csv", "text\tlabel\na\t1\n")))
    XCTAssertEqual(base.count, 64)
  }

  /// A tokenizer's file enters a digest where it changes an encoding. The digest of the folder as it stands is
  /// `sha256("json SHA\ntxt SHA\njson SHA\nsafetensors SHA\n")` of its files, as version 0.1.0 makes it.
  func testFilesOfTheTokenizerCountWhereTheyChangeAnEncoding() throws {
    let path = try temporaryFolder() + "/model"
    try FileManager.default.copyItem(
      atPath: Checkout.path("Tests/Trainer/TransformerTests/Goldens/classification"), toPath: path)
    func digest() throws -> String {
      var model = ModelSpecification()
      model.path = path
      return try FileDigests().digest(of: model)
    }
    let digest76 = "17e48e8101fbfd63b36d19449ab051bff5d38873492603934fb9e4d23082d199"
    XCTAssertEqual(try digest(), digest76)
    let special = #"{"unk_token": "[UNK]", "mask_token": {"content": "[MASK]", "normalized": false}}"#
    _ = try write(special, "special_tokens_map.json", in: path)
    _ = try write(#"{"[MASK]": 4}"#, "added_tokens.json", in: path)
    let tokens = try String(contentsOfFile: path + "/vocab.txt", encoding: .utf8).split(separator: "\n")
    let numbers = tokens.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    _ = try write(
      """
      {"added_tokens": [{"id": 4, "content": "[MASK]", "special": true}],
      "normalizer": {"type": "BertNormalizer", "lowercase": false}, "pre_tokenizer": {"type": "BertPreTokenizer"},
      "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]},
      "model": {"type": "WordPiece", "vocab": {\(numbers)}}}
      """,
      "tokenizer.json", in: path)
    XCTAssertEqual(try digest(), digest76)
    _ = try write(#"{"word7": 12}"#, "added_tokens.json", in: path)
    let added = try digest()
    XCTAssertNotEqual(added, digest76)
    try FileManager.default.removeItem(atPath: path + "/special_tokens_map.json")
    try FileManager.default.removeItem(atPath: path + "/tokenizer.json")
    XCTAssertEqual(try digest(), added, "the tokens count, not the files that name them")
  }

  func testFilesAreReadOnce() throws {
    let folder = try temporaryFolder()
    var model = ModelSpecification()
    model.vocabularyPath = try write("[UNK]\n", "vocab.txt", in: folder)
    let digests = FileDigests()
    let before = try digests.digest(of: model)
    _ = try write("[UNK]\nmore\n", "vocab.txt", in: folder)
    XCTAssertEqual(try digests.digest(of: model), before)
    XCTAssertNotEqual(try FileDigests().digest(of: model), before)
    // A folder with its tokenizer is opened once as well, whatever is asked of it.
    var folded = ModelSpecification()
    folded.path = folder + "/model"
    try FileManager.default.copyItem(
      atPath: Checkout.path("Tests/Trainer/TransformerTests/Goldens/classification"), toPath: folder + "/model")
    let digest = try digests.digest(of: folded)
    try FileManager.default.removeItem(atPath: folder + "/model/vocab.txt")
    XCTAssertEqual(try digests.digest(of: folded), digest)
    XCTAssertTrue(try digests.paths(of: folded, TaskSpecification()).contains(folder + "/model/vocab.txt"))
    XCTAssertThrowsError(try FileDigests().digest(of: folded))
  }

  func testTheSyntheticTaskIsItsSpecification() throws {
    var task = TaskSpecification()
    let base = try FileDigests().digest(of: task)
    task.synthetic.seed = 2
    XCTAssertNotEqual(try FileDigests().digest(of: task), base)
  }

  func testMissingFilesAreNamed() {
    var task = TaskSpecification()
    task.name = "cola"
    task.dataPath = "/nowhere/CoLA"
    XCTAssertThrowsError(try FileDigests().digest(of: task)) {
      XCTAssertEqual("\($0)", "cannot read /nowhere/CoLA/train.tsv: there is no such file")
    }
    var model = ModelSpecification()
    model.path = "/nowhere/model"
    XCTAssertThrowsError(try FileDigests().digest(of: model)) { XCTAssertTrue("\($0)".contains("/nowhere/model")) }
  }

  func testOperationsOfOneLayerByHand() {
    // One layer, width 2, feed-forward 3, one sequence of 5 tokens, 2 labels. The last layer: keys and values
    // 2 * 5 * 2 * (2 + 2) = 80; query, output 2 * 2 * 2 * 2 = 16; feed-forward 2 * 2 * 2 * 3 = 24; scores and context of
    // one row 2 * 2 * 5 * 2 = 40; pooler 8, head 8.
    let one = EncoderConfiguration(
      vocabularySize: 10, hiddenSize: 2, layerCount: 1, headCount: 1, intermediateSize: 3)
    let lengths = LengthSummary([5])
    XCTAssertEqual(CostEstimate.forwardFlops(one, labelCount: 2, lengths: lengths), 80 + 16 + 24 + 40 + 8 + 8)
    // A layer below it: projections 4 * 2 * 5 * 4 = 160, feed-forward 2 * 2 * 5 * 6 = 120, attention 2 * 2 * 25 * 2 = 200.
    var two = one
    two.layerCount = 2
    XCTAssertEqual(
      CostEstimate.forwardFlops(two, labelCount: 2, lengths: lengths)
        - CostEstimate.forwardFlops(one, labelCount: 2, lengths: lengths), 160 + 120 + 200)
  }

  func testTheCostOfATrial() throws {
    let cost = try CostEstimator().cost(of: TinyTrial.configuration(), seeds: [])
    XCTAssertEqual(cost.exampleCount, 64)
    XCTAssertEqual(cost.stepCount, 8)
    XCTAssertEqual(cost.evaluationCount, 2)
    XCTAssertGreaterThan(cost.tokensPerStep, 16 * 3)
    XCTAssertEqual(cost.tokensTotal, 8 * cost.tokensPerStep, accuracy: 1e-9)
    // 64 examples in two steps, the second of which has 4 only.
    let uneven = try CostEstimator().cost(
      of: TinyTrial.configuration { ($0.training.batchSize, $0.training.epochs) = (60, 1) }, seeds: [])
    XCTAssertEqual(uneven.stepCount, 2)
    XCTAssertEqual(uneven.tokensTotal, cost.tokensTotal / 2, accuracy: 1e-9)
    XCTAssertEqual(cost.stateByteCount, 16 * cost.parameterCount)
    XCTAssertEqual(cost.byteCount, cost.stateByteCount + cost.activationByteCount)
    // Eight full steps, one forward pass over the training set, two over 40 sentences about as long.
    let forward = cost.flopsPerStep / 3 / 16
    XCTAssertEqual(cost.flopsTotal, 8 * cost.flopsPerStep + 64 * forward + 80 * forward, accuracy: 20 * forward)
    let longer = try CostEstimator().cost(of: TinyTrial.configuration { $0.training.epochs = 4 }, seeds: [])
    XCTAssertEqual(
      longer.flopsTotal - cost.flopsTotal, 8 * cost.flopsPerStep + 2 * 40 * forward, accuracy: 20 * forward)
    let begun = try CostEstimator().cost(
      of: TinyTrial.configuration { $0.training.maximumSteps = 5 }, seeds: [])
    XCTAssertEqual(begun.flopsTotal, 5 * cost.flopsPerStep + 64 * forward + 80 * forward, accuracy: 20 * forward)
  }

  /// The batches of the file's order: tokens and squares may name two of them.
  func testTheLargestBatchesAreThoseThatMeet() {
    var configuration = TinyTrial.configuration()
    configuration.training.batchSize = 2
    configuration.training.shuffle = false
    func batches(_ lengths: [Int]) -> [[Int]] {
      LargestBatches(training: configuration, lengths: lengths, seeds: [TrialSeeds(tied: 1)]).lengths
    }
    XCTAssertEqual(batches([9, 3, 8, 5, 9]), [[8, 5], [9, 3]])
    XCTAssertEqual(batches([9, 3, 3, 9, 2]), [[9, 3]])
    XCTAssertEqual(batches([7]), [[7]])
    configuration.training.maximumSteps = 1
    XCTAssertEqual(batches([1, 1, 8, 5]), [[1, 1]], "a batch that no step reaches")
    XCTAssertEqual(
      LargestBatches(evaluating: [Int](repeating: 3, count: 40), .openblas).lengths, [[Int](repeating: 3, count: 32)])
  }

  /// No batch of any trial takes more than the estimate, and one takes just that.
  func testActivationsAreThoseOfTheLargestBatchOfAllSeeds() throws {
    let readings = ResourceReader()
    let configuration = TinyTrial.configuration {
      $0.training.batchSize = 5
      $0.training.maximumSteps = 30
    }
    let encoder = try readings.encoder(configuration)
    let task = try readings.encodedTask(configuration, encoder)
    let seeds = (1...4).map { TrialSeeds(tied: $0) }
    func estimate(_ seeds: [TrialSeeds]) -> Int {
      let lengths = LengthSummary(task.train).lengths
      return CostEstimate.activationByteCount(
        encoder.configuration, labelCount: task.labelCount,
        training: LargestBatches(training: configuration, lengths: lengths, seeds: seeds), evaluating: [])
    }
    func bytes(_ examples: ArraySlice<Int>) -> Int {
      let lengths = examples.map { task.train.offsets[$0 + 1] - task.train.offsets[$0] }
      return Classifier.workspaceByteCount(
        encoder.configuration, labelCount: task.labelCount, lengths: lengths, training: true)
    }
    let length = RunLength(configuration, exampleCount: task.train.count)
    XCTAssertEqual(length.stepsPerEpoch, 13)
    let sizes = seeds.map { seeds in
      let order = DataOrder(count: task.train.count, seed: seeds.order)
      return (0..<30).map { step in
        let start = step % 13 * 5
        return bytes(order.order(ofEpoch: step / 13)[start..<min(start + 5, 64)])
      }.max() ?? 0
    }
    XCTAssertGreaterThan(Set(sizes).count, 1)
    XCTAssertEqual(estimate(seeds), sizes.max())
    XCTAssertEqual(seeds.map { estimate([$0]) }, sizes)
    XCTAssertGreaterThan(readings.byteCount, 8 * task.train.tokenIdentifiers.count)
  }

  /// With steps of one sequence the 32 of an evaluation batch are more.
  func testAnEvaluationBatchMayTakeMost() throws {
    let encoder = EncoderConfiguration(
      vocabularySize: 10, hiddenSize: 8, layerCount: 4, headCount: 2, intermediateSize: 16)
    let configuration = TinyTrial.configuration { $0.training.batchSize = 1 }
    let cost = CostEstimate(
      configuration, encoder: encoder, labelCount: 2, train: LengthSummary([5, 6]),
      dev: LengthSummary([Int](repeating: 6, count: 33)), seeds: [TrialSeeds(tied: 1)])
    XCTAssertEqual(
      cost.activationByteCount,
      Classifier.workspaceByteCount(
        encoder, labelCount: 2, lengths: [Int](repeating: 6, count: 32), training: false))
  }

  func testAPlanMeetsTheErrorsOfTheTrial() {
    let configuration = TinyTrial.configuration { $0.model.shape.positionCount = 4 }
    XCTAssertThrowsError(try CostEstimator().cost(of: configuration, seeds: [])) {
      XCTAssertEqual("\($0)", TinyTrial.outcome { $0.model.shape.positionCount = 4 }.message)
    }
  }

  func testWhatTheDataAskToBeToldIsToldOnce() throws {
    let folder = try temporaryFolder()
    let rows = ["id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "1\t2\t3\ta\tb\t0", "4\t5\t6\tc\td\t1"]
    let train = try write((rows + ["7\t8\t9\tcut"]).joined(separator: "\n") + "\n", "train.tsv", in: folder)
    _ = try write(rows.joined(separator: "\n") + "\n", "dev.tsv", in: folder)
    let readings = ResourceReader()
    let estimator = CostEstimator(readings)
    XCTAssertEqual(readings.remarks, [])
    for epochs in [1, 2] {
      let configuration = TinyTrial.configuration {
        $0.task.name = "qqp"
        $0.task.dataPath = folder
        $0.training.epochs = epochs
      }
      XCTAssertEqual(try estimator.cost(of: configuration, seeds: []).stepCount, epochs)
    }
    XCTAssertEqual(
      readings.remarks,
      [
        "\(train): left out 1 broken rows, as Hugging Face does; the first is line 4",
        // Of the words a, b, c and d the built-in language has only the first.
        "warning: task qqp: 75 % of the word pieces are [UNK], which stands for text that the vocabulary of the built-in "
          + "language lacks; the vocabulary does not fit these texts, so use a model whose vocabulary does",
      ])
  }
}
