// The normalizers of the tokenizers library but BERT's (`TextNormalizer`) and SentencePiece's (`CharacterMap`): each turns the
// UTF-8 of a text into other UTF-8. Which of them a folder's tokenizer has, and in which order, its files say.

/// A step of normalization.
package protocol NormalizationStep: Sendable {
  /// Everything that decides what it does, in words.
  var rules: String { get }
  /// Whether a quick look shows that a text stays as it is.
  func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool
  /// Appends the normalized text to `output`.
  func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8])
}

extension NormalizationStep {
  package func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool { false }
}

/// Steps one after the other.
package struct Normalizer: Sendable {
  let steps: [any NormalizationStep]

  package init(_ steps: [any NormalizationStep]) { self.steps = steps }

  var rules: String { "normalizer: " + steps.map(\.rules).joined(separator: ", ") }

  /// Appends the normalized text to `output`, which is empty.
  func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    var isChanged = false
    var next: [UInt8] = []
    for step in steps {
      guard isChanged else {
        if step.keeps(text) { continue }
        step.normalize(text, into: &output)
        isChanged = true
        continue
      }
      let isKept = output.withUnsafeBufferPointer { text in
        if step.keeps(text) { return true }
        next.reserveCapacity(text.count)
        step.normalize(text, into: &next)
        return false
      }
      if isKept { continue }
      swap(&output, &next)
      next.removeAll(keepingCapacity: true)
    }
    if !isChanged { output.append(contentsOf: text) }
  }

  /// The normalized text.
  package func normalized(_ text: String) -> [UInt8] {
    var text = text
    var output: [UInt8] = []
    text.withUTF8 { normalize($0, into: &output) }
    return output
  }
}

/// Calls `change` with each scalar beyond ASCII, and copies the others.
@inline(__always)
private func forEachWide(
  _ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], _ change: (UInt32, inout [UInt8]) -> Void
) {
  var position = 0
  while position < text.count {
    let end = asciiEnd(text, position)
    appendPart(position..<end, of: text, to: &output)
    position = end
    if position < text.count { change(decodeScalar(text, &position), &output) }
  }
}

/// One text in place of another.
package struct Replacement: NormalizationStep {
  let pattern: [UInt8]
  let content: [UInt8]

  /// - Parameter pattern: not empty.
  package init(_ pattern: String, by content: String) {
    (self.pattern, self.content) = (Array(pattern.utf8), Array(content.utf8))
  }

  package var rules: String { "replaces \(pattern) by \(content)" }

  /// How many times as long a text may become.
  package var growth: Double { max(1, Double(content.count) / Double(pattern.count)) }

  package func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool { match(in: text, from: 0) == nil }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    var start = 0
    while let found = match(in: text, from: start) {
      appendPart(start..<found, of: text, to: &output)
      output += content
      start = found + pattern.count
    }
    appendPart(start..<text.count, of: text, to: &output)
  }

  /// Where the pattern stands first from `position` on.
  private func match(in text: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
    pattern.withUnsafeBufferPointer { pattern in
      var position = position
      while let found = firstPosition(of: pattern[0], in: text, from: position) {
        if stands(pattern, at: found, in: text) { return found }
        position = found + 1
      }
      return nil
    }
  }
}

/// One text in place of two spaces or more.
package struct SpaceCollapse: NormalizationStep {
  let content: [UInt8]

  package init(to content: String) { self.content = Array(content.utf8) }

  package var rules: String { "replaces spaces by \(content)" }

  package func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    // Every byte is looked at, so that the compiler takes many at once: 0 where two neighbours are spaces.
    var least = UInt8.max
    for index in 0..<max(1, text.count) - 1 { least = min(least, (text[index] ^ 0x20) | (text[index + 1] ^ 0x20)) }
    return least > 0
  }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    var start = 0
    var position = 0
    while let space = firstPosition(of: 0x20, in: text, from: position) {
      position = text[space...].firstIndex { $0 != 0x20 } ?? text.count
      guard position - space >= 2 else { continue }
      appendPart(start..<space, of: text, to: &output)
      output += content
      start = position
    }
    appendPart(start..<text.count, of: text, to: &output)
  }
}

/// Where the white space beside a position ends.
enum WhiteSpace {
  /// Where the white space that ends at `position` begins, at the earliest at `start`.
  static func start(before position: Int, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var position = position
    while position > start {
      var before = position - 1
      while before > start && text[before] & 0xC0 == 0x80 { before -= 1 }
      var end = before
      guard UnicodeFormTables.shared.has(.space, decodeScalar(text, &end)) else { break }
      position = before
    }
    return max(start, position)
  }

  /// Where the white space that begins at `position` ends.
  static func end(after position: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var position = position
    while position < text.count {
      var end = position
      guard UnicodeFormTables.shared.has(.space, decodeScalar(text, &end)) else { break }
      position = end
    }
    return position
  }
}

/// White space away at the ends.
package struct SpaceStrip: NormalizationStep {
  let left: Bool
  let right: Bool

  package init(left: Bool, right: Bool) { (self.left, self.right) = (left, right) }

  package var rules: String { "strips left: \(left), right: \(right)" }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    let start = left ? WhiteSpace.end(after: 0, in: text) : 0
    let end = right ? WhiteSpace.start(before: text.count, in: text, from: start) : text.count
    appendPart(start..<end, of: text, to: &output)
  }
}

/// Every scalar's lower case, whatever stands around it.
package struct Lowercase: NormalizationStep {
  package init() {}

  package var rules: String { "lower case" }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    let tables = UnicodeFormTables.shared
    let start = output.count
    forEachWide(text, into: &output) { scalar, output in
      if tables.has(.lowers, scalar) {
        for part in tables.lowercase(scalar) { appendScalar(part, to: &output) }
      } else {
        appendScalar(scalar, to: &output)
      }
    }
    output.withUnsafeMutableBufferPointer { bytes in
      for index in start..<bytes.count { bytes[index] |= bytes[index] &- 65 < 26 ? 32 : 0 }
    }
  }
}

/// Marks away: accents of decomposed texts.
package struct AccentStrip: NormalizationStep {
  package init() {}

  package var rules: String { "strips accents" }

  package func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool { asciiEnd(text, 0) == text.count }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    let tables = UnicodeFormTables.shared
    forEachWide(text, into: &output) { scalar, output in
      if !tables.has(.accent, scalar) { appendScalar(scalar, to: &output) }
    }
  }
}

/// A normalization form of Unicode.
package enum UnicodeForm: String, NormalizationStep {
  case decomposed = "NFD"
  case composed = "NFC"
  case compatiblyDecomposed = "NFKD"
  case compatiblyComposed = "NFKC"

  package var rules: String { rawValue }

  private var isCompatible: Bool { self == .compatiblyDecomposed || self == .compatiblyComposed }
  private var composes: Bool { self == .composed || self == .compatiblyComposed }

  package func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool { asciiEnd(text, 0) == text.count }

  package func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    var scalars = Self.ordered(decomposed(text))
    if composes { scalars = Self.composed(scalars) }
    for scalar in scalars { appendScalar(scalar.value, to: &output) }
  }

  private typealias Scalar = (value: UInt32, combiningClass: UInt8)

  private func decomposed(_ text: UnsafeBufferPointer<UInt8>) -> [Scalar] {
    let tables = UnicodeFormTables.shared
    var scalars: [Scalar] = []
    func append(_ value: UInt32) {
      scalars.append((value, tables.has(.ordered, value) ? tables.combiningClass(value) : 0))
    }
    var position = 0
    while position < text.count {
      let value = decodeScalar(text, &position)
      if value &- 0xAC00 < 11172 {
        let index = value - 0xAC00
        append(0x1100 + index / 588)
        append(0x1161 + index % 588 / 28)
        if index % 28 != 0 { append(0x11A7 + index % 28) }
      } else if let parts = tables.decomposition(value, compatibly: isCompatible) {
        parts.forEach(append)
      } else {
        append(value)
      }
    }
    return scalars
  }

  /// Unicode's canonical ordering: marks by class between two starters, in their order within a class.
  private static func ordered(_ scalars: [Scalar]) -> [Scalar] {
    var scalars = scalars
    var start = 0
    while start < scalars.count {
      guard scalars[start].combiningClass != 0 else {
        start += 1
        continue
      }
      var end = start
      while end < scalars.count && scalars[end].combiningClass != 0 { end += 1 }
      let order = (start..<end).sorted { (scalars[$0].combiningClass, $0) < (scalars[$1].combiningClass, $1) }
      scalars.replaceSubrange(start..<end, with: order.map { [scalars] in scalars[$0] })
      start = end
    }
    return scalars
  }

  /// Unicode's canonical composition.
  private static func composed(_ scalars: [Scalar]) -> [Scalar] {
    var result: [Scalar] = []
    result.reserveCapacity(scalars.count)
    var starter: Int?
    var lastClass: Int = -1
    for scalar in scalars {
      if let index = starter, lastClass < Int(scalar.combiningClass) || lastClass == -1,
        let composite = UnicodeFormTables.shared.composition(result[index].value, scalar.value)
      {
        result[index].value = composite
        continue
      }
      if scalar.combiningClass == 0 {
        starter = result.count
        lastClass = -1
      } else {
        lastClass = Int(scalar.combiningClass)
      }
      result.append(scalar)
    }
    return result
  }
}
