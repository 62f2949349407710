// What computes the trials of a sweep file that does not say it, in a run that adds to a folder. Results that are there were computed
// by one arithmetic, and the default of sweep files must not train their trials again by another.

import Arithmetics
import Foundation
import Storage
import SweepLanguage
import Trials

/// The arithmetic of a folder's results.
struct FolderArithmetic {
  /// The folder.
  let path: String
  /// What a sweep file without the key means.
  var ofSweepFiles = Arithmetic.ofSweepFiles

  /// Reads a sweep whose configurations without the key mean what the folder's mean, and that says so where they would not
  /// otherwise.
  ///
  /// - Parameter read: Reads the sweep, given what a configuration without the key means.
  func sweep(_ read: (Arithmetic) throws -> Sweep) rethrows -> Sweep {
    let sweep = try read(ofSweepFiles)
    guard ofSweepFiles != .ofIdentifiers, sweep.leavesArithmetic, lacksKey else { return sweep }
    var old = try read(.ofIdentifiers)
    old.folderRemark =
      "The results in \(path) are of training.arithmetic: \"\(Arithmetic.ofIdentifiers.rawValue)\", and so are this run's; to change "
      + "that, set the key and choose another --output"
    return old
  }

  /// Whether the folder has a `sweep.json`, and no configuration of it names an arithmetic.
  private var lacksKey: Bool {
    guard let data = FileManager.default.contents(atPath: RunFolder(path).sweep),
      let plan = try? SweepPlan(json: String(decoding: data, as: UTF8.self))
    else { return false }
    return plan.configurations.allSatisfy { $0.configuration.training.arithmetic == .ofIdentifiers }
  }
}
