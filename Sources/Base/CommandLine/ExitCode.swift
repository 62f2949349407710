// The exit codes that users script against, the same for every command. Under a raw `mpirun` the code that a shell sees may
// differ; the verdict in status.json does not.

/// How a process ends.
package enum ExitCode: Int32, Sendable {
  /// Every trial has a result, scientifically failed ones included.
  case success = 0
  /// Some trials crashed beyond retries, or something broke after the run had started.
  case failure = 1
  /// The command line, sweep or folder cannot be run; nothing was started.
  case refused = 2
  /// Stopped early: the same command resumes (EX_TEMPFAIL of sysexits.h).
  case resumable = 75
}
