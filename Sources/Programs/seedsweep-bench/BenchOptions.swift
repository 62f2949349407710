// Flag values into typed options, every wrong one reported at once.

import CommandLine
import Transformer
import Trials

/// The sizes that a benchmark works with: a model folder's, or given ones.
struct ModelSizes: Equatable {
  /// The vocabulary of the models that are measured without one: BERT's.
  static let vocabularySize = 30_522

  /// The model folder; nil for `shape`.
  var path: String?
  /// The sizes without a folder; MiniLM's where nothing is given.
  var shape = EncoderShape()
  /// Whether the command line names a folder or sizes.
  var isGiven = false

  /// Reads the flags.
  init(_ reader: inout OptionReader) {
    path = reader.text("--model")
    let layers = reader.count("--layers")
    let hidden = reader.count("--hidden")
    let heads = reader.count("--heads")
    let intermediate = reader.count("--intermediate")
    let sizeFlags = ["--layers", "--hidden", "--heads", "--intermediate"].filter(reader.isGiven)
    isGiven = path != nil || !sizeFlags.isEmpty
    if path != nil, let flag = sizeFlags.first {
      reader.fail("\(flag): found beside --model, whose folder has sizes of its own; give one of the two")
    } else if !sizeFlags.isEmpty {
      for flag in ["--layers", "--hidden"] where !reader.isGiven(flag) {
        reader.fail("\(flag) is missing: sizes without a model folder need --layers and --hidden")
      }
    }
    shape.layerCount = layers ?? 6
    shape.hiddenSize = hidden ?? 384
    shape.headCount = heads ?? max(1, shape.hiddenSize / 32)
    shape.intermediateSize = intermediate ?? 4 * shape.hiddenSize
    shape.positionCount = 512
    var trial = TrialConfiguration()
    trial.model.shape = shape
    reader.check(trial, flags: OptionReader.sizeFlags)
  }

  /// The encoder of these sizes.
  ///
  /// - Throws: what is wrong with the model folder.
  func encoder() throws -> EncoderConfiguration {
    if let path { return try ModelFolder(path).configuration }
    return EncoderConfiguration(
      vocabularySize: Self.vocabularySize, hiddenSize: shape.hiddenSize, layerCount: shape.layerCount,
      headCount: shape.headCount, intermediateSize: shape.intermediateSize, positionCount: shape.positionCount)
  }
}

/// Where rows go and how long it may take.
struct OutputOptions: Equatable {
  var csvPath: String?
  var isQuick: Bool

  /// Reads the flags.
  init(_ reader: inout OptionReader) {
    csvPath = reader.fileName("--csv", endingIn: ".csv")
    isQuick = reader.isGiven("--quick")
  }
}

/// What `blas` was asked to do.
struct BLASOptions: Equatable {
  var sizes: ModelSizes
  var tokenCount: Int
  var batchSize: Int
  var precision: TrainingSpecification.Precision
  var output: OutputOptions
  /// The most tokens that are measured at once.
  static let mostTokens = 1 << 20

  /// The options of a `blas` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    sizes = ModelSizes(&reader)
    output = OutputOptions(&reader)
    batchSize = reader.count("--batch-size", atMost: Self.mostTokens) ?? 16
    tokenCount =
      reader.count("--tokens", atLeast: batchSize, atMost: Self.mostTokens) ?? (output.isQuick ? 4 * batchSize : 1024)
    precision = reader.precision()
    try reader.finish()
  }
}

/// What `kernels` was asked to do.
struct KernelOptions: Equatable {
  var sizes: ModelSizes
  var tokenCount: Int
  var length: Int
  var output: OutputOptions

  /// The options of a `kernels` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    sizes = ModelSizes(&reader)
    output = OutputOptions(&reader)
    length = reader.count("--length", atMost: BLASOptions.mostTokens) ?? (output.isQuick ? 8 : 64)
    tokenCount =
      reader.count("--tokens", atLeast: length, atMost: BLASOptions.mostTokens)
      ?? (output.isQuick ? length : max(1024, length))
    try reader.finish()
  }
}

/// What `step` was asked to do.
struct StepOptions: Equatable {
  var sizes: ModelSizes
  var vocabularyPath: String?
  var task: String
  var dataPath: String?
  var maximumLength: Int
  var batchSize: Int
  var stepCount: Int
  var warmupCount: Int
  var threadCount: Int
  var keepsHead: Bool
  var shuffles: Bool
  var algorithm: OptimizerSpecification.Algorithm
  var dropout: Double?
  var precision: TrainingSpecification.Precision
  var batchesPath: String?
  var output: OutputOptions

  /// The options of a `step` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    sizes = ModelSizes(&reader)
    output = OutputOptions(&reader)
    if !sizes.isGiven { reader.fail("a model is missing: --model DIR, or --layers N and --hidden N") }
    vocabularyPath = reader.text("--vocab")
    task =
      reader.name("--task", kind: "task", among: TaskSpecification.glueNames + TaskSpecification.syntheticNames) ?? ""
    dataPath = reader.text("--data")
    if TaskSpecification.glueNames.contains(task) {
      if dataPath == nil { reader.fail("--data DIR is missing: task \(task) needs its folder of .tsv files") }
      if sizes.path == nil, vocabularyPath == nil {
        reader.fail("--vocab FILE is missing: random weights know only the words of the synthetic task")
      }
    }
    // [CLS], a token, [SEP].
    maximumLength = reader.count("--max-length", atLeast: 3) ?? 128
    batchSize = reader.count("--batch-size") ?? 16
    stepCount = reader.count("--steps") ?? (output.isQuick ? 3 : 20)
    warmupCount = reader.count("--warmup", atLeast: 0) ?? (output.isQuick ? 1 : 2)
    threadCount = reader.threads()
    keepsHead = reader.choice("--head", ["new", "keep"]) == "keep"
    shuffles = reader.choice("--order", ["shuffled", "file"]) == "shuffled"
    algorithm =
      OptimizerSpecification.Algorithm(
        rawValue: reader.choice("--optimizer", OptimizerSpecification.Algorithm.allCases.map(\.rawValue)))
      ?? .huggingFace
    dropout = reader.probability("--dropout")
    precision = reader.precision()
    batchesPath = reader.fileName("--batches", endingIn: ".jsonl")
    if keepsHead, sizes.path == nil { reader.fail("--head: keep needs --model, a folder whose head can be kept") }
    try reader.finish()
  }
}

/// What `farm` was asked to do.
struct FarmOptions: Equatable {
  var trialCount: Int
  var folder: String?
  var output: OutputOptions

  /// The options of a `farm` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    output = OutputOptions(&reader)
    trialCount = reader.count("--trials", atMost: SweepPlan.maximumTrialCount) ?? (output.isQuick ? 200 : 10_000)
    folder = reader.text("--output")
    if folder == "" { reader.fail("--output: found an empty path, expected a folder") }
    try reader.finish()
  }
}

extension OptionReader {
  /// The precision of linear layers' products.
  fileprivate mutating func precision() -> TrainingSpecification.Precision {
    TrainingSpecification.Precision(
      rawValue: choice("--precision", TrainingSpecification.Precision.allCases.map(\.rawValue))) ?? .float32
  }
}

extension TrainingSpecification.Precision {
  /// What a table's heading says of products that are not float32's.
  var heading: String { self == .float32 ? "" : ", \(rawValue) products" }
}
