// How many processes a command trains with where nobody says so: all cores of this machine, unless mpirun or srun has started
// several already. Plain decisions; `ProcessesRun` starts them.

import CommandLine
import Host

/// The number of processes of a command that no launcher started.
package struct ProcessChoice: Equatable {
  /// The variable that says how many processes commands start that are not told.
  package static let variable = "SEEDSWEEP_PROCESSES"

  /// The number of processes, 1 for this one alone.
  package var count: Int
  /// What the user is told of it; nil for nothing.
  package var remark: String?

  /// What a command is to do.
  ///
  /// - Parameters:
  ///   - asked: What `--processes` says; nil where it is not given.
  ///   - threadCount: The threads of each process.
  ///   - jobCount: The number of jobs to do; more processes would have nothing to do. It and `fitting` are asked only where
  ///     nobody says how many processes there are to be.
  ///   - fitting: The most processes that fit this machine's memory.
  ///   - devices: The accelerators of this machine that the jobs share; nil where they use none.
  /// - Throws: a `Refusal` for a variable that is no number of processes, and what the closures throw.
  package init(
    asked: Int?, threadCount: Int, _ environment: [String: String], jobCount: () throws -> Int,
    fitting: () throws -> Int = { .max }, devices: () throws -> Int? = { nil }
  ) throws {
    if let asked = try asked ?? Self.preset(environment) {
      self.init(count: asked)
      return
    }
    let hasLauncher = ChildProcess.path(of: "mpirun", searchPath: environment["PATH"] ?? "") != nil
    try self.init(
      threadCount: threadCount, jobCount: jobCount(), cores: UsableCores.count(environment),
      mostRanks: ProcessLimits.current().mostRanks, hasLauncher: hasLauncher, fitting: fitting, devices: devices)
  }

  private init(count: Int) { self.count = count }

  init(
    threadCount: Int, jobCount: Int, cores: Int, mostRanks: Int, hasLauncher: Bool,
    fitting: () throws -> Int = { .max }, devices: () throws -> Int? = { nil }
  ) throws {
    count = max(1, min(cores / threadCount, jobCount))
    guard count > 1 else { return }
    guard hasLauncher else {
      count = 1
      remark =
        "1 process of \(cores) possible ones: several need Open MPI's mpirun, which is in no folder of PATH; --threads N uses "
        + "more cores"
      return
    }
    var reason = count == jobCount ? "one for each trial" : "all cores"
    if count > mostRanks { (count, reason) = (mostRanks, "more need a larger `ulimit -n`") }
    let most = try fitting()
    if count > most { (count, reason) = (max(1, most), "more do not fit this machine's memory") }
    if let most = try devices(), count > most { (count, reason) = (most, "one for each device") }
    let threads = threadCount == 1 ? "" : " of \(threadCount) threads"
    remark = "\(counted(count, "process", plural: "processes"))\(threads): \(reason); --processes N changes this"
  }

  /// What the variable says.
  private static func preset(_ environment: [String: String]) throws -> Int? {
    guard let text = environment[variable], !text.isEmpty else { return nil }
    do throws(WrongValue) { return try ValueReader.processes.read(text) } catch {
      throw Refusal(problems: error.problems.map { "the variable \(variable): \($0)" })
    }
  }
}
