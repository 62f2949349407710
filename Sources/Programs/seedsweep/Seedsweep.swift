// The program: checks the processor, then performs the command line. Wiring only; every verb is a file in Commands/.

import CProcessor
import CommandLine
import Files
import Foundation
import Host
import MPITransport

@main
enum Seedsweep {
  static func main() {
    // This check comes first, because the code after it may use instructions that this processor lacks.
    cprocessor_require(cprocessor_build_level())
    if let refusal = ProcessLimits.current().refusal {
      complain("seedsweep: \(refusal)")
      _exit(ExitCode.refused.rawValue)
    }
    // A file that may not grow any more is then an error of its writer, which names it.
    signal(SIGXFSZ, SIG_IGN)
    let environment = ProcessInfo.processInfo.environment
    let launch = LaunchEnvironment(environment)
    let code = Program.seedsweep.performWords(
      environment: environment, speaks: !launch.usesMPI || launch.speaksForAll)
    // _exit() instead of exit(): a training thread may still compute while exit handlers of libraries run.
    _exit(code.rawValue)
  }
}

extension Program {
  /// This program.
  static let seedsweep = Program(
    name: "seedsweep",
    introduction: """
      seedsweep: is this fine-tuning recipe stable? Trains a BERT-style encoder once for every recipe and seed, on all cores
      or under mpirun, and reports failure rates and spread.
      """,
    closing: """
      Exit codes: 0 every trial has a result; 1 some trials crashed at every attempt; 2 the command line, sweep or folder
      cannot be used, nothing was started; 75 stopped early, the same command resumes.
      """,
    commands: Commands.all)
}

/// The verbs.
enum Commands {
  /// All verbs, in the order of the help. A new verb is a file in Commands/ and a line here.
  static let all: [any Command.Type] = [
    RunCommand.self,
    RetryCommand.self,
    VerifyCommand.self,
    InitCommand.self,
    PlanCommand.self,
    StatusCommand.self,
    SummarizeCommand.self,
    CompareCommand.self,
    ComponentsCommand.self,
    AgreementCommand.self,
    EnsembleCommand.self,
    PickCommand.self,
    ReplayCommand.self,
    AnalyzeCommand.self,
    ImportCommand.self,
    ReportCommand.self,
    TableCommand.self,
    CheckCommand.self,
    VerdictCommand.self,
    MergeCommand.self,
    EvaluateCommand.self,
    PretrainCommand.self,
    DoctorCommand.self,
    KeysCommand.self,
    ColumnsCommand.self,
  ]
}
