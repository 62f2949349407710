// The identity of the program for provenance.json: the digest of its executable and the commit of its sources.

import Digests
import Files
import Foundation
import Host

/// The executable and the sources of this program.
package struct ProgramOrigin: Sendable {
  /// The SHA-256 of the executable.
  package var executableDigest: String?
  /// The commit of the sources, if known.
  package var commit: String?

  /// Digests the executable and asks git for the commit, which takes a tenth of a second.
  package static func current() -> ProgramOrigin {
    ProgramOrigin(executableDigest: try? SHA256.hex(ofFile: "/proc/self/exe"), commit: commit())
  }

  /// The commit of the checkout that holds the program's build folder; nil without git or a checkout.
  private static func commit() -> String? {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      program.contains("/.build")
    else { return nil }
    let words = [
      "git", "-C", RawFile.folder(of: program), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*",
    ]
    let text = try? ProgramOutput.text(of: "/usr/bin/env", words, atMost: 10)
    return text?.split(separator: "\n").first.map(String.init)
  }
}
