// The version that --version prints and provenance.json records; CHANGELOG.md says what each one brought.

/// The package's version.
public enum Version {
  /// Semantic version of the programs.
  public static let current = "0.1.0"
}
