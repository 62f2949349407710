// The version that --version prints and provenance.json records; CHANGELOG.md says what each one brought.

/// The package's version.
package enum Version {
  /// Semantic version of the programs.
  package static let current = "0.2.0"
}
