// Which columns of other people's tables, and which lines of a model card, hold which hyperparameter of trials.csv. A spelling
// is compared in small letters, without the words that wandb, Optuna and Ray Tune put before it.

import Foundation
import JSON5

/// The hyperparameters that runs of others tell.
package enum HyperparameterColumns {
  /// A spelling of a hyperparameter.
  package struct Spelling: Sendable {
    package var name: String
    /// Whether the value is multiplied by the steps over which gradients are accumulated.
    package var isPerPass = false

    init(_ name: String, isPerPass: Bool = false) {
      self.name = name
      self.isPerPass = isPerPass
    }
  }

  /// The columns of trials.csv with their spellings; of several that a file has, the first with a value counts.
  package static let spellings: [(column: String, names: [Spelling])] = [
    ("model", named("model_name_or_path", "model_name", "model_id", "_name_or_path", "base_model")),
    ("max_length", named("max_length", "max_seq_length", "max_seq_len", "max_sequence_length", "max_len")),
    ("epochs", named("num_train_epochs", "num_epochs", "epochs", "n_epochs", "max_epochs", "train_epochs")),
    (
      "batch_size",
      named("total_train_batch_size", "effective_batch_size", "global_batch_size", "batch_size", "batchsize", "bs")
        + [
          Spelling("train_batch_size", isPerPass: true), Spelling("per_device_train_batch_size", isPerPass: true),
          Spelling("per_gpu_train_batch_size", isPerPass: true),
        ]
    ),
    (
      "max_steps",
      named("max_steps", "max_train_steps", "num_train_steps", "training_steps", "num_training_steps", "num_steps")
    ),
    ("hidden_dropout", named("hidden_dropout_prob", "hidden_dropout", "dropout", "dropout_rate")),
    ("attention_dropout", named("attention_probs_dropout_prob", "attention_dropout")),
    ("classifier_dropout", named("classifier_dropout")),
    ("learning_rate", named("learning_rate", "lr", "learningrate", "peak_lr", "peak_learning_rate", "max_lr")),
    ("beta1", named("adam_beta1", "beta1", "beta_1")),
    ("beta2", named("adam_beta2", "beta2", "beta_2")),
    ("epsilon", named("adam_epsilon", "adam_eps", "epsilon", "eps")),
    ("weight_decay", named("weight_decay", "wd")),
    ("max_grad_norm", named("max_grad_norm", "gradient_clip_val", "clip_grad_norm", "grad_clip")),
    ("schedule", named("lr_scheduler_type", "lr_scheduler", "scheduler", "lr_schedule", "schedule")),
    (
      "warmup",
      named(
        "warmup_steps", "num_warmup_steps", "lr_scheduler_warmup_steps", "warmup_ratio", "lr_scheduler_warmup_ratio",
        "warmup_proportion", "warmup_fraction", "warmup")
    ),
  ]

  /// The spellings of the steps over which gradients are accumulated.
  package static let accumulation = ["gradient_accumulation_steps", "accumulate_grad_batches", "grad_accum_steps"]

  /// The spellings of the number of updates that a run made.
  package static let stepCounts = ["train/global_step", "trainer/global_step", "global_step", "step_count"]

  private static func named(_ names: String...) -> [Spelling] { names.map { Spelling($0) } }

  /// What programs put before the name of a hyperparameter.
  private static let prefixes = [
    "config/", "config.", "params_", "params/", "params.", "param_", "user_attrs_", "train_loop_config/", "hparams/",
    "hparams.", "hp/", "hp.", "args/", "args.", "training_args/", "training_args.", "hyperparameters/",
    "hyperparameters.", "optimizer/", "optimizer.", "optim/", "optim.", "training/", "training.", "schedule.",
    "scheduler.",
  ]

  /// A column's name without what programs put before it, in small letters and underscores.
  package static func key(_ column: String) -> String {
    var name = column.lowercased().replacing(" ", with: "_").replacing("-", with: "_")
    while let prefix = prefixes.first(where: { name.hasPrefix($0) && name.count > $0.count }) {
      name.removeFirst(prefix.count)
    }
    return name
  }

  /// The columns of a file that hold something of the tables above.
  package static func known(among header: [String]) -> [String] {
    let keys = Set(spellings.flatMap { $0.names.map(\.name) } + accumulation + stepCounts)
    return header.filter { name in
      (keys.contains(key(name)) || stepCounts.contains(name.lowercased())) && header.count { $0 == name } == 1
    }
  }

  /// The columns of a file that hold the same hyperparameters as `names`, by other spellings.
  package static func synonyms(of names: [String], in header: [String]) -> [String] {
    names.flatMap { name -> [String] in
      let group = spellings.first { $0.names.contains { $0.name == key(name) } }?.names.map(\.name) ?? []
      return header.filter { group.contains(key($0)) }
    }
  }

  /// The hyperparameters that some named texts tell, by the columns of trials.csv.
  package static func values(_ texts: [(name: String, text: String)]) -> [String: String] {
    let saying = texts.filter { !saysNothing($0.text) }
    let found = Dictionary(saying.map { (key($0.name), $0.text) }, uniquingKeysWith: { one, _ in one })
    let accumulated = accumulation.compactMap { found[$0].flatMap { Int(number($0) ?? "") } }.first ?? 1
    var values: [String: String] = [:]
    for (column, names) in spellings {
      let candidates = names.compactMap { spelling -> String? in
        guard let text = found[spelling.name].flatMap({ usable($0, for: column) }) else { return nil }
        guard spelling.isPerPass, let count = Int(text), accumulated > 1 else { return text }
        let product = count.multipliedReportingOverflow(by: accumulated)
        return product.overflow ? text : "\(product.partialValue)"
      }
      // Zero warm-up steps beside a ratio say that the ratio counts.
      let chosen = column == "warmup" ? candidates.first { $0 != "0" } ?? candidates.first : candidates.first
      if let chosen { values[column] = chosen }
    }
    return values
  }

  /// The number of updates that some named texts tell.
  package static func stepCount(_ texts: [(name: String, text: String)]) -> Int? {
    stepCounts.compactMap { name in
      texts.first { $0.name.lowercased() == name || key($0.name) == name }.flatMap { Int(number($0.text) ?? "") }
    }.first
  }

  /// A value as tables show it; nil for one that says nothing, such as `None` or the -1 steps of a run that counts epochs.
  package static func usable(_ text: String, for column: String) -> String? {
    if saysNothing(text) { return nil }
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    guard let number = number(trimmed) else { return trimmed }
    return column == "max_steps" && (Double(number) ?? 0) <= 0 ? nil : number
  }

  /// Whether a text stands for no value.
  private static func saysNothing(_ text: String) -> Bool {
    ["", "none", "null", "nan", "-"].contains(text.trimmingCharacters(in: .whitespaces).lowercased())
  }

  /// A number in its shortest form: `16` for 16.0, `2e-05` for 0.00002; nil for another text.
  package static func number(_ text: String) -> String? {
    guard let value = text.decimalNumber, value.isFinite else { return nil }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : value.description
  }
}
