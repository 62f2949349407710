// What a command adds to the seeds of a sweep, for the same sweep on fresh seeds or on other data.

import KeyValues
import Trials

/// Numbers that are added to seeds.
package struct SeedShift: Equatable, Sendable {
  /// What is added to every seed of a trial.
  package var trials: UInt64 = 0
  /// What is added to every seed from which data is drawn: the keys of
  /// `ConfigurationSchema.dataSeeds`.
  package var data: UInt64 = 0

  /// Some numbers, 0 where none is given.
  package init(trials: UInt64 = 0, data: UInt64 = 0) {
    self.trials = trials
    self.data = data
  }

  /// Adds to the seeds of a configuration's data. Returns the shifted values by their keys' paths, nil where one leaves 64 bits.
  func shiftData(of configuration: inout TrialConfiguration) -> [String: KeyValue]? {
    var shifted: [String: KeyValue] = [:]
    guard data > 0 else { return shifted }
    for key in ConfigurationSchema.dataSeeds where key.isRead(configuration) {
      guard case .seed(let seed) = key.value(in: configuration) else { continue }
      let (sum, overflow) = seed.addingReportingOverflow(data)
      guard !overflow else { return nil }
      key.set(&configuration, .seed(sum))
      shifted[key.path] = .seed(sum)
    }
    return shifted
  }
}
