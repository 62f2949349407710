// What another program prints, waited for no longer than it is worth. Foundation's Process waits without bound, and learns of
// a child's end with the help of the loopback interface, which may be down.

import Foundation

/// Runs another program for what it prints.
package enum ProgramOutput {
  /// Why there is no output.
  package struct Failure: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// The most bytes that are waited for.
  private static let largestByteCount = 1 << 20

  /// Runs a program to its end with nothing on standard input and returns what it prints on standard output.
  ///
  /// - Throws: `Failure` if the program does not start, fails, prints more than 1 MiB, or takes longer than `seconds`. In the
  ///   last two cases it is killed.
  package static func text(of path: String, _ arguments: [String], atMost seconds: Double) throws -> String {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(description: String(cString: strerror(errno))) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let started = Result { try ChildProcess.start(path, arguments, output: ends[1]) }
      .mapError { Failure(description: "does not start: \($0)") }
    close(ends[1])
    let child = try started.get()
    let deadline = monotonicSeconds() + seconds
    let bytes = readAll(ends[0], until: deadline)
    let isTooMuch = (bytes?.count ?? 0) > largestByteCount
    guard let bytes, !isTooMuch, let status = end(of: child, until: deadline) else {
      kill(-child, SIGKILL)
      _ = end(of: child, until: monotonicSeconds() + 1)
      throw Failure(
        description: isTooMuch
          ? "prints more than \(largestByteCount) bytes" : "does not end within \(Int(seconds.rounded(.up))) s")
    }
    guard status == 0 else { throw Failure(description: "fails") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What comes out of a pipe until it is closed or more than `largestByteCount` came; nil where that is not so in time.
  private static func readAll(_ descriptor: Int32, until deadline: Double) -> [UInt8]? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wanted, 1, Int32(max(0, deadline - monotonicSeconds()) * 1000))
      if ready == 0 { return nil }
      let count = ready > 0 ? read(descriptor, &piece, piece.count) : -1
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return bytes }
      bytes += piece[..<count]
      if bytes.count > largestByteCount { return bytes }
    }
  }

  /// How a child ended, 0 for well; nil where it does not in time.
  private static func end(of child: pid_t, until deadline: Double) -> Int32? {
    var status: Int32 = 0
    while waitpid(child, &status, WNOHANG) == 0 {
      if monotonicSeconds() > deadline { return nil }
      usleep(1000)
    }
    return status
  }
}
