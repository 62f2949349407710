// What a user may want to type after a run: one line for each command, with what it is for.

/// The commands that go on from a folder of results.
package enum NextCommands {
  /// The lines about the folder `path`.
  package static func lines(path: String) -> [String] {
    let commands = [
      ("seedsweep compare \(path)", "which recipe is more stable, and how sure that is"),
      ("seedsweep table \(path)", "a LaTeX table for a paper"),
      ("scripts/figures.py \(path)", "learning curves, scores and failure rates as PDF and PNG"),
      ("seedsweep status \(path)", "how the run ended"),
    ]
    let width = commands.map(\.0.count).max() ?? 0
    return commands.enumerated().map { index, command in
      (index == 0 ? "Next: " : "      ") + command.0 + String(repeating: " ", count: width - command.0.count + 2)
        + command.1
    }
  }
}
