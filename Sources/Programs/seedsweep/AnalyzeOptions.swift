// What `seedsweep analyze` was asked to do: one of the paper's analyses, and what only some of them read.

import Analyses
import CommandLine
import Reports

/// What `analyze` was asked to do.
struct AnalyzeOptions: Equatable {
  /// The analyses.
  enum Kind: String, CaseIterable {
    /// What fine-tuning forgot.
    case forgetting
    /// The loss between weights.
    case surface
    /// Whether gradients vanished.
    case gradients
    /// What bias correction multiplies steps by.
    case correction

    /// Whether the ranks of an mpirun share its work.
    var usesRanks: Bool { self == .forgetting || self == .surface }
  }

  var kind: Kind
  var folder: String
  var output: String
  var tables: TableOptions
  var retrains: Bool
  var processes: Int?
  var runCount: Int
  var textPath: String?
  var maskSetPath: String?
  var pretrained: String?
  var failed: String?
  var successful: String?
  var pointCount: Int
  var exampleCount: Int
  var range: Double
  var tensors: TensorSet

  /// Which analyses read a flag, for flags that not all of them read.
  private static let readers: [String: [Kind]] = [
    "--retrain": [.forgetting, .surface], "--processes": Kind.allCases.filter(\.usesRanks), "--runs": [.forgetting],
    "--text": [.forgetting],
    "--mask-set": [.forgetting], "--pretrained": [.forgetting], "--failed": [.surface], "--successful": [.surface],
    "--points": [.surface], "--examples": [.surface], "--range": [.surface], "--tensors": [.gradients],
  ]

  /// The options of an `analyze` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    let names = Kind.allCases.map(\.rawValue)
    if let kind = Kind(rawValue: command.operands[0]) {
      self.kind = kind
      for (flag, kinds) in Self.readers.sorted(by: { $0.key < $1.key })
      where reader.isGiven(flag) && !kinds.contains(kind) {
        reader.fail("\(flag): only analyze \(kinds.map(\.rawValue).joined(separator: " and ")) reads it")
      }
    } else {
      kind = .forgetting
      reader.fail("ANALYSIS: found '\(command.operands[0])', allowed are \(names.joined(separator: ", "))")
    }
    folder = command.operands[1]
    output = reader.text("--output") ?? folder
    tables = reader.tableOptions()
    retrains = reader.isGiven("--retrain")
    processes = reader.processes()
    runCount = reader.count("--runs") ?? 3
    textPath = reader.text("--text")
    maskSetPath = reader.text("--mask-set")
    pretrained = reader.text("--pretrained")
    failed = reader.text("--failed")
    successful = reader.text("--successful")
    if (failed == nil) != (successful == nil) { reader.fail("--failed and --successful need each other") }
    pointCount = reader.count("--points", atLeast: 2, atMost: 1000) ?? 40
    exampleCount = reader.count("--examples") ?? 128
    range = reader.number("--range", atLeast: 0) ?? 1.5
    if range == 0 { reader.fail("--range: found 0, expected a number greater than 0") }
    let tensors = reader.text("--tensors") ?? TensorSet.all.rawValue
    self.tensors = TensorSet(rawValue: tensors) ?? .all
    if TensorSet(rawValue: tensors) == nil {
      reader.fail(
        "--tensors: found '\(tensors)', allowed are \(TensorSet.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    try reader.finish()
  }
}
