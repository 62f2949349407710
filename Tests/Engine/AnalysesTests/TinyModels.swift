// Models and runs small enough to analyze in a blink.

import Analyses
import Datasets
import Foundation
import SeedStreams
import Transformer
import Trials
import XCTest

/// A language model of the built-in language with scattered weights, and classifiers over its encoder.
enum TinyModels {
  static let configuration = EncoderConfiguration(
    vocabularySize: SyntheticLanguage.vocabulary.count, hiddenSize: 8, layerCount: 3, headCount: 2,
    intermediateSize: 16, positionCount: 40)

  /// Writes a pre-trained folder.
  static func writePretrained(to path: String) throws -> LanguageModel {
    let model = LanguageModel(configuration: configuration)
    scatter(model.parameters, layout: model.layout, seed: 1)
    try ModelFolder.write(
      model, vocabulary: .tokens(SyntheticLanguage.vocabulary), lowercases: true, to: path)
    return model
  }

  /// Writes a classifier's folder whose encoder is the language model's, changed by `change`.
  static func writeTuned(
    from model: LanguageModel, to path: String, _ change: (ParameterLayout.Tensor, Int, Float) -> Float
  ) throws {
    let classifier = Classifier(configuration: configuration, labelCount: 2)
    scatter(classifier.parameters, layout: classifier.layout, seed: 2)
    for tensor in classifier.layout.tensors where tensor.group != .head && tensor.group != .pooler {
      guard let own = model.layout[tensor.name] else { continue }
      for (place, other) in zip(tensor.range, own.range) {
        classifier.parameters[place] = change(tensor, place, model.parameters[other])
      }
    }
    try ModelFolder.write(
      classifier, labelNames: ["no", "yes"], vocabulary: .tokens(SyntheticLanguage.vocabulary), lowercases: true,
      to: path)
  }

  private static func scatter(
    _ parameters: UnsafeMutableBufferPointer<Float>, layout: ParameterLayout, seed: UInt64
  ) {
    var stream = SeedStream(seed: seed, purpose: .synthesis, site: 1)
    for tensor in layout.tensors {
      let center: Float = tensor.name.contains("LayerNorm.weight") ? 1 : 0
      for place in tensor.range { parameters[place] = center + Float(stream.normal() * 0.3) }
    }
  }
}

/// Runs that were never trained.
enum TinyRuns {
  static func run(
    _ identifier: String, seed: UInt64 = 1, failed: Bool, configuration: TrialConfiguration = TrialConfiguration(),
    configurationIdentifier: String = "c0", stepCount: Int = 40, losses: [Double] = [], accuracies: [Double] = []
  ) -> JudgedTrial {
    var outcome = Outcome(status: .completed, metric: .accuracy)
    outcome.stepCount = stepCount
    outcome.chanceLoss = log(2)
    outcome.majorityCount = 20
    outcome.evaluationCount = 40
    outcome.curve = losses.enumerated().map { place, loss in
      CurvePoint(step: (place + 1) * stepCount / losses.count, epoch: 0, quantity: "loss", value: loss)
    }
    outcome.evaluations = accuracies.enumerated().map { place, accuracy in
      Evaluation(
        step: (place + 1) * stepCount / accuracies.count, epoch: 0, value: accuracy, valueA: accuracy, valueB: accuracy,
        loss: 1, accuracy: accuracy, correctCount: Int((accuracy * 40).rounded()))
    }
    let trial = Trial(
      identifier: identifier, configurationIdentifier: configurationIdentifier, variant: "default", label: "default",
      configuration: configuration, seeds: TrialSeeds(initialization: seed, order: 7, dropout: 7))
    return JudgedTrial(
      trial: trial, outcome: outcome, failure: failed ? .neverLearned : nil, rule: .constant, score: .best)
  }
}

extension XCTestCase {
  /// A folder of the test's own, removed at its end.
  func temporaryFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seedsweep-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
    return folder.path
  }

  /// The rows of a table as fields.
  func rows(_ path: String) throws -> [[String]] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }
}
