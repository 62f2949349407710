// The draws that a claim can count and those that it cannot, with the reason for each.

import Claims
import Host

/// What some draws give, such as the effect in each.
struct CountedDraws<Value> {
  /// The draws that count, with what they give.
  private(set) var draws: [(draw: Registration.Draw, value: Value)] = []
  /// The draws that do not count, and why.
  private(set) var leftOut: [(draw: Registration.Draw, reason: String)] = []
  /// Why they are too few, and what to do about it; nil where they are enough.
  let tooFew: String?

  /// - Parameter value: What a draw gives; `NotComputed` leaves the draw out.
  /// - Throws: what `value` throws otherwise.
  init(_ runs: [DrawRuns], leastDraws: Int, _ value: (DrawRuns) throws -> Value) throws {
    for run in runs {
      do { draws.append((run.draw, try value(run))) } catch let error as NotComputed {
        leftOut.append((run.draw, error.description))
      }
    }
    guard draws.count < leastDraws else {
      tooFew = nil
      return
    }
    let shown = leftOut.prefix(3).map { "\($0.draw.name): \($0.reason)" }.joined(separator: "; ")
    tooFew =
      "\(draws.count) of \(counted(runs.count, "draw")) can be counted, and pooling needs \(leastDraws)"
      + (shown.isEmpty ? "; register more draws" : "; finish or repeat these: \(shown)")
      + (leftOut.count > 3 ? " and \(leftOut.count - 3) more" : "")
  }
}

extension DrawRuns {
  /// Refuses a draw in which a sweep, or one that a requirement reads, does not count, or a requirement is not met.
  ///
  /// - Throws: `NotComputed`.
  func require(_ sweeps: [String], _ requirements: [Condition]) throws {
    for sweep in sweeps + requirements.flatMap(\.rows).map(\.run) {
      if let exclusion = exclusion(of: sweep) { throw NotComputed(description: exclusion) }
    }
    for requirement in requirements {
      let judged = try JudgedCondition(requirement, in: tables)
      if case .notRun(let reason) = judged.verdict { throw NotComputed(description: reason) }
      if judged.verdict == .fails { throw NotComputed(description: "required: \(requirement.what)") }
    }
  }
}
