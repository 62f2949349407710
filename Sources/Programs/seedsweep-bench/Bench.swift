// seedsweep-bench: how fast the parts of seedsweep are on this machine, as a table and as CSV. It measures and asserts
// nothing; it trains through the product's own trainer and has no training loop of its own.

import CProcessor
import CommandLine
import Foundation
import Kernels
import MPITransport
import Storage
import Transformer

@main
enum Bench {
  static func main() {
    cprocessor_require(cprocessor_build_level())
    exit(perform(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Runs a command line to its end and answers with the exit code.
  @inline(never)
  static func perform(_ words: [String]) -> ExitCode {
    // Under mpirun and srun every process reads the same command line; what concerns one of them only, rank 0 does.
    let isSilent = !LaunchEnvironment(ProcessInfo.processInfo.environment).speaksForAll
    if isSilent && words.first != "farm" { return .success }
    do {
      switch try CommandLineParser.parse(words, of: .bench) {
      case .print(let text): if !isSilent { say(text) }
      case .command(let command): try perform(command)
      }
      return .success
    } catch let refusal as Refusal {
      if !isSilent { complain(refusal.description) }
      return refusal.code
    } catch {
      complain("seedsweep-bench \(words.first ?? ""): \(error)")
      return error is ModelFileError || error is RunFolderError ? .refused : .failure
    }
  }

  private static func perform(_ command: ParsedCommand) throws {
    if let core = command.values["--blas-core"] { try BLASLibrary.use(core: core) }
    useSingleBLASThread()
    switch command.name {
    case "blas": try BLASBench.perform(BLASOptions(command))
    case "kernels": try KernelBench.perform(KernelOptions(command))
    case "farm": try FarmBench.perform(FarmOptions(command))
    case "step": try StepBench.perform(StepOptions(command))
    default: preconditionFailure("the command table and this list differ: \(command.name)")
    }
  }
}
