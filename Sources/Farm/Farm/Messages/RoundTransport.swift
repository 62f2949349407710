// The leader's end of a network on which several leaders lead, one after another: a rank that has said farewell in one round
// greets the next leader at once, perhaps before the last one has heard the farewells of all.

import Synchronization

/// A leader's transport whose messages belong to rounds: what a rank sends up to a farewell is of one round, what it sends
/// after that of the next. Messages of a later round wait for it, those of an earlier one are dropped.
package final class RoundTransport: Transport {
  private struct State {
    var round = 0
    /// The round of each rank's next message.
    var rounds: [Int]
    /// What came too early, oldest first.
    var early: [(round: Int, message: ReceivedMessage)] = []
  }

  private let transport: any Transport
  private let state: Mutex<State>

  /// The rounds of a leader on a transport, the first of which has begun.
  package init(_ transport: any Transport) {
    self.transport = transport
    state = Mutex(State(rounds: Array(repeating: 0, count: transport.size)))
  }

  /// Begins the next round.
  package func beginNextRound() { state.withLock { $0.round += 1 } }

  /// This end's rank.
  package var rank: Int { transport.rank }
  /// The number of ranks.
  package var size: Int { transport.size }
  /// The number of sends whose bytes have not all left yet.
  package var unsentCount: Int { transport.unsentCount }

  /// Starts sending a message; throws as the transport below.
  package func send(_ bytes: [UInt8], to rank: Int) throws { try transport.send(bytes, to: rank) }

  /// The next message of this round that has fully arrived, or nil; throws as the transport below.
  package func poll() throws -> ReceivedMessage? {
    try state.withLock { state in
      if let index = state.early.firstIndex(where: { $0.round == state.round }) {
        return state.early.remove(at: index).message
      }
      while let message = try transport.poll() {
        let round = state.rounds[message.source]
        if (try? Message(message.bytes)) == .farewell { state.rounds[message.source] += 1 }
        if round == state.round { return message }
        if round > state.round { state.early.append((round, message)) }
      }
      return nil
    }
  }
}
