// "Did you mean" for configuration keys: the nearest key, and the Transformers library's names for our keys.

import JSON5
import Trials

extension Suggestion {
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
