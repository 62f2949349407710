// The ranks of a run as their leader knows them: who they are, whether they may take part, and which files they lack.

import CommandLine
import Farm
import FileExchange
import Files
import Foundation
import Storage
import Training
import Trials

/// Admits the ranks of a run and gives them the files that they lack.
final class RankRoster: RankDirectory {
  /// This rank.
  let leader: RankIdentity
  /// The number of ranks.
  let size: Int
  /// The ranks that were admitted.
  private(set) var ranks: [Int: RankIdentity] = [:]
  /// The host of the leader that died at a trial before this run: that is recorded before rank 0 is admitted.
  var fallenHost = ""
  private let work: RunWork
  private let numerics: NumericsPolicy
  private let console: RunConsole
  private let desk = FileDesk()
  /// What the trials of each configuration read, once asked for.
  private var inventories: [Int: [FileIdentity]] = [:]

  init(_ work: RunWork, leader: RankIdentity, size: Int, _ numerics: NumericsPolicy, _ console: RunConsole) {
    self.work = work
    self.leader = leader
    self.size = size
    self.numerics = numerics
    self.console = console
  }

  /// Whether every rank was admitted.
  var isComplete: Bool { ranks.count == size }

  func host(ofRank rank: Int) -> String { ranks[rank]?.host ?? (rank == 0 ? fallenHost : "") }

  func isGone(rank: Int) -> Bool { ranks[rank]?.holder.isGone ?? false }

  func admit(rank: Int, identity: [UInt8]) throws {
    let identity = try RankIdentity(encoded: identity)
    try numerics.check(identity, rank: rank, leader: leader)
    ranks[rank] = identity
    guard isComplete, !work.trials.isEmpty else { return }
    do { try checkMemory() } catch {
      ranks[rank] = nil
      throw error
    }
    let lines = Banner.lines(
      ranks: ranks, leader: leader, limits: .current(), hasNumerics: work.sweep.program == nil,
      portable: work.usesOpenBLAS ? nil : work.fingerprint(of: leader))
    for line in lines { console.say(line) }
  }

  /// Refuses ranks that do not fit the memory of their host together.
  private func checkMemory() throws {
    let bytes = work.bytesPerRank
    for host in Set(ranks.values.map(\.host)).sorted() {
      let local = ranks.values.filter { $0.host == host }
      let memory = local.map(\.memoryByteCount).min() ?? 0
      if let refusal = MemoryCheck.refusal(
        ranks: local.count, bytesPerRank: bytes, host: host, memoryByteCount: memory,
        addressByteCount: local.compactMap(\.addressByteCount).min(), threads: leader.threadCount)
      {
        throw Refusal(refusal)
      }
    }
  }

  /// The machines of this run by first rank.
  var hosts: [Provenance.Host] {
    var hosts: [Provenance.Host] = []
    for rank in ranks.keys.sorted() {
      guard let identity = ranks[rank] else { continue }
      if let index = hosts.firstIndex(where: { $0.name == identity.host }) {
        hosts[index].ranks.append(rank)
      } else {
        hosts.append(
          Provenance.Host(
            name: identity.host, processor: identity.processor, coreCount: identity.coreCount, ranks: [rank],
            fingerprint: identity.fingerprint))
      }
    }
    return hosts
  }

  // MARK: - Files

  func response(to request: [UInt8], of handOut: HandOut) throws -> [UInt8] {
    desk.answer(request, ofRank: handOut.rank) {
      let identifier = work.identifier(ofJob: handOut.job)
      let folder = work.folder
      let configuration = work.plan.configurationIndex(trialIndex: work.trials[handOut.job])
      return FileDesk.Job(
        files: try inventory(ofConfiguration: configuration),
        destinations: [
          .predictions: folder.predictions(ofTrial: identifier),
          .testPredictions: folder.testPredictions(ofTrial: identifier),
          .devSetPredictions: folder.devSetPredictions(ofTrial: identifier),
          .gradientNorms: folder.gradientNorms(ofTrial: identifier), .weights: folder.weights(ofTrial: identifier),
          .checkpoint: folder.checkpoint(ofTrial: identifier),
          .programLog: work.programs.log(ofTrial: identifier),
        ])
    }
  }

  /// The files that a configuration's trials read, as they were when the run began.
  private func inventory(ofConfiguration index: Int) throws -> [FileIdentity] {
    if let known = inventories[index] { return known }
    let configuration = work.plan.configurations[index].configuration
    let digests = work.sweep.files
    let files = try digests.paths(of: configuration).map { path in
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return FileIdentity(path: path, byteCount: size ?? 0, digest: try digests.digest(ofFile: path))
    }
    inventories[index] = files
    return files
  }
}
