// What a language model learns of texts: which of their tokens it predicts, and what it sees of them. Masked words are
// `WordMasking`'s, the tokens that come next `NextTokens`'.

import SeedStreams

/// What a language model predicts of texts.
package protocol LanguageModelTask: Sendable {
  /// The share of a text's tokens that are predicted, about.
  var share: Double { get }

  /// Whether a sequence has a token that could be predicted.
  func applies(to tokens: some Sequence<Int32>) -> Bool

  /// What the model sees of a batch, and what it predicts; what is drawn comes from the stream.
  func predictions(in batch: PackedBatch, _ stream: inout SeedStream) -> PredictedBatch
}

/// A batch as a language model sees it, and what it predicts.
package struct PredictedBatch: Equatable, Sendable {
  /// The sequences as the model sees them.
  package var batch: PackedBatch
  /// The indices in the batch of the tokens whose outputs predict, ascending, (predicted).
  package var indices: [Int]
  /// What they predict, (predicted).
  package var targets: [Int32]
}

extension PredictedBatch {
  /// A JSON object a sequence: what the model sees, the indices in the sequence of the tokens that predict, and what they
  /// predict.
  package var lines: String {
    (0..<batch.count).map { sequence in
      let range = batch.offsets[sequence]..<batch.offsets[sequence + 1]
      let own = indices.indices.filter { range.contains(indices[$0]) }
      let types = batch.typeIdentifiers[range].map(Int.init)
      return "{\"input_ids\": \(batch.tokenIdentifiers[range].map(Int.init)), "
        + (types.contains(1) ? "\"token_type_ids\": \(types), " : "")
        + "\"places\": \(own.map { indices[$0] - range.lowerBound }), \"targets\": \(own.map { Int(targets[$0]) })}\n"
    }.joined()
  }
}

/// The task of a causal language model: each token predicts the one that comes next.
package struct NextTokens: LanguageModelTask {
  package let share = 1.0

  package init() {}

  package func applies(to tokens: some Sequence<Int32>) -> Bool { Array(tokens.prefix(2)).count == 2 }

  package func predictions(in batch: PackedBatch, _ stream: inout SeedStream) -> PredictedBatch {
    let indices = (0..<batch.count).flatMap { batch.offsets[$0]..<batch.offsets[$0 + 1] - 1 }
    return PredictedBatch(
      batch: batch, indices: indices, targets: indices.map { batch.tokenIdentifiers[$0 + 1] })
  }
}
