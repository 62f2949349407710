// `seedsweep analyze`: one of the paper's analyses of a folder of results. The analyses, their flags and their tables are in the
// registry of `Analyses`; how the work is spread over ranks is in `AnalysisRun`.

import Analyses
import CommandLine
import Kernels
import Reports
import Storage

/// Analyzes a folder of results.
struct AnalyzeCommand: Command {
  static let output = Flag("--output", "FOLDER", "where the tables go", .text, unset: "DIR")

  /// Every flag that not all analyses read, once, with the names of those that do.
  private static let ownFlags: [(flag: any FlagDeclaration, readers: [String])] = {
    var found: [(flag: any FlagDeclaration, readers: [String])] = []
    let kinds = AnalysisRegistry.all
    for flag in kinds.flatMap({ $0.flags }) where !found.contains(where: { $0.flag.name == flag.name }) {
      found.append((flag, kinds.filter { $0.flags.contains { $0.name == flag.name } }.map { $0.name }))
    }
    return found
  }()

  private static let names = AnalysisRegistry.all.map { $0.name }

  static let syntax = CommandSyntax(
    "analyze",
    "what fine-tuning forgot, the loss surface, averaged weights, vanished gradients, bias correction, doses",
    details: """
      Makes one of the analyses of arXiv 2006.04884, on all cores or on all ranks of an mpirun. Weights are those of
      run --keep-weights all. ANALYSIS is one of
      \(AnalysisRegistry.all.map { "- \($0.name): \($0.summary.replacing("\n", with: "\n  "))" }.joined(separator: "\n"))
      """,
    operands: [Operand("ANALYSIS", names.dropLast().joined(separator: ", ") + " or \(names.last ?? "")"), .results],
    flags: [output] + ownFlags.map { $0.flag.read(by: $0.readers) }
      + [Flag.blasCore, Judgement.rule, Judgement.score])

  static let ranks = Ranks.all

  /// The analysis; nil where none has the name that was given, which is reported.
  private let analysis: (any Analysis)?
  private let folder: String
  private let output: String
  private let judgement: Judgement
  private let processCount: Int?
  private let blasCore: String?

  init(_ given: Given) {
    let name = given.operands[0]
    blasCore = given[.blasCore]
    processCount = given[.analysisProcesses]
    if Self.names.contains(name) {
      for (flag, readers) in Self.ownFlags.sorted(by: { $0.flag.name < $1.flag.name })
      where given.isGiven(flag) && !readers.contains(name) {
        let who = (readers.dropLast(2) + [readers.suffix(2).joined(separator: " and ")]).joined(separator: ", ")
        given.fail("\(flag.name): only analyze \(who) reads it")
      }
    } else {
      given.fail("ANALYSIS: found '\(name)', allowed are \(Self.names.joined(separator: ", "))")
    }
    folder = given.operands[1]
    output = given[Self.output] ?? folder
    judgement = Judgement(given)
    // Each one reads its flags, so that every wrong value is reported.
    let analyses = AnalysisRegistry.all.map { (name: $0.name, analysis: $0.init(given) as any Analysis) }
    analysis = analyses.first { $0.name == name }?.analysis
  }

  func perform(_ context: Context) throws -> ExitCode {
    if let blasCore { try BLASLibrary.use(core: blasCore) }
    guard let analysis else { preconditionFailure("a command line with an unknown analysis is refused") }
    let request = AnalysisRequest(
      folder: folder, output: output,
      tables: TableOptions(of: RunFolder(folder)).with(rule: judgement.rule, score: judgement.score),
      derivedTables: DerivedTable.all)
    return try AnalysisRun(analysis, of: request, context).perform(processes: processCount)
  }
}
