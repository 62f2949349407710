// How the results of a folder were made: runs, hosts, seconds, the program and its libraries, the files that were read. What it
// says stands in provenance.json, in the journal and in status.json.

import CommandLine
import Files
import Foundation
import Host
import JSON5
import Reports
import Storage

/// The facts of a run.
enum RunFacts {
  typealias Fact = (name: String, text: String)

  /// The facts about a folder with a journal.
  static func facts(of folder: RunFolder, _ index: JournalIndex, _ recipes: [PageRecipe]) -> [Fact] {
    let provenance = provenance(of: folder)
    return runs(index) + seconds(recipes) + hosts(provenance) + program(provenance, index) + files(provenance)
      + ending(folder, index)
  }

  private static func provenance(of folder: RunFolder) -> JSONNode? {
    guard let data = FileManager.default.contents(atPath: folder.provenance) else { return nil }
    return try? JSONReader.read(String(decoding: data, as: UTF8.self), name: folder.provenance)
  }

  private static func runs(_ index: JournalIndex) -> [Fact] {
    let runs = index.runs
    guard let first = runs.first, let last = runs.last else { return [] }
    let versions = Set(runs.map(\.version)).sorted().joined(separator: ", ")
    var facts: [Fact] = [("first run", time(first.time))]
    if runs.count > 1 { facts.append(("last of \(runs.count) runs", time(last.time))) }
    if let end = index.lastEnd { facts.append(("ended", "\(time(end.time)), \(words(end.ending))")) }
    facts.append(("seedsweep", "version \(versions)"))
    let ranks = runs.map(\.rankCount).max() ?? 0
    if ranks > 0 { facts.append(("ranks", "\(ranks)")) }
    return facts
  }

  private static func words(_ ending: Ending) -> String {
    switch ending {
    case .running: "under way"
    case .complete: "every trial has a result"
    case .incomplete: "some trials crashed for the last time"
    case .drained: "stopped early"
    }
  }

  /// A time in UTC, to the minute.
  static func time(_ seconds: Double) -> String {
    let text = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    return String(text.prefix(16)).replacing("T", with: " ") + " UTC"
  }

  private static func seconds(_ recipes: [PageRecipe]) -> [Fact] {
    let timings = recipes.flatMap { $0.runs.compactMap(\.timing) }
    guard !timings.isEmpty else { return [] }
    let total = timings.reduce(0) { $0 + $1.seconds }
    let mean = total / Double(timings.count)
    return [
      (
        "training",
        "\(readable(seconds: total)) on all ranks together, \(mean < 10 ? PageText.seconds(mean) + " s" : readable(seconds: mean)) a trial"
      )
    ]
  }

  private static func hosts(_ provenance: JSONNode?) -> [Fact] {
    let hosts = provenance?["hosts"]?.elements ?? []
    guard !hosts.isEmpty else { return [] }
    let texts = hosts.map { host in
      let count = host["ranks"]?.elements?.count ?? 0
      return "\(host["name"]?.stringValue ?? "unknown") (\(host["processor"]?.stringValue ?? "unknown processor"), "
        + "\(counted(count, "rank")), \(counted(host["cores"]?.intValue ?? 0, "core")) each to run on)"
    }
    return [("hosts", shortened(texts))]
  }

  private static func program(_ provenance: JSONNode?, _ index: JournalIndex) -> [Fact] {
    var facts: [Fact] = []
    if let words = provenance?["command_line"]?.elements?.compactMap(\.stringValue), !words.isEmpty {
      facts.append(("command", words.map(ShellText.quoted).joined(separator: " ")))
    }
    let numerics = Set(index.runs.map(\.fingerprint))
    for text in numerics.filter({ $0.hasPrefix("portable") }).sorted() { facts.append(("arithmetic", text)) }
    for (name, key) in [("matrix products", "blas"), ("MPI", "mpi"), ("system", "system"), ("commit", "commit")] {
      // Neither portable trials nor a user's program multiply with OpenBLAS.
      let isUnused = numerics.allSatisfy { $0.hasPrefix("portable") || $0.hasPrefix("none") }
      if key == "blas", isUnused, !numerics.isEmpty { continue }
      if let text = provenance?[key]?.stringValue, !text.isEmpty { facts.append((name, text)) }
    }
    return facts
  }

  private static func files(_ provenance: JSONNode?) -> [Fact] {
    let files = (provenance?["files"]?.elements ?? []).compactMap { file -> String? in
      guard let path = file["path"]?.stringValue, let digest = file["sha256"]?.stringValue else { return nil }
      return "\(path) (SHA-256 \(digest.prefix(12))…)"
    }
    return files.isEmpty ? [] : [("files", shortened(files))]
  }

  /// That a run is under way, as far as the folder tells.
  private static func ending(_ folder: RunFolder, _ index: JournalIndex) -> [Fact] {
    guard index.lastEnd == nil, let data = FileManager.default.contents(atPath: folder.status),
      let status = try? StatusReport(json: String(decoding: data, as: UTF8.self), name: folder.status)
    else { return [] }
    let left = status.secondsLeft.map { ", \(readable(aboutSeconds: $0)) left" } ?? ""
    return [("last sign of life", time(status.updateTime) + left)]
  }

  private static func shortened(_ texts: [String]) -> String {
    texts.prefix(8).joined(separator: "; ") + (texts.count > 8 ? "; and \(texts.count - 8) more" : "")
  }
}
