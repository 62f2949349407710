// Which columns of tables hold what only some sweeps set. Of the parameters of a program: that of a hyperparameter where the name is
// known for one, and otherwise one of the parameter's own behind all others. Of a key that few sweeps set: one behind all others, in
// the tables of those sweeps.

import KeyValues
import TrainerFiles
import Trials

/// The columns of some parameters, or of some keys by their paths.
package struct ParameterColumns: Equatable, Sendable {
  /// The column of a hyperparameter for each parameter that has one.
  private let known: [String: String]
  /// The parameters and keys with a column of their own, sorted.
  package let own: [String]

  /// The columns of parameters and keys with these names.
  package init(_ names: some Sequence<String>) {
    var columns: [String: [String]] = [:]
    let names = Set(names).sorted()
    for name in names {
      if let column = Self.column(of: name) { columns[column, default: []].append(name) }
    }
    // Two spellings of one hyperparameter would hide each other.
    let single = columns.filter { $0.value.count == 1 }
    known = Dictionary(uniqueKeysWithValues: single.map { ($0.value[0], $0.key) })
    let placed = known
    own = names.filter { placed[$0] == nil }
  }

  /// The columns of all parameters and keys that a plan's configurations set.
  package init(_ plan: SweepPlan) {
    self.init(plan.configurations.lazy.flatMap { $0.configuration.rareValues.map(\.name) })
  }

  /// The names of the columns of their own. No parameter has the path of a key for its name.
  package var names: [String] { own.map { ConfigurationSchema.key(at: $0)?.column ?? "parameter_\($0)" } }

  /// What people call them: a parameter's own name, or a key's column.
  package var titles: [String] { own.map { ConfigurationSchema.key(at: $0)?.column ?? $0 } }

  /// The texts of the columns of their own.
  package func fields(of parameters: [NamedValue]) -> [String] {
    own.map { name in parameters.first { $0.name == name }?.value.text ?? "" }
  }

  /// The texts of hyperparameters by their columns.
  func values(of configuration: TrialConfiguration) -> [String: String] {
    var values: [String: String] = [:]
    for parameter in configuration.program.parameters {
      if let column = known[parameter.name] { values[column] = parameter.value.text }
    }
    return values
  }

  private static func column(of name: String) -> String? {
    let key = HyperparameterColumns.key(name)
    return HyperparameterColumns.spellings.first { $0.names.contains { $0.name == key } }?.column
  }
}
