// The command line: checks the processor, then hands each command to its file. Wiring only.

import CProcessor
import Foundation

@main
enum Seedsweep {
  static func main() {
    cprocessor_require()
    exit(perform(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Runs a command line to its end and answers with the exit code.
  @inline(never)
  static func perform(_ words: [String]) -> ExitCode {
    do {
      switch try CommandLineParser.parse(words) {
      case .print(let text):
        say(text)
        return .success
      case .command(let command):
        return try perform(command)
      }
    } catch let refusal as Refusal {
      complain(refusal.description)
      return refusal.code
    } catch {
      complain("seedsweep: \(error)")
      return .failure
    }
  }

  private static func perform(_ command: ParsedCommand) throws -> ExitCode {
    switch command.name {
    case "doctor": return Doctor.examine().report()
    default: preconditionFailure("the command table and this list differ: \(command.name)")
    }
  }
}
