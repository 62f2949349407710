// The version that --version prints and provenance.json records; CHANGELOG.md says what each one brought.

/// The program's version.
enum Version {
  /// Semantic version of the program.
  static let current = "0.1.0"
}
