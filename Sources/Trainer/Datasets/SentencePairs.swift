// What a pre-trained model learns about two sentences beside their words, so that it gets a pooler. Which sentences stand
// together, a text or a language says.

import SeedStreams

/// A question about two sentences, with two answers that are equally frequent.
package enum SentencePairs: String, CaseIterable, Sendable {
  /// Whether the second goes on from the first or comes from elsewhere (Devlin et al. 2019).
  case continuation
  /// Whether they stand in their order or are exchanged (Lan et al. 2020).
  case order

  /// A pair as it stands in a text, class 0, or in half of the draws one that is none, class 1.
  func example(_ text: LabeledText, stranger: String?, _ stream: inout SeedStream) -> LabeledText {
    var example = text
    guard stream.below(2) == 1 else {
      example.target = .classIndex(0)
      return example
    }
    example.target = .classIndex(1)
    switch self {
    case .continuation: example.pair = stranger
    case .order: (example.text, example.pair) = (text.pair ?? "", text.text)
    }
    return example
  }

  /// An example for each text but the last; the second sentence of the text behind it is what comes from elsewhere.
  func examples(of texts: [LabeledText], _ stream: inout SeedStream) -> [LabeledText] {
    zip(texts, texts.dropFirst()).map { example($0, stranger: $1.pair, &stream) }
  }

  /// An example for each text, in a random order; the last one's stranger is of the first one, so that none has its own.
  func shuffledExamples(of texts: [LabeledText], _ stream: inout SeedStream) -> [LabeledText] {
    let shuffled = stream.permutation(texts.count).map { texts[$0] }
    return examples(of: shuffled + shuffled.prefix(1), &stream)
  }
}
