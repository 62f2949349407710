// Words that people type because other programs have them, with what they are called here. A word counts only where the verb has
// the flag, or the program the verb, that it stands for.

import JSON5

/// What flags and verbs are called in other programs.
enum CommonWords {
  /// The word that a misspelt or foreign one probably means; nil if none is near.
  static func meant(by word: String, among allowed: [String]) -> String? {
    let known = names.first { $0.words.contains(word) && allowed.contains($0.name) }
    return known?.name ?? Suggestion.nearest(to: word, among: allowed)
  }

  /// Flags of other programs before the name of the file that is an operand here.
  static let fileFlags = [
    "-c", "-f", "--config", "--config-file", "--config-name", "--config-path", "--file", "--sweep",
  ]

  private static let names: [(name: String, words: [String])] = [
    ("--help", ["-h", "-?", "-help", "help"]),
    ("--version", ["-v", "-V", "-version", "version"]),
    ("--output", ["-o", "--dir", "--out", "--out-dir", "--outdir", "--output-dir", "--output_dir"]),
    (
      "--processes",
      ["-j", "-n", "-np", "--jobs", "--n-jobs", "--np", "--num-processes", "--num_processes", "--workers"]
    ),
    ("run", ["fit", "launch", "resume", "start", "train"]),
    ("plan", ["dry-run", "lint", "validate"]),
    ("summarize", ["report", "summary"]),
    ("status", ["progress", "watch"]),
    ("init", ["create", "new"]),
  ]
}
