// `seedsweep verify`: whether a folder's results are those that its sweep gives on this machine. The checks are in
// `Verification`. Writes nothing.

import CommandLine
import Diagnosis
import Kernels
import Runs

/// Verifies a folder of results.
struct VerifyCommand: Command {
  static let sample = Flag("--sample", "N", "trials to train again", .count(atLeast: 0), default: 3)
  static let threads = Flag("--threads", "N", "threads that train; changes no result", .threads, default: 1)

  static let syntax = CommandSyntax(
    "verify", "train a sample again and compare the bits; check journal and files",
    details: """
      Reads the journal of DIR byte by byte, digests the model and data files again, compares predictions, gradient norms and
      kept weights with the journal, trains a sample of the trials again and compares every bit of their outcomes. Writes
      nothing. Exits with 1 if anything is damaged, changed, missing, different or not verified.
      """,
    operands: [.results], flags: [sample, threads, Flag.blasCore])

  let folder: String
  let sampleCount: Int
  let threadCount: Int
  private let blasCore: String?

  init(_ given: Given) {
    folder = given.operands[0]
    sampleCount = given[Self.sample]
    threadCount = given[Self.threads]
    blasCore = given[.blasCore]
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    let verification = try Verification(folder)
    let problems = try verification.problems()
    for problem in problems.all { context.complain(problem) }
    for line in verification.journalLines { say(line) }
    if let line = verification.arithmeticLine { say(line) }
    guard !problems.haveChangedFiles else {
      say("no trial is trained again, because the files are not those of the results")
      return .failure
    }
    let indices = verification.sample(sampleCount)
    try verification.requireSameNumerics(of: indices)
    let differentCount = try verification.trainAgain(indices, threadCount: threadCount) { say($0) }
    return problems.all.isEmpty && differentCount == 0 ? .success : .failure
  }
}
