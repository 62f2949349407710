// The same network written a second time: naive loops in Double over one sequence at a time, every token computed in
// every layer, erf and tanh from the C library, dropout marks read word by word from the stream's definition.

import Glibc
import SeedStreams

@testable import Transformer

struct ReferenceClassifier {
  typealias Rows = [[Double]]

  let configuration: EncoderConfiguration
  let labelCount: Int
  let layout: ParameterLayout
  var parameters: [Double]
  var dropout: DropoutPlan?

  init(_ classifier: Classifier, dropout: DropoutPlan? = nil) {
    configuration = classifier.configuration
    labelCount = classifier.labelCount
    layout = classifier.layout
    parameters = classifier.parameters.map(Double.init)
    self.dropout = dropout
  }

  func tensor(_ name: String) -> ArraySlice<Double> { parameters[layout[name]!.range] }

  func meanLoss(_ batch: PackedSequences, _ targets: Targets) -> Double {
    let rows = logits(batch)
    var sum = 0.0
    for (sequence, row) in rows.enumerated() {
      switch targets {
      case .classes(let classes):
        sum += log(row.map(exp).reduce(0, +)) - row[Int(classes[sequence])]
      case .values(let values):
        sum += (row[0] - Double(values[sequence])) * (row[0] - Double(values[sequence]))
      }
    }
    return sum / Double(rows.count)
  }

  func logits(_ batch: PackedSequences) -> Rows {
    var firstProbability = 0
    return (0..<batch.sequenceCount).map { sequence in
      let start = batch.offsets[sequence]
      let length = batch.offsets[sequence + 1] - start
      defer { firstProbability += configuration.headCount * length * stride(length) }
      var hidden: Rows = (0..<length).map { position in
        let word = row("bert.embeddings.word_embeddings.weight", Int(batch.tokenIdentifiers[start + position]))
        let type = row("bert.embeddings.token_type_embeddings.weight", Int(batch.typeIdentifiers[start + position]))
        let place = row("bert.embeddings.position_embeddings.weight", position)
        let sum = word.indices.map { word[$0] + type[$0] + place[$0] }
        return dropped(norm(sum, "bert.embeddings"), .embeddings, start + position)
      }
      for layer in 0..<configuration.layerCount {
        let isLast = layer == configuration.layerCount - 1
        hidden = self.layer(
          hidden, layer, firstRow: isLast ? sequence : start,
          firstProbability: isLast ? lastLayerFirstProbability(batch, sequence) : firstProbability)
      }
      let pooled = linear(hidden[0], "bert.pooler.dense").map(tanh)
      return linear(dropped(pooled, .classifier, sequence), "classifier")
    }
  }

  private func stride(_ length: Int) -> Int { (length + 7) / 8 * 8 }

  private func lastLayerFirstProbability(_ batch: PackedSequences, _ sequence: Int) -> Int {
    (0..<sequence).reduce(0) {
      $0 + configuration.headCount * stride(batch.offsets[$1 + 1] - batch.offsets[$1])
    }
  }

  private func row(_ name: String, _ index: Int) -> [Double] {
    let size = configuration.hiddenSize
    let start = layout[name]!.range.lowerBound + index * size
    return Array(parameters[start..<start + size])
  }

  private func linear(_ input: [Double], _ name: String) -> [Double] {
    let weight = Array(tensor(name + ".weight"))
    return tensor(name + ".bias").enumerated().map { output, bias in
      input.indices.reduce(bias) { $0 + weight[output * input.count + $1] * input[$1] }
    }
  }

  private func norm(_ values: [Double], _ name: String) -> [Double] {
    let gain = Array(tensor(name + ".LayerNorm.weight"))
    let shift = Array(tensor(name + ".LayerNorm.bias"))
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return values.indices.map {
      (values[$0] - mean) / (variance + configuration.layerNormEpsilon).squareRoot() * gain[$0] + shift[$0]
    }
  }

  private func dropped(_ values: [Double], _ site: DropoutSite, _ row: Int) -> [Double] {
    guard let dropout else { return values }
    let probability = site.key == 1 ? dropout.classifierProbability : dropout.hiddenProbability
    return values.indices.map { values[$0] * factor(site, row * values.count + $0, probability) }
  }

  /// 0 or 1 / (1 - share dropped) of one element, from the definition of `DropoutMask`.
  private func factor(_ site: DropoutSite, _ element: Int, _ probability: Double) -> Double {
    guard let dropout, probability > 0 else { return 1 }
    let stream = SeedStream(seed: dropout.seed, purpose: .dropout, site: site.key, step: dropout.step)
    let word = stream.block(at: UInt64(element / 8))[element % 8 / 2]
    let half = element % 2 == 0 ? word & 0xFFFF : word >> 16
    let threshold = (probability * 65_536).rounded()
    return Double(half) < threshold ? 0 : 65_536 / (65_536 - threshold)
  }

  private func layer(_ input: Rows, _ layer: Int, firstRow: Int, firstProbability: Int) -> Rows {
    let prefix = "bert.encoder.layer.\(layer)"
    let query = input.map { linear($0, prefix + ".attention.self.query") }
    let key = input.map { linear($0, prefix + ".attention.self.key") }
    let value = input.map { linear($0, prefix + ".attention.self.value") }
    let isLast = layer == configuration.layerCount - 1
    // Only first tokens leave the last layer.
    return (0..<(isLast ? 1 : input.count)).map { position in
      var context = [Double](repeating: 0, count: configuration.hiddenSize)
      for head in 0..<configuration.headCount {
        let columns = head * configuration.headSize..<(head + 1) * configuration.headSize
        let scores = key.map { key in
          columns.reduce(0) { $0 + query[position][$1] * key[$1] } / Double(configuration.headSize).squareRoot()
        }
        let sum = scores.map(exp).reduce(0, +)
        let queryCount = isLast ? 1 : input.count
        let first = firstProbability + (head * queryCount + position) * stride(input.count)
        for other in input.indices {
          let share =
            exp(scores[other]) / sum
            * factor(.attentionProbabilities(layer: layer), first + other, dropout?.attentionProbability ?? 0)
          for column in columns { context[column] += share * value[other][column] }
        }
      }
      let attention = dropped(
        linear(context, prefix + ".attention.output.dense"), .attentionOutput(layer: layer), firstRow + position)
      let middle = norm(zip(attention, input[position]).map(+), prefix + ".attention.output")
      let activated = linear(middle, prefix + ".intermediate.dense").map { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }
      let output = dropped(
        linear(activated, prefix + ".output.dense"), .feedForwardOutput(layer: layer), firstRow + position)
      return norm(zip(output, middle).map(+), prefix + ".output")
    }
  }
}
