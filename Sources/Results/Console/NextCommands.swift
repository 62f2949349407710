// What a user may want to type after a run: one line for each command, with what it is for.

/// The commands that go on from a folder of results.
package enum NextCommands {
  /// The lines about the folder `path`, written for a shell, with the results of some recipes that can be compared.
  ///
  /// - Parameter lacksResults: Whether trials came to no result.
  package static func lines(path: String, recipeCount: Int, lacksResults: Bool) -> [String] {
    let again = ("seedsweep retry \(path)", "tries the trials again that came to no result")
    let comparison = ("seedsweep compare \(path)", "which recipe is more stable, and how sure that is")
    let commands =
      (lacksResults ? [again] : []) + (recipeCount > 1 ? [comparison] : []) + [
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
