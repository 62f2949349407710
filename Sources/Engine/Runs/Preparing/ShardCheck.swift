// What `run --shard I/N` refuses before anything starts: folders that other numbers of shards have written to, and sweeps whose
// trials depend on the results of others.

import CommandLine
import EarlyStops
import Files
import Foundation
import Storage
import SweepLanguage
import Trials

/// Refuses shards that could not be merged into the results of one run.
package enum ShardCheck {
  /// Refuses a sweep whose recipes or runs may stop early, beside flags that do not go together with that.
  ///
  /// - Throws: a `Refusal`.
  static func refuse(_ sweep: Sweep, _ options: RunOptions) throws {
    let flags = [
      options.sharesSteps ? "--share-steps" : nil, options.part.limit == nil ? nil : "--limit",
      options.shard == nil ? nil : "--shard",
    ].compactMap(\.self)
    if let problem = EarlyCheck.problem(of: sweep.stop, in: options.sweepPath, beside: flags) { throw Refusal(problem) }
    guard options.shard != nil, sweep.stop != nil else { return }
    throw Refusal(
      "--shard does not go together with `stop` in \(options.sweepPath): whether a recipe stops depends on seeds that other "
        + "shards train; remove `stop`, or run without --shard")
  }

  /// Refuses a folder of results, or of another number of shards.
  ///
  /// - Throws: a `Refusal`.
  static func refuse(folderOf options: RunOptions) throws {
    guard let shard = options.shard else { return }
    let parent = RunFolder(RawFile.folder(of: options.output))
    if FileManager.default.fileExists(atPath: parent.journal) {
      throw Refusal(
        "\(parent.path) is a run folder itself; choose another --output for --shard \(shard), whose results go into a "
          + "folder \(shard.folderName) below it")
    }
    guard let known = try? recorded(in: options.output), known != shard else { return }
    throw Refusal(
      "\(options.output) holds the trials of --shard \(known), not of \(shard): all shards of a folder have the same "
        + "number behind the slash; type --shard \(shard.index)/\(known.count), or choose another --output")
  }

  /// The shard whose trials a folder holds, as its status.json says; nil for a run of the whole sweep.
  ///
  /// - Throws: a `Refusal` for a status.json that cannot be read.
  package static func recorded(in path: String) throws -> Shard? {
    let folder = RunFolder(path)
    guard let data = FileManager.default.contents(atPath: folder.status) else { return nil }
    do {
      return try StatusReport(json: String(decoding: data, as: UTF8.self), name: folder.status).part.shard
    } catch { throw Refusal("\(error); \(RunFolder.statusAdvice)") }
  }
}
