// Content hashes of configurations and trials. A configuration is hashed once; its trials hash its identifier with their
// seeds, so that a million trials cost about a second. Names, paths, ranks and threads are not part of either.

import Digests
import JSON5

/// Gives the digests of the files that a model and a task read.
package protocol ContentDigests {
  /// A digest of everything that is read of a model folder, or of the vocabulary file of a model without a folder.
  /// Asked only where there is one.
  func digest(of model: ModelSpecification) throws -> String

  /// A digest of every file a task reads. Never asked for the synthetic task.
  func digest(of task: TaskSpecification) throws -> String

  /// A digest of the names and contents of a program's files. Never asked where it has none.
  func digest(of program: ProgramSpecification) throws -> String
}

/// The first 64 bits of a SHA-256 digest: what an identifier's 16 hexadecimal digits stand for.
package struct ContentHash: Hashable, Comparable, Sendable {
  var bits: UInt64

  init(bits: UInt64) { self.bits = bits }

  /// The hash of a text's UTF-8 bytes.
  init(of text: String) {
    var digest = SHA256()
    digest.update(text)
    bits = digest.finalized().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The hash that 16 lower-case hexadecimal digits stand for; nil for any other text.
  package init?(hexadecimal text: String) {
    var text = text
    let bits = text.withUTF8 { bytes -> UInt64? in
      guard bytes.count == 16 else { return nil }
      var bits: UInt64 = 0
      for byte in bytes {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): bits = bits << 4 | UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): bits = bits << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
        default: return nil
        }
      }
      return bits
    }
    guard let bits else { return nil }
    self.bits = bits
  }

  /// The hash as 16 lower-case hexadecimal digits.
  package var hexadecimal: String {
    String(unsafeUninitializedCapacity: 16) { buffer in
      for index in 0..<16 {
        let digit = UInt8(truncatingIfNeeded: bits >> UInt64(60 - 4 * index)) & 15
        buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      }
      return 16
    }
  }

  /// Whether one hash stands before another in the order of their identifiers.
  package static func < (left: Self, right: Self) -> Bool { left.bits < right.bits }
}

extension Trial {
  /// Whether a text may stand for a trial in the names of files: 1 to 64 letters, digits, `-` and `_`. Every identifier of a
  /// plan is; what a message or a journal calls one may be anything, and must not lead out of a folder.
  package static func isIdentifier(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// The identifier that a text is.
  ///
  /// - Throws: `CodecError` for a text that may not stand in a file's name.
  static func identifier(_ text: String, _ name: String) throws -> String {
    guard isIdentifier(text) else {
      throw CodecError(
        "\(name): expected 1 to 64 letters, digits, - and _, found \(JSONWriter.quoted(String(text.prefix(80))))")
    }
    return text
  }
}

extension TrialConfiguration {
  /// The text whose hash identifies the configuration: a first line that says what it is, then one `key=value` line,
  /// sorted by key, for every key that something reads and that is not at its default, with digests in place of files.
  /// Further lines of a value begin with a space, which no key does, so that none looks like another key's.
  ///
  /// - Parameters:
  ///   - modelDigest: The digest of the model's files; nil if it has none.
  ///   - dataDigest: The digest of the task's files; nil for the synthetic task.
  ///   - programDigest: The digest of a program's files; nil if it has none.
  package func canonicalText(modelDigest: String?, dataDigest: String?, programDigest: String? = nil) -> String {
    var lines: [String] = []
    // A key is used through its index: a copy of the entry costs more than the call.
    let (keys, defaults) = (ConfigurationSchema.keys, ConfigurationSchema.defaultValues)
    for index in ConfigurationSchema.hashedIndices where keys[index].isRead(self) {
      let value = keys[index].hashedValue(self)
      guard value != .null, value != defaults[index], value != keys[index].implied(self) else { continue }
      lines.append("\(keys[index].path)=\(Self.indented(value.text))")
    }
    if let modelDigest { lines.append("model=\(modelDigest)") }
    if let dataDigest { lines.append("data=\(dataDigest)") }
    if let programDigest { lines.append("program=\(programDigest)") }
    return (["seedsweep configuration"] + lines.sorted()).map { $0 + "\n" }.joined()
  }

  /// A text with a space at the beginning of each line but the first. It looks at scalars: CR LF is one character.
  private static func indented(_ text: String) -> String {
    guard text.utf8.contains(0x0A) else { return text }
    var indented = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      indented.append(scalar)
      if scalar == "\n" { indented.append(" ") }
    }
    return String(indented)
  }

  /// The keys that identifiers hash and that have other values in another configuration, each with both texts.
  package func differences(from other: Self) -> [(path: String, here: String, there: String)] {
    ConfigurationSchema.hashedIndices.compactMap { index in
      let key = ConfigurationSchema.keys[index]
      let (here, there) = (
        key.isRead(self) ? key.hashedValue(self) : .null, key.isRead(other) ? key.hashedValue(other) : .null
      )
      return here == there ? nil : (key.path, here.text, there.text)
    }
  }

  /// The configuration's content hash.
  package func contentHash(modelDigest: String?, dataDigest: String?, programDigest: String? = nil) -> ContentHash {
    ContentHash(
      of: canonicalText(modelDigest: modelDigest, dataDigest: dataDigest, programDigest: programDigest))
  }
}

extension TrialSeeds {
  /// These seeds plus `shift`; nil on overflow.
  package func shifted(by shift: UInt64) -> TrialSeeds? {
    let sums = [initialization, order, dropout].map { $0.addingReportingOverflow(shift) }
    guard !sums.contains(where: \.overflow) else { return nil }
    return TrialSeeds(
      initialization: sums[0].partialValue, order: sums[1].partialValue, dropout: sums[2].partialValue)
  }

  /// The content hash of the trial with these seeds: that of `configuration_id seed_init seed_order seed_dropout`.
  func contentHash(configuration: ContentHash) -> ContentHash {
    ContentHash(of: "\(configuration.hexadecimal) \(initialization) \(order) \(dropout)")
  }
}
