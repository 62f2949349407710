// The columns every table repeats so that its rows stand alone: each hyperparameter and the three seeds.

import Tables
import Trials

/// The columns of hyperparameters and seeds.
package enum TrialColumns {
  /// The hyperparameters, in the order of the configuration table. A field is empty where nothing reads the key or its value is
  /// left to the model. Of a path only the last component is shown, so that tables do not depend on the machine.
  package static let configuration: [Column<TrialConfiguration>] = ConfigurationSchema.columnKeys.map { key in
    Column(key.column ?? key.path, key.documentation, role: .key, .note("key `\(key.path)`")) { configuration in
      .text(key.columnText(in: configuration))
    }
  }

  /// The seeds.
  package static let seeds: [Column<TrialSeeds>] = [
    Column("seed_init", "The seed of the initial weights.", role: .key) { .text(String($0.initialization)) },
    Column("seed_order", "The seed of the order of training examples.", role: .key) { .text(String($0.order)) },
    Column("seed_dropout", "The seed of dropout and other noise.", role: .key) { .text(String($0.dropout)) },
  ]

  /// The seed by which people tell the runs of a recipe apart.
  package static let seed: Column<TrialSeeds> = Column(
    "seed",
    "The trial's seed; where it has different ones for initialization, order and dropout, the three of them, such as `1/2/3`.",
    role: .key
  ) { .text(seed(of: values(of: $0))) }

  /// The seed of the fields of `seeds`: one text where they are equal, and all of them otherwise.
  package static func seed(of fields: [String]) -> String {
    fields.allSatisfy { $0 == fields.first } ? fields.first ?? "" : fields.joined(separator: "/")
  }

  /// The names of the hyperparameters' columns, in order.
  package static let configurationNames: [String] = configuration.names()

  /// The fields of a configuration as text, one for each of `configurationNames`.
  package static func values(of configuration: TrialConfiguration) -> [String] {
    if configuration.hasProgram {
      let known = ParameterColumns(configuration.program.parameters.map(\.name)).values(of: configuration)
      return configurationNames.map { known[$0] ?? "" }
    }
    return ConfigurationSchema.columnKeys.map { $0.columnText(in: configuration) }
  }

  /// The fields of a trial's seeds as text, one for each of `seeds`.
  package static func values(of seeds: TrialSeeds) -> [String] {
    [seeds.initialization, seeds.order, seeds.dropout].map(String.init)
  }
}
