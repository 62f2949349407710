// Which words a masked language model must predict and what it sees in their place (Devlin et al. 2019): drawn from a
// stream of its own, never stored with the texts.

import SeedStreams
import Tables
import Tokenization

/// The masking of BERT: of the chosen words 80 % become `[MASK]`, 10 % a random word, 10 % stay.
package struct WordMasking: LanguageModelTask {
  /// The share of words to predict.
  package static let probability = 0.15
  package var share: Double { Self.probability }

  private let mask: Int32
  private let vocabularySize: Int
  private let specials: Set<Int32>

  /// The masking of a tokenizer's vocabulary.
  ///
  /// - Throws: `DataError` if the vocabulary has no token that masked words become.
  package init(_ tokenizer: any Tokenizer) throws {
    guard let mask = tokenizer.special.mask else {
      throw DataError(
        "the vocabulary's \(tokenizer.vocabularySize) tokens lack \(tokenizer.special.maskName), which masked words become"
      )
    }
    self.mask = mask
    vocabularySize = tokenizer.vocabularySize
    specials = tokenizer.special.identifiers
  }

  /// Whether a sequence has a word that could be chosen.
  package func applies(to tokens: some Sequence<Int32>) -> Bool { tokens.contains { !specials.contains($0) } }

  /// Chooses each word but the special tokens with the probability, a sequence's anew until it has one: a sequence
  /// without a chosen word would be computed for nothing. Random words are uniform over the whole vocabulary, as in
  /// Hugging Face's collator.
  package func predictions(in batch: PackedBatch, _ stream: inout SeedStream) -> PredictedBatch {
    var result = PredictedBatch(batch: batch, indices: [], targets: [])
    for sequence in 0..<batch.count {
      let words = (batch.offsets[sequence]..<batch.offsets[sequence + 1])
        .filter { !specials.contains(batch.tokenIdentifiers[$0]) }
      precondition(!words.isEmpty, "sequence \(sequence) has no word to mask")
      var chosen: [Int] = []
      while chosen.isEmpty { chosen = words.filter { _ in stream.uniform() < Self.probability } }
      for index in chosen {
        result.indices.append(index)
        result.targets.append(batch.tokenIdentifiers[index])
        switch stream.below(10) {
        case 0..<8: result.batch.tokenIdentifiers[index] = mask
        case 8: result.batch.tokenIdentifiers[index] = Int32(stream.below(vocabularySize))
        default: break
        }
      }
    }
    return result
  }
}
