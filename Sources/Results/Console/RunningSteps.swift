// How far the trials under way are, as their ranks last said: the sign of life of a run before its first trial ends.

/// The steps of the trials under way.
package struct RunningSteps {
  /// By job: the completed updates and those of the whole trial.
  private var steps: [Int: (done: Int, all: Int)] = [:]
  private let isOfProgram: Bool

  /// Nothing known yet.
  ///
  /// - Parameter isOfProgram: Whether a program of the user's own trains, which need not say how many steps it takes.
  package init(isOfProgram: Bool = false) { self.isOfProgram = isOfProgram }

  /// Notes what a rank said of a job; `all` is 0 while the trial is prepared, and where a program does not say it.
  package mutating func note(_ done: Int, of all: Int, ofJob job: Int) { steps[job] = (done, all) }

  /// What was said last of a job; zeros where nothing was.
  package func step(ofJob job: Int) -> (done: Int, all: Int) { steps[job] ?? (0, 0) }

  /// The steps of the jobs that are under way, in words; nil where there are none. All others are forgotten.
  package mutating func text(ofJobs jobs: Set<Int>) -> String? {
    guard !jobs.isEmpty else { return nil }
    steps = steps.filter { jobs.contains($0.key) }
    let known = steps.values.filter { $0.all > 0 }
    guard let first = known.first, let least = known.map(\.done).min(), let most = known.map(\.done).max() else {
      return uncounted
    }
    if known.allSatisfy({ $0.all == first.all }) {
      return least == most ? "at step \(least) of \(first.all)" : "at steps \(least) to \(most) of \(first.all)"
    }
    let shares = known.map { 100 * $0.done / $0.all }
    return "at \(shares.min() ?? 0) to \(shares.max() ?? 0) % of their steps"
  }

  /// The same where no job has said how many steps there will be.
  private var uncounted: String? {
    guard isOfProgram else { return "reading model and data" }
    let known = steps.values.map(\.done).filter { $0 > 0 }
    guard let least = known.min(), let most = known.max() else { return nil }
    return least == most ? "at step \(least)" : "at steps \(least) to \(most)"
  }
}
