// The signals that this process is sent, in the order in which they come. Every thread that does not block a signal may be given
// it, so waiting for it in one thread is not enough: another one would end the process. A handler writes each signal into a pipe.

import Glibc
import Host
import Synchronization

/// Signals that wait for a reader instead of acting on this process. One of them may exist at a time.
struct SignalQueue: ~Copyable {
  private let readingEnd: Int32
  private var handledBefore: [(signal: Int32, action: sigaction)] = []

  /// Takes over signals until the queue is gone. Those that the process ignores stay ignored.
  ///
  /// - Throws: `LaunchError` where the system has no pipe left.
  init(of signals: [Int32]) throws(ProcessLauncher.LaunchError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .noPipe(reason: String(cString: strerror(errno))) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    readingEnd = ends[0]
    writingEnd.store(ends[1], ordering: .releasing)
    for signal in signals {
      let before = SignalHandling.action(of: signal)
      if SignalHandling.isIgnored(before) { continue }
      handledBefore.append((signal, before))
      var action = sigaction()
      action.__sigaction_handler.sa_handler = noteSignal
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
  }

  deinit {
    for (signal, action) in handledBefore {
      var action = action
      sigaction(signal, &action, nil)
    }
    close(writingEnd.exchange(-1, ordering: .acquiringAndReleasing))
    close(readingEnd)
  }

  /// The next signal; nil if none came in time.
  func next(withinMilliseconds limit: Int32) -> Int32? {
    var waited = pollfd(fd: readingEnd, events: Int16(POLLIN), revents: 0)
    guard poll(&waited, 1, limit) > 0 else { return nil }
    var signal: UInt8 = 0
    return read(readingEnd, &signal, 1) == 1 ? Int32(signal) : nil
  }
}

/// Where handlers write; -1 while there is no queue.
private let writingEnd = Atomic<Int32>(-1)

/// Writes a signal into the pipe. Only what a signal handler may call is called here.
private func noteSignal(_ signal: Int32) {
  let before = errno
  var number = UInt8(truncatingIfNeeded: signal)
  let end = writingEnd.load(ordering: .acquiring)
  if end >= 0 { _ = write(end, &number, 1) }
  errno = before
}
