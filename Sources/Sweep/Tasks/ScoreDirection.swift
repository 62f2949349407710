// In which direction a score is better, by the name that somebody else gave it. Whoever reads such a score asks where the name
// misleads; nothing is judged by a name alone.

/// In which direction a score is better, by its name.
package enum ScoreDirection {
  private static let losses: Set<String> = [
    "loss", "wer", "cer", "ter", "mer", "perplexity", "ppl", "rmse", "mse", "mae", "mape", "nll", "bpc", "bpb", "eer",
    "ece", "brier", "error", "err", "fid", "entropy", "crossentropy", "logloss",
  ]

  /// Whether a score of this name is better where it is lower, such as `eval_loss` or `valLoss`.
  package static func isLoss(_ name: String) -> Bool {
    name.split { !$0.isLetter }.contains { word in
      ([String(word)] + parts(ofCamelCase: word)).contains { losses.contains($0.lowercased()) }
    }
  }

  /// The parts of a word in camel case: `valLoss` is val and Loss, `NLLLoss` is NLL and Loss.
  private static func parts(ofCamelCase word: Substring) -> [String] {
    let letters = Array(word)
    var parts: [String] = []
    for (index, letter) in letters.enumerated() {
      let isAfterSmall = index > 0 && letters[index - 1].isLowercase
      let isBeforeSmall = index + 1 < letters.count && letters[index + 1].isLowercase
      if parts.isEmpty || letter.isUppercase && (isAfterSmall || isBeforeSmall) { parts.append("") }
      parts[parts.count - 1].append(letter)
    }
    return parts
  }
}
