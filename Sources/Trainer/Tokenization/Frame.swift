// What stands around a text, or around the two texts of a pair, and how many tokens of them are kept: the tokenizers
// library's post-processors and its truncation.

/// The tokens around texts, with the type of every token.
package struct Frame: Hashable, Sendable {
  /// A part of an encoding.
  package enum Part: Hashable, Sendable {
    /// A special token.
    case token(Int32, type: Int32)
    /// The tokens of the text, or of the first of two.
    case first(type: Int32)
    /// The tokens of the second text.
    case second(type: Int32)
  }

  /// The encoding of a text.
  package var single: [Part]
  /// The encoding of a pair.
  package var pair: [Part]
  /// Whether texts lose tokens at their beginning, rather than at their end.
  package var cutsBeginnings = false

  /// Each text must occur once.
  package init(single: [Part], pair: [Part]) {
    self.single = single
    self.pair = pair
  }

  /// Nothing around texts; the second of a pair has type 1.
  package static let empty = Frame(single: [.first(type: 0)], pair: [.first(type: 0), .second(type: 1)])

  /// `[CLS] text [SEP]` and `[CLS] text [SEP] pair [SEP]`, whose second half has type 1.
  package static func bert(classification: Int32, separator: Int32) -> Frame {
    let single: [Part] = [.token(classification, type: 0), .first(type: 0), .token(separator, type: 0)]
    return Frame(single: single, pair: single + [.second(type: 1), .token(separator, type: 1)])
  }

  /// `<s> text </s>` and `<s> text </s></s> pair </s>`, all of type 0.
  package static func roberta(classification: Int32, separator: Int32) -> Frame {
    let end = Part.token(separator, type: 0)
    let single: [Part] = [.token(classification, type: 0), .first(type: 0), end]
    return Frame(single: single, pair: single + [end, .second(type: 0), end])
  }

  /// A frame whose tokens all have type 0, for encoders without types.
  package var withoutTypes: Frame {
    func plain(_ part: Part) -> Part {
      switch part {
      case .token(let identifier, _): .token(identifier, type: 0)
      case .first: .first(type: 0)
      case .second: .second(type: 0)
      }
    }
    var frame = self
    frame.single = single.map(plain)
    frame.pair = pair.map(plain)
    return frame
  }

  /// The special tokens around a text, or around a pair.
  package func tokenCount(isPair: Bool) -> Int {
    (isPair ? pair : single).count { if case .token = $0 { true } else { false } }
  }

  /// Everything that decides an encoding, in words.
  var rules: String { "frame: \(single) and \(pair), cuts beginnings: \(cutsBeginnings)" }

  /// The encoding of the tokens of a text, or of two, cut to `maximumLength` tokens.
  func encoding(_ first: [Int32], _ second: [Int32]?, maximumLength: Int) -> Encoding {
    let tokenCount = tokenCount(isPair: second != nil)
    precondition(maximumLength >= tokenCount, "a length of \(maximumLength) leaves no room for special tokens")
    let kept = Self.longestFirst(first.count, second?.count ?? 0, budget: maximumLength - tokenCount)
    var encoding = Encoding(tokenIdentifiers: [], typeIdentifiers: [])
    encoding.cutCount = first.count - kept.first + (second?.count ?? 0) - kept.second
    encoding.tokenIdentifiers.reserveCapacity(kept.first + kept.second + tokenCount)
    for part in second == nil ? single : pair {
      let type: Int32
      switch part {
      case .token(let identifier, let own):
        encoding.tokenIdentifiers.append(identifier)
        type = own
      case .first(let own):
        encoding.tokenIdentifiers += cut(first, to: kept.first)
        type = own
      case .second(let own):
        encoding.tokenIdentifiers += cut(second ?? [], to: kept.second)
        type = own
      }
      encoding.typeIdentifiers += repeatElement(
        type, count: encoding.tokenIdentifiers.count - encoding.typeIdentifiers.count)
    }
    return encoding
  }

  private func cut(_ tokens: [Int32], to count: Int) -> ArraySlice<Int32> {
    cutsBeginnings ? tokens.suffix(count) : tokens.prefix(count)
  }

  /// How many tokens of each text of a pair are kept: the longer one is cut first; when both are cut and the budget is
  /// odd, the second keeps one more unless the first was the longer.
  static func longestFirst(_ first: Int, _ second: Int, budget: Int) -> (first: Int, second: Int) {
    guard first + second > budget else { return (first, second) }
    let shorter = min(first, second)
    var kept = (short: shorter, long: budget - shorter)
    if kept.long < shorter { kept = (budget / 2, budget - budget / 2) }
    return first > second ? (kept.long, kept.short) : (kept.short, kept.long)
  }
}
