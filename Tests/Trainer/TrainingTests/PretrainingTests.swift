import Architectures
import Files
import Foundation
import Schedules
import SeedStreams
import Tokenization
import Transformer
import Trials
import XCTest

@testable import Datasets
@testable import Training

final class PretrainingTests: XCTestCase {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pretraining-\(UUID().uuidString)")
    .path

  override func tearDown() { try? FileManager.default.removeItem(atPath: folder) }

  private var settings: PretrainingSettings {
    var settings = PretrainingSettings()
    settings.shape.layerCount = 1
    settings.shape.hiddenSize = 16
    settings.shape.headCount = 2
    settings.shape.intermediateSize = 32
    settings.stepCount = 12
    settings.batchSize = 4
    settings.evaluateEvery = 5
    return settings
  }

  /// What version 0.1.0 wrote into its checkpoints: others could not go on from them.
  func testTheDigestOfTheSettingsIsPinned() throws {
    var settings = settings
    settings.shape.hiddenSize = 8
    settings.shape.intermediateSize = 16
    settings.shape.positionCount = 24
    settings.stepCount = 2
    settings.batchSize = 2
    settings.evaluateEvery = 2
    XCTAssertEqual(
      try PretrainingInputs(settings).digest, "4a448e5f9cd257dbdf584d1ec153c8d4d18333a1aa9f0b2cf3e9b0face5b657f")
  }

  /// The text of the settings as 0.1.0 printed them, with every setting that `pretrain` has flags for at another value.
  func testTheTextOfTheSettingsIsThatOfTheFirstVersion() {
    var settings = settings
    settings.textPath = "ignored"
    settings.vocabularyPath = "ignored as well"
    settings.lowercases = false
    settings.shape.modelType = .megatronBERT
    settings.shape.positionCount = 24
    settings.dropout = 0.25
    settings.optimizer.learningRate = 1e-5
    settings.schedule.warmup = 100
    settings.seed = .max
    XCTAssertEqual(
      settings.text(textDigest: "0a"),
      """
      PretrainingSettings(textPath: Optional("0a"), vocabularyPath: nil, lowercases: false, \
      shape: Trials.EncoderShape(modelType: Trials.EncoderShape.ModelType.megatronBERT, hiddenSize: 16, layerCount: 1, \
      headCount: 2, intermediateSize: 32, positionCount: 24, typeCount: 2, layerNormEpsilon: 1e-12, initializerRange: 0.02), \
      dropout: 0.25, stepCount: 12, batchSize: 4, evaluateEvery: 5, \
      optimizer: Trials.OptimizerSpecification(algorithm: Trials.OptimizerSpecification.Algorithm.torch, learningRate: 1e-05, \
      biasCorrection: true, beta1: 0.9, beta2: 0.999, epsilon: 1e-06, weightDecay: 0.01, \
      decayTowards: Trials.OptimizerSpecification.DecayTarget.zero, matchesStepMass: false, clip: nil, \
      maximumGradientNorm: 1.0), \
      schedule: Trials.ScheduleSpecification(kind: Trials.ScheduleSpecification.Kind.linear, warmup: 100.0, totalSteps: nil), \
      seed: 18446744073709551615)
      """)
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private func run(_ name: String, limit: Int = .max, _ settings: PretrainingSettings) throws -> [PretrainingMetrics] {
    let run = try Pretraining(PretrainingInputs(settings), output: "\(folder)/\(name)")
    let last = limit == .max ? limit : run.step + limit
    var rows: [PretrainingMetrics] = []
    try run.run(stops: { $0 >= last }, report: { rows.append($0) })
    return rows
  }

  private let files = ["model.safetensors", "checkpoint", "metrics.csv", "mask_set.jsonl", "config.json", "vocab.txt"]

  func testARunInPiecesHasTheBytesOfAWholeOne() throws {
    XCTAssertEqual(try run("whole", settings).map(\.step), [5, 10, 12])
    for _ in 0..<4 { _ = try run("pieces", limit: 3, settings) }
    for name in files { XCTAssertEqual(try bytes("pieces/" + name), try bytes("whole/" + name), name) }
    XCTAssertEqual(try run("whole", settings), [], "nothing is left to do")
  }

  func testATextIsLearnedAndResumed() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = (0..<45).map { "the dog near the house \($0 % 2 == 0 ? "sleeps" : "waits") .\n\n" }.joined()
    try text.write(toFile: folder + "/text", atomically: false, encoding: .utf8)
    try SyntheticLanguage.vocabulary.joined(separator: "\n")
      .write(toFile: folder + "/words", atomically: false, encoding: .utf8)
    var settings = settings
    settings.textPath = folder + "/text"
    settings.vocabularyPath = folder + "/words"
    let run = try Pretraining(PretrainingInputs(settings), output: folder + "/other")
    XCTAssertEqual(run.heldOutCount, 2)
    XCTAssertNil(run.floor)
    let rows = try self.run("whole", settings)
    XCTAssertEqual(rows.count, 3)
    _ = try self.run("pieces", limit: 7, settings)
    _ = try self.run("pieces", settings)
    for name in files { XCTAssertEqual(try bytes("pieces/" + name), try bytes("whole/" + name), name) }
  }

  /// The first of two steps of warm-up has no rate yet; the second makes weights that no sentence can be scored with.
  func testAStopRightAfterAStepThatSpoiltTheWeightsKeepsTheLastCheckpoint() throws {
    var settings = settings
    settings.optimizer.learningRate = 1e30
    settings.schedule.warmup = 2
    _ = try run("run", limit: 1, settings)
    let kept = try bytes("run/checkpoint")
    XCTAssertThrowsError(try run("run", limit: 1, settings)) {
      XCTAssertTrue("\($0)".hasPrefix("step 2: the held-out loss is "), "\($0)")
    }
    XCTAssertEqual(try bytes("run/checkpoint"), kept)
  }

  func testADamagedOrForeignCheckpointIsRefused() throws {
    _ = try run("run", limit: 1, settings)
    var other = settings
    other.seed = 2
    XCTAssertThrowsError(try Pretraining(PretrainingInputs(other), output: folder + "/run")) {
      XCTAssertTrue("\($0)".contains("is of a run with other settings"), "\($0)")
    }
    let path = folder + "/run/checkpoint"
    var data = try bytes("run/checkpoint")
    data[data.count / 2] ^= 1
    try data.write(to: URL(fileURLWithPath: path))
    XCTAssertThrowsError(try Pretraining(PretrainingInputs(settings), output: folder + "/run")) {
      XCTAssertEqual("\($0)", "\(path) is damaged: its checksum is wrong; remove the folder to start again")
    }
  }

  /// A checkpoint whose checksum holds, but whose step is none of the run: parameters that are updated lazily would be brought up
  /// to that step, which takes hours.
  func testACheckpointPastTheEndIsRefused() throws {
    _ = try run("run", limit: 1, settings)
    let (path, title) = (folder + "/run/checkpoint", "seedsweep-pretraining-3")
    let file = try CheckpointFile(path: path, title: title)
    let arenas = file.byteCounts.map {
      UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: MemoryLayout<Float>.alignment)
    }
    defer { for arena in arenas { arena.deallocate() } }
    for arena in arenas { try file.read(into: arena) }
    var fields = file.text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    XCTAssertEqual(fields[1], "1")
    for step in [13, 2_000_000_000] {
      fields[1] = "\(step)"
      try CheckpointFile.write(
        title: title, text: fields.joined(separator: " "), arenas: arenas.map { UnsafeRawBufferPointer($0) },
        to: WholeFile(path: path))
      let bad = try bytes("run/checkpoint")
      XCTAssertThrowsError(try run("run", settings)) {
        XCTAssertEqual(
          "\($0)", "\(path) is of step \(step), but the run ends with step 12; remove the folder to start again")
      }
      XCTAssertEqual(try bytes("run/checkpoint"), bad)
    }
    fields[1] = "12"
    try CheckpointFile.write(
      title: title, text: fields.joined(separator: " "), arenas: arenas.map { UnsafeRawBufferPointer($0) },
      to: WholeFile(path: path))
    XCTAssertEqual(try run("run", settings), [], "the last step is one of the run's")
  }

  func testDrawingTheWeightsCanBeStopped() throws {
    struct Halt: Error {}
    var count = 0
    XCTAssertThrowsError(
      try Pretraining(PretrainingInputs(settings), output: folder + "/run") {
        count += 1
        if count == 3 { throw Halt() }
      }
    ) { XCTAssertTrue($0 is Halt) }
    XCTAssertEqual(count, 3)
    XCTAssertFalse(FileManager.default.fileExists(atPath: folder))
  }

  /// What memory is judged by: at least what stands in it at the end of a batch that has as many masked words as expected.
  func testBytesAreKnownBeforehand() throws {
    let inputs = try PretrainingInputs(settings)
    let model = LanguageModel(configuration: inputs.configuration)
    XCTAssertEqual(LanguageModel.parameterCount(inputs.configuration), model.layout.count)
    let longest = try XCTUnwrap(inputs.source.heldOut.lengths.max())
    XCTAssertEqual(inputs.source.longestLengths(size: 3), [longest, longest, longest])
    let state = 16 * model.layout.count
    // Logits and their places alone of a step's and of an evaluation's batch.
    XCTAssertGreaterThan(inputs.byteCount, state + 4 * 32 * inputs.configuration.vocabularySize)
    var wider = settings
    wider.batchSize = 4000
    XCTAssertGreaterThan(try PretrainingInputs(wider).byteCount, inputs.byteCount)
  }

  func testAClassifierStartsFromThePretrainedFolder() throws {
    _ = try run("run", settings)
    let model = try ModelFolder(folder + "/run")
    XCTAssertTrue(model.holdsLanguageModelHead)
    XCTAssertFalse(model.holdsPooler)
    let classifier = Classifier(configuration: model.configuration, labelCount: 2)
    XCTAssertNoThrow(try model.load(into: classifier, keepHead: false, seed: 1))
  }

  /// The folder of a model that was asked about two sentences has a pooler, from which a classifier starts; it is one run in pieces
  /// as well, and the first line of its metrics is what a model that knows nothing says.
  func testPairsGiveAPooler() throws {
    var settings = settings
    settings.language = "town"
    settings.pairs = .continuation
    let rows = try run("whole", settings)
    let first = try XCTUnwrap(rows.first)
    // After five steps of a warm-up the classes are told no better than by chance: of 1,000 pairs 500, sd 16.
    XCTAssertEqual(try XCTUnwrap(first.pairAccuracy), 0.5, accuracy: 0.08)
    XCTAssertEqual(try XCTUnwrap(first.pairLoss), log(2), accuracy: 0.02)
    for _ in 0..<2 { _ = try run("pieces", limit: 7, settings) }
    for name in files { XCTAssertEqual(try bytes("pieces/" + name), try bytes("whole/" + name), name) }
    let model = try ModelFolder(folder + "/whole")
    XCTAssertTrue(model.holdsPooler)
    XCTAssertTrue(model.holdsLanguageModelHead)
    XCTAssertEqual(model.notes, [])
    let configuration = try String(contentsOfFile: folder + "/whole/config.json", encoding: .utf8)
    XCTAssertTrue(configuration.contains("\"BertForPreTraining\""), configuration)
    let pretrained = LanguageModel(configuration: model.configuration, relatesPairs: true)
    try model.load(into: pretrained)
    let classifier = Classifier(configuration: model.configuration, labelCount: 2)
    try model.load(into: classifier, keepHead: false, seed: 1)
    let (kept, pooler) = (
      try XCTUnwrap(classifier.layout["bert.pooler.dense.weight"]),
      try XCTUnwrap(pretrained.layout["bert.pooler.dense.weight"])
    )
    XCTAssertEqual(Array(classifier.values(of: kept)), Array(pretrained.values(of: pooler)))
  }

  func testPairsAreRefusedWhereThereAreNone() throws {
    var settings = settings
    settings.pairs = .order
    XCTAssertThrowsError(try PretrainingInputs(settings)) {
      XCTAssertEqual(
        "\($0)", "the language \"synthetic\" has no texts of two sentences; take another one or no pairs")
    }
    settings.language = "town"
    settings.shape.modelType = .distilBERT
    XCTAssertThrowsError(try PretrainingInputs(settings)) {
      XCTAssertEqual(
        "\($0)", "a model of type \"distilbert\" has no head for two sentences; take bert or megatron-bert, or no pairs"
      )
    }
    settings.language = "village"
    XCTAssertThrowsError(try PretrainingInputs(settings)) {
      XCTAssertEqual(
        "\($0)", "there is no language \"village\" inside the program; the languages are synthetic, town")
    }
  }

  /// In half of the pairs the second sentence comes from elsewhere, or the two are exchanged.
  func testPairsOfALanguageAndOfAText() throws {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "e", "f"]
    let tokenizer = try TextTokenizer(wordPieces: words, lowercases: true)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // Documents of three lines: a b c, d e f; no pair goes over a blank line.
    try String(repeating: "a\nb\nc\n\nd\ne\nf\n\n", count: 200)
      .write(toFile: folder + "/text", atomically: false, encoding: .utf8)
    for pairs in SentencePairs.allCases {
      var source = try SentenceSource(
        contentsOf: folder + "/text", pairs: pairs, tokenizer: tokenizer, task: WordMasking(tokenizer), maximumLength: 8
      )
      let batch = source.batch(step: 0, size: 400, seed: 1)
      var kinds: [Int: Int] = [:]
      for sequence in 0..<batch.count {
        let tokens = batch.tokenIdentifiers[batch.offsets[sequence]..<batch.offsets[sequence + 1]].map {
          words[Int($0)]
        }
        let (pair, isTrue) = (tokens[1] + tokens[3], batch.classes[sequence] == 0)
        kinds[Int(batch.classes[sequence]), default: 0] += 1
        switch (pairs, isTrue) {
        case (_, true): XCTAssertTrue(["ab", "bc", "de", "ef"].contains(pair), pair)
        case (.order, false): XCTAssertTrue(["ba", "cb", "ed", "fe"].contains(pair), pair)
        case (.continuation, false):
          XCTAssertTrue(["a", "b", "d", "e"].contains(tokens[1]) && ["b", "c", "e", "f"].contains(tokens[3]), pair)
        }
      }
      // 200 of 400, sd 10.
      XCTAssertEqual(Double(kinds[0] ?? 0), 200, accuracy: 50)
    }
  }

  func testMasksHaveBERTsShares() throws {
    let tokenizer = try TextTokenizer(wordPieces: SyntheticLanguage.vocabulary, lowercases: true)
    let masking = try WordMasking(tokenizer)
    let size = 4000
    var source = try SentenceSource(of: .synthetic, for: tokenizer, maximumLength: 64)
    let batch = source.batch(step: 0, size: size, seed: 1)
    var stream = SeedStream(seed: 1, purpose: .languageModelMask)
    let masked = masking.predictions(in: batch, &stream)
    var (hidden, kept) = (0, 0)
    for (place, target) in zip(masked.indices, masked.targets) {
      XCTAssertEqual(batch.tokenIdentifiers[place], target)
      XCTAssertGreaterThan(target, 4, "no special token is chosen")
      if masked.batch.tokenIdentifiers[place] == 4 { hidden += 1 }
      if masked.batch.tokenIdentifiers[place] == target { kept += 1 }
    }
    // A sentence of n words has n p / (1 - (1 - p)^n) chosen ones; five standard errors of a count.
    let expected = (0..<size).reduce(0.0) { sum, sequence in
      let words = Double(batch.offsets[sequence + 1] - batch.offsets[sequence] - 2)
      return sum + words * 0.15 / (1 - pow(0.85, words))
    }
    XCTAssertEqual(Double(masked.indices.count), expected, accuracy: 5 * expected.squareRoot())
    let count = Double(masked.indices.count)
    XCTAssertEqual(Double(hidden) / count, 0.8, accuracy: 5 * (0.8 * 0.2 / count).squareRoot() + 0.001)
    XCTAssertEqual(Double(kept) / count, 0.1, accuracy: 5 * (0.1 * 0.9 / count).squareRoot() + 0.001)
  }

  /// The grammar's own probabilities: a hidden last word is surely the stop, and the shares of all words at a hidden
  /// place add up to 1.
  func testTheIdealReaderKnowsTheGrammar() throws {
    let words = SyntheticLanguage.vocabulary
    func identifiers(_ text: String) -> [Int32] {
      text.split(separator: " ").map { word in Int32(words.firstIndex(of: String(word)) ?? 1) }
    }
    var batch = PackedBatch()
    batch.tokenIdentifiers = identifiers("[CLS] the [MASK] sleeps [MASK] [SEP]")
    batch.typeIdentifiers = [Int32](repeating: 0, count: 6)
    batch.offsets = [0, 6]
    func losses(_ noun: Int32) throws -> [Double] {
      try XCTUnwrap(
        SyntheticLanguage.idealLosses(
          of: PredictedBatch(batch: batch, indices: [2, 4], targets: [noun, identifiers(".")[0]])))
    }
    XCTAssertEqual(try losses(7)[1], 0, accuracy: 1e-9)
    let shares = try words.indices.map { exp(-(try losses(Int32($0))[0])) }
    XCTAssertEqual(shares.reduce(0, +), 1, accuracy: 1e-9)
    // A verb that shows -s may be a random word instead, but hardly is: plural nouns are improbable, not impossible.
    let (dog, dogs) = (shares[Int(identifiers("dog")[0])], shares[Int(identifiers("dogs")[0])])
    XCTAssertGreaterThan(dog, 0.2)
    XCTAssertGreaterThan(dogs, 0)
    XCTAssertLessThan(dogs, 0.01)
    XCTAssertEqual(dog / shares[Int(identifiers("child")[0])], 2, accuracy: 1e-9, "the first of a list and the second")
  }
}
