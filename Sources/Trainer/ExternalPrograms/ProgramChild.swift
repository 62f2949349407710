// A program under its shim, as one object: it is started, its output is read as it comes, it is asked to stop, and its end is told
// once nothing of it is left. What the output means is read elsewhere.

import CProcesses
import Foundation
import Host

/// What to start.
struct ProgramCommand {
  /// The absolute path of the program.
  var path: String
  /// Its arguments, the first being the name that the user gave it.
  var words: [String]
  /// Its whole environment.
  var environment: [String: String]
  /// The folder in which it runs.
  var folder: String
  /// Seconds between SIGTERM and SIGKILL.
  var graceSeconds: Double
}

/// How a program ended.
enum ProgramEnd: Equatable {
  /// It exited with a code.
  case exited(Int32)
  /// A signal killed it.
  case killed(Int32)
  /// It could not be started; the error's number.
  case notStarted(Int32)
  /// A process of it cannot be killed; its number.
  case stuck(Int32)
  /// The shim itself was killed.
  case shimLost
}

/// A program under way.
final class ProgramChild {
  /// Where bytes come from.
  enum Stream {
    case output, errors
  }

  private var shim = program_shim()
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var openStreams: [Int32] = []
  private var isReaped = false

  /// Starts a program. `kept` is a descriptor that stays open until nothing of the program is left; -1 for none.
  ///
  /// - Throws: `ChildProcess.Failure` where no process can be made.
  init(_ command: ProgramCommand, kept: Int32) throws {
    let words = command.words.map { strdup($0) }
    let variables = command.environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in words + variables { free(text) } }
    let code = command.path.withCString { path in
      command.folder.withCString { folder in
        (words + [nil]).withUnsafeBufferPointer { words in
          (variables + [nil]).withUnsafeBufferPointer { variables in
            var start = program_shim_start(
              path: path, arguments: words.baseAddress, environment: variables.baseAddress, folder: folder, kept: kept,
              grace: Int64(min(command.graceSeconds, 1e9) * 1000))
            return program_shim_start(&start, &shim)
          }
        }
      }
    }
    guard code == 0 else { throw ChildProcess.Failure(description: String(cString: strerror(code))) }
    openStreams = [shim.output, shim.errors]
  }

  /// Once it is let go of, the shim ends everything.
  deinit {
    for descriptor in [shim.control, shim.report, shim.output, shim.errors] { close(descriptor) }
    if !isReaped { waitpid(shim.pid, nil, WNOHANG) }
  }

  /// The number of the shim's process.
  var shimNumber: Int32 { shim.pid }

  /// Asks the program to stop.
  func stop() { program_shim_stop(&shim) }

  /// Waits for output or the end, `seconds` at most; gives output to `take`, and returns the end once nothing is left to read.
  func wait(atMost seconds: Double, take: (Stream, UnsafeRawBufferPointer) -> Void) -> ProgramEnd? {
    var sources = ([shim.report] + openStreams).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&sources, nfds_t(sources.count), Int32(seconds * 1000)) > 0 else { return nil }
    for source in sources.dropFirst() where source.revents != 0 { read(source.fd, atMost: 16, take) }
    guard sources[0].revents != 0 else { return nil }
    let end = end()
    // What the program wrote last may still be in the pipes.
    for descriptor in openStreams { read(descriptor, atMost: .max, take) }
    return end
  }

  /// Reads what is there, some pieces at most, so that a program that never stops writing does not keep others waiting.
  private func read(_ descriptor: Int32, atMost count: Int, _ take: (Stream, UnsafeRawBufferPointer) -> Void) {
    var pieces = 0
    while pieces < count {
      let byteCount = Foundation.read(descriptor, &buffer, buffer.count)
      if byteCount > 0 {
        buffer.withUnsafeBytes {
          take(descriptor == shim.output ? .output : .errors, UnsafeRawBufferPointer(rebasing: $0[..<byteCount]))
        }
        pieces += 1
      } else {
        if byteCount == 0 { openStreams.removeAll { $0 == descriptor } }
        if byteCount < 0, errno == EINTR { continue }
        return
      }
    }
  }

  private func end() -> ProgramEnd {
    var report = program_shim_report()
    var count = 0
    repeat {
      count = Foundation.read(shim.report, &report, MemoryLayout<program_shim_report>.size)
    } while count < 0
      && errno == EINTR
    let isWhole = count == MemoryLayout<program_shim_report>.size
    if isWhole, Int(report.kind) == PROGRAM_SHIM_STUCK { return .stuck(report.value) }
    while waitpid(shim.pid, nil, 0) < 0, errno == EINTR {}
    isReaped = true
    guard isWhole else {
      let left = program_shim_end_rest()
      return left == 0 ? .shimLost : .stuck(left)
    }
    if Int(report.kind) == PROGRAM_SHIM_NOT_STARTED { return .notStarted(report.value) }
    let signal = report.value & 0x7F
    return signal == 0 ? .exited(report.value >> 8 & 0xFF) : .killed(signal)
  }
}
