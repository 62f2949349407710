// The same network written a second time: naive loops in Double over one sequence at a time, every token computed in
// every layer but the last, erf and tanh from the C library, dropout marks read word by word from the stream's definition.
// Tensors go by BERT's names, or Megatron's, whatever the family calls them.

import Architectures
import Glibc
import Kernels
import SeedStreams

@testable import Transformer

struct ReferenceEncoder {
  typealias Rows = [[Double]]

  let configuration: EncoderConfiguration
  let layout: ParameterLayout
  var parameters: [Double]
  var dropout: DropoutPlan?
  private let ranges: [String: Range<Int>]

  init(_ encoder: EncoderModel, dropout: DropoutPlan? = nil) {
    configuration = encoder.configuration
    layout = encoder.layout
    parameters = encoder.parameters.map(Double.init)
    self.dropout = dropout
    let (architecture, layerCount) = (configuration.architecture, configuration.layerCount)
    let names = architecture.normPosition == .beforePart ? Architecture.megatronBERT : .bert
    ranges = Dictionary(
      uniqueKeysWithValues: layout.tensors.map { (names.name(of: $0.role, layerCount: layerCount), $0.range) })
  }

  func tensor(_ name: String) -> ArraySlice<Double> { parameters[ranges[name]!] }

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
    let head = configuration.architecture.head
    let read = (0..<batch.sequenceCount).map { sequence in
      switch head.token {
      case .first: [0]
      case .last: [batch.offsets[sequence + 1] - batch.offsets[sequence] - 1]
      }
    }
    return hidden(batch, reading: read).enumerated().map { sequence, rows in
      linear(dropped(pooled(rows[0], sequence), .classifier, sequence), "classifier")
    }
  }

  /// What a head makes of a row before the dropout in front of its output layer.
  private func pooled(_ row: [Double], _ sequence: Int) -> [Double] {
    let head = configuration.architecture.head
    guard let layer = head.dense else { return row }
    let input = head.dropsInput ? dropped(row, .classifierInput, sequence) : row
    let dense = linear(input, layer == .pooler ? "bert.pooler.dense" : "classifier.dense")
    return switch head.nonlinearity {
    case .tanh: dense.map(tanh)
    case .activation(let activation): apply(activation, to: dense)
    }
  }

  /// The mean loss of the masked tokens and their logits: a decoder that multiplies by the word table.
  func maskedLoss(_ batch: PackedSequences, _ masked: MaskedTokens) -> (mean: Double, logits: Rows) {
    let places = (0..<batch.sequenceCount).map { sequence in
      masked.indices.filter { (batch.offsets[sequence]..<batch.offsets[sequence + 1]).contains($0) }
        .map { $0 - batch.offsets[sequence] }
    }
    let decoder = configuration.sharesWordTable ? "bert.embeddings.word_embeddings" : "cls.predictions.decoder"
    let bias = ranges[configuration.sharesWordTable ? "cls.predictions.bias" : decoder + ".bias"].map {
      Array(parameters[$0])
    }
    let logits = hidden(batch, reading: places).flatMap { $0 }.map { row in
      let transformed = transform(row)
      return (0..<configuration.vocabularySize).map { word in
        zip(transformed, self.row(decoder + ".weight", word)).reduce(bias?[word] ?? 0) {
          $0 + $1.0 * $1.1
        }
      }
    }
    let losses = zip(logits, masked.targets).map { row, target in
      log(row.map(exp).reduce(0, +)) - row[Int(target)]
    }
    return (losses.reduce(0, +) / Double(losses.count), logits)
  }

  /// What a decoder reads of a row.
  private func transform(_ row: [Double]) -> [Double] {
    let activation: Activation
    switch configuration.architecture.languageModelHead.transform {
    case nil: return row
    case .ofEncoder: activation = configuration.activation
    case .fixed(let own): activation = own
    }
    return norm(
      apply(activation, to: linear(row, "cls.predictions.transform.dense")), "cls.predictions.transform.LayerNorm")
  }

  /// The last layer's output of some places of each sequence.
  private func hidden(_ batch: PackedSequences, reading places: [[Int]]) -> [Rows] {
    var (firstProbability, firstChosen, firstChosenProbability) = (0, 0, 0)
    return (0..<batch.sequenceCount).map { sequence in
      let start = batch.offsets[sequence]
      let length = batch.offsets[sequence + 1] - start
      defer {
        firstProbability += configuration.headCount * length * stride(length)
        firstChosen += places[sequence].count
        firstChosenProbability += configuration.headCount * places[sequence].count * stride(length)
      }
      var hidden: Rows = (0..<length).map { position in
        let word = row("bert.embeddings.word_embeddings.weight", Int(batch.tokenIdentifiers[start + position]))
        let positionRow = row(
          "bert.embeddings.position_embeddings.weight", configuration.firstPosition + position)
        var sum = zip(word, positionRow).map(+)
        if configuration.architecture.hasTypes {
          let type = row("bert.embeddings.token_type_embeddings.weight", Int(batch.typeIdentifiers[start + position]))
          sum = zip(sum, type).map(+)
        }
        if isPreNorm { return dropped(sum, .embeddings, start + position) }
        let embedded = dropped(norm(sum, "bert.embeddings.LayerNorm"), .embeddings, start + position)
        return configuration.projectsEmbeddings ? linear(embedded, "bert.embeddings_project") : embedded
      }
      for layer in 0..<configuration.layerCount - 1 {
        hidden = self.layer(
          hidden, layer, queries: Array(0..<length), firstRow: start, firstProbability: firstProbability)
      }
      let last = layer(
        hidden, configuration.layerCount - 1, queries: places[sequence], firstRow: firstChosen,
        firstProbability: firstChosenProbability)
      return isPreNorm ? last.map { norm($0, "bert.encoder.ln") } : last
    }
  }

  private var isPreNorm: Bool { configuration.architecture.normPosition == .beforePart }

  private func stride(_ length: Int) -> Int { (length + 7) / 8 * 8 }

  private func apply(_ activation: Activation, to values: [Double]) -> [Double] {
    values.map { x in
      switch activation {
      case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
      case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
      case .relu: max(0, x)
      case .silu: x / (1 + exp(-x))
      }
    }
  }

  /// Whether a token attends to another of its sequence.
  private func attends(_ token: Int, to other: Int) -> Bool {
    switch configuration.architecture.mask {
    case .all: true
    case .causal: other <= token
    case .local(let reach): abs(other - token) <= reach
    }
  }

  private func row(_ name: String, _ index: Int) -> [Double] {
    let size = configuration.embeddingSize
    let start = ranges[name]!.lowerBound + index * size
    return Array(parameters[start..<start + size])
  }

  private func linear(_ input: [Double], _ name: String) -> [Double] {
    let weight = Array(tensor(name + ".weight"))
    let bias = ranges[name + ".bias"].map { Array(parameters[$0]) }
    return (0..<weight.count / input.count).map { output in
      let row = weight[output * input.count..<(output + 1) * input.count]
      return zip(row, input).reduce(bias?[output] ?? 0) { $0 + $1.0 * $1.1 }
    }
  }

  private func norm(_ values: [Double], _ name: String) -> [Double] {
    let gain = Array(tensor(name + ".weight"))
    let shift = Array(tensor(name + ".bias"))
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return values.indices.map {
      (values[$0] - mean) / (variance + configuration.layerNormEpsilon).squareRoot() * gain[$0] + shift[$0]
    }
  }

  private func dropped(_ values: [Double], _ site: DropoutSite, _ row: Int) -> [Double] {
    guard let dropout else { return values }
    let probability =
      switch site {
      case .embeddings: dropout.embeddingProbability
      case .classifier, .classifierInput: dropout.classifierProbability
      case .attentionProbabilities: dropout.attentionProbability
      case .attentionOutput, .feedForwardOutput: dropout.hiddenProbability
      }
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

  private func projections(_ rows: Rows, _ prefix: String) -> (query: Rows, key: Rows, value: Rows) {
    guard configuration.architecture.joinsProjections else {
      let parts = ["query", "key", "value"].map { name in rows.map { linear($0, "\(prefix).\(name)") } }
      return (parts[0], parts[1], parts[2])
    }
    let (joint, size) = (rows.map { linear($0, "\(prefix).query_key_value") }, configuration.hiddenSize)
    let parts = (0..<3).map { part in joint.map { Array($0[part * size..<(part + 1) * size]) } }
    return (parts[0], parts[1], parts[2])
  }

  /// A layer's output of some places; its dropout marks begin at a row and a probability.
  private func layer(
    _ input: Rows, _ layer: Int, queries: [Int], firstRow: Int, firstProbability: Int
  ) -> Rows {
    let prefix = "bert.encoder.layer.\(configuration.architecture.sharesLayers ? 0 : layer)"
    let read = isPreNorm ? input.map { norm($0, prefix + ".attention.ln") } : input
    let (query, key, value) = projections(read, prefix + ".attention.self")
    return queries.enumerated().map { rank, position in
      var context = [Double](repeating: 0, count: configuration.hiddenSize)
      for head in 0..<configuration.headCount {
        let columns = head * configuration.headSize..<(head + 1) * configuration.headSize
        let scores = key.map { key in
          columns.reduce(0) { $0 + query[position][$1] * key[$1] } / Double(configuration.headSize).squareRoot()
        }
        let powers = scores.indices.map { attends(position, to: $0) ? exp(scores[$0]) : 0 }
        let sum = powers.reduce(0, +)
        let first = firstProbability + (head * queries.count + rank) * stride(input.count)
        for other in input.indices {
          let share =
            powers[other] / sum
            * factor(.attentionProbabilities(layer: layer), first + other, dropout?.attentionProbability ?? 0)
          for column in columns { context[column] += share * value[other][column] }
        }
      }
      let attended = linear(context, prefix + ".attention.output.dense")
      let attention =
        configuration.architecture.dropsAttentionOutput
        ? dropped(attended, .attentionOutput(layer: layer), firstRow + rank) : attended
      let sum = zip(attention, input[position]).map(+)
      let middle = norm(sum, prefix + (isPreNorm ? ".ln" : ".attention.output.LayerNorm"))
      let activated = apply(configuration.activation, to: linear(middle, prefix + ".intermediate.dense"))
      let dense = linear(activated, prefix + ".output.dense")
      let output =
        configuration.architecture.dropsFeedForwardOutput
        ? dropped(dense, .feedForwardOutput(layer: layer), firstRow + rank) : dense
      if isPreNorm { return zip(output, sum).map(+) }
      return norm(zip(output, middle).map(+), prefix + ".output.LayerNorm")
    }
  }
}
