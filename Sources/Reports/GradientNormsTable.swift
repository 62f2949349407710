// gradient_norms.csv: the norms of every trial in plan order. Ranks write the norms of their trials themselves, because they
// are too large to pass through the leader; here their files are joined as they are.

import Foundation
import Trials

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
