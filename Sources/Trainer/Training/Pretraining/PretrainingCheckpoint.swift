// Where a pre-training run stands, in one checkpoint file: a line of fields, the metrics so far, the weights and both moments
// as little-endian floats.

import Files

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

  private static let title = "seedsweep-pretraining-3"

  /// Writes the file.
  ///
  /// - Throws: `FileError`.
  func write(_ arenas: [UnsafeMutableBufferPointer<Float>], to file: WholeFile) throws {
    let fields = [settingsDigest, "\(step)", "\(lossSum.bitPattern)", "\(lossCount)", numerics]
    try CheckpointFile.write(
      title: Self.title, text: fields.joined(separator: " ") + "\n" + metrics,
      arenas: arenas.map { UnsafeRawBufferPointer($0) }, to: file)
  }
}

extension PretrainingCheckpoint {
  /// The digest of the settings of a file's run; nil for a file that is none or cannot be read.
  static func settingsDigest(of path: String) -> String? {
    (try? CheckpointFile(path: path, title: title))?.text.split(separator: " ", maxSplits: 1).first.map(String.init)
  }

  /// Reads a file and fills the arenas from it.
  ///
  /// - Parameters:
  ///   - stepCount: The steps of the whole run.
  ///   - current: The numerics that it must have been computed with; nil for any.
  /// - Throws: `TrainingError` if it is damaged, of a run with other settings or numerics, or past the run's end; the arenas are
  ///   then as they were.
  init(
    _ path: String, settingsDigest expected: String, stepCount: Int, numerics current: String?,
    into arenas: [UnsafeMutableBufferPointer<Float>]
  ) throws {
    let file: CheckpointFile
    do { file = try CheckpointFile(path: path, title: Self.title) } catch {
      throw TrainingError("\(error); remove the folder to start again")
    }
    let lines = file.text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let fields = lines[0].split(separator: " ", maxSplits: 4).map(String.init)
    guard lines.count == 2, fields.count >= 4, let step = Int(fields[1]), let bits = UInt64(fields[2]),
      let lossCount = Int(fields[3]), step >= 0, step <= Int32.max, (0...1 << 56).contains(lossCount)
    else { throw TrainingError("\(path) is no checkpoint of this version; remove the folder to start again") }
    guard fields[0] == expected, file.byteCounts == arenas.map({ UnsafeRawBufferPointer($0).count }) else {
      throw TrainingError(
        "\(path) is of a run with other settings or another text; take another folder, or remove this one to start again"
      )
    }
    guard step <= stepCount else {
      throw TrainingError(
        "\(path) is of step \(step), but the run ends with step \(stepCount); remove the folder to start again")
    }
    settingsDigest = expected
    numerics = fields.count > 4 ? fields[4] : ""
    guard current == nil || current == numerics else {
      throw TrainingError(
        """
        \(path) was computed with other bits than this machine computes with:
          checkpoint: \(numerics)
          now:        \(current ?? "")
        Add --blas-core Haswell to both, or accept the difference with --allow-mixed-numerics. Another `trainer` is \
        another version of seedsweep.
        """)
    }
    self.step = step
    lossSum = Double(bitPattern: bits)
    self.lossCount = lossCount
    metrics = String(lines[1])
    for arena in arenas { try file.read(into: UnsafeMutableRawBufferPointer(arena)) }
  }
}
