// How a rank that does not lead gets the files of its trials. A file that the node has with the same
// bytes as the leader's is read where it is; the leader sends the others. A rank that does not see the leader's output folder sends the leader
// the files that its trials leave.

import CommandLine
import Digests
import Farm
import FileExchange
import Files
import Foundation
import KeyValues
import Storage
import Synchronization
import Training
import Trials

/// The machine of a rank that does not lead.
package final class Node: Sendable {
  /// The process that leads; nil if that cannot be read.
  let leader: LeaseHolder?
  private let key: [UInt8]
  private let cache = Mutex<NodeCache?>(nil)

  /// A node of the run that a leader announced.
  package init(leader announcement: [UInt8]) {
    key = announcement
    leader = LeaseHolder(encoded: announcement)
  }

  /// The node's folder of received files, made at the first call. Waiting for it ends when the assignment is interrupted.
  func files(_ assignment: Assignment) throws -> NodeCache {
    try cache.withLock { cache in
      if let cache { return cache }
      let root = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
      let made = try NodeCache(below: root.isEmpty ? "/tmp" : root, key: key, proceed: assignment.proceed)
      cache = made
      return made
    }
  }

  /// Stops using the folder of received files. The last rank of the node that does so removes it.
  package func leave() {
    cache.withLock { cache in
      cache?.leave()
      cache = nil
    }
  }
}

/// The files of one rank's trials.
final class RankFiles {
  /// What decides which files a trial reads.
  private struct Source: Hashable {
    var model: ModelSpecification
    var task: TaskSpecification
    var files: [NamedValue]
  }

  private let node: Node
  private let options: RunOptions
  /// Where trials run and leave their files if the leader's output folder is seen here.
  private let shared: TrainerContext
  /// For each source, the folder of received files that stands for each of the leader's folders.
  private var moved: [Source: [String: String]] = [:]
  private var seesOutput: Bool?

  init(_ node: Node, _ shared: TrainerContext, _ options: RunOptions) {
    self.node = node
    self.shared = shared
    self.options = options
  }

  /// Points a trial to its files on this node, after receiving those that the node lacks, and returns
  /// remarks for the user about that.
  func locate(_ trial: inout Trial, _ assignment: Assignment) throws -> [String] {
    let source = Source(
      model: trial.configuration.model, task: trial.configuration.task, files: trial.configuration.program.files)
    var remarks: [String] = []
    let folders = try moved[source] ?? received(assignment) { remarks.append($0) }
    moved[source] = folders
    func here(_ path: String?) -> String? {
      guard let path = path.map(plain) else { return nil }
      return folders[path] ?? folders[plain(RawFile.folder(of: path))].map { "\($0)/\(RawFile.name(of: path))" }
        ?? path
    }
    trial.configuration.model.path = here(source.model.path)
    trial.configuration.model.vocabularyPath = here(source.model.vocabularyPath)
    trial.configuration.task = source.task.withPaths { here($0) ?? $0 }
    trial.configuration.program.files = source.files.map { NamedValue($0.name, .text(here($0.value.text) ?? "")) }
    return remarks
  }

  /// Where a trial runs and leaves its files. Where the leader's output folder is not seen, the trial's checkpoint is fetched
  /// first, if it has one.
  func context(of trial: Trial, _ assignment: Assignment) throws -> TrainerContext {
    guard try !seesOutput(assignment) else { return shared }
    let context = try local(assignment)
    if let checkpoint = context.checkpoints?.path(ofTrial: trial.identifier),
      !FileManager.default.fileExists(atPath: checkpoint)
    {
      try RawFile.createFolder(RawFile.folder(of: checkpoint))
      try NodeCache.receiveCheckpoint(to: checkpoint) { try ask($0, assignment) }
    }
    return context
  }

  /// The folder in which the programs of trials run: the leader's if it is seen from here, and otherwise one of this node's.
  func programs(_ assignment: Assignment) throws -> String {
    let shared = RunFolder(options.output).programs
    return try seesOutput(assignment) ? shared : node.files(assignment).path + "/programs"
  }

  /// Sends the leader the log of a program if the leader's output folder is not seen from here.
  func sendToLeader(log: String, _ assignment: Assignment) throws {
    if try !seesOutput(assignment) { try NodeCache.send(.programLog, from: log) { try ask($0, assignment) } }
  }

  /// Sends the leader what a trial left here if the leader's output folder is not seen from here: the files of a trial with a
  /// result, or the checkpoint of a trial that was stopped.
  func sendToLeader(_ trial: Trial, _ status: TrialStatus, _ assignment: Assignment) throws {
    guard try !seesOutput(assignment) else { return }
    let context = try local(assignment)
    let name = trial.identifier
    if status == .preempted || status == .stopped, let checkpoint = context.checkpoints?.path(ofTrial: name) {
      try NodeCache.send(.checkpoint, from: checkpoint) { try ask($0, assignment) }
    }
    let kept: [(KeptKind, String?)] = [
      (.predictions, context.folders.predictions.map { context.folders.table(ofTrial: name, in: $0) }),
      (.testPredictions, context.folders.testPredictions.map { context.folders.table(ofTrial: name, in: $0) }),
      (.devSetPredictions, context.folders.devSetPredictions.map { context.folders.folder(ofTrial: name, in: $0) }),
      (.gradientNorms, context.folders.gradientNorms.map { context.folders.table(ofTrial: name, in: $0) }),
      (.weights, context.folders.weights.map { "\($0)/\(name)" }),
    ]
    for (kind, path) in kept where status.isResult {
      if let path { try NodeCache.send(kind, from: path) { try ask($0, assignment) } }
    }
  }

  private func received(_ assignment: Assignment, _ notice: (String) -> Void) throws -> [String: String] {
    let files: [FileIdentity]
    switch try ask(.inventory, assignment) {
    case .inventory(let known): files = known
    case .refused(let reason): throw FileExchangeError("the leader says: \(reason)")
    case .bytes, .done: throw FileExchangeError("the leader does not say which files the trial reads")
    }
    var folders: [String: String] = [:]
    let indexed = files.enumerated().map { (index: $0.offset, file: $0.element) }
    for (folder, group) in Dictionary(grouping: indexed, by: { plain(RawFile.folder(of: $0.file.path)) }).sorted(by: {
      $0.key < $1.key
    }
    ) {
      if !options.sharesNoFiles, group.allSatisfy({ isHere($0.file) }) { continue }
      folders[folder] = try node.files(assignment).receive(group, proceed: assignment.proceed) {
        try ask($0, assignment)
      } notice: {
        notice($0)
      }
    }
    return folders
  }

  /// Whether this node has a file with the leader's bytes under the leader's path.
  private func isHere(_ file: FileIdentity) -> Bool {
    let size = (try? FileManager.default.attributesOfItem(atPath: file.path))?[.size] as? Int
    return size == file.byteCount && (try? SHA256.hex(ofFile: file.path)) == file.digest
  }

  private func seesOutput(_ assignment: Assignment) throws -> Bool {
    if let seesOutput { return seesOutput }
    let isSeen =
      !options.sharesNoFiles
      && node.leader.map {
        Lease.isHeld(Int(assignment.epoch), by: $0, in: RunFolder(options.output).leases)
      } ?? false
    seesOutput = isSeen
    return isSeen
  }

  /// Where a trial runs if the leader's output folder is not seen. The ranks of a node share their checkpoints, so that another
  /// one can go on with a trial; everything else is this rank's alone until it is sent.
  private func local(_ assignment: Assignment) throws -> TrainerContext {
    let folder = try node.files(assignment).path
    var context = shared
    func here(_ path: String?) -> String? {
      path.map { "\(folder)/rank-\(shared.rank)/\(RawFile.name(of: $0))" }
    }
    context.folders = TrialFolders(
      predictions: here(shared.folders.predictions), testPredictions: here(shared.folders.testPredictions),
      devSetPredictions: here(shared.folders.devSetPredictions), gradientNorms: here(shared.folders.gradientNorms),
      weights: here(shared.folders.weights))
    context.checkpoints?.folder = "\(folder)/checkpoints"
    return context
  }

  private func ask(_ request: FileRequest, _ assignment: Assignment) throws -> FileResponse {
    try FileResponse(assignment.ask(request.encoded))
  }

  /// A path without slashes at its end.
  private func plain(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
