// SentencePiece's unigram language model (Kudo 2018): the pieces of a word whose scores have the largest sum, found from left
// to right as the tokenizers library does. No sampling.

import Digests

/// A unigram vocabulary with scores.
package final class UnigramModel: SubwordModel {
  package let vocabulary: [String]
  package var unknown: Int32? { unknownPiece }
  private let unknownPiece: Int32
  private let scores: [Double]
  private let unknownScore: Double
  private let trie: TokenTrie
  private let scoreDigest: String
  /// The pieces of the 256 bytes, which stand for text that the vocabulary lacks, -1 for one without a piece; nil where they are
  /// not used.
  private let bytePieces: [Int32]?

  /// How far below the lowest score that of an unknown letter is.
  private static let unknownPenalty = 10.0

  /// A vocabulary in identifier order with its scores.
  ///
  /// - Parameter fallsBack: Whether bytes stand for letters that the vocabulary lacks.
  /// - Throws: `VocabularyError` if there is no such unknown token.
  package init(
    vocabulary: [String], scores: [Double], unknown: Int32, fallsBack: Bool, source: String
  ) throws {
    precondition(vocabulary.count == scores.count, "every piece needs a score")
    guard vocabulary.indices.contains(Int(unknown)) else {
      throw VocabularyError(
        description: "\(source): the unknown token is piece \(unknown), and there are \(vocabulary.count) pieces")
    }
    self.vocabulary = vocabulary
    self.scores = scores
    unknownPiece = unknown
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    let trie = TokenTrie(texts: vocabulary.map { Array($0.utf8) })
    self.trie = trie
    bytePieces =
      fallsBack
      ? (0..<256).map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return trie.identifier(of: "<0x\(digits.count < 2 ? "0" : "")\(digits)>")
      } : nil
    scoreDigest = SHA256.hex(of: scores.map { "\($0)\n" }.joined())
  }

  package var byteCount: Int { trie.byteCount + 8 * scores.count }

  package var name: String { "unigrams" }

  package var rules: String {
    "\(name), scores: \(scoreDigest), unknown: \(unknownPiece), bytes: \(bytePieces != nil)"
  }

  /// The best way to an end in a word.
  private struct Step {
    var score = 0.0
    /// Where the last piece begins; -1 where no way leads here.
    var start: Int32 = -1
    var piece: Int32 = 0
  }

  package func append(_ word: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    withUnsafeTemporaryAllocation(of: Step.self, capacity: word.count + 1) { steps in
      steps.initialize(repeating: Step())
      search(word, steps)
      backtrack(word, steps, to: &tokens)
    }
  }

  private func search(_ word: UnsafeBufferPointer<UInt8>, _ steps: UnsafeMutableBufferPointer<Step>) {
    func offer(_ piece: Int32, _ score: Double, from start: Int, to end: Int) {
      let total = score + steps[start].score
      if steps[end].start < 0 || total > steps[end].score {
        steps[end] = Step(score: total, start: Int32(start), piece: piece)
      }
    }
    scores.withUnsafeBufferPointer { scores in
      var start = 0
      while start < word.count {
        let lead = word[start]
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var hasSingle = false
        trie.forEachMatch(word, start) { piece, count in
          offer(piece, scores[Int(piece)], from: start, to: start + count)
          if count == length { hasSingle = true }
        }
        if !hasSingle { offer(unknownPiece, unknownScore, from: start, to: start + length) }
        start += length
      }
    }
  }

  /// Appends the pieces of the best way; adjacent unknown ones are one.
  private func backtrack(
    _ word: UnsafeBufferPointer<UInt8>, _ steps: UnsafeMutableBufferPointer<Step>, to tokens: inout [Int32]
  ) {
    let first = tokens.count
    var end = word.count
    while end > 0 {
      let step = steps[end]
      var start = Int(step.start)
      if step.piece == unknownPiece {
        while start > 0, steps[start].piece == unknownPiece { start = Int(steps[start].start) }
        appendReversed(UnsafeBufferPointer(rebasing: word[start..<end]), to: &tokens)
      } else {
        tokens.append(step.piece)
      }
      end = start
    }
    tokens[first...].reverse()
  }

  /// Appends the tokens of text that no piece covers, the last first.
  private func appendReversed(_ text: UnsafeBufferPointer<UInt8>, to tokens: inout [Int32]) {
    let known = trie.longestMatch(text, 0, end: text.count)
    if known.identifier >= 0 && known.length == text.count {
      tokens.append(known.identifier)
    } else if let bytePieces, text.allSatisfy({ bytePieces[Int($0)] >= 0 }) {
      for byte in text.reversed() { tokens.append(bytePieces[Int(byte)]) }
    } else {
      tokens.append(unknownPiece)
    }
  }
}
