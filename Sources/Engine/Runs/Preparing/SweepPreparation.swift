// Everything that `run` and `plan` must know before anything starts: the checked sweep, what each configuration costs, and
// whether the ranks fit a machine's memory. Reads sweep, models and data; writes nothing.

import Arithmetics
import CommandLine
import EarlyStops
import Files
import Foundation
import Host
import JSON5
import KeyValues
import ModelFiles
import Reports
import SweepLanguage
import Tokenization
import Training
import Transformer
import Trials

/// A sweep that is ready to run.
package struct PreparedSweep {
  /// The trials in plan order.
  package let plan: SweepPlan
  /// What one trial of each configuration costs, in the order of the plan's configurations.
  package let costs: [CostEstimate]
  /// The digests of the files that were read.
  package let files: FileDigests
  /// Remarks for the user about the sweep, its models and its data.
  package let remarks: [String]
  /// A sentence for each task of files: its classes and how much of its text the vocabulary lacks.
  package let facts: [String]
  /// The size of the encoded data and the tokenizers in bytes; every rank holds them.
  package let dataByteCount: Int

  /// Reads the models and data of a checked sweep.
  ///
  /// - Throws: a `Refusal` with everything that is wrong.
  package init(_ sweep: Sweep, _ readings: ResourceReader) throws {
    let files = FileDigests()
    let plan = try sweep.plan(digests: files)
    try self.init(plan, files, readings, remarks: sweep.remarks) { error, index in
      var isModel = error is ModelFileError || error is VocabularyError
      if let file = error as? FileError {
        let model = plan.configurations[index].configuration.model
        isModel = [model.path, model.vocabularyPath].contains { $0.map(file.path.hasPrefix) == true }
      }
      return sweep.diagnostic("\(error)", ofConfiguration: index, isModel: isModel).description
    }
    try checkVocabulary(sweep)
    try checkEarlyStop(sweep)
  }

  /// Refuses a rule that stops runs early where it cannot be kept.
  private func checkEarlyStop(_ sweep: Sweep) throws {
    guard let problem = EarlyCheck.problem(of: plan, exampleCounts: costs.map(\.exampleCount)) else { return }
    throw Refusal(standingAlone: sweep.diagnosticOfStop(problem).description)
  }

  /// Refuses data that is mostly unknown to the vocabulary, unless the sweep allows it. A folder's plan is not asked: what it
  /// holds was trained.
  private func checkVocabulary(_ sweep: Sweep) throws {
    var problems: [String] = []
    for (index, planned) in plan.configurations.enumerated() {
      let task = planned.configuration.task
      guard costs[index].unknownTokens.share >= UnknownShare.refused, !task.allowsUnknownTokens else { continue }
      let problem = UnknownShare.problem(costs[index].unknownTokens, vocabulary: costs[index].vocabulary)
      let text = sweep.diagnostic(
        "task \(task.name): \(problem), or set task.allow_unknown_tokens to true", ofConfiguration: index, isModel: true
      ).description
      if !problems.contains(text) { problems.append(text) }
    }
    guard problems.isEmpty else { throw Refusal(standingAlone: problems.joined(separator: "\n")) }
  }

  /// Reads the models and data of a plan whose files were digested.
  ///
  /// - Parameters:
  ///   - remarks: Remarks of the sweep itself.
  ///   - placed: Returns the text of an error, given the index of its configuration; by default it begins with the sweep's name.
  /// - Throws: a `Refusal` with everything that is wrong.
  init(
    _ plan: SweepPlan, _ files: FileDigests, _ readings: ResourceReader, remarks: [String] = [],
    placed: ((any Error, _ configuration: Int) -> String)? = nil
  ) throws {
    let estimator = CostEstimator(readings)
    var known: [[KeyValue]: Result<CostEstimate, any Error>] = [:]
    var costs: [CostEstimate] = []
    var (problems, seen): ([String], Set<String>) = ([], [])
    for (index, planned) in plan.configurations.enumerated() {
      let key = planned.configuration.costKey
      let cost =
        known[key]
        ?? Result {
          planned.configuration.hasProgram
            ? .ofProgram : try estimator.cost(of: planned.configuration, seeds: plan.seeds)
        }
      known[key] = cost
      switch cost {
      case .success(let cost): costs.append(cost)
      // One broken file may concern many configurations; it is reported once.
      case .failure(let error):
        if seen.insert("\(error)").inserted { problems.append(placed?(error, index) ?? "\(plan.name): \(error)") }
      }
    }
    guard problems.isEmpty else {
      throw placed == nil ? Refusal(problems: problems) : Refusal(standingAlone: problems.joined(separator: "\n"))
    }
    self.plan = plan.reading(atSteps: EarlyCheck.steps(plan, exampleCounts: costs.map(\.exampleCount)))
    self.files = files
    self.costs = costs
    self.remarks =
      remarks + readings.remarks
      + WarmupRemark.sentences(plan.configurations, exampleCounts: costs.map(\.exampleCount))
    facts = readings.facts
    dataByteCount = readings.byteCount
  }

  /// Reads a sweep file with the assignments of the command line, and nothing else. Configurations that do not say what computes
  /// their trials mean `arithmetic`.
  ///
  /// - Throws: a `Refusal` with everything that is wrong.
  package static func read(
    _ path: String, _ assignments: [String], shift: SeedShift = SeedShift(), _ arithmetic: Arithmetic = .ofSweepFiles
  ) throws -> Sweep {
    try Sweep(
      file: path, overrides: assignments, workingDirectory: FileManager.default.currentDirectoryPath,
      shift: shift, arithmetic: arithmetic)
  }

  /// The indices in plan order of the trials of a part of the plan.
  package func trialIndices(of part: PlanPart) -> StrideTo<Int> { part.indices(of: plan.trials.count) }

  /// What a trial costs.
  package func cost(ofTrial index: Int) -> CostEstimate { costs[plan.configurationIndex(trialIndex: index)] }

  /// The configuration of the first trial if a program of the user's own trains it, as it then does all of them.
  package var program: TrialConfiguration? {
    plan.configurations.first?.configuration.nilUnlessProgram
  }

  /// The memory in bytes that a rank needs for the largest trial of the plan, beside the program.
  package var bytesPerRank: Int { (costs.map(\.byteCount).max() ?? 0) + dataByteCount }

  /// The memory in bytes that a rank needs for the largest of these trials, beside the program.
  func bytesPerRank(of trials: [Int]) -> Int {
    trials.reduce(0) { max($0, cost(ofTrial: $1).byteCount) } + dataByteCount
  }

  /// The trials in the order in which they are handed out: if recipes may stop, by the look before which they come; then the
  /// longest expected first; equal ones in plan order.
  func longestFirst(_ trials: [Int], before sequential: SequentialProgress? = nil) -> [Int] {
    trials.map { (looks: sequential?.lookCount(before: $0) ?? 0, flops: cost(ofTrial: $0).flopsTotal, index: $0) }
      .sorted { ($0.looks, -$0.flops, $0.index) < ($1.looks, -$1.flops, $1.index) }.map(\.index)
  }
}

/// Whether ranks fit a host's memory.
package enum MemoryCheck {
  /// The memory of a rank before it reads and trains: the program with its libraries (28 MiB of files), their data, OpenBLAS's
  /// packed blocks and, where there are several ranks, MPI; measured by scripts/check/measure-memory.sh.
  package static func processByteCount(ranks: Int) -> Int { (ranks > 1 ? 40 : 35) << 20 }

  /// The address space that a rank reserves and hardly uses: OpenBLAS's buffer of 128 MiB for the main thread and for each
  /// training thread (without it OpenBLAS waits for ever), and the C library's heap of 64 MiB for each training thread.
  static func reservedByteCount(threads: Int) -> Int { (128 + threads * (128 + 64)) << 20 }

  /// The memory of a rank as Slurm's --mem-per-cpu takes it: in MiB, an eighth more than what is estimated, in hundreds.
  package static func slurmMemory(bytesPerRank: Int) -> String {
    let bytes = bytesPerRank + processByteCount(ranks: 2)
    let mebibytes = (bytes + bytes / 8 + (1 << 20) - 1) >> 20
    return "\((mebibytes + 99) / 100 * 100)M"
  }

  /// The number of ranks that fit a machine's memory; `Int.max` where that is unknown.
  package static func fittingCount(bytesPerRank: Int, memoryByteCount: Int) -> Int {
    memoryByteCount > 0 ? memoryByteCount / (bytesPerRank + processByteCount(ranks: 2)) : .max
  }

  /// Why the ranks do not fit; nil if they do. `addressByteCount` is what one of them may still address; nil is no limit.
  package static func refusal(
    ranks: Int, bytesPerRank: Int, host: String, memoryByteCount: Int, addressByteCount: Int? = nil, threads: Int = 1
  ) -> String? {
    let each = bytesPerRank + processByteCount(ranks: ranks)
    let addressed = each + reservedByteCount(threads: threads)
    if let addressByteCount, addressed > addressByteCount {
      return "a rank addresses \(readable(bytes: addressed)), but on \(host) a process may address only "
        + "\(readable(bytes: addressByteCount)) more (ulimit -v). Raise that limit, or use a smaller batch or model."
    }
    let (product, overflow) = ranks.multipliedReportingOverflow(by: each)
    let total = overflow ? Int.max : product
    guard memoryByteCount > 0, total > memoryByteCount else { return nil }
    let fitting = memoryByteCount / each
    let cure =
      fitting == 0
      ? "Use a smaller batch or model, or a node with more memory."
      : "At most \(fitting) rank\(fitting == 1 ? " fits" : "s fit"): start fewer, or use more nodes."
    return "\(counted(ranks, "rank")) of \(readable(bytes: each)) each need "
      + "\(readable(bytes: total)), but \(host) has \(readable(bytes: memoryByteCount)). \(cure)"
  }
}
