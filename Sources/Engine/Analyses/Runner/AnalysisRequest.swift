// What every analysis is told: which folder, how its trials are judged and where the tables go. The flags of one analysis
// alone are in its file.

import Foundation
import Host
import Reports
import Storage

/// The input and the output of an analysis.
package struct AnalysisRequest: Sendable {
  /// The folder of results.
  package let folder: String
  /// The folder of the tables.
  package let output: String
  /// How trials are judged.
  package let tables: TableOptions
  /// The tables of commands, which are removed from the folder where they were made by another judgement.
  let derivedTables: [DerivedTable]

  package init(folder: String, output: String, tables: TableOptions, derivedTables: [DerivedTable] = []) {
    self.folder = folder
    self.output = output
    self.tables = tables
    self.derivedTables = derivedTables
  }

  /// Refuses to work on a host that does not see the results.
  func requireFolder(rank: Int) throws {
    let journal = RunFolder(folder).journal
    guard !FileManager.default.fileExists(atPath: journal) else { return }
    throw AnalysisError(
      "rank \(rank) on host \(Machine.hostName()) finds no \(journal): analyze sends no files, so every host needs the folder "
        + "of results, with its kept weights, and the model and data of its runs, under the same paths; on one host, "
        + "--processes N starts the ranks")
  }
}
