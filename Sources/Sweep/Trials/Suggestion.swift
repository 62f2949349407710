// "Did you mean": the nearest allowed word by edit distance, and the Transformers library's names for our keys.

/// Finds what somebody probably meant.
package enum Suggestion {
  /// The allowed word nearest to a misspelt one; nil if none is near. Case counts for nothing, the first of equals wins.
  package static func nearest(to word: String, among allowed: [String]) -> String? {
    let lowered = word.lowercased()
    let (count, length) = (word.count, lowered.unicodeScalars.count)
    var best: (word: String, distance: Int)?
    for candidate in allowed {
      let other = candidate.lowercased()
      let most = min(count, candidate.count) / 3
      // What differs more in length is no nearer, and a word may be as long as a file.
      guard abs(length - other.unicodeScalars.count) <= most else { continue }
      let distance = editDistance(lowered, other)
      guard distance <= most, distance < best?.distance ?? .max else { continue }
      best = (candidate, distance)
    }
    return best?.word
  }

  /// `; did you mean 'x'?` for a misspelt word of a command line, or the full stop that ends the sentence instead.
  package static func hint(for word: String, among allowed: [String]) -> String {
    nearest(to: word, among: allowed).map { "; did you mean '\($0)'?" } ?? "."
  }

  /// The configuration key that an unknown path probably means: nearest in its own section, nearest anywhere if
  /// the section is misspelt, then the same last part elsewhere.
  static func key(for path: String) -> String? {
    let last = path.split(separator: ".").last.map(String.init) ?? path
    let section = path.split(separator: ".").dropLast().joined(separator: ".")
    let keys = ConfigurationSchema.keys.map(\.path)
    func lastPart(_ key: String) -> String { String(key.split(separator: ".").last ?? "") }
    let siblings = keys.filter { $0.split(separator: ".").dropLast().joined(separator: ".") == section }
    if let near = nearest(to: last, among: siblings.map(lastPart)) { return siblings.first { lastPart($0) == near } }
    if !ConfigurationSchema.sections.contains(section), let near = nearest(to: path, among: keys) { return near }
    if let near = nearest(to: last, among: keys.map(lastPart)) { return keys.first { lastPart($0) == near } }
    return nil
  }

  /// `; did you mean "x"?`, or nothing.
  static func phrase(_ suggestion: String?) -> String {
    suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// The least number of insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  static func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        var distance = min(
          last[column] + (left[row] == right[column] ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          distance = min(distance, beforeLast[column - 1] + 1)
        }
        current.append(distance)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}

/// The Transformers library's names for our keys: `TrainingArguments`, its example scripts' arguments, `config.json`.
package enum HuggingFaceNames {
  /// Each name with the key it has here.
  package static let all: [(name: String, key: String)] = [
    ("model_name_or_path", "model.path"), ("task_name", "task.name"), ("max_seq_length", "task.max_length"),
    ("num_train_epochs", "training.epochs"), ("max_steps", "training.max_steps"),
    ("per_device_train_batch_size", "training.batch_size"), ("per_gpu_train_batch_size", "training.batch_size"),
    ("train_batch_size", "training.batch_size"), ("eval_steps", "training.evaluate_every"),
    ("hidden_dropout_prob", "training.hidden_dropout"),
    ("attention_probs_dropout_prob", "training.attention_dropout"),
    ("optim", "optimizer.algorithm"), ("learning_rate", "optimizer.learning_rate"),
    ("correct_bias", "optimizer.bias_correction"), ("weight_decay", "optimizer.weight_decay"),
    ("adam_beta1", "optimizer.beta1"), ("adam_beta2", "optimizer.beta2"), ("adam_epsilon", "optimizer.epsilon"),
    ("max_grad_norm", "optimizer.max_grad_norm"), ("lr_scheduler_type", "schedule.kind"),
    ("warmup_ratio", "schedule.warmup"), ("warmup_steps", "schedule.warmup"),
    ("max_train_samples", "train_subset.size"), ("logging_steps", "record.curves_every"), ("seed", "seeds"),
    ("data_seed", "seeds.order"),
  ]

  /// The key that a name of theirs has here.
  static func key(for name: String) -> String? {
    all.first { $0.name == name }?.key
  }
}
