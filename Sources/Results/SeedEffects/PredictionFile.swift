// Reads back what a rank wrote of a trial's last evaluation, predictions/ID/TRIAL_ID.csv: which examples, whether each was
// answered right, and the logits. The format is `PredictionRow`'s; the digest in the journal vouches for the bytes.

import Digests
import Foundation
import Tables
import TrialTables
import Trials

/// The answers of one trial on the dev set.
struct PredictionFile: Sendable {
  /// The examples' indices in the dev set, as text, a line each.
  private(set) var indices: [UInt8] = []
  /// Whether each example's prediction is its label.
  private(set) var areCorrect: [Bool] = []
  /// The logits, `(examples, classes)`.
  private(set) var logits: [Double] = []
  /// The logits of an example; 1 for regression.
  private(set) var classCount = 0
  /// Each example's label, where labels are kept.
  private(set) var labels: [String] = []
  /// The names under which classes were predicted, where labels are kept.
  private(set) var classNames: [Int: String] = [:]

  /// The number of examples.
  var exampleCount: Int { areCorrect.count }

  /// The class of the largest of each example's logits, the first of equal ones.
  var predictions: [Int] {
    stride(from: 0, to: logits.count, by: classCount).map { largestLogit(from: $0) - $0 }
  }

  /// The index of the largest logit of the example whose logits begin at an index.
  private func largestLogit(from start: Int) -> Int {
    var best = start
    for index in start + 1..<start + classCount where logits[index] > logits[best] { best = index }
    return best
  }

  /// Why a file is not what the journal says.
  enum Fault: Error { case missing, damaged }

  /// A file whose bytes have a digest. Labels, which take memory, are kept only where somebody asks for them.
  ///
  /// - Throws: `Fault` where there is no such file, it cannot be read or it has other bytes.
  init(path: String, digest: String, keepsLabels: Bool = false) throws(Fault) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw access(path, F_OK) == 0 ? .damaged : .missing
    }
    guard data.withUnsafeBytes({ SHA256.hex(of: $0) }) == digest,
      let file = PredictionFile([UInt8](data), keepsLabels: keepsLabels)
    else {
      throw .damaged
    }
    self = file
  }

  /// The content of a file; nil where no rank writes such a file.
  init?(_ bytes: [UInt8], keepsLabels: Bool = false) {
    var reader = CommaReader(bytes, path: "")
    let leading = PredictionRow.leadingColumns.count
    guard let header = try? reader.next(), header.fields.count > leading else { return nil }
    classCount = header.fields.count - leading
    do {
      while let fields = try reader.next()?.fields {
        guard fields.count == leading + classCount else { return nil }
        indices += fields[0]
        indices.append(0x0A)
        areCorrect.append(fields[1] == fields[2])
        for field in fields[leading...] {
          guard let logit = Double(String(decoding: field, as: UTF8.self)) else { return nil }
          logits.append(logit)
        }
        guard keepsLabels else { continue }
        labels.append(String(decoding: fields[1], as: UTF8.self))
        let start = logits.count - classCount
        classNames[largestLogit(from: start) - start] = String(decoding: fields[2], as: UTF8.self)
      }
    } catch { return nil }
  }
}
