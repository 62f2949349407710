// What the farm needs of a network: ranks, sends that return at once, and a poll. It promises order between two ranks
// and nothing else. There is no collective and no blocking call, so a rank that dies can never hold up another one.

/// A message that arrived.
package struct ReceivedMessage: Equatable, Sendable {
  /// The rank it came from.
  package var source: Int
  /// Its bytes as sent.
  package var bytes: [UInt8]

  package init(source: Int, bytes: [UInt8]) {
    self.source = source
    self.bytes = bytes
  }
}

/// Point-to-point messages among `size` ranks; every call on one rank comes from one thread.
package protocol Transport: Sendable {
  /// This process's rank, 0 up to `size`; rank 0 leads.
  var rank: Int { get }
  /// The number of ranks.
  var size: Int { get }
  /// The number of sends whose bytes have not all left yet.
  var unsentCount: Int { get }
  /// Starts sending a message and returns at once; messages to one rank arrive in the order they were sent.
  func send(_ bytes: [UInt8], to rank: Int) throws
  /// The next message that has fully arrived, or nil; also moves sends and receives under way forward.
  func poll() throws -> ReceivedMessage?
}
