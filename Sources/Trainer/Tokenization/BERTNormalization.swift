// BERT's normalizer with its stages switched one by one; where they are the usual ones, `TextNormalizer` does them in one pass.

/// The stages of BERT's normalizer.
package struct BERTNormalization: Hashable, Sendable {
  /// Whether control characters are dropped and white space becomes spaces.
  package var cleans = true
  /// Whether ideographs get a space on either side.
  package var spacesIdeographs = true
  package var lowercases: Bool
  /// Whether accents are stripped.
  package var stripsAccents: Bool

  package init(lowercases: Bool, stripsAccents: Bool? = nil) {
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents ?? lowercases
  }

  /// Whether they are those that BERT's own vocabularies were made with, cased or uncased.
  package var isUsual: Bool { cleans && spacesIdeographs && stripsAccents == lowercases }

  /// The steps.
  package var steps: [any NormalizationStep] {
    guard !isUsual else { return [TextNormalizer(lowercases: lowercases)] }
    var steps: [any NormalizationStep] = []
    if cleans { steps.append(BERTStage.cleaning) }
    if spacesIdeographs { steps.append(BERTStage.spacing) }
    if stripsAccents { steps += [UnicodeForm.decomposed, BERTStage.stripping] as [any NormalizationStep] }
    if lowercases { steps.append(Lowercase()) }
    return steps
  }
}

/// A stage by itself.
private enum BERTStage: String, NormalizationStep {
  case cleaning
  case spacing
  case stripping

  var rules: String { "BERT's \(rawValue)" }

  func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    let classes = UnicodeClasses.shared
    var position = 0
    while position < text.count {
      let scalar = decodeScalar(text, &position)
      let flags = classes.flags(scalar)
      switch self {
      case .cleaning:
        if flags.contains(.space) {
          output.append(0x20)
        } else if !flags.contains(.removed) {
          appendScalar(scalar, to: &output)
        }
      case .spacing:
        let isIdeograph = flags.contains(.ideograph)
        if isIdeograph { output.append(0x20) }
        appendScalar(scalar, to: &output)
        if isIdeograph { output.append(0x20) }
      case .stripping:
        if !flags.contains(.mark) && !flags.contains(.starterMark) { appendScalar(scalar, to: &output) }
      }
    }
  }
}
