// The lines of a view: a pure function of the view and the size of the terminal. Every line is shorter than the terminal is
// wide, and there are fewer of them than it has rows.

import CommandLine
import Host
import Storage

extension RunView {
  /// The lines in a terminal of some size, the first of them empty: it sets the view apart from what was printed before, and
  /// takes what a user types.
  package func lines(_ size: TerminalSize) -> [String] {
    let width = size.columns - 1
    let closing = closingLines(width)
    let room = size.rows - 2 - 1 - closing.count
    // The recipes' heading takes a row.
    let (recipeRows, runningRows) = Self.share(room - 1, recipes.count, runningCount)
    let lines = recipeLines(width, rows: recipeRows) + runningLines(width, rows: runningRows) + closing
    return [""] + lines.map { TerminalText.cut($0, to: width) }
  }

  /// How many of `room` rows two lists of a number of elements get: all they need if there is room for it, and otherwise the
  /// second at most half, unless the first needs less.
  private static func share(_ room: Int, _ first: Int, _ second: Int) -> (Int, Int) {
    guard first + second > room else { return (first, second) }
    let seconds = min(second, max(room / 2, room - first))
    return (min(first, room - seconds), seconds)
  }

  // MARK: - Recipes

  private func recipeLines(_ width: Int, rows: Int) -> [String] {
    let shown = shownRecipes(rows)
    var columns: [(heading: String, cells: [String])] = [
      ("done", shown.map { "\($0.doneCount)/\($0.plannedCount)" }),
      (line.rule.failedWords, shown.map { "\($0.failedCount)" }),
      ("diverged", shown.map { "\($0.divergedCount)" }), ("mean", shown.map { $0.mean.map { decimal($0) } ?? "-" }),
      ("left", shown.map(Self.left)),
    ]
    let names = ["recipe"] + shown.map(\.name)
    let longest = names.map { TerminalText.width($0) }.max() ?? 0
    func widths() -> [Int] { columns.map { column in ([column.heading] + column.cells).map(\.count).max() ?? 0 } }
    func nameWidth() -> Int { min(longest, width - widths().reduce(0) { $0 + 2 + $1 }) }
    // A name that cannot be read is worth less than a column of zeros.
    if nameWidth() < min(longest, 20), shown.allSatisfy({ $0.divergedCount == 0 }) { columns.remove(at: 2) }
    let (nameColumns, cellColumns) = (max(4, nameWidth()), widths())
    let lines = (0...shown.count).map { row in
      let cells = zip(columns, cellColumns).map { column, width in
        TerminalText.fitted(row == 0 ? column.heading : column.cells[row - 1], to: width, onRight: false)
      }
      return ([TerminalText.fitted(names[row], to: nameColumns)] + cells).joined(separator: "  ")
    }
    let hidden = recipes.count - shown.count
    guard hidden > 0 else { return lines }
    let done = recipes.count { $0.isDone } - shown.count { $0.isDone }
    return lines + ["and \(counted(hidden, "more recipe")), \(done) of them done"]
  }

  private static func left(_ recipe: Recipe) -> String {
    recipe.isDone ? "done" : recipe.secondsLeft.map { readable(seconds: $0) } ?? "-"
  }

  /// The recipes in `rows` rows, in plan order: first those with a trial under way, then those with trials to come. One row is
  /// left for the number of the others, if there are any.
  private func shownRecipes(_ rows: Int) -> [Recipe] {
    guard recipes.count > rows else { return recipes }
    let indices = recipes.indices
    let ranked =
      indices.filter { recipes[$0].isRunning } + indices.filter { !recipes[$0].isRunning && !recipes[$0].isDone }
      + indices.filter { !recipes[$0].isRunning && recipes[$0].isDone }.reversed()
    return ranked.prefix(max(0, rows - 1)).sorted().map { recipes[$0] }
  }

  // MARK: - Trials under way

  private func runningLines(_ width: Int, rows: Int) -> [String] {
    guard runningCount > 0 else { return [] }
    let shown = running.prefix(runningCount > rows ? max(0, rows - 1) : rows)
    let hasHosts = hosts.count > 1
    let cells = shown.map { trial in
      ["rank \(trial.rank)"] + (hasHosts ? [TerminalText.cleaned(trial.host)] : [])
        + (recipes.count > 1 ? [trial.recipe] : []) + [trial.seeds]
    }
    let states = shown.map(state)
    var widths = (cells.first ?? []).indices.map { column in
      cells.map { TerminalText.width($0[column]) }.max() ?? 0
    }
    // Where they do not all fit, the widest of hosts, recipes and seeds gives way.
    let room = width - (states.map(\.count).max() ?? 0) - 2 * widths.count
    while widths.reduce(0, +) > room, let widest = widths.indices.dropFirst().max(by: { widths[$0] < widths[$1] }),
      widths[widest] > 8
    {
      widths[widest] -= 1
    }
    let lines = zip(cells, states).map { cells, state in
      (zip(cells, widths).map { TerminalText.fitted($0, to: $1) } + [state]).joined(separator: "  ")
    }
    let hidden = runningCount - shown.count
    guard hidden > 0 else { return lines }
    return lines
      + [shown.isEmpty ? "\(counted(hidden, "trial")) under way" : "and \(counted(hidden, "more trial")) under way"]
  }

  private func state(_ trial: Running) -> String {
    let state: String
    if trial.stepCount > 0 {
      state = "step \(trial.step) of \(trial.stepCount)"
    } else if isOfProgram {
      state = trial.step > 0 ? "step \(trial.step)" : "under way"
    } else {
      state = "reading model and data"
    }
    return state + (trial.stallSeconds.map { ", no word for \(readable(seconds: $0))" } ?? "")
  }

  // MARK: - Ranks and counts

  /// What stands below: the ranks, what is wrong with them, a remark and the counts.
  private func closingLines(_ width: Int) -> [String] {
    var counts = line
    counts.recipes = []
    counts.running = nil
    let before = title.map { TerminalText.cleaned($0) + ": " } ?? ""
    let remark = remark.map { [TerminalText.cleaned($0)] } ?? []
    return rankLines(width) + remark + [before + counts.text(width: width - TerminalText.width(before))]
  }

  private func rankLines(_ width: Int) -> [String] {
    guard !hosts.isEmpty else { return [] }
    let count = hosts.reduce(0) { $0 + $1.rankCount }
    var first = "\(counted(count, "rank")) on "
    if hosts.count == 1 {
      first += TerminalText.cleaned(hosts[0].name)
    } else {
      first += "\(hosts.count) hosts: "
      first += Self.list(
        hosts.map { "\(TerminalText.cleaned($0.name)) \($0.rankCount)" }, to: width - TerminalText.width(first))
    }
    let lost = hosts.flatMap { host in host.lostRanks.map { "rank \($0) on \(TerminalText.cleaned(host.name))" } }
    let stalled = running.compactMap { trial in
      trial.stallSeconds.map { "rank \(trial.rank) on \(TerminalText.cleaned(trial.host)) (\(readable(seconds: $0)))" }
    }
    let avoided = hosts.filter(\.isQuarantined).map { TerminalText.cleaned($0.name) }
    let problems = [("stalled: ", stalled), ("lost: ", lost), ("gets no trials: ", avoided)].filter { !$1.isEmpty }
    return [first] + problems.map { $0 + Self.list($1, to: width - $0.count) }
  }

  /// The texts with commas between them, as many as fit, and the number of the others.
  private static func list(_ texts: [String], to width: Int) -> String {
    for count in stride(from: min(texts.count, max(1, width / 3)), to: 0, by: -1) {
      let hidden = texts.count - count
      let text = texts.prefix(count).joined(separator: ", ") + (hidden > 0 ? " and \(hidden) more" : "")
      if TerminalText.width(text) <= width || count == 1 { return text }
    }
    return ""
  }
}
