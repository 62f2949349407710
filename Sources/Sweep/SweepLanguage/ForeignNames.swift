// Names that people bring from other programs (Hugging Face's `TrainingArguments` and example scripts, wandb, Hydra) and that
// are no keys here, each with what to write instead. Names that a key has in the Transformers library stand in the key's own
// entry. Errors and the reference of keys read this table.

import JSON5
import Trials

/// Some names of other programs with one piece of advice.
struct ForeignNames {
  /// The names, as another program spells them.
  let names: [String]
  /// What to do, as a clause without a full stop.
  let advice: String
  /// The key that they are here; nil where there is none.
  var key: String?

  /// Names of a key of this program.
  private static func of(_ key: String, _ names: String...) -> Self {
    Self(names: names, advice: "it is \(key) here", key: key)
  }

  /// What to write where another program takes one seed: a number counts the seeds here.
  static let seedForms = ", a count such as 25 or a list such as [42]"

  /// Names of seeds.
  private static func ofSeeds(_ names: String...) -> Self {
    Self(names: names, advice: "it is seeds here\(seedForms)", key: "seeds")
  }

  /// Names without a key.
  private static func none(_ advice: String, _ names: String...) -> Self { Self(names: names, advice: advice) }

  /// What to write instead of a name; nil for a name that is not known.
  static func advice(for name: String) -> String? { adviceByName[name] }

  private static let adviceByName = Dictionary(
    uniqueKeysWithValues: all.flatMap { entry in entry.names.map { ($0, entry.advice) } })

  /// Every name, those of a key first.
  static let all = keys + shape + files + running + absent

  private static let keys = [
    of("optimizer.learning_rate", "base_lr", "init_lr", "initial_lr", "lr", "peak_lr"),
    of(
      "optimizer.algorithm", "optimizer.kind", "optimizer.name", "optimizer.type", "optimizer_name", "optimizer_type"),
    of("optimizer.epsilon", "adam_eps", "eps"),
    of("optimizer.weight_decay", "wd"),
    of("optimizer.max_grad_norm", "clip_grad_norm", "grad_clip", "gradient_clip_val", "max_norm"),
    of(
      "schedule.kind", "lr_schedule", "lr_scheduler", "schedule.name", "schedule.type", "scheduler", "scheduler_type"),
    of("optimizer.layer_decay", "layerwise_learning_rate_decay", "layerwise_lr_decay", "llrd", "lr_decay_rate"),
    of("training.label_smoothing", "smoothing"),
    of("training.freeze", "freeze_base_model", "freeze_embeddings", "freeze_encoder"),
    of("training.freeze_layers", "n_frozen_layers", "num_frozen_layers"),
    of("training.average_decay", "ema_decay"),
    of("model.reinit_layers", "reinit_n_layers", "reinit_top_layers"),
    of("schedule.warmup", "num_warmup_steps", "warmup_fraction", "warmup_proportion"),
    of("training.epochs", "max_epochs", "n_epochs", "num_epochs"),
    of("training.max_steps", "n_steps", "num_steps", "num_train_steps", "num_training_steps", "steps"),
    of("training.batch_size", "bs", "mini_batch_size", "per_device_batch_size", "train_bs"),
    of("training.dropout", "dropout_prob", "dropout_rate"),
    of("training.evaluate_every", "eval_every", "eval_interval", "val_check_interval"),
    of("record.curves_every", "log_every", "log_every_n_steps", "log_interval"),
    of("train_subset.size", "max_train_examples", "num_train_samples"),
    of(
      "model.path", "base_model", "model.name", "model_id", "model_name", "pretrained_model_name_or_path"),
    of("task.max_length", "max_len", "max_seq_len", "model_max_length", "seq_len"),
    of("task.train", "train_data", "train_path", "training_file"),
    of("task.dev", "dev_path", "eval_file", "valid_file", "validation_file"),
    of("task.test", "test_data", "test_file", "test_path"),
    of("task.text", "sentence1_key", "text_column_name", "text_field"),
    of("task.pair", "sentence2_key", "text_pair"),
    of("task.label", "label_column_name", "target", "target_column"),
    of("seeds", "n_runs", "n_seeds", "n_trials", "num_runs", "num_seeds", "num_trials"),
    ofSeeds("random_seed", "random_state", "seed_list"),
    of("name", "experiment_name", "run_name", "sweep_name"),
    of("grid", "hyperparameters", "param_grid", "search_space"),
    of("variants", "arms", "conditions", "recipes"),
  ]

  private static let shape = [
    none("write optimizer.beta1 and optimizer.beta2", "adam_betas", "betas"),
    none("optimizer.algorithm names the optimizer, and there is no Adafactor", "adafactor"),
    none(
      "everything is float32 or, with training.precision: \"bfloat16\", products in bfloat16; there is no float16",
      "fp16", "fp16_backend", "fp16_full_eval", "fp16_opt_level", "half_precision"),
    none(
      "write training.precision: \"bfloat16\", or nothing for float32", "amp", "bf16", "bf16_full_eval", "dtype",
      "mixed_precision", "torch_dtype"),
    none(
      "there is no accumulation; training.batch_size is the number of sequences in a step", "accumulate_grad_batches",
      "grad_accum", "grad_accum_steps", "gradient_accumulation_steps"),
    none(
      "no result depends on the batches of an evaluation, so there is no key; remove it", "eval_accumulation_steps",
      "eval_batch_size", "per_device_eval_batch_size", "per_gpu_eval_batch_size"),
    none(
      "training.evaluations_per_epoch or training.evaluate_every says how often a trial is evaluated", "do_eval",
      "eval_strategy", "evaluation_strategy"),
    none("every trial trains and is evaluated on the dev examples; remove it", "do_predict", "do_train"),
    none(
      "every trial trains to its last step, and the tables hold its final and its best evaluation "
        + "(seedsweep summarize --score best); remove it", "early_stopping", "early_stopping_patience",
      "greater_is_better", "load_best_model_at_end", "metric_for_best_model"),
    none("record.curves_every says how often curves are recorded", "logging_first_step", "logging_strategy"),
    none("task.metric names the metric", "compute_metrics", "eval_metric", "metrics"),
  ]

  private static let files = [
    none(
      "the folder of results is no part of a sweep; write seedsweep run SWEEP --output DIR", "log_dir", "logging_dir",
      "out_dir", "outdir", "output_dir", "results_dir", "save_dir"),
    none(
      "the same command resumes a run and never overwrites a result; remove it", "overwrite_output_dir", "resume",
      "resume_from_checkpoint"),
    none(
      "running trials are saved without being asked (run --checkpoint-every SECONDS), and run --keep-weights all keeps the "
        + "trained models; remove it", "save_model", "save_only_model", "save_safetensors", "save_steps",
      "save_strategy", "save_total_limit"),
    none(
      "data is read from files: task: { name: \"mine\", train: \"train.tsv\", dev: \"dev.tsv\", text: \"sentence\", "
        + "label: \"label\" }", "dataset", "dataset_config_name", "dataset_name"),
    none(
      "the whole dev file is scored; give a smaller file as task.dev", "max_eval_samples", "max_predict_samples",
      "max_val_samples"),
    none(
      "the files of the folder model.path say it; remove it", "cache_dir", "config_name", "do_lower_case",
      "model_revision", "tokenizer", "tokenizer_name", "trust_remote_code", "use_fast_tokenizer"),
    none("the classes are the labels of the training file; remove it", "id2label", "label2id", "num_labels"),
  ]

  private static let running = [
    none(
      "nothing is sent anywhere, and the results are tables in the folder of --output; remove it", "disable_tqdm",
      "entity", "hub_model_id", "log_level", "project", "push_to_hub", "report_to", "wandb"),
    none(
      "training runs on processor cores, and run --processes N starts N ranks; remove it", "cuda", "ddp_backend",
      "deepspeed", "device", "fsdp", "gpus", "local_rank", "n_gpu", "no_cuda", "use_cpu", "use_mps_device"),
    none(
      "sequences are packed without padding, and their order depends on the seed alone; remove it",
      "dataloader_drop_last", "dataloader_num_workers", "dataloader_pin_memory", "group_by_length", "num_workers",
      "pad_to_max_length", "padding", "remove_unused_columns"),
    none(
      "it changes no result here; remove it", "auto_find_batch_size", "full_determinism",
      "gradient_checkpointing", "tf32", "torch_compile"),
    none("every combination of the grid runs, so there is no search method; remove it", "method", "sampler"),
  ]

  private static let absent = [
    none("seedsweep has no such option", "class_weights", "lora_alpha", "lora_r", "neftune_noise_alpha")
  ]
}

/// Words of other programs for the values of a key.
enum ForeignValues {
  /// What to write instead of a word as the value of a key; nil for a word that is not known.
  static func advice(for word: String, of key: String) -> String? {
    guard let value = values[key]?.first(where: { $0.names.contains(word.lowercased()) })?.value else { return nil }
    return "write \(value)"
  }

  /// For each key the values with what other programs call them.
  static let values: [String: [(value: String, names: [String])]] = [
    "task.metric": [
      (
        "\"matthews\"",
        ["matthews_corrcoef", "matthews_correlation", "matthews_correlation_coefficient", "mcc", "phi"]
      ),
      ("\"accuracy\"", ["acc", "accuracy_score", "eval_accuracy"]),
      ("\"f1\"", ["eval_f1", "f1_score"]),
      ("\"macro_f1\"", ["eval_f1_macro", "f1_macro", "f1-macro", "macro-f1"]),
      ("\"pearson\"", ["pearsonr"]),
      ("\"spearman\"", ["spearmanr"]),
    ],
    "optimizer.algorithm": [
      (
        "\"torch\" with bias_correction: true for torch.optim.AdamW, or \"hf\" for the AdamW of older Transformers",
        ["adam", "adamw"]
      ),
      ("\"torch\" with bias_correction: true", ["adamw_torch", "adamw_torch_fused", "torch.optim.adamw"]),
      ("\"hf\"", ["adamw_hf"]),
    ],
    "schedule.kind": [
      ("\"constant\"", ["constant_with_warmup", "none"]),
      ("\"linear\"", ["linear_with_warmup"]),
      ("\"cosine\"", ["cosine_with_warmup"]),
    ],
    "training.precision": [
      ("\"bfloat16\"", ["bf16"]),
      ("\"float32\"", ["float", "fp32", "full"]),
      ("\"bfloat16\" or \"float32\"; there is no float16", ["float16", "fp16", "half"]),
    ],
  ]
}
