// An imported folder opened for reading: its trials.csv, and what its import.json says of how the runs are judged.

import Foundation
import JSON5
import Reports
import Storage

/// An imported folder.
package struct ImportedFolder {
  /// Its runs, checked and judged.
  package let runs: ImportedRuns
  /// The score that judges them.
  package let score: ScoreChoice
  /// The file or folder that they came from.
  package let path: String
  /// How that was read: the words of the command line, without dashes.
  package let settings: String

  /// Opens a folder.
  ///
  /// - Throws: `ImportError`, `DataError`, `FileError`, `Diagnostics` for an import.json that is no JSON.
  package init(_ folder: RunFolder) throws {
    let text = FileManager.default.contents(atPath: folder.importSource) ?? Data()
    let source = try JSONReader.read(String(decoding: text, as: UTF8.self), name: folder.importSource)
    func number(_ key: String) -> Double? { source[key]?.stringValue.flatMap { Double($0) } }
    let runs = try ImportedTables.runs(folder.trials)
    var baselines: [String: Double] = [:]
    for task in Set(runs.map(\.task)) { baselines[task] = number("baseline \(task)") }
    self.runs = try ImportedRuns(
      runs, baselines: baselines, tolerance: number("tolerance") ?? 0,
      lowerIsBetter: source["lower-is-better"]?.stringValue == "true")
    score = source["score"]?.stringValue.flatMap { ScoreChoice(rawValue: $0) } ?? .final
    path = source["source"]?.stringValue ?? ""
    settings = (source.members ?? []).filter { !["source", "sha256"].contains($0.key) }.compactMap { member in
      member.value.stringValue.map { "\(member.key) \($0)" }
    }.joined(separator: ", ")
  }
}
