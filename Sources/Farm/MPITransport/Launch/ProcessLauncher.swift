// `--processes N`: starts mpirun on this machine with the same program, passes signals on and waits. The caller reads from disk
// how the run ended, because mpirun returns 0 or 1 whatever the leader returns.

import CommandLine
import Foundation
import Glibc
import Host

/// An mpirun command on one machine.
package struct ProcessLauncher: Equatable, Sendable {
  /// Why mpirun could not be run.
  package enum LaunchError: Error, Equatable, CustomStringConvertible {
    /// No folder of the search path holds it.
    case mpirunMissing(searched: [String])
    /// The system refused to start it.
    case spawnFailed(path: String, reason: String)
    /// The system has no pipe left, through which signals would have come.
    case noPipe(reason: String)
    /// It had started no rank when its time was over, and was killed.
    case startedNothing(seconds: Double, processCount: Int)
    /// It was killed because a signal came when it had started no rank, or came twice.
    case killed(signal: Int32, wasStarting: Bool)

    /// How the command ends.
    var exitCode: ExitCode {
      switch self {
      case .mpirunMissing, .spawnFailed, .noPipe: .refused
      case .startedNothing: .failure
      case .killed: .resumable
      }
    }

    /// What is wrong and what to do, in one sentence.
    package var description: String {
      switch self {
      case .mpirunMissing(let searched):
        "--processes needs Open MPI's mpirun, which is in none of the folders of PATH "
          + "(\(searched.joined(separator: ", "))). Install it (Debian: apt-get install openmpi-bin), load your "
          + "cluster's module, or leave --processes out to run in one process."
      case .spawnFailed(let path, let reason):
        "\(path) could not be started: \(reason)."
      case .noPipe(let reason):
        "mpirun was not started because this process could open no pipe: \(reason); raise 'ulimit -n', or add --processes 1"
      case .startedNothing(let seconds, let count):
        "mpirun started no rank within \(Int(seconds)) s and was killed; see what `mpirun -np \(count) hostname` says, or add "
          + "--processes 1"
      case .killed(let signal, let wasStarting):
        "mpirun was killed after \(wasStarting ? "" : "a second ")\(signalName(signal))"
          + "\(wasStarting ? ", for it had started no rank yet" : ""); the same command goes on"
      }
    }
  }

  /// How an mpirun ended.
  package enum Ending: Equatable, Sendable, CustomStringConvertible {
    /// With an exit code.
    case exited(Int32)
    /// By a signal.
    case killed(Int32)

    /// The exit code that a shell would see.
    package var code: Int32 {
      switch self {
      case .exited(let code): code
      case .killed(let signal): 128 + signal
      }
    }

    /// Whether somebody ended it, not a fault of its own.
    var isFromOutside: Bool {
      switch self {
      case .exited: false
      case .killed(let signal): [SIGKILL, SIGTERM, SIGINT, SIGHUP].contains(signal)
      }
    }

    /// "ended with exit code 1" or "was killed by SIGTERM".
    package var description: String {
      switch self {
      case .exited(let code): "ended with exit code \(code)"
      case .killed(let signal): "was killed by \(signalName(signal))"
      }
    }
  }

  /// The number of processes.
  package var processCount: Int
  /// Threads of each process.
  package var threadCount: Int
  /// Physical cores that may be used.
  package var coreCount: Int
  /// Whether the user is root; mpirun then needs the option `--allow-run-as-root`.
  package var isRoot: Bool
  /// Further options of mpirun, put before the program.
  package var options: [String]

  /// A command for `processCount` processes of `threadCount` threads each on this machine's cores.
  package init(
    processCount: Int, threadCount: Int = 1, coreCount: Int = ProcessorAffinity.current().coreCount,
    isRoot: Bool = geteuid() == 0, options: [String] = []
  ) {
    self.processCount = processCount
    self.threadCount = threadCount
    self.coreCount = coreCount
    self.isRoot = isRoot
    self.options = options
  }

  /// mpirun's arguments, without its own name, to run a program: processes are bound to cores of their own when there
  /// are enough, and not bound when there are not.
  package func arguments(program: String, arguments: [String]) -> [String] {
    // Called by its path, mpirun would put its own folders in front of PATH and LD_LIBRARY_PATH, and with them another python3.
    var result = ["--noprefix", "-np", String(processCount)]
    if isRoot { result.append("--allow-run-as-root") }
    if processCount > coreCount { result.append("--oversubscribe") }
    if processCount * threadCount > coreCount {
      result += ["--bind-to", "none"]
    } else if threadCount == 1 {
      result += ["--map-by", "core", "--bind-to", "core"]
    } else {
      result += ["--map-by", "slot:PE=\(threadCount)", "--bind-to", "core"]
    }
    return result + options + [program] + arguments
  }

  /// Arguments without every `--processes N` and `--processes=N`.
  package static func withoutProcessCount(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var skipsNext = false
    for argument in arguments {
      if skipsNext {
        skipsNext = false
      } else if argument == "--processes" {
        skipsNext = true
      } else if !argument.hasPrefix("--processes=") {
        result.append(argument)
      }
    }
    return result
  }

  /// The first mpirun on a search path such as `PATH`.
  package static func findMPIRun(searchPath: String) throws -> String {
    guard let path = ChildProcess.path(of: "mpirun", searchPath: searchPath) else {
      throw LaunchError.mpirunMissing(searched: searchPath.split(separator: ":").map(String.init))
    }
    return path
  }

  /// Runs mpirun to its end and returns how it ended: with code 1 where the system has forgotten it.
  ///
  /// SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 are passed on. A second SIGINT or SIGTERM kills mpirun, whose ranks then end within
  /// a second or two.
  ///
  /// - Parameter lastLook: Called when signals are taken over and nothing is started; an error that it throws ends that.
  /// - Throws: `LaunchError` also where mpirun had to be killed; what `lastLook` throws.
  package func run(
    mpirun: String, program: String, arguments: [String], watch: LaunchWatch, lastLook: () throws -> Void = {}
  ) throws -> Ending {
    let forwarded = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2]
    // Whoever started this process may have made it ignore SIGCHLD. The system then forgets children that have ended.
    if SignalHandling.isIgnored(SignalHandling.action(of: SIGCHLD)) { signal(SIGCHLD, SIG_DFL) }
    let signals = try SignalQueue(of: forwarded + [SIGCHLD])
    try lastLook()
    let child: pid_t
    do {
      child = try ChildProcess.start(mpirun, self.arguments(program: program, arguments: arguments))
    } catch { throw LaunchError.spawnFailed(path: mpirun, reason: "\(error)") }
    var watch = watch
    while true {
      var status: Int32 = 0
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child {
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
      }
      if ended < 0, errno == ECHILD { return .exited(1) }
      let signal = signals.next(withinMilliseconds: 250)
      let now = monotonicSeconds()
      let action =
        if let signal, forwarded.contains(signal) {
          watch.take(signal, now: now)
        } else {
          watch.look(now: now, processCount: processCount)
        }
      switch action {
      case .nothing: break
      case .pass(let signal): kill(child, signal)
      case .kill(let error):
        Self.end(child)
        throw error
      }
    }
  }

  /// Kills mpirun and what else is in its process group.
  private static func end(_ child: pid_t) {
    kill(-child, SIGKILL)
    kill(child, SIGKILL)
    waitpid(child, nil, 0)
  }
}
