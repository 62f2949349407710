// Flags that stand for keys of a configuration: what is wrong between the keys is said of the flags.

import CommandLine
import Trials

extension Given {
  /// Notes what is wrong between the keys of a configuration, once each flag is sound.
  ///
  /// - Parameter flags: The flag that sets each key.
  package func check(_ configuration: TrialConfiguration, flags: [String: any FlagDeclaration]) {
    guard isSound else { return }
    for problem in configuration.problems {
      fail(flags.reduce(problem) { $0.replacing($1.key, with: $1.value.name) })
    }
  }
}
