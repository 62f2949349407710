// Flags that several verbs have: the sizes of the model that is measured, and where rows go.

import Arithmetics
import CommandLine
import Kernels
import ModelFiles
import Runs
import Transformer
import Trials

/// The sizes that a benchmark works with: a model folder's, or given ones.
struct ModelSizes: Equatable {
  /// The vocabulary of the models that are measured without one: BERT's.
  static let vocabularySize = 30_522
  /// The most tokens that are measured at once.
  static let mostTokens = 1 << 20

  /// MiniLM's sizes.
  private static let defaultShape: EncoderShape = {
    var shape = EncoderShape()
    shape.layerCount = 6
    shape.hiddenSize = 384
    shape.positionCount = 512
    return shape
  }()

  static let model = Flag(
    "--model", "DIR", "the sizes of a Hugging Face model folder", .text,
    unset: "MiniLM's, \(defaultShape.layerCount) layers of hidden size \(defaultShape.hiddenSize)")
  static let layers = Flag("--layers", "N", "the number of layers, instead of a folder", .count())
  static let hidden = Flag("--hidden", "N", "the hidden size, with --layers", .count())
  static let heads = Flag("--heads", "N", "attention heads, with --layers", .count(), unset: "hidden / 32")
  static let intermediate = Flag(
    "--intermediate", "N", "width of the feed-forward block, with --layers", .count(), unset: "4 hidden")

  /// All of them, in the order of the help.
  static let flags: [any FlagDeclaration] = [model, layers, hidden, heads, intermediate]

  /// The model folder; nil for `shape`.
  var path: String?
  /// The sizes without a folder; MiniLM's where nothing is given.
  var shape = Self.defaultShape
  /// Whether the command line names a folder or sizes.
  var isGiven = false

  /// Reads the flags.
  init(_ given: Given) {
    path = given[Self.model]
    let sizeFlags = [Self.layers, Self.hidden, Self.heads, Self.intermediate].filter { given.isGiven($0) }
    isGiven = path != nil || !sizeFlags.isEmpty
    if path != nil, let flag = sizeFlags.first {
      given.fail("\(flag.name): found beside --model, whose folder has sizes of its own; give one of the two")
    } else if !sizeFlags.isEmpty {
      for flag in [Self.layers, Self.hidden] where !given.isGiven(flag) {
        given.fail("\(flag.name) is missing: sizes without a model folder need --layers and --hidden")
      }
    }
    shape.layerCount = given[Self.layers] ?? shape.layerCount
    shape.hiddenSize = given[Self.hidden] ?? shape.hiddenSize
    shape.headCount = given[Self.heads] ?? max(1, shape.hiddenSize / 32)
    shape.intermediateSize = given[Self.intermediate] ?? 4 * shape.hiddenSize
    var trial = TrialConfiguration()
    trial.model.shape = shape
    given.check(
      trial,
      flags: [
        "model.config.num_hidden_layers": Self.layers, "model.config.hidden_size": Self.hidden,
        "model.config.num_attention_heads": Self.heads, "model.config.intermediate_size": Self.intermediate,
      ])
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

/// Where rows go, how long it may take and which kernels compute.
struct OutputOptions: Equatable {
  static let csv = Flag(
    "--csv", "FILE.csv", "also write the rows as benchmark, item, quantity, unit, value", .file(endingIn: ".csv"))
  static let quick = Flag("--quick", "small and short: shows that it runs, not how fast")

  /// All of them, in the order of the help.
  static let flags: [any FlagDeclaration] = [csv, quick, Flag.blasCore]

  var csvPath: String?
  var isQuick: Bool
  private var blasCore: String?

  /// Reads the flags.
  init(_ given: Given) {
    csvPath = given[Self.csv]
    isQuick = given[Self.quick]
    blasCore = given[.blasCore]
  }

  /// Makes OpenBLAS compute with the kernels asked for, on one thread.
  func prepareBLAS() throws {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    useSingleBLASThread()
  }
}

extension Flag where Value == TrainingSpecification.Precision {
  /// The precision of linear layers' products.
  static let precision = Flag(
    "--precision", "NAME", "how linear layers' products round: float32 or bfloat16", .choice,
    default: TrainingSpecification().precision)
}

extension Flag where Value == Arithmetic? {
  /// What computes.
  static let arithmetic = arithmetic(unset: Arithmetic.ofSweepFiles.rawValue)
}

extension Arithmetic {
  /// The words of a table's heading for what computed it.
  var heading: String {
    switch self {
    case .openblas: "OpenBLAS \(BLASLibrary.coreName)"
    case .portable: "portable products, \(ProductLevel.name)"
    }
  }
}

extension TrainingSpecification.Precision {
  /// The words of a table's heading for products that are not in float32.
  var heading: String { self == .float32 ? "" : ", \(rawValue) products" }
}

/// A model folder that cannot be used.
extension ModelFileError: UserError {}
