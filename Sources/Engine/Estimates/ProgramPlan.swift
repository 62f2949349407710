// What `plan` prints about a program of the user's own: the first command as it will run. How long it takes, nobody knows yet.

import ExternalPrograms
import Trials

/// The plan of a sweep of a program.
enum ProgramPlan {
  /// The command of the first trial, and what is known of the time.
  static func lines(_ configuration: TrialConfiguration, _ plan: SweepPlan) -> [String] {
    guard let seeds = plan.seeds.first, let first = plan.trials.first else { return [] }
    let folder = ProgramSite(host: "", root: "DIR/programs", environment: [:]).folder(ofTrial: first.identifier)
    let program = configuration.program
    let words = program.expandedCommand(seeds: seeds, folder: folder).map(quoted)
    let environment = program.expandedEnvironment(seeds: seeds, folder: folder).map {
      "\($0.name)=\(quoted($0.value))"
    }
    let source = program.results.file.map { "\(folder)/\($0)" } ?? "standard output"
    return [
      "program: \((environment + words).joined(separator: " "))",
      "score: \(program.results.final ?? "") in \(source)"
        + (program.baseline.map { ", baseline \($0)" }
          ?? "; without program.baseline only runs that diverge count as failed"),
      "time: unknown until trials have run",
    ]
  }

  /// A word as a shell takes it.
  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "_-./=:,+@%".utf8.contains(byte)
        }
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
