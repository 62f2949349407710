// The command line: checks the processor, then hands each command to its file. Wiring only.

import CProcessor
import CommandLine
import Files
import Foundation
import Kernels
import MPITransport
import Reports
import Runs
import Storage

@main
enum Seedsweep {
  static func main() {
    cprocessor_require(cprocessor_build_level())
    if ["run", "retry"].contains(CommandLine.arguments.dropFirst().first) { StopSignals.rememberEarly() }
    // Not exit(): a training thread may still compute while libraries would tear down.
    _exit(perform(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Runs a command line to its end and answers with the exit code.
  @inline(never)
  static func perform(_ words: [String]) -> ExitCode {
    let launch = LaunchEnvironment(ProcessInfo.processInfo.environment)
    // Under mpirun and srun every process reads the same command line; what concerns one of them only, rank 0 does.
    let isSilent = launch.usesMPI && !launch.speaksForAll
    if isSilent && !["run", "retry", "analyze"].contains(words.first) { return .success }
    do {
      switch try CommandLineParser.parse(words, of: .seedsweep) {
      case .print(let text):
        if !isSilent { say(text) }
        return .success
      case .command(let command):
        return try perform(command, words: words)
      }
    } catch let refusal as Refusal {
      if isSilent { return .success }
      complain(refusal.description)
      return refusal.code
    } catch let error as any StartRefusal {
      if isSilent { return .success }
      complain("seedsweep \(words[0]): \(error)")
      return .refused
    } catch let error as FileError where !error.isOfDisk {
      // A file or folder that was named and cannot be used.
      if isSilent { return .success }
      complain("seedsweep \(words[0]): \(error)")
      return .refused
    } catch {
      complain("seedsweep \(words.first ?? ""): \(error)")
      return .failure
    }
  }

  private static func perform(_ command: ParsedCommand, words: [String]) throws -> ExitCode {
    if let core = command.values["--blas-core"] { try BLASLibrary.use(core: core) }
    switch command.name {
    case "run", "retry": return try RunCommand.perform(RunOptions(command), words: words)
    case "verify": return try VerifyCommand.perform(VerifyOptions(command))
    case "plan": return try PlanCommand.perform(PlanOptions(command))
    case "status":
      return try StatusCommand.perform(
        command.operands[0], answersWithVerdict: OptionReader(command).isGiven("--exit-code"))
    case "summarize": return try SummarizeCommand.perform(command.operands[0], TableOptions(command))
    case "compare": return try CompareCommand.perform(CompareOptions(command))
    case "analyze": return try AnalyzeCommand.perform(AnalyzeOptions(command), words: words)
    case "components": return try ComponentsCommand.perform(command.operands[0], TableOptions(command))
    case "agreement": return try AgreementCommand.perform(command.operands[0], TableOptions(command))
    case "import": return try ImportCommand.perform(ImportOptions(command))
    case "table": return try TableCommand.perform(PaperOptions(command))
    case "check":
      return try CheckCommand.perform(command.operands[0], folders: Array(command.operands.dropFirst()))
    case "verdict": return try VerdictCommand.perform(VerdictOptions(command))
    case "merge": return try MergeCommand.perform(command.operands, output: command.values["--output"] ?? "")
    case "evaluate": return try EvaluateCommand.perform(EvaluateOptions(command))
    case "pretrain": return try PretrainCommand.perform(PretrainOptions(command))
    case "doctor": return Doctor.examine().report()
    default: preconditionFailure("the command table and this list differ: \(command.name)")
    }
  }
}

/// Errors of other modules that mean that nothing was started.
protocol StartRefusal: Error {}

/// Those of them that mean that a folder cannot be used.
protocol FolderRefusal: StartRefusal {}

extension LeaseError: FolderRefusal {}
extension RunFolderError: FolderRefusal {}
extension BLASLibrary.CoreError: StartRefusal {}
