// Flags that set keys of a configuration. An error that concerns several keys is reported with the flags' names.

import CommandLine
import Trials

extension Given {
  /// Notes errors that concern several keys of a configuration. Call it after each flag was checked alone.
  ///
  /// - Parameter flags: The flag that sets each key.
  package func check(_ configuration: TrialConfiguration, flags: [String: any FlagDeclaration]) {
    guard isSound else { return }
    for problem in configuration.problems {
      fail(flags.reduce(problem) { $0.replacing($1.key, with: $1.value.name) })
    }
  }
}
