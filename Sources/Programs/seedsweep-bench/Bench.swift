// seedsweep-bench: how fast the parts of seedsweep are on this machine, as a table and as CSV. It measures and asserts
// nothing; it trains through the product's own trainer and has no training loop of its own. Every verb is a file in Commands/.

import CProcessor
import CommandLine
import Foundation
import MPITransport

@main
enum Bench {
  static func main() {
    // This check comes first, because the code after it may use instructions that this processor lacks.
    cprocessor_require(cprocessor_build_level())
    let environment = ProcessInfo.processInfo.environment
    let code = Program.bench.performWords(
      environment: environment, speaks: LaunchEnvironment(environment).speaksForAll)
    exit(code.rawValue)
  }
}

extension Program {
  /// This program.
  static let bench = Program(
    name: "seedsweep-bench",
    introduction: """
      seedsweep-bench: how fast the parts of seedsweep are on this machine. Prints tables of medians.
      """,
    closing: """
      Exit codes: 0 measured; 1 something broke; 2 the command line cannot be run, nothing was measured.
      """,
    commands: Commands.all)
}

/// The verbs.
enum Commands {
  /// All verbs, in the order of the help. A new verb is a file in Commands/ and a line here.
  static let all: [any Command.Type] = [
    BLASCommand.self,
    KernelsCommand.self,
    StepCommand.self,
    TrialTimeCommand.self,
    FarmCommand.self,
    PeakCommand.self,
  ]
}
