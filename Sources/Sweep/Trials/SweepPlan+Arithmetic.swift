// What computes the trials of plans, for the commands that put several side by side.

import Arithmetics

extension SweepPlan {
  /// What computes the plan's trials, each once, in the order of `Arithmetic`; nothing where a program trains.
  package var arithmetics: [Arithmetic] {
    let trained = configurations.lazy.map(\.configuration).filter { !$0.hasProgram }
    let used = Set(trained.map(\.training.arithmetic))
    return Arithmetic.allCases.filter(used.contains)
  }

  /// A line that names what computes the trials of some plans, those of each beside its name where they differ; nil where
  /// it is what a plan without the key means.
  ///
  /// - Parameter names: What each plan is called.
  package static func arithmeticLine(of plans: [SweepPlan], named names: [String]) -> String? {
    let all = plans.map { $0.arithmetics.map(\.rawValue).joined(separator: " and ") }
    guard plans.contains(where: { $0.arithmetics.contains { $0 != .ofIdentifiers } }) else { return nil }
    let isOne = Set(all).count == 1
    let each = zip(names, all).map { "\($1.isEmpty ? "a program's own" : $1) in \($0)" }
    let what = isOne ? all[0] : each.joined(separator: ", ")
    return "Arithmetic: \(what)."
  }
}
