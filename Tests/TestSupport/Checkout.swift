// Where the tests find files of the checkout: sweeps, scripts, models and reference values of other test targets.

import Foundation

/// The checkout that the tests were compiled from.
package enum Checkout {
  /// The folder that holds Package.swift.
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The absolute path of `relative`, a path below the root.
  package static func path(_ relative: String) -> String { root.appendingPathComponent(relative).path }
}
