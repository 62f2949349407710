// Ends a rank if a sibling on its host is missing while MPI starts, or if the start takes too long. Ranks wait for each other
// during the start. If one dies, even before its first instruction, mpirun with --enable-recovery lets the others live, and they
// would wait without end.

import CommandLine
import Foundation
import Host
import Synchronization

/// Watches the start of a rank.
package final class StartWatch: Sendable {
  private static let interval = 0.25
  /// How many seconds mpirun may take to end, once it was told to.
  private static let launcherSeconds = 4.0
  /// mpirun and its daemons on other hosts.
  private static let launchers = ["mpirun", "mpiexec", "orterun", "prterun", "orted", "prted"]
  private let isOver = Atomic<Bool>(false)

  /// Begins to watch, for `patience` seconds at most.
  package init(patience: Double, _ context: Context) {
    let environment = context.environment
    let siblings = RankSiblings(environment)
    let thread = Thread { [self] in
      let start = monotonicSeconds()
      var sightings = siblings.map {
        SiblingSightings(count: $0.count, now: start, isJudging: Self.launchers.contains(LaunchGuard.parentName))
      }
      while !isOver.load(ordering: .relaxed) {
        let now = monotonicSeconds()
        if let siblings, let lost = sightings?.lost(missing: siblings.missingRanks(), now: now), !lost.isEmpty {
          Self.end(siblings.complaint(lost), context)
        }
        if now - start > patience {
          Self.end("MPI did not start within \(Int(patience)) s", context)
        }
        Thread.sleep(forTimeInterval: Self.interval)
      }
    }
    thread.start()
  }

  /// The start is over.
  package func end() { isOver.store(true, ordering: .relaxed) }

  private static func end(_ reason: String, _ context: Context) -> Never {
    context.complain("\(reason); the same command starts again")
    // mpirun ends its ranks, this one included, within two seconds, unless it is itself waiting for the dead one.
    LaunchGuard.start(seconds: launcherSeconds)
    if Departure.endLauncher() { Thread.sleep(forTimeInterval: launcherSeconds) }
    _exit(ExitCode.resumable.rawValue)
  }
}

/// When which ranks of a host were seen, and which of them have therefore died. A rank that is seen no more has died; one that was
/// never seen may still be started, as long as others appear.
struct SiblingSightings {
  /// How many seconds a rank that was seen may be missing.
  static let missingSeconds = 5.0
  /// How many seconds after the last rank that appeared another one may take to do so: launchers start ranks one after another,
  /// slowly on a machine that is busy.
  static let appearingSeconds = 10.0

  /// When each rank was seen last; nil for one that was never seen.
  private var lastSeen: [Double?]
  /// When a rank was seen for the first time, the last time that this happened.
  private var lastArrival: Double
  private var isJudging: Bool

  /// No rank was seen yet.
  ///
  /// - Parameter isJudging: Whether this rank sees its launcher. One in a container sees neither that nor the other ranks, so that
  ///   these count as missing only after all were seen.
  init(count: Int, now: Double, isJudging: Bool) {
    lastSeen = Array(repeating: nil, count: count)
    lastArrival = now
    self.isJudging = isJudging
  }

  /// The ranks that have died, as far as is known now that all were seen but those that are `missing`.
  mutating func lost(missing: [Int], now: Double) -> [Int] {
    let hidden = Set(missing)
    for rank in lastSeen.indices where !hidden.contains(rank) {
      if lastSeen[rank] == nil { lastArrival = now }
      lastSeen[rank] = now
    }
    if hidden.isEmpty { isJudging = true }
    guard isJudging else { return [] }
    return missing.filter { rank in
      lastSeen[rank].map { now - $0 > Self.missingSeconds } ?? (now - lastArrival > Self.appearingSeconds)
    }
  }
}

/// The ranks that mpirun started on this host together with this one, found by what it put into their environments.
package struct RankSiblings: Sendable {
  /// The number of ranks on this host.
  let count: Int
  /// The entries of the environment that all ranks of this run have, and no other process has.
  private let job: [String]
  /// The folder with a folder for each process, such as `/proc`.
  private let processes: String

  /// The siblings that an environment describes; nil if mpirun did not start this process.
  init?(_ environment: [String: String], processes: String = "/proc") {
    guard let count = environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap({ Int($0) }),
      environment["PMIX_NAMESPACE"] != nil
    else { return nil }
    self.count = count
    job = Self.jobEntries(environment)
    self.processes = processes
  }

  /// What tells the ranks of this host from those of another mpirun: its number, which may come again, and its port.
  static func jobEntries(_ environment: [String: String]) -> [String] {
    ["PMIX_NAMESPACE", "PMIX_SERVER_URI2"].compactMap { name in environment[name].map { "\(name)=\($0)" } }
  }

  /// The local ranks of this host, from 0, that have no living process.
  func missingRanks() -> [Int] {
    let prefix = "OMPI_COMM_WORLD_LOCAL_RANK="
    var found: Set<Int> = []
    for name in (try? FileManager.default.contentsOfDirectory(atPath: processes)) ?? [] where Int32(name) != nil {
      // The environments of zombies and of other users' processes cannot be read.
      guard let data = FileManager.default.contents(atPath: "\(processes)/\(name)/environ") else { continue }
      let variables = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard job.allSatisfy(variables.contains) else { continue }
      for variable in variables where variable.hasPrefix(prefix) {
        if let rank = Int(variable.dropFirst(prefix.count)) { found.insert(rank) }
      }
    }
    return (0..<count).filter { !found.contains($0) }
  }

  /// The message about missing ranks.
  func complaint(_ missing: [Int]) -> String {
    let names = missing.map { "\($0 + 1)" }.joined(separator: ", ")
    return "of the \(count) ranks of this host, number \(names) \(missing.count == 1 ? "has" : "have") no process any "
      + "more, though MPI has not started"
  }
}
