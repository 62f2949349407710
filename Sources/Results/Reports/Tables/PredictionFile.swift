// Reads back what a rank wrote of a trial's last evaluation, predictions/TRIAL_ID.csv: which examples, whether each was
// answered right, and the logits. The writer is Training's; its digest in the journal vouches for the bytes.

import Digests
import Foundation

/// The answers of one trial on the dev set.
struct PredictionFile: Sendable {
  /// The examples' places in the dev set, as text.
  private(set) var indices: [UInt8] = []
  /// Whether each example's prediction is its label.
  private(set) var areCorrect: [Bool] = []
  /// The logits, `(examples, classes)`.
  private(set) var logits: [Double] = []
  /// The logits of an example; 1 for regression.
  private(set) var classCount = 0

  /// The number of examples.
  var exampleCount: Int { areCorrect.count }

  /// The class of the largest of each example's logits, the first of equal ones.
  var predictions: [Int] {
    stride(from: 0, to: logits.count, by: classCount).map { start in
      var best = start
      for place in start + 1..<start + classCount where logits[place] > logits[best] { best = place }
      return best - start
    }
  }

  /// Why a file is not what the journal says.
  enum Fault: Error { case missing, damaged }

  /// A file whose bytes have a digest.
  ///
  /// - Throws: `Fault` where there is no such file, it cannot be read or it has other bytes.
  init(path: String, digest: String) throws(Fault) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw access(path, F_OK) == 0 ? .damaged : .missing
    }
    guard data.withUnsafeBytes({ SHA256.hex(of: $0) }) == digest, let file = PredictionFile([UInt8](data)) else {
      throw .damaged
    }
    self = file
  }

  /// The content of a file; nil where it is none of ours.
  init?(_ bytes: [UInt8]) {
    var reader = FieldReader(bytes: bytes)
    var columnCount = 0
    while !reader.endsLine {
      reader.next()
      columnCount += 1
    }
    classCount = columnCount - 3
    guard classCount > 0 else { return nil }
    while !reader.isAtEnd {
      let index = reader.next()
      if reader.endsLine { return nil }
      let label = reader.next()
      if reader.endsLine { return nil }
      let prediction = reader.next()
      indices += bytes[index]
      indices.append(0x0A)
      areCorrect.append(bytes[label].elementsEqual(bytes[prediction]))
      for _ in 0..<classCount {
        if reader.endsLine { return nil }
        guard let logit = Double(String(decoding: bytes[reader.next()], as: UTF8.self)) else { return nil }
        logits.append(logit)
      }
      guard reader.endsLine else { return nil }
    }
  }
}

/// Fields of RFC 4180 as ranges of bytes, quotes included: equal texts are written alike.
private struct FieldReader {
  let bytes: [UInt8]
  private var place = 0
  /// Whether the field read last is the last of its line.
  private(set) var endsLine = false

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place >= bytes.count }

  @discardableResult
  mutating func next() -> Range<Int> {
    let start = place
    var isQuoted = false
    while place < bytes.count {
      let byte = bytes[place]
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted && (byte == 0x2C || byte == 0x0A) { break }
      place += 1
    }
    endsLine = place >= bytes.count || bytes[place] == 0x0A
    place += 1
    return start..<place - 1
  }
}
