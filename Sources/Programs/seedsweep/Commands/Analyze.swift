// `seedsweep analyze`: one of the paper's analyses of a folder of results. How its work is spread over ranks is in `AnalysisRun`;
// this file has the list of analyses and the flags that each of them reads.

import Analyses
import CommandLine
import Kernels

/// Analyzes a folder of results.
struct AnalyzeCommand: Command {
  /// An analysis as the command line knows it.
  struct Kind: Sendable {
    let value: AnalysisOptions.Kind
    /// What it finds out, for help.
    let summary: String
    /// The flags that not all analyses read.
    let flags: [any FlagDeclaration]

    var name: String { value.rawValue }
  }

  private static let defaults = AnalysisOptions()

  static let output = Flag("--output", "FOLDER", "where the tables go", .text, unset: "DIR")
  static let retrain = Flag(
    "--retrain", "train runs again whose weights were not kept; they are the same, and kept then")
  static let processes = Flag.processes("start N ranks on this machine with mpirun")
  static let runs = Flag(
    "--runs", "N", "how many failed and how many successful runs", .count(), default: defaults.runCount)
  static let text = Flag("--text", "FILE", "sentences to mask, one on each line", .text, unset: "the built-in language")
  static let maskSet = Flag(
    "--mask-set", "FILE", "the saved mask set, drawn if missing", .text, unset: "mask_set.jsonl")
  static let pretrained = Flag("--pretrained", "MODEL", "the pre-trained folder, where it has moved", .text)
  static let failed = Flag(
    "--failed", "TRIAL", "the failed run", .text, unset: "the first with a successful run of the same head")
  static let successful = Flag("--successful", "TRIAL", "the successful run", .text)
  static let points = Flag(
    "--points", "N", "points on a side of the grid, and steps along an edge", .count(atLeast: 2, atMost: 1000),
    default: defaults.pointCount)
  static let range = Flag("--range", "X", "the grid goes from -X to X", .positive, default: defaults.range)
  static let examples = Flag(
    "--examples", "N", "training examples, chosen by a fixed seed", .count(), default: defaults.exampleCount)
  static let tensors = Flag(
    "--tensors", "NAME", "all of a layer's, or such as output.dense.weight", .choice, default: defaults.tensors)

  /// The analyses, in the order of the help.
  static let kinds = [
    Kind(
      value: .forgetting,
      summary: """
        the masked-language-model perplexity of the first failed and successful runs with their top k layers
        pre-trained again, and the mean curves of failed runs
        """,
      flags: [retrain, processes, runs, text, maskSet, pretrained]),
    Kind(
      value: .surface,
      summary: """
        the training loss on the plane through the pre-trained, a failed and a successful run's weights, and the
        barriers between them
        """,
      flags: [retrain, processes, failed, successful, points, range, examples]),
    Kind(value: .gradients, summary: "whether recorded norms vanished", flags: [tensors]),
    Kind(value: .correction, summary: "what bias correction multiplies steps by", flags: []),
  ]

  /// Every flag that not all analyses read, once, with the names of those that do.
  private static let ownFlags: [(flag: any FlagDeclaration, readers: [String])] = {
    var found: [(flag: any FlagDeclaration, readers: [String])] = []
    for flag in kinds.flatMap(\.flags) where !found.contains(where: { $0.flag.name == flag.name }) {
      found.append((flag, kinds.filter { $0.flags.contains { $0.name == flag.name } }.map(\.name)))
    }
    return found
  }()

  private static let names = kinds.map(\.name)

  static let syntax = CommandSyntax(
    "analyze", "what fine-tuning forgot, the loss surface, vanished gradients, bias correction",
    details: """
      Makes one of the analyses of arXiv 2006.04884, alone or on all ranks of an mpirun. Weights are those of
      run --keep-weights all. ANALYSIS is one of
      \(kinds.map { "- \($0.name): \($0.summary.replacing("\n", with: "\n  "))" }.joined(separator: "\n"))
      """,
    operands: [Operand("ANALYSIS", names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")"), .results],
    flags: [output] + ownFlags.map { $0.flag.read(by: $0.readers) }
      + [Flag.blasCore, Judgement.rule, Judgement.score])

  static let ranks = Ranks.all

  private let options: AnalysisOptions
  private let processCount: Int?
  private let blasCore: String?

  init(_ given: Given) {
    blasCore = given[.blasCore]
    processCount = given[Self.processes]
    var options = AnalysisOptions()
    if let kind = Self.kinds.first(where: { $0.name == given.operands[0] }) {
      options.kind = kind.value
      for (flag, readers) in Self.ownFlags where given.isGiven(flag) && !readers.contains(kind.name) {
        given.fail("\(flag.name): only analyze \(readers.joined(separator: " and ")) reads it")
      }
    } else {
      given.fail("ANALYSIS: found '\(given.operands[0])', allowed are \(Self.names.joined(separator: ", "))")
    }
    options.folder = given.operands[1]
    options.output = given[Self.output] ?? options.folder
    options.tables = Judgement.options(given)
    options.retrains = given[Self.retrain]
    options.runCount = given[Self.runs]
    options.textPath = given[Self.text]
    options.maskSetPath = given[Self.maskSet]
    options.pretrained = given[Self.pretrained]
    options.failed = given[Self.failed]
    options.successful = given[Self.successful]
    if (options.failed == nil) != (options.successful == nil) {
      given.fail("--failed and --successful need each other")
    }
    options.pointCount = given[Self.points]
    options.exampleCount = given[Self.examples]
    options.range = given[Self.range]
    options.tensors = given[Self.tensors]
    self.options = options
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    return try AnalysisRun.perform(options, processes: processCount, context)
  }
}
