// A set of texts as tokens, stored flat, and the batches cut from it. Nothing is padded anywhere: a batch is the
// concatenation of its sequences with their offsets.

import SeedStreams
import Tokenization

/// A batch of sequences laid end to end, with their targets.
package struct PackedBatch: Equatable, Sendable {
  /// The tokens of all sequences, (tokens).
  package var tokenIdentifiers: [Int32] = []
  /// The type of each token, (tokens).
  package var typeIdentifiers: [Int32] = []
  /// Where each sequence begins in the tokens, and the end of the last, (sequences + 1).
  package var offsets: [Int] = [0]
  /// The class of each sequence; empty for regression.
  package var classes: [Int32] = []
  /// The value of each sequence; empty for classification.
  package var values: [Float] = []

  /// The number of sequences.
  package var count: Int { offsets.count - 1 }

  /// A batch of no sequences.
  package init() {}
}

/// How many of some word pieces a vocabulary lacks.
package struct UnknownTokens: Equatable, Sendable {
  /// The word pieces, without the tokens that frame a text.
  package var pieceCount = 0
  /// Those of them that are the unknown token.
  package var unknownCount = 0
  /// What the vocabulary calls that token; nil where it has none.
  package let name: String?

  /// No word pieces of a vocabulary whose unknown token has a name.
  package init(name: String? = nil) { self.name = name }

  /// The share of unknown ones; 0 where there is no word piece.
  package var share: Double { pieceCount == 0 ? 0 : Double(unknownCount) / Double(pieceCount) }
}

/// What was cut off some texts because they are longer than the longest sequence.
package struct CutTexts: Equatable, Sendable {
  /// The texts that were cut.
  package var textCount = 0
  /// The word pieces that were cut off.
  package var pieceCount = 0
  /// The tokens of the longest text before it was cut, with those that frame it; 0 where none was cut.
  package var longest = 0

  /// Nothing.
  package init() {}
}

/// A set of labelled texts as tokens.
package struct EncodedSet: Sendable {
  /// The tokens of all texts end to end, (tokens).
  package let tokenIdentifiers: [Int32]
  /// The type of each token, (tokens).
  package let typeIdentifiers: [Int32]
  /// Where each text begins in the tokens, and the end of the last, (count + 1).
  package let offsets: [Int]
  /// The class of each text; empty for regression.
  package let classes: [Int32]
  /// The value of each text; empty for classification.
  package let values: [Double]
  /// How many of the texts' word pieces the vocabulary lacks.
  package let unknownTokens: UnknownTokens
  /// What was cut off the texts.
  package let cut: CutTexts

  /// The seed of the fixed halves: they are the same in every sweep, for every seed.
  static let halvesSeed: UInt64 = 2020

  /// The number of texts.
  package var count: Int { offsets.count - 1 }

  /// The tokens of each text, (count).
  package var lengths: [Int] { zip(offsets.dropFirst(), offsets).map(-) }

  /// Bytes that the set takes.
  package var byteCount: Int {
    4 * (tokenIdentifiers.count + typeIdentifiers.count + classes.count) + 8 * (offsets.count + values.count)
  }

  /// Whether the targets are numbers rather than classes.
  package var isRegression: Bool { !values.isEmpty }

  /// The texts encoded, each cut to `maximumLength` tokens. Targets must be all classes or all values.
  package init(_ texts: [LabeledText], tokenizer: any Tokenizer, maximumLength: Int) {
    var tokens: [Int32] = []
    var types: [Int32] = []
    var offsets = [0]
    var classes: [Int32] = []
    var values: [Double] = []
    var unknownTokens = UnknownTokens(name: tokenizer.unknownName)
    var cut = CutTexts()
    offsets.reserveCapacity(texts.count + 1)
    for text in texts {
      let encoding = tokenizer.encode(text.text, pair: text.pair, maximumLength: maximumLength)
      tokens += encoding.tokenIdentifiers
      types += encoding.typeIdentifiers
      offsets.append(tokens.count)
      if encoding.cutCount > 0 {
        cut.textCount += 1
        cut.pieceCount += encoding.cutCount
        cut.longest = max(cut.longest, encoding.tokenIdentifiers.count + encoding.cutCount)
      }
      unknownTokens.pieceCount +=
        encoding.tokenIdentifiers.count - tokenizer.frame.tokenCount(isPair: text.pair != nil)
      unknownTokens.unknownCount += encoding.tokenIdentifiers.count { $0 == tokenizer.unknown }
      switch text.target {
      case .classIndex(let index): classes.append(Int32(index))
      case .value(let value): values.append(value)
      }
    }
    precondition(classes.isEmpty || values.isEmpty, "a set holds classes or values, not both")
    tokenIdentifiers = tokens
    typeIdentifiers = types
    self.offsets = offsets
    self.classes = classes
    self.values = values
    self.unknownTokens = unknownTokens
    self.cut = cut
  }

  /// The texts at some indexes, packed in that order.
  package func batch(_ indices: some Collection<Int>) -> PackedBatch {
    var batch = PackedBatch()
    let tokenCount = indices.reduce(0) { $0 + offsets[$1 + 1] - offsets[$1] }
    batch.tokenIdentifiers.reserveCapacity(tokenCount)
    batch.typeIdentifiers.reserveCapacity(tokenCount)
    batch.offsets.reserveCapacity(indices.count + 1)
    for index in indices {
      let range = offsets[index]..<offsets[index + 1]
      batch.tokenIdentifiers += tokenIdentifiers[range]
      batch.typeIdentifiers += typeIdentifiers[range]
      batch.offsets.append(batch.tokenIdentifiers.count)
      if isRegression { batch.values.append(Float(values[index])) } else { batch.classes.append(classes[index]) }
    }
    return batch
  }

  /// Whether each text is in the first of two fixed halves, which hold equally many of each class up to one.
  ///
  /// Classes are shuffled by a stream of their own with a seed that never changes; values are sorted and alternate.
  package func halves() -> [Bool] {
    var isFirst = [Bool](repeating: false, count: count)
    var goesFirst = true
    func alternate(_ members: [Int]) {
      for member in members {
        isFirst[member] = goesFirst
        goesFirst.toggle()
      }
    }
    if isRegression {
      alternate((0..<count).sorted { (values[$0], $0) < (values[$1], $1) })
    } else {
      for label in 0...(classes.max() ?? 0) {
        let members = (0..<count).filter { classes[$0] == label }
        var stream = SeedStream(seed: Self.halvesSeed, purpose: .evaluationHalves, site: UInt32(label))
        alternate(stream.permutation(members.count).map { members[$0] })
      }
    }
    return isFirst
  }
}
