// gradient_norms.csv: the norms of every trial in plan order. Ranks write the norms of their trials themselves, because they
// are too large to pass through the leader; here their files are joined as they are.

import Files
import Foundation
import Storage
import Tables
import Trials

/// The norms that one trial's rank wrote. The journal has no digest of them; what can be told are missing or impossible rows.
package enum GradientNormsFile {
  /// What is wrong with the file of a trial that made so many steps and recorded every so many; nil where nothing is.
  ///
  /// Every recorded step has the same tensors in the same order, and a norm that is a number and not negative.
  package static func problem(in path: String, ofTrial trial: String, steps: Int, every cadence: Int) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else {
      return access(path, F_OK) == 0 ? "it cannot be read" : "it is missing"
    }
    var lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.popLast()?.isEmpty == true, !lines.isEmpty else { return "its last line has no end" }
    guard lines[0].elementsEqual(TrialColumns.gradientNormNames.joined(separator: ",").utf8) else {
      return "line 1 is not \(TrialColumns.gradientNormNames.joined(separator: ","))"
    }
    let stepCount = steps / cadence
    let rows = lines.dropFirst()
    let tensorCount = stepCount == 0 ? 0 : rows.count / stepCount
    guard rows.count == tensorCount * stepCount, rows.isEmpty == (stepCount == 0) else {
      return "it has \(rows.count) rows for \(stepCount) recorded step\(stepCount == 1 ? "" : "s")"
    }
    var tensors: [Data] = []
    for (place, row) in rows.enumerated() {
      let fields = row.split(separator: 0x2C, omittingEmptySubsequences: false)
      guard fields.count == 4, fields[0].elementsEqual(trial.utf8),
        Int(String(decoding: fields[1], as: UTF8.self)) == (place / tensorCount + 1) * cadence,
        Double(String(decoding: fields[3], as: UTF8.self)).map({ $0 >= 0 && $0.isFinite }) == true,
        place < tensorCount || tensors[place % tensorCount] == fields[2]
      else { return "line \(place + 2) is no row that this trial's rank wrote there" }
      if place < tensorCount { tensors.append(fields[2]) }
    }
    return nil
  }
}

/// Joins the ranks' files in gradient_norms.csv, a piece at a time.
struct GradientNormsTable {
  private let folder: RunFolder
  private var file: CSVFile?

  init(folder: RunFolder) { self.folder = folder }

  /// Appends the rows of a trial, if its rank wrote any.
  mutating func add(_ trial: String) throws {
    let path = folder.gradientNorms(ofTrial: trial)
    guard access(path, F_OK) == 0 else { return }
    let part = try RawFile(path: path, flags: O_RDONLY)
    let table = try file ?? CSVFile(path: folder.gradientNorms, columns: TrialColumns.gradientNormNames)
    file = table
    var offset = TrialColumns.gradientNormNames.joined(separator: ",").utf8.count + 1
    while true {
      let piece = try part.read(at: offset, count: 1 << 20)
      if piece.isEmpty { return }
      try table.write(encodedRows: piece)
      offset += piece.count
    }
  }

  /// Gives the table its name, if there were any rows.
  func finish() throws { try file?.finish() }
}
