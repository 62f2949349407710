// What a run reports: its evaluations, its end, and the files it leaves.

import Datasets
import Digests
import Files
import Foundation
import Kernels
import Optimizers
import SeedStreams
import Transformer
import Trials

extension TrainingRun {
  /// Evaluates the dev set at the present weights.
  func evaluate(_ progress: (TrialProgress) -> ProgressAnswer) throws {
    lastLogits = try evaluating { classifier in
      try resources.task.dev.logits(of: classifier) { try report(.evaluating, to: progress) }
    }
    evaluations.append(
      resources.task.dev.evaluation(
        of: lastLogits, labelCount: trainee.labelCount, metric: trial.configuration.task.reportedMetric,
        step: step, epoch: length.epoch(atStep: step), trainee.arithmetic))
  }

  /// The outcome of a run that reached its last step.
  func completed(progress: (TrialProgress) -> ProgressAnswer) throws -> Outcome {
    adoptAverage()
    var outcome = measured(.completed)
    outcome.trainLossFull = try trainingLoss(progress)
    if trial.configuration.record.predictions == .final {
      outcome.predictionsDigest = try keepPredictions(
        lastLogits, of: resources.task.dev, in: context.folders.predictions)
    }
    try evaluateFinalSets(into: &outcome, progress)
    try keepWeights()
    try normsWriter?.commit()
    return outcome
  }

  /// The mean loss of the final weights over training examples without dropout: those that were trained on, or the sample of
  /// them that the configuration asks for; nil for none.
  private func trainingLoss(_ progress: (TrialProgress) -> ProgressAnswer) throws -> Double? {
    var examples = seenExamples()
    if let count = trial.configuration.evaluation.trainingExampleCount, count < examples.count {
      guard count > 0 else { return nil }
      var stream = SeedStream(seed: 1, purpose: .subsample, site: 2)
      examples = stream.permutation(examples.count).prefix(count).map { examples[$0] }.sorted()
    }
    let classifier = classifier
    let seen = EvaluationSet(resources.task.train, indices: examples)
    let logits = try seen.logits(of: classifier) { try report(.evaluating, to: progress) }
    return seen.meanLoss(of: logits, labelCount: classifier.labelCount, classifier.arithmetic)
  }

  /// Scores the final weights on the sets that are scored once.
  private func evaluateFinalSets(into outcome: inout Outcome, _ progress: (TrialProgress) -> ProgressAnswer) throws {
    let isKept = trial.configuration.record.predictions == .final
    var tables: [(name: String, text: String)] = []
    for set in resources.task.finalSets {
      let (examples, classifier) = (set.content, classifier)
      let logits = try examples.logits(of: classifier) { try report(.evaluating, to: progress) }
      let evaluation = examples.evaluation(
        of: logits, labelCount: classifier.labelCount, metric: trial.configuration.task.reportedMetric, step: step,
        epoch: length.epoch(atStep: step), classifier.arithmetic)
      if set.name == TaskSpecification.testSetName {
        outcome.test = evaluation
        guard isKept else { continue }
        outcome.testPredictionsDigest = try keepPredictions(logits, of: examples, in: context.folders.testPredictions)
      } else {
        var score = DevSetScore(set.name, exampleCount: examples.indices.count, evaluation)
        if isKept {
          tables.append(
            (set.name, predictionsCSV(logits: logits, labelNames: resources.task.labelNames, set: examples)))
          score.predictionsDigest = tables.last.map { SHA256.hex(of: $0.text) }
        }
        outcome.devSets.append(score)
      }
    }
    try keep(tables)
  }

  /// Writes the tables of the further sets into one folder, if there are any and a folder is given.
  private func keep(_ tables: [(name: String, text: String)]) throws {
    guard !tables.isEmpty, let folder = context.folders.devSetPredictions else { return }
    let path = context.folders.folder(ofTrial: trial.identifier, in: folder)
    try RawFile.createFolder(RawFile.folder(of: path))
    let kept = try WholeFolder(path: path, owner: context.owner)
    try RawFile.createFolder(kept.temporaryPath)
    for (name, text) in tables {
      try WholeFile.write(
        text, to: "\(kept.temporaryPath)/\(name).csv", owner: context.owner, durability: .contents)
    }
    try kept.finish()
  }

  /// The outcome of a run that met a number that is not finite, with an evaluation that says so.
  func diverged(_ reason: String, isEvaluated: Bool = false) throws -> Outcome {
    if !isEvaluated {
      evaluations.append(
        .diverged(step: step, epoch: length.epoch(atStep: step), isRegression: resources.task.isRegression))
    }
    var outcome = measured(.diverged)
    for set in resources.task.finalSets {
      let evaluation = Evaluation.diverged(
        step: step, epoch: length.epoch(atStep: step), isRegression: resources.task.isRegression)
      if set.name == TaskSpecification.testSetName {
        outcome.test = evaluation
      } else {
        outcome.devSets.append(DevSetScore(set.name, exampleCount: set.content.indices.count, evaluation))
      }
    }
    outcome.message =
      (["after \(step) of \(length.stepCount) updates, \(reason)"] + [outcome.message].compactMap(\.self))
      .joined(separator: "; ")
    try normsWriter?.commit()
    return outcome
  }

  /// Where the first number that is not finite stands: a weight's tensor, else a gradient's.
  func culprit(among norms: GradientNorms?) -> String {
    let classifier = classifier
    let tensors = classifier.layout.tensors
    if let tensor = tensors.first(where: { !classifier.parameters[$0.range].allSatisfy(\.isFinite) }) {
      return "; the first weights that are not finite are in \(tensor.name)"
    }
    guard let norms, let index = norms.tensors.firstIndex(where: { !$0.isFinite }) else {
      return "; all weights are finite"
    }
    return "; all weights are finite, the first gradient that is not is that of \(tensors[index].name)"
  }

  /// What the run has recorded so far, without a look at its weights.
  func recorded(_ status: TrialStatus) -> Outcome {
    var outcome = Outcome(status: status, metric: trial.configuration.task.reportedMetric)
    outcome.evaluations = evaluations
    outcome.curve = recorder.curve
    outcome.stepCount = step
    outcome.majorityCount = resources.task.majorityCount
    outcome.evaluationCount = resources.task.dev.indices.count
    outcome.chanceLoss = resources.task.chanceLoss(trainee.arithmetic)
    let unknown = resources.task.unknownTokens
    if unknown.unknownCount > 0 { outcome.unknownShare = unknown.share }
    return outcome
  }

  private func measured(_ status: TrialStatus) -> Outcome {
    var outcome = recorded(status)
    outcome.trainLossFinal = recorder.finalLoss
    do { outcome.distanceFromPretrained = try distanceFromStart() } catch {
      // A model file that was spoilt meanwhile must not cost the whole training.
      outcome.message = "distance_from_pretrained is not known: \(error)"
    }
    if classifier.arithmetic == .portable { makeNaNsCanonical(in: classifier.parameters) }
    outcome.weightsDigest = SHA256.hex(of: UnsafeRawBufferPointer(classifier.parameters))
    return outcome
  }

  /// The training examples that some step has used, ascending: all of them once an epoch is complete.
  private func seenExamples() -> [Int] {
    guard step < length.stepsPerEpoch else { return Array(0..<order.count) }
    return order.order(ofEpoch: 0).prefix(step * trial.configuration.training.batchSize).sorted()
  }

  /// The l2 distance of all tensors but the head, or of the pre-trained linear weights, from where they started, tensor by tensor and in
  /// Double.
  private func distanceFromStart() throws -> Double {
    let classifier = classifier
    let isLinear = trial.configuration.record.distance == .linear
    var squares = 0.0
    for (index, tensor) in classifier.layout.tensors.enumerated()
    where isLinear ? tensor.isMixable && resources.start.isPretrained(tensor) : tensor.group != .head {
      var sum = 0.0
      try resources.start.forEachPiece(of: index, in: classifier) { start, values in
        for (value, now) in zip(values, classifier.parameters[start...]) {
          let difference = Double(now) - Double(value)
          sum += difference * difference
        }
      }
      squares += sum
    }
    try resources.start.checkUnchanged()
    return squares.squareRoot()
  }

  /// Writes the final logits of a set, if a folder is given, and returns the digest of the file.
  private func keepPredictions(_ logits: [Float], of set: EvaluationSet, in folder: String?) throws -> String {
    let text = predictionsCSV(logits: logits, labelNames: resources.task.labelNames, set: set)
    if let folder {
      let path = context.folders.table(ofTrial: trial.identifier, in: folder)
      try RawFile.createFolder(RawFile.folder(of: path))
      try WholeFile.write(text, to: path, owner: context.owner, durability: .contents)
    }
    return SHA256.hex(of: text)
  }

  /// Writes the final weights as a model folder, if a folder is given.
  private func keepWeights() throws {
    guard let folder = context.folders.weights else { return }
    try RawFile.createFolder(folder)
    let kept = try WholeFolder(path: "\(folder)/\(trial.identifier)", owner: context.owner)
    try resources.writeModel(to: kept.temporaryPath)
    try kept.finish()
  }
}
