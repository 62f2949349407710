// The built-in language: sentences of a small grammar, acceptable or not, generated from a seed, so that a sweep needs
// no file. It claims to be no natural language and keeps no state.

/// A small language whose sentences are acceptable or not.
public enum SyntheticLanguage {
  /// What tells an unacceptable sentence from an acceptable one.
  public enum Difficulty: String, CaseIterable, Sendable {
    /// Determiners and word order.
    case order
    /// Agreement of neighbouring words as well.
    case local
    /// Agreement over a distance as well.
    case distant
  }
}
