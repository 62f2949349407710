// Where a pre-training run stands, in one file that appears whole or not at all: a line of text, the metrics so far, the
// weights and both moments as little-endian floats, and the SHA-256 of all before it.

import Digests
import Foundation

/// A pre-training run between two steps.
struct PretrainingCheckpoint {
  /// The digest of everything that decides the run's bytes.
  var settingsDigest: String
  /// What decides its last bits besides.
  var numerics: String
  /// Completed updates.
  var step: Int
  /// The sum and number of training losses since the last row of metrics.
  var lossSum: Double
  var lossCount: Int
  /// The text of the metrics file.
  var metrics: String

  private static let title = "seedsweep-pretraining-2"

  /// Writes the file.
  ///
  /// - Throws: `TrainingError` with the system's reason.
  func write(_ arenas: [UnsafeMutableBufferPointer<Float>], to file: PendingFile) throws {
    let text = Data(metrics.utf8)
    let fields = [
      Self.title, settingsDigest, "\(step)", "\(lossSum.bitPattern)", "\(lossCount)", "\(text.count)",
      "\(arenas[0].count)", numerics,
    ]
    do {
      let handle = try file.open()
      defer { try? handle.close() }
      var digest = SHA256()
      func add(_ data: Data) throws {
        data.withUnsafeBytes { digest.update($0) }
        try handle.write(contentsOf: data)
      }
      try add(Data((fields.joined(separator: " ") + "\n").utf8))
      try add(text)
      for arena in arenas { try add(Data(buffer: arena)) }
      try handle.write(contentsOf: Data(digest.finalizedHex().utf8))
      try handle.synchronize()
      try file.commit()
    } catch {
      file.discard()
      throw TrainingError("cannot write \(file.path): \(systemReason(error))")
    }
  }
}

extension PretrainingCheckpoint {
  /// Reads a file and fills the arenas from it.
  ///
  /// - Parameter current: The numerics that it must have been computed with; nil for any.
  /// - Throws: `TrainingError` if it is damaged or of a run with other settings or numerics; the arenas are then as they
  ///   were.
  init(
    _ path: String, settingsDigest expected: String, numerics current: String?,
    into arenas: [UnsafeMutableBufferPointer<Float>]
  ) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TrainingError("cannot read \(path)")
    }
    let damaged = TrainingError("\(path) is damaged: its checksum is wrong; remove the folder to start again")
    guard data.count > 64, let end = data.firstIndex(of: 10) else { throw damaged }
    let body = data.prefix(data.count - 64)
    guard body.withUnsafeBytes({ SHA256.hex(of: $0) }).utf8.elementsEqual(data.suffix(64)) else { throw damaged }
    let fields = String(decoding: data[..<end], as: UTF8.self).split(separator: " ", maxSplits: 7).map(String.init)
    guard fields.count >= 7, fields[0] == Self.title, let step = Int(fields[2]), let bits = UInt64(fields[3]),
      let lossCount = Int(fields[4]), let textCount = Int(fields[5]), let count = Int(fields[6])
    else { throw TrainingError("\(path) is no checkpoint of this version; remove the folder to start again") }
    guard fields[1] == expected, count == arenas[0].count else {
      throw TrainingError(
        "\(path) is of a run with other settings or another text; take another folder, or remove this one to start again"
      )
    }
    settingsDigest = expected
    numerics = fields.count > 7 ? fields[7] : ""
    guard current == nil || current == numerics else {
      throw TrainingError(
        """
        \(path) was computed with other bits than this machine computes with:
          checkpoint: \(numerics)
          now:        \(current ?? "")
        Set OPENBLAS_CORETYPE=Haswell on both, or accept the difference with --allow-mixed-numerics. Another `trainer` is \
        another version of seedsweep.
        """)
    }
    self.step = step
    lossSum = Double(bitPattern: bits)
    self.lossCount = lossCount
    var start = end + 1
    metrics = String(decoding: data[start..<start + textCount], as: UTF8.self)
    start += textCount
    for arena in arenas {
      let size = 4 * arena.count
      _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(arena), from: start..<start + size)
      start += size
    }
  }
}
