// What an analysis is, and the list of all of them. An analysis is one file with a type that conforms to `Analysis`, and one
// line in the list. The verb, its help, the farm and the removal of stale tables read the list, so none of them names an
// analysis. How its jobs reach the ranks is in Runner/.

import CommandLine
import Farm
import Storage
import Tables

/// An analysis of the trials of a run folder.
package protocol Analysis: Sendable {
  /// Its name on the command line.
  static var name: String { get }
  /// What it measures, for the help.
  static var summary: String { get }
  /// The flags that it reads besides those that every analysis reads.
  static var flags: [any FlagDeclaration] { get }
  /// The tables that it writes. They become stale when the trials that the folder reports change.
  static var tables: [DerivedTable] { get }
  /// What the columns of these tables mean.
  static var references: [TableReference] { get }
  /// Whether it reads the kept weights of trials besides their outcomes. If so, its first round trains the trials without kept
  /// weights again.
  static var readsWeights: Bool { get }

  /// Reads its flags. Wrong values are noted in `given`.
  init(_ given: Given)
  /// The rounds of jobs that the ranks share, in order, without the one that trains again.
  func rounds(of request: AnalysisRequest) -> [any AnalysisRound]
  /// Chooses trials, gives the ranks their jobs, turns the answers into tables and prints what they say. Runs on rank 0.
  ///
  /// - Throws: an error that says why the analysis cannot be made.
  func perform(_ work: AnalysisWork) throws
}

extension Analysis {
  package static var readsWeights: Bool { false }

  package func rounds(of request: AnalysisRequest) -> [any AnalysisRound] { [] }

  /// Every round in order. An analysis without rounds is made by rank 0 alone.
  func allRounds(of request: AnalysisRequest) -> [any AnalysisRound] {
    (Self.readsWeights ? [Retraining(request)] : []) + rounds(of: request)
  }

  /// A table of this analysis.
  static func table(_ name: String, isJudged: Bool = true) -> DerivedTable {
    DerivedTable(name, madeBy: "analyze \(Self.name)", isJudged: isJudged)
  }
}

/// All analyses.
package enum AnalysisRegistry {
  /// All analyses, in the order of the help. A new analysis is a file and a line here.
  package static let all: [any Analysis.Type] = [
    Forgetting.self,
    Surface.self,
    Soups.self,
    Gradients.self,
    Correction.self,
    Dose.self,
  ]

  /// The tables of all analyses.
  package static var tables: [DerivedTable] { all.flatMap { $0.tables } }
}

/// Flags that several analyses read.
enum AnalysisFlags {
  /// Whether trials without kept weights are trained again; for analyses that read weights.
  static let retrain = Flag(
    "--retrain", "train runs again whose weights were not kept, and keep the weights, which are the same")
  /// The training examples of a loss; for analyses of the loss between weights.
  static let examples = Flag(
    "--examples", "N", "training examples, chosen by a fixed seed", .count(), default: 128)
}

extension Flag where Value == Int? {
  /// The ranks to start, for analyses with rounds.
  package static let analysisProcesses = Flag.processes("use N processes of this machine, which mpirun starts")
}
