// What can break in the protocol itself. A trial that fails is an answer, never one of these.

/// A broken invariant of the farm: the run ends.
package enum FarmError: Error, Equatable, CustomStringConvertible {
  /// A message was sent to a rank that does not exist.
  case noSuchRank(Int, size: Int)
  /// A message could not be read: what was wrong, at which byte.
  case malformedMessage(problem: String, offset: Int, byteCount: Int)
  /// A message came from another version of the protocol.
  case foreignVersion(found: Int, expected: Int)
  /// A rank spoke of a job that does not exist.
  case unknownJob(Int, rank: Int, jobCount: Int)
  /// A rank spoke of a job that was never handed out.
  case jobNotHandedOut(Int, rank: Int)
  /// A message of this kind never goes in this direction.
  case misdirected(kind: String, rank: Int)

  /// One sentence for people.
  package var description: String {
    switch self {
    case .noSuchRank(let rank, let size):
      "A message was addressed to rank \(rank), but the ranks are 0 to \(size - 1)."
    case .malformedMessage(let problem, let offset, let byteCount):
      "A message of \(byteCount) bytes cannot be read at byte \(offset): \(problem)."
    case .foreignVersion(let found, let expected):
      "A rank speaks version \(found) of the farm's protocol and this one speaks \(expected): "
        + "all ranks must run the same seedsweep binary."
    case .unknownJob(let job, let rank, let jobCount):
      "Rank \(rank) spoke of job \(job), but there are \(jobCount) jobs, numbered from 0."
    case .jobNotHandedOut(let job, let rank):
      "Rank \(rank) spoke of job \(job), which has not been handed out."
    case .misdirected(let kind, let rank):
      "Rank \(rank) sent a message of kind \"\(kind)\", which only the other side may send."
    }
  }
}
