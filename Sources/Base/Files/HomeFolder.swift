// `~` at the beginning of a path. A shell replaces it in a word of its own, but neither in `--output=~/x` nor in `KEY=~/x` nor in
// a file. Every path that a user writes passes here: words of the command line and paths of sweep files.

import Foundation

/// The user's home folder in paths.
package enum HomeFolder {
  /// A path whose leading `~` or `~/` stands for the home folder, made whole; any other path as it is. A folder that is called
  /// `~` is written `./~`.
  package static func expanded(
    _ path: String, home: String? = ProcessInfo.processInfo.environment["HOME"]
  ) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home, !home.isEmpty else { return path }
    return home + path.dropFirst()
  }
}
