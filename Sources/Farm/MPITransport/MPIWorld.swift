// The farm's transport over MPI: all processes that one mpirun or srun started. One thread makes every call
// (MPI_THREAD_FUNNELED). Between start-up and the end there is no collective call and no call blocks: messages are probed for,
// received and sent in the background, and each buffer lives until its message has left.

import CMPI
import Farm

/// The ranks of `MPI_COMM_WORLD`.
package final class MPIWorld: Transport, @unchecked Sendable {
  /// A message under way in one direction.
  private struct Transfer {
    var request: MPI_Request?
    var peer: Int
    var buffer: UnsafeMutableRawBufferPointer
    var isComplete = false
  }

  /// This process's rank.
  package let rank: Int
  /// The number of processes.
  package let size: Int
  /// The index of this process among those on its host, from 0.
  package let localRank: Int
  /// The number of processes on this host.
  package let localSize: Int
  /// The host's name as MPI knows it.
  package let hostName: String
  /// The library's own version, one line.
  package let libraryVersion: String
  /// The bytes that rank 0 announced when it started.
  package let leaderAnnouncement: [UInt8]
  private var sends: [Transfer] = []
  /// The index in `sends` of the one that is tested next.
  private var nextSend = 0
  private var receives: [Transfer] = []

  /// Initializes MPI. All processes must call it, each of them once, and from the thread that later sends, polls and
  /// finishes. Every rank receives what rank 0 announces, at most a kilobyte.
  package init(announcing announcement: [UInt8] = []) throws {
    var provided: Int32 = 0
    try MPIError.check("MPI_Init_thread", MPI_Init_thread(nil, nil, Int32(MPI_THREAD_FUNNELED), &provided))
    guard provided >= Int32(MPI_THREAD_FUNNELED) else {
      throw MPIError(
        function: "MPI_Init_thread", code: provided,
        message: "this MPI library offers no thread support (MPI_THREAD_FUNNELED is needed)")
    }
    let world = cmpi_comm_world()
    try MPIError.check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(world, cmpi_errors_return()))
    rank = try MPIWorld.number("MPI_Comm_rank") { MPI_Comm_rank(world, $0) }
    size = try MPIWorld.number("MPI_Comm_size") { MPI_Comm_size(world, $0) }
    var neighbors: MPI_Comm?
    try MPIError.check(
      "MPI_Comm_split_type",
      MPI_Comm_split_type(world, Int32(MPI_COMM_TYPE_SHARED), Int32(rank), cmpi_info_null(), &neighbors))
    localRank = try MPIWorld.number("MPI_Comm_rank") { MPI_Comm_rank(neighbors, $0) }
    localSize = try MPIWorld.number("MPI_Comm_size") { MPI_Comm_size(neighbors, $0) }
    try MPIError.check("MPI_Comm_free", MPI_Comm_free(&neighbors))
    hostName = text(capacity: Int(MPI_MAX_PROCESSOR_NAME)) { MPI_Get_processor_name($0, $1) } ?? "unknown"
    libraryVersion = MPILibrary.version
    leaderAnnouncement = try MPIWorld.broadcast(announcement, world)
  }

  /// The number of messages that have not left yet, as of the last `poll()`.
  package var unsentCount: Int { sends.count }

  /// Starts sending a message of less than 2 GiB and returns at once.
  package func send(_ bytes: [UInt8], to rank: Int) throws {
    guard (0..<size).contains(rank) else { throw FarmError.noSuchRank(rank, size: size) }
    guard let count = Int32(exactly: bytes.count) else {
      throw MPIError(
        function: "MPI_Isend", code: Int32(MPI_ERR_COUNT),
        message: "a message of \(bytes.count) bytes exceeds the limit of \(Int32.max)")
    }
    var transfer = Transfer(peer: rank, buffer: .allocate(byteCount: max(bytes.count, 1), alignment: 16))
    transfer.buffer.copyBytes(from: bytes)
    try MPIError.check(
      "MPI_Isend",
      MPI_Isend(
        transfer.buffer.baseAddress, count, cmpi_byte(), Int32(rank), MPIWorld.tag, cmpi_comm_world(),
        &transfer.request))
    sends.append(transfer)
  }

  /// The next message that has fully arrived, or nil.
  package func poll() throws -> ReceivedMessage? {
    try releaseSent()
    if receives.count < Self.mostReceives { try probe() }
    for index in receives.indices where !receives[index].isComplete { try test(&receives[index], "MPI_Test (receive)") }
    // A short message may complete before an earlier long one of the same rank; it then waits for that one.
    var earlierSources: Set<Int> = []
    for (index, transfer) in receives.enumerated() {
      if transfer.isComplete && !earlierSources.contains(transfer.peer) {
        receives.remove(at: index)
        defer { transfer.buffer.deallocate() }
        return ReceivedMessage(source: transfer.peer, bytes: Array(transfer.buffer))
      }
      earlierSources.insert(transfer.peer)
    }
    return nil
  }

  /// Ends MPI. All ranks must call it, after all messages have left; no MPI function may be called afterwards.
  package func finish() throws {
    try MPIError.check("MPI_Finalize", MPI_Finalize())
  }

  private static let tag: Int32 = 1
  /// How many sends a poll tests, and how many messages are received at a time: a poll of a thousand ranks takes no longer than
  /// one of a few.
  private static let testedSends = 16
  private static let mostReceives = 64
  private static let announcementSize = 1024

  /// Rank 0's bytes, on every rank.
  private static func broadcast(_ bytes: [UInt8], _ world: MPI_Comm?) throws -> [UInt8] {
    precondition(bytes.count <= announcementSize, "an announcement of \(bytes.count) bytes")
    var buffer = bytes + [UInt8](repeating: 0, count: announcementSize - bytes.count)
    var count = Int32(bytes.count)
    try MPIError.check("MPI_Bcast", MPI_Bcast(&count, 4, cmpi_byte(), 0, world))
    try MPIError.check("MPI_Bcast", MPI_Bcast(&buffer, Int32(announcementSize), cmpi_byte(), 0, world))
    return Array(buffer.prefix(Int(count)))
  }

  private static func number(_ function: String, _ body: (UnsafeMutablePointer<Int32>) -> Int32) throws -> Int {
    var value: Int32 = 0
    try MPIError.check(function, body(&value))
    return Int(value)
  }

  /// Frees the buffers of the next few messages in turn, up to one that has not left.
  private func releaseSent() throws {
    for _ in 0..<min(Self.testedSends, sends.count) {
      if nextSend >= sends.count { nextSend = 0 }
      try test(&sends[nextSend], "MPI_Test (send)")
      guard sends[nextSend].isComplete else {
        // MPI has just looked at everything under way, which takes a while on a busy machine; the next poll looks at the next.
        nextSend += 1
        return
      }
      sends[nextSend].buffer.deallocate()
      sends.swapAt(nextSend, sends.count - 1)
      sends.removeLast()
    }
  }

  /// Starts receiving the next announced message, if there is one.
  private func probe() throws {
    var isAnnounced: Int32 = 0
    var message: MPI_Message?
    var status = MPI_Status()
    try MPIError.check(
      "MPI_Improbe",
      MPI_Improbe(Int32(MPI_ANY_SOURCE), MPIWorld.tag, cmpi_comm_world(), &isAnnounced, &message, &status))
    if isAnnounced == 0 { return }
    var count: Int32 = 0
    try MPIError.check("MPI_Get_count", MPI_Get_count(&status, cmpi_byte(), &count))
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(Int(count), 1), alignment: 16)
    var transfer = Transfer(
      peer: Int(status.MPI_SOURCE), buffer: UnsafeMutableRawBufferPointer(start: memory, count: Int(count)))
    try MPIError.check(
      "MPI_Imrecv", MPI_Imrecv(memory, count, cmpi_byte(), &message, &transfer.request))
    receives.append(transfer)
  }

  private func test(_ transfer: inout Transfer, _ function: String) throws {
    var flag: Int32 = 0
    try MPIError.check(function, MPI_Test(&transfer.request, &flag, cmpi_status_ignore()))
    transfer.isComplete = flag != 0
  }
}
