// gradient_norms.csv: the norms of every trial in plan order. Ranks write the norms of their trials themselves, because they
// are too large to pass through the leader; here their files are joined as they are.

import Files
import Foundation
import Host
import Storage
import Tables
import TrialTables
import Trials

/// The norms that one trial's rank wrote. The journal has no digest of them; what can be told are missing or impossible rows.
package enum GradientNormsFile {
  /// What is wrong with the file of a trial that made `steps` steps and recorded every `cadence` of them; nil where nothing is.
  ///
  /// Every recorded step has the same tensors in the same order, and a norm that is a number and not negative.
  package static func problem(in path: String, ofTrial trial: String, steps: Int, every cadence: Int) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else {
      return access(path, F_OK) == 0 ? "it cannot be read" : "it is missing"
    }
    guard data.last == 0x0A else { return "its last line has no end" }
    var reader = CommaReader([UInt8](data), path: path)
    guard data.prefix(while: { $0 != 0x0A }).elementsEqual(GradientNormRow.header.utf8), (try? reader.next()) != nil
    else { return "line 1 is not \(GradientNormRow.header)" }
    let stepCount = steps / cadence
    let rowCount = data.count { $0 == 0x0A } - 1
    let tensorCount = stepCount == 0 ? 0 : rowCount / stepCount
    guard rowCount == tensorCount * stepCount, (rowCount == 0) == (stepCount == 0) else {
      return "it has \(rowCount) rows for \(counted(stepCount, "recorded step"))"
    }
    var tensors: [ArraySlice<UInt8>] = []
    for index in 0..<rowCount {
      guard let fields = try? reader.next()?.fields, fields.count == 4, fields[0].elementsEqual(trial.utf8),
        Int(String(decoding: fields[1], as: UTF8.self)) == (index / tensorCount + 1) * cadence,
        Double(String(decoding: fields[3], as: UTF8.self)).map({ $0 >= 0 && $0.isFinite }) == true,
        index < tensorCount || tensors[index % tensorCount] == fields[2]
      else { return "line \(index + 2) is no row that this trial's rank wrote there" }
      if index < tensorCount { tensors.append(fields[2]) }
    }
    return nil
  }
}

/// Joins the ranks' files in gradient_norms.csv, a piece at a time.
package struct GradientNormsTable {
  /// The table as its reference describes it.
  package static let reference = TableReference(
    "gradient_norms.csv",
    "One row for each recorded step and tensor of a trial, where the sweep sets `record.gradient_norms_every`. The rank that "
      + "trains a trial writes `gradient_norms/ID/TRIAL_ID.csv` with the same columns; `run` and `summarize` join the files.",
    GradientNormRow.columns)

  private let folder: RunFolder
  /// Whether any rank wrote norms: a rank's file is there before its outcome is.
  private let hasFiles: Bool
  private var file: CSVFile?

  init(folder: RunFolder) {
    self.folder = folder
    hasFiles = access(folder.gradientNormFiles, F_OK) == 0
  }

  /// Appends the rows of a trial, if its rank wrote any.
  mutating func add(_ trial: String) throws {
    guard hasFiles else { return }
    let path = folder.keptGradientNorms(ofTrial: trial)
    guard access(path, F_OK) == 0 else { return }
    let part = try RawFile(path: path, flags: O_RDONLY)
    let table = try file ?? CSVFile(path: folder.gradientNorms, columns: GradientNormRow.columns.names())
    file = table
    var offset = GradientNormRow.header.utf8.count + 1
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
