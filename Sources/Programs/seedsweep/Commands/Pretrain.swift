// `seedsweep pretrain`: a language model from random weights, in one process, in as many calls as it takes. What a call
// does is in `PretrainingRun`.

import Architectures
import Arithmetics
import CommandLine
import Datasets
import Kernels
import Runs
import Training
import Transformer
import Trials

/// Pre-trains a model.
struct PretrainCommand: Command {
  private static let defaults = PretrainingSettings()

  static let output = Flag(required: "--output", "DIR", "the model folder, created if missing", .folder)
  static let text = Flag(
    "--text", "FILE", "the text to learn, one sentence on each line", .text, unset: "the language of --language")
  static let language = Flag(
    "--language", "NAME",
    "the built-in language to learn: \(BuiltInLanguage.all.map(\.name).joined(separator: ", "))",
    .name("language", among: BuiltInLanguage.all.map(\.name)), default: defaults.language)
  static let pairs = Flag<SentencePairs?>(
    "--pairs", "NAME",
    "also learn whether two sentences belong together: \(SentencePairs.allCases.map(\.rawValue).joined(separator: ", "))",
    .choice, unset: "single sentences")
  static let vocabulary = Flag("--vocabulary", "FILE", "a WordPiece vocab.txt; a text needs one", .text)
  static let cased = Flag("--cased", "the vocabulary keeps capital letters")
  static let modelType = Flag(
    "--model-type", "NAME", "the family: \(Architecture.all.map(\.modelType).joined(separator: ", "))", .choice,
    default: Architecture.bert)
  static let layers = Flag("--layers", "N", "num_hidden_layers", .count(), default: 6)
  static let hidden = Flag("--hidden", "N", "hidden_size", .count(), default: 128)
  static let embedding = Flag(
    "--embedding", "N", "embedding_size, of electra and albert", .count(), unset: "that of --hidden")
  static let heads = Flag("--heads", "N", "num_attention_heads", .count(), default: 4)
  static let intermediate = Flag("--intermediate", "N", "intermediate_size", .count(), unset: "4 times --hidden")
  // [CLS], a token, [SEP].
  static let maxLength = Flag(
    "--max-length", "N", "max_position_embeddings; longer sentences are cut", .count(atLeast: 3), default: 128)
  static let dropout = Flag("--dropout", "P", "dropout everywhere", .probability, default: defaults.dropout)
  static let steps = Flag("--steps", "N", "training steps", .count(), default: defaults.stepCount)
  static let batchSize = Flag(
    "--batch-size", "N", "sentences of each step", .count(atMost: 65_536), default: defaults.batchSize)
  static let learningRate = Flag(
    "--learning-rate", "X", "the peak rate of AdamW, then linearly to 0", .number(atLeast: 0),
    default: defaults.optimizer.learningRate)
  static let warmup = Flag(
    "--warmup", "X", "below 1 a fraction of the steps, otherwise steps", .number(atLeast: 0),
    default: defaults.schedule.warmup)
  static let seed = Flag("--seed", "N", "the seed of weights, order, masks and dropout", .seed, default: defaults.seed)
  static let evaluateEvery = Flag(
    "--evaluate-every", "N", "steps between held-out losses and checkpoints", .count(), default: defaults.evaluateEvery)
  static let half = Flag("--half", "store the model's weights as F16, in half the bytes")
  static let limit = Flag("--limit", "N", "stop after N steps of this call; the same command continues", .count())
  static let threads = Flag("--threads", "N", "threads that train; changes no result", .threads, default: 1)
  static let arithmetic = Flag<Arithmetic?>.arithmetic(
    unset: "that of DIR's checkpoint, or \(Arithmetic.ofSweepFiles.rawValue)")
  static let allowMixedNumerics = Flag(
    "--allow-mixed-numerics", "continue from a checkpoint of a processor or library that rounds differently")

  static let syntax = CommandSyntax(
    "pretrain", "pre-train an encoder on masked words, to fine-tune from",
    details: """
      Trains an encoder with random weights to predict masked words (15 % of them: 80 % [MASK], 10 % a random word, 10 %
      kept), or a gpt2 to predict every next word, and writes it to DIR as a Hugging Face folder, for 'model: { path: DIR }'.
      The sentences are those of the built-in language, or the lines of a text, of which every twentieth is held out. With
      --pairs the model sees two sentences at a time, and gets a pooler and BERT's head for two sentences: 'continuation'
      replaces the second sentence in half of the pairs, 'order' exchanges the two; in a text a blank line separates lines that
      do not belong together. DIR also gets metrics.csv, the held-out mask set and a checkpoint: the same command continues
      where it was stopped, with the same bytes. Runs in one process; a second one in the same DIR is refused.
      """,
    flags: [
      output, text, language, pairs, vocabulary, cased, modelType, layers, hidden, embedding, heads, intermediate,
      maxLength, dropout,
      steps,
      batchSize, learningRate, warmup, seed, evaluateEvery, half, limit, threads, arithmetic, Flag.blasCore,
      allowMixedNumerics,
    ])

  private let run: PretrainingRun
  private let blasCore: String?

  init(_ given: Given) {
    blasCore = given[.blasCore]
    var run = PretrainingRun(output: given[Self.output], settings: Self.settings(given))
    run.limit = given[Self.limit]
    run.threadCount = given[Self.threads]
    run.element = given[Self.half] ? .float16 : .float32
    run.arithmetic = given[Self.arithmetic]
    run.allowsMixedNumerics = given[Self.allowMixedNumerics]
    self.run = run
  }

  private static func settings(_ given: Given) -> PretrainingSettings {
    var settings = PretrainingSettings()
    settings.textPath = given[text]
    settings.language = given[language]
    settings.pairs = given[pairs]
    settings.vocabularyPath = given[vocabulary]
    settings.lowercases = !given[cased]
    if (settings.textPath == nil) != (settings.vocabularyPath == nil) {
      given.fail("--text and --vocabulary need each other: found one; without both, the built-in language is learned")
    } else if settings.vocabularyPath == nil && !settings.lowercases {
      given.fail("--cased: needs a --vocabulary; the built-in language has no capitals")
    }
    settings.shape.modelType = given[modelType]
    settings.shape.layerCount = given[layers]
    settings.shape.hiddenSize = given[hidden]
    settings.shape.embeddingSize = given[embedding]
    settings.shape.headCount = given[heads]
    settings.shape.intermediateSize = given[intermediate] ?? 4 * settings.shape.hiddenSize
    settings.shape.positionCount = given[maxLength]
    settings.dropout = given[dropout]
    settings.stepCount = given[steps]
    settings.batchSize = given[batchSize]
    settings.optimizer.learningRate = given[learningRate]
    settings.schedule.warmup = given[warmup]
    settings.seed = given[seed]
    settings.evaluateEvery = given[evaluateEvery]
    given.check(
      settings.trial,
      flags: [
        "model.config.num_hidden_layers": layers, "model.config.hidden_size": hidden,
        "model.config.embedding_size": embedding,
        "model.config.num_attention_heads": heads, "model.config.intermediate_size": intermediate,
        "model.config.max_position_embeddings": maxLength, "training.max_steps": steps,
        "optimizer.learning_rate": learningRate, "schedule.warmup": warmup,
      ])
    return settings
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    return try run.perform(context)
  }
}
