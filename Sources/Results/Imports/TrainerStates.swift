// Runs from the trainer_state.json files that Hugging Face's Trainer leaves in its checkpoints. What a run is called stands in
// its path, so the caller gives the path's pattern; of several checkpoints of a run the last one counts.

import Digests
import Foundation
import JSON5

/// The trainer_state.json files below a folder.
package struct TrainerStates {
  /// The folder.
  package let folder: String
  /// The names of a run's folders: text with {task}, {variant} and {seed} in it.
  package let pattern: String
  /// The key of the score in `log_history`.
  package let metric: String

  package init(folder: String, pattern: String, metric: String) {
    self.folder = folder
    self.pattern = pattern
    self.metric = metric
  }

  /// The runs, in the order of their paths.
  ///
  /// - Throws: `ImportError` with everything that is wrong.
  package func runs() throws -> [ImportedRun] {
    var problems: [String] = []
    var found: [String: (steps: Int, run: ImportedRun)] = [:]
    var order: [String] = []
    for file in files() {
      let path = "\(folder)/\(file)"
      guard let name = Self.name(ofRun: file, pattern: pattern) else {
        problems.append("\(path): the path does not have the form \(pattern)/.../trainer_state.json")
        continue
      }
      do {
        let (steps, scores) = try read(path)
        guard let last = scores.last else {
          problems.append("\(path): no entry of log_history has the key '\(metric)'")
          continue
        }
        var run = ImportedRun(
          origin: path, task: name.task, variant: name.variant, seed: name.seed, metric: metric, final: last)
        run.best = scores.filter { !$0.isNaN }.max() ?? .nan
        let identity = "\(name.task)/\(name.variant)/\(name.seed)"
        if found[identity] == nil { order.append(identity) }
        if found[identity].map({ $0.steps <= steps }) ?? true { found[identity] = (steps, run) }
      } catch { problems.append("\(error)") }
    }
    if order.isEmpty && problems.isEmpty { problems.append("\(folder): no trainer_state.json below this folder") }
    guard problems.isEmpty else { throw ImportError(problems) }
    return order.compactMap { found[$0]?.run }
  }

  /// The SHA-256 of all files' paths and contents.
  package func digest() throws -> String {
    var digest = SHA256()
    for file in files() { digest.update("\(file) \(try SHA256.hex(ofFile: "\(folder)/\(file)"))\n") }
    return digest.finalizedHex()
  }

  private func files() -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { $0 == "trainer_state.json" || $0.hasSuffix("/trainer_state.json") }
      .sorted { $0.localizedStandardCompare($1) == .orderedAscending }
  }

  /// The completed steps and the scores of one file in the order of its log.
  private func read(_ path: String) throws -> (steps: Int, scores: [Double]) {
    guard let data = FileManager.default.contents(atPath: path) else { throw ImportError(["\(path): cannot be read"]) }
    let node = try JSONReader.read([UInt8](data), name: path, as: .python)
    guard let entries = node["log_history"]?.elements else {
      throw ImportError(["\(path): no list log_history, so this is no state of Hugging Face's Trainer"])
    }
    return (node["global_step"]?.intValue ?? 0, entries.compactMap { $0[metric]?.doubleValue })
  }

  /// What a path's folders say about a run; nil if they do not have the pattern's form. Folders beyond the pattern, such as
  /// `checkpoint-500`, say nothing.
  static func name(ofRun file: String, pattern: String) -> (task: String, variant: String, seed: Int)? {
    let folders = file.split(separator: "/").dropLast()
    let parts = pattern.split(separator: "/")
    guard folders.count >= parts.count else { return nil }
    var values: [String: String] = [:]
    for (folder, part) in zip(folders, parts) {
      guard match(String(folder), String(part), into: &values) else { return nil }
    }
    guard let seed = values["seed"].flatMap({ Int($0) }) else { return nil }
    return (values["task"] ?? "task", values["variant"] ?? "recipe", seed)
  }

  /// Matches one folder's name; a placeholder takes as little as the text after it lets it.
  private static func match(_ name: String, _ part: String, into values: inout [String: String]) -> Bool {
    guard let open = part.firstIndex(of: "{"), let close = part[open...].firstIndex(of: "}") else {
      return name == part
    }
    let before = part[..<open]
    guard name.hasPrefix(before) else { return false }
    let key = String(part[part.index(after: open)..<close])
    let rest = String(part[part.index(after: close)...])
    let tail = name.dropFirst(before.count)
    // A seed is all the digits that stand there, whatever follows.
    let lengths =
      key == "seed" ? [tail.prefix { $0.isNumber }.count] : Array(stride(from: 1, through: tail.count, by: 1))
    for length in lengths where length > 0 {
      var found = values
      let value = String(tail.prefix(length))
      if let known = found.updateValue(value, forKey: key), known != value { continue }
      if match(String(tail.dropFirst(length)), rest, into: &found) {
        values = found
        return true
      }
    }
    return false
  }
}
