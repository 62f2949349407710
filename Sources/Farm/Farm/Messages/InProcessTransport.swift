// Ranks that are threads of one process: the transport of a plain run and of tests.

import Synchronization

/// One end of a group of mailboxes in memory.
package final class InProcessTransport: Transport {
  /// The arrived messages of a rank, those before `first` taken already.
  private struct Arrived {
    var messages: [ReceivedMessage] = []
    var first = 0

    mutating func takeFirst() -> ReceivedMessage? {
      guard first < messages.count else { return nil }
      let message = messages[first]
      first += 1
      // What was taken is removed in one go, so that taking all of many messages takes time that grows with their number.
      if 2 * first >= messages.count {
        messages.removeFirst(first)
        first = 0
      }
      return message
    }
  }

  /// One queue of arrived messages a rank.
  private final class Mailbox: Sendable {
    let arrived = Mutex(Arrived())
  }

  /// This end's rank.
  package let rank: Int
  private let mailboxes: [Mailbox]

  private init(rank: Int, mailboxes: [Mailbox]) {
    self.rank = rank
    self.mailboxes = mailboxes
  }

  /// The ends of a new group in rank order, at least one.
  package static func group(size: Int) -> [InProcessTransport] {
    precondition(size >= 1, "A group has at least one rank, not \(size).")
    let mailboxes = (0..<size).map { _ in Mailbox() }
    return (0..<size).map { InProcessTransport(rank: $0, mailboxes: mailboxes) }
  }

  /// The number of ranks in the group.
  package var size: Int { mailboxes.count }

  /// Always 0: a message has arrived when `send` returns.
  package var unsentCount: Int { 0 }

  /// Puts a message into the mailbox of a rank; throws for a rank outside the group.
  package func send(_ bytes: [UInt8], to rank: Int) throws {
    guard mailboxes.indices.contains(rank) else { throw FarmError.noSuchRank(rank, size: size) }
    mailboxes[rank].arrived.withLock { $0.messages.append(ReceivedMessage(source: self.rank, bytes: bytes)) }
  }

  /// Takes the oldest message out of this rank's mailbox.
  package func poll() -> ReceivedMessage? {
    mailboxes[rank].arrived.withLock { $0.takeFirst() }
  }
}
