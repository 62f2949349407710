// The view of a run as whole text, at several sizes of the terminal.

import CommandLine
import Reports
import Storage
import XCTest

@testable import Console

final class RunViewTests: XCTestCase {
  private func text(_ view: RunView, _ columns: Int, _ rows: Int) -> String {
    let lines = view.lines(TerminalSize(columns: columns, rows: rows))
    for line in lines { XCTAssertLessThan(TerminalText.width(line), columns, line) }
    XCTAssertLessThanOrEqual(lines.count, rows - 2)
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a terminal of some size shows, by way of the printer.
  private func shown(_ view: RunView, _ columns: Int, _ rows: Int) -> String {
    let screen = ScreenModel(.breaking, columns: columns, rows: rows)
    var printer = ProgressPrinter(
      terminal: ProgressTerminal(size: { screen.size }, write: { screen.write($0) }), now: 0)
    printer.show(now: 0, line: { view.line.text(width: $0) }, view: { view.lines($0) })
    return screen.text
  }

  private func one() -> RunView {
    var view = RunView(line: ProgressLine(doneCount: 0, totalCount: 5, failedCount: 0))
    view.recipes = [RunView.Recipe(name: "default", plannedCount: 5, doneCount: 0, isRunning: true)]
    view.running = [RunView.Running(rank: 0, host: "node01", recipe: "default", seeds: "seed 1")]
    view.runningCount = 1
    view.hosts = [LiveReport.Host(name: "node01", rankCount: 1)]
    return view
  }

  private func three() -> RunView {
    var view = RunView(
      line: ProgressLine(
        doneCount: 40, totalCount: 75, failedCount: 12, divergedCount: 2, crashedCount: 1, secondsLeft: 250))
    view.recipes = [
      RunView.Recipe(
        name: "no bias correction", plannedCount: 25, doneCount: 25, failedCount: 9, divergedCount: 2, mean: 0.6744),
      RunView.Recipe(
        name: "bias correction", plannedCount: 25, doneCount: 15, failedCount: 1, mean: 0.9991, secondsLeft: 95,
        isRunning: true),
      RunView.Recipe(name: "bias correction and warm-up", plannedCount: 25, doneCount: 0, secondsLeft: 250),
    ]
    view.running = [
      RunView.Running(
        rank: 3, host: "node02", recipe: "bias correction", seeds: "seed 18", step: 7, stepCount: 189, stallSeconds: 75),
      RunView.Running(rank: 0, host: "node01", recipe: "bias correction", seeds: "seed 16", step: 120, stepCount: 189),
      RunView.Running(rank: 1, host: "node01", recipe: "bias correction", seeds: "seed 17"),
    ]
    view.runningCount = 3
    view.hosts = [
      LiveReport.Host(name: "node01", rankCount: 2), LiveReport.Host(name: "node02", rankCount: 2, lostRanks: [2]),
    ]
    return view
  }

  private func thirty() -> RunView {
    var view = RunView(line: ProgressLine(doneCount: 148, totalCount: 300, failedCount: 37, secondsLeft: 7000))
    view.recipes = (1...30).map { number in
      var recipe = RunView.Recipe(name: "default \(number)e-05 \(number % 2 == 0)", plannedCount: 10, doneCount: 0)
      recipe.secondsLeft = Double(number) * 240
      recipe.isRunning = (14...16).contains(number)
      guard number < 17 else { return recipe }
      recipe.doneCount = recipe.isRunning ? 6 : 10
      recipe.failedCount = 2
      recipe.mean = 0.5 + Double(number) / 64
      return recipe
    }
    view.running = (0..<12).map { rank in
      RunView.Running(
        rank: rank, host: "node0\(rank / 4)", recipe: view.recipes[13 + rank / 4].name, seeds: "seed \(7 + rank % 4)",
        step: 10 * rank + 3, stepCount: 468)
    }
    view.runningCount = 12
    view.hosts = (0..<3).map { LiveReport.Host(name: "node0\($0)", rankCount: 4) }
    return view
  }

  func testNothingDone() {
    XCTAssertEqual(
      text(one(), 80, 24),
      """

      recipe   done  at chance  diverged  mean  left
      default   0/5          0         0     -     -
      rank 0  seed 1  reading model and data
      1 rank on node01
      0 of 5 trials done, 0 at chance

      """)
  }

  /// A program need not say how many steps there will be, or at which one it is.
  func testStepsOfPrograms() {
    var view = one()
    view.isOfProgram = true
    XCTAssertTrue(text(view, 80, 24).contains("\nrank 0  seed 1  under way\n"))
    view.running[0].step = 12
    XCTAssertTrue(text(view, 80, 24).contains("\nrank 0  seed 1  step 12\n"))
    view.running[0].stepCount = 189
    XCTAssertTrue(text(view, 80, 24).contains("\nrank 0  seed 1  step 12 of 189\n"))
  }

  func testDivergedStalledAndLost() {
    let whole =
      """

      recipe                        done  at chance  diverged   mean   left
      no bias correction           25/25          9         2  0.674   done
      bias correction              15/25          1         0  0.999  2 min
      bias correction and warm-up   0/25          0         0      -  4 min
      rank 3  node02  bias correction  seed 18  step 7 of 189, no word for 75 s
      rank 0  node01  bias correction  seed 16  step 120 of 189
      rank 1  node01  bias correction  seed 17  reading model and data
      4 ranks on 2 hosts: node01 2, node02 2
      stalled: rank 3 on node02 (75 s)
      lost: rank 2 on node02
      40 of 75 trials done, 10 at chance, 2 diverged, 1 crashed, about 4 min left

      """
    for width in [80, 160] { XCTAssertEqual(text(three(), width, 40), whole, "\(width) columns") }
    XCTAssertEqual(
      text(three(), 60, 12),
      """

      recipe            done  at chance  diverged   mean   left
      bias correction  15/25          1         0  0.999  2 min
      and 2 more recipes, 1 of them done
      rank 3  node02  bias ...  seed 18  step 7 of 189, no wor...
      and 2 more trials under way
      4 ranks on 2 hosts: node01 2, node02 2
      stalled: rank 3 on node02 (75 s)
      lost: rank 2 on node02
      40/75 done, 10 at chance, 2 diverged, 1 crashed, 4 min left

      """)
  }

  func testManyRecipes() {
    XCTAssertEqual(
      text(thirty(), 80, 40),
      """

      recipe                 done  at chance  diverged   mean        left
      default 10e-05 true   10/10          2         0  0.656        done
      default 11e-05 false  10/10          2         0  0.672        done
      default 12e-05 true   10/10          2         0  0.688        done
      default 13e-05 false  10/10          2         0  0.703        done
      default 14e-05 true    6/10          2         0  0.719      56 min
      default 15e-05 false   6/10          2         0  0.734      60 min
      default 16e-05 true    6/10          2         0  0.750      64 min
      default 17e-05 false   0/10          0         0      -      68 min
      default 18e-05 true    0/10          0         0      -      72 min
      default 19e-05 false   0/10          0         0      -      76 min
      default 20e-05 true    0/10          0         0      -      80 min
      default 21e-05 false   0/10          0         0      -      84 min
      default 22e-05 true    0/10          0         0      -      88 min
      default 23e-05 false   0/10          0         0      -  1 h 32 min
      default 24e-05 true    0/10          0         0      -  1 h 36 min
      default 25e-05 false   0/10          0         0      -  1 h 40 min
      default 26e-05 true    0/10          0         0      -  1 h 44 min
      default 27e-05 false   0/10          0         0      -  1 h 48 min
      default 28e-05 true    0/10          0         0      -  1 h 52 min
      default 29e-05 false   0/10          0         0      -  1 h 56 min
      default 30e-05 true    0/10          0         0      -  2 h 00 min
      and 9 more recipes, 9 of them done
      rank 0   node00  default 14e-05 true   seed 7   step 3 of 468
      rank 1   node00  default 14e-05 true   seed 8   step 13 of 468
      rank 2   node00  default 14e-05 true   seed 9   step 23 of 468
      rank 3   node00  default 14e-05 true   seed 10  step 33 of 468
      rank 4   node01  default 15e-05 false  seed 7   step 43 of 468
      rank 5   node01  default 15e-05 false  seed 8   step 53 of 468
      rank 6   node01  default 15e-05 false  seed 9   step 63 of 468
      rank 7   node01  default 15e-05 false  seed 10  step 73 of 468
      rank 8   node02  default 16e-05 true   seed 7   step 83 of 468
      rank 9   node02  default 16e-05 true   seed 8   step 93 of 468
      rank 10  node02  default 16e-05 true   seed 9   step 103 of 468
      rank 11  node02  default 16e-05 true   seed 10  step 113 of 468
      12 ranks on 3 hosts: node00 4, node01 4, node02 4
      148 of 300 trials done, 37 at chance, about 1 h 57 min left

      """)
    XCTAssertEqual(
      text(thirty(), 160, 60),
      """

      recipe                 done  at chance  diverged   mean        left
      default 1e-05 false   10/10          2         0  0.516        done
      default 2e-05 true    10/10          2         0  0.531        done
      default 3e-05 false   10/10          2         0  0.547        done
      default 4e-05 true    10/10          2         0  0.562        done
      default 5e-05 false   10/10          2         0  0.578        done
      default 6e-05 true    10/10          2         0  0.594        done
      default 7e-05 false   10/10          2         0  0.609        done
      default 8e-05 true    10/10          2         0  0.625        done
      default 9e-05 false   10/10          2         0  0.641        done
      default 10e-05 true   10/10          2         0  0.656        done
      default 11e-05 false  10/10          2         0  0.672        done
      default 12e-05 true   10/10          2         0  0.688        done
      default 13e-05 false  10/10          2         0  0.703        done
      default 14e-05 true    6/10          2         0  0.719      56 min
      default 15e-05 false   6/10          2         0  0.734      60 min
      default 16e-05 true    6/10          2         0  0.750      64 min
      default 17e-05 false   0/10          0         0      -      68 min
      default 18e-05 true    0/10          0         0      -      72 min
      default 19e-05 false   0/10          0         0      -      76 min
      default 20e-05 true    0/10          0         0      -      80 min
      default 21e-05 false   0/10          0         0      -      84 min
      default 22e-05 true    0/10          0         0      -      88 min
      default 23e-05 false   0/10          0         0      -  1 h 32 min
      default 24e-05 true    0/10          0         0      -  1 h 36 min
      default 25e-05 false   0/10          0         0      -  1 h 40 min
      default 26e-05 true    0/10          0         0      -  1 h 44 min
      default 27e-05 false   0/10          0         0      -  1 h 48 min
      default 28e-05 true    0/10          0         0      -  1 h 52 min
      default 29e-05 false   0/10          0         0      -  1 h 56 min
      default 30e-05 true    0/10          0         0      -  2 h 00 min
      rank 0   node00  default 14e-05 true   seed 7   step 3 of 468
      rank 1   node00  default 14e-05 true   seed 8   step 13 of 468
      rank 2   node00  default 14e-05 true   seed 9   step 23 of 468
      rank 3   node00  default 14e-05 true   seed 10  step 33 of 468
      rank 4   node01  default 15e-05 false  seed 7   step 43 of 468
      rank 5   node01  default 15e-05 false  seed 8   step 53 of 468
      rank 6   node01  default 15e-05 false  seed 9   step 63 of 468
      rank 7   node01  default 15e-05 false  seed 10  step 73 of 468
      rank 8   node02  default 16e-05 true   seed 7   step 83 of 468
      rank 9   node02  default 16e-05 true   seed 8   step 93 of 468
      rank 10  node02  default 16e-05 true   seed 9   step 103 of 468
      rank 11  node02  default 16e-05 true   seed 10  step 113 of 468
      12 ranks on 3 hosts: node00 4, node01 4, node02 4
      148 of 300 trials done, 37 at chance, about 1 h 57 min left

      """)
    XCTAssertEqual(
      text(thirty(), 80, 12),
      """

      recipe                done  at chance  diverged   mean    left
      default 14e-05 true   6/10          2         0  0.719  56 min
      default 15e-05 false  6/10          2         0  0.734  60 min
      and 28 more recipes, 13 of them done
      rank 0  node00  default 14e-05 true  seed 7  step 3 of 468
      rank 1  node00  default 14e-05 true  seed 8  step 13 of 468
      and 10 more trials under way
      12 ranks on 3 hosts: node00 4, node01 4, node02 4
      148 of 300 trials done, 37 at chance, about 1 h 57 min left

      """)
  }

  /// In a narrow or low window the view is the progress line.
  func testSmallWindows() {
    for view in [one(), three(), thirty()] {
      for (columns, rows) in [(80, 8), (160, 8)] { XCTAssertEqual(shown(view, columns, rows), view.line.text) }
      XCTAssertEqual(shown(view, 40, 40), TerminalText.cut(view.line.text(width: 39), to: 39))
    }
    XCTAssertEqual(shown(one(), 40, 8), "0 of 5 trials done, 0 at chance")
    XCTAssertEqual(shown(three(), 40, 8), "40/75 done, 10 at chance, 2 diverged...")
    XCTAssertEqual(shown(three(), 80, 8), "40 of 75 trials done, 10 at chance, 2 diverged, 1 crashed, about 4 min left")
  }

  /// Whatever the names and the size, no line is too long and there are not too many: `text` checks both.
  func testEverySizeHasRoom() {
    var strange = three()
    strange.recipes[0].name = TerminalText.cleaned("学習率 \u{1B}[31m\n" + String(repeating: "x", count: 300))
    strange.running[0].seeds =
      "seeds init 18446744073709551615, order 18446744073709551615, dropout 18446744073709551615"
    strange.hosts = (0..<500).map {
      LiveReport.Host(name: "学習\u{1B}[2J\($0)", rankCount: 128, lostRanks: [$0], isQuarantined: true)
    }
    strange.runningCount = 64_000
    strange.title = "a\u{1B}[2Jb"
    strange.remark = String(repeating: "word ", count: 100)
    for view in [one(), three(), thirty(), strange] {
      for columns in 60...200 {
        for rows in [12, 13, 14, 15, 16, 20, 24, 40, 100] {
          let text = text(view, columns, rows)
          XCTAssertFalse(text.contains("\u{1B}"))
          XCTAssertTrue(text.contains(" done, "), text)
        }
      }
    }
    XCTAssertTrue(
      text(strange, 100, 40).contains(
        "64000 ranks on 500 hosts: 学習\\u001b[2J0 128, 学習\\u001b[2J1 128, 学習\\u001b[2J2 128 and 497 more\n"),
      text(strange, 100, 40))
  }

  /// The recipes with running trials are shown first, then those to come, in plan order, and the last row counts the others.
  func testWhichRecipesAreShown() {
    let lines = text(thirty(), 80, 24).split(separator: "\n").map(String.init)
    let names = lines.filter { $0.hasPrefix("default") }.map { $0.dropFirst(8).prefix { $0 != " " } }
    XCTAssertEqual(names, (14...21).map { "\($0)e-05" })
    XCTAssertTrue(lines.contains("and 22 more recipes, 13 of them done"), lines.joined(separator: "\n"))
  }
}
