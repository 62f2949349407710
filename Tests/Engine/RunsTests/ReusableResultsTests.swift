// Results taken from other folders: a run that takes them has the tables of one that trains, and takes only whole ones.

import CommandLine
import Farm
import Files
import MPITransport
import Reports
import Storage
import TestSupport
import Training
import XCTest

@testable import Runs

final class ReusableResultsTests: XCTestCase {
  private var folder: TemporaryFolder!
  private let tables = ["trials.csv", "curves.csv", "summary.csv"]

  override func setUpWithError() throws {
    folder = try TemporaryFolder()
    try folder.write(
      TinySweep.text("optimizer: { learning_rate: 1e-3 }, record: { gradient_norms_every: 1 }, seeds: 2,"),
      to: "tiny.json5")
  }

  override func tearDown() { folder = nil }

  private func options(_ output: String, _ assignments: [String], reuse: [String]) -> RunOptions {
    var options = RunOptions()
    options.sweepPath = folder.path + "/tiny.json5"
    options.assignments = assignments
    options.output = folder.path + "/" + output
    options.reusedFolders = reuse.map { folder.path + "/" + $0 }
    return options
  }

  private func run(
    _ output: String, _ assignments: [String] = [], reuse: [String] = [], keepsWeights: Bool = false,
    sharesSteps: Bool = false
  ) -> ExitCode {
    var options = options(output, assignments, reuse: reuse)
    options.keepsWeights = keepsWeights
    options.sharesSteps = sharesSteps
    let launch = RunLaunch(transport: InProcessTransport.group(size: 1)[0], parent: ParentProcess([:]))
    let context = Context(program: "seedsweep", words: ["run"], environment: [:])
    return Run.perform(options, launch, context, signals: StopSignals(drain: DrainFlag())).code
  }

  private func index(_ output: String) throws -> JournalIndex {
    try JournalIndex(path: "\(folder.path)/\(output)/journal.jsonl")
  }

  /// The trials that a folder's runs handed out.
  private func trained(_ output: String) throws -> Set<String> {
    var reader = try JournalReader(path: "\(folder.path)/\(output)/journal.jsonl")
    var trials: Set<String> = []
    while let entry = try reader.next() {
      if case .handOut(let record) = entry.record { trials.insert(record.trial) }
    }
    return trials
  }

  func testAllResultsOfAnotherFolder() throws {
    XCTAssertEqual(run("first"), .success)
    XCTAssertEqual(run("second", reuse: ["first"]), .success)
    for table in tables + ["timings.csv"] {
      XCTAssertEqual(folder.text("second/" + table), folder.text("first/" + table))
    }
    XCTAssertEqual(try trained("second"), [])
    let index = try index("second")
    XCTAssertEqual(index.runs.count, 1, "what is taken and what follows is one run")
    XCTAssertEqual(index.lastEnd?.ending, .complete)
    let results = try ResultsFolder(folder.path + "/second")
    XCTAssertEqual(try results.keptFileProblems(), [])
    for trial in index.trials {
      XCTAssertTrue(FileManager.default.fileExists(atPath: results.folder.keptPredictions(ofTrial: trial)))
    }
    // It was first written when the results were taken, before any rank had said hello.
    let provenance = folder.text("second/provenance.json").filter { !$0.isWhitespace }
    XCTAssertTrue(provenance.contains("\"ranks\":[0]"), provenance)
    let journal = try folder.bytes("second/journal.jsonl")
    XCTAssertEqual(run("second", reuse: ["first"]), .success)
    XCTAssertEqual(try folder.bytes("second/journal.jsonl"), journal, "the same command has nothing to do")
  }

  /// Two folders give what they have, and the rest is trained.
  func testPartsOfASweep() throws {
    XCTAssertEqual(run("whole", ["seeds=4"]), .success)
    XCTAssertEqual(run("first"), .success)
    XCTAssertEqual(run("third", ["seeds=[2, 3]"]), .success)
    XCTAssertEqual(run("out", ["seeds=4"], reuse: ["first", "third"]), .success)
    for table in tables { XCTAssertEqual(folder.text("out/" + table), folder.text("whole/" + table)) }
    XCTAssertEqual(try trained("out").count, 1)
    XCTAssertEqual(try index("out").runs.count, 1)
  }

  func testResultsThatAreNotWholeAreTrained() throws {
    XCTAssertEqual(run("first"), .success)
    let source = try ResultsFolder(folder.path + "/first")
    let trials = source.index.trials
    try Data("index,label\n".utf8).write(to: URL(fileURLWithPath: source.folder.keptPredictions(ofTrial: trials[0])))
    XCTAssertEqual(run("out", reuse: ["first"]), .success)
    XCTAssertEqual(try trained("out"), [trials[0]])
    for table in tables { XCTAssertEqual(folder.text("out/" + table), folder.text("first/" + table)) }
    XCTAssertEqual(try ResultsFolder(folder.path + "/out").keptFileProblems(), [])
  }

  /// Where weights are to be kept, results without them are trained, and others bring theirs.
  func testWeightsThatAreKept() throws {
    XCTAssertEqual(run("without"), .success)
    XCTAssertEqual(run("with", ["seeds=[2]"], keepsWeights: true), .success)
    XCTAssertEqual(run("out", reuse: ["without", "with"], keepsWeights: true), .success)
    let results = try ResultsFolder(folder.path + "/out")
    XCTAssertEqual(try trained("out").count, 1)
    for trial in results.index.trials {
      XCTAssertTrue(FileManager.default.fileExists(atPath: results.folder.weights(ofTrial: trial)))
    }
    XCTAssertEqual(try results.keptFileProblems(), [])
    XCTAssertEqual(run("lean", ["seeds=[2]"], reuse: ["with"]), .success)
    XCTAssertFalse(folder.has("lean/weights"))
  }

  /// Trials of two steps that longer ones come by are not trained, and leave what they leave otherwise.
  func testStepsThatLongerTrialsMade() throws {
    let words = ["training.max_steps=[5, 2]", "schedule.total_steps=2", "record.gradient_norms_every=0"]
    XCTAssertEqual(run("alone", words), .success)
    XCTAssertEqual(run("shared", words, sharesSteps: true), .success)
    for table in tables { XCTAssertEqual(folder.text("shared/" + table), folder.text("alone/" + table)) }
    let taken = try ["alone", "shared"].map { output in
      let index = try index(output)
      return try index.trials.compactMap { try index.record(of: $0)?.timing.takenStepCount }
    }
    XCTAssertEqual(taken, [[], [2, 2]])
    let left = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/shared/checkpoints")) ?? []
    XCTAssertEqual(left, [])
    XCTAssertEqual(try ResultsFolder(folder.path + "/shared").keptFileProblems(), [])
  }

  func testFoldersThatHaveNothingInCommon() throws {
    XCTAssertEqual(run("first"), .success)
    func problem(_ assignments: [String]) throws -> String {
      let options = options("out", assignments, reuse: ["first"])
      let sweep = try SweepSource(options).prepared(ResourceReader())
      let work = try RunWork(
        sweep, in: RunFolder(options.output), JournalIndex(path: options.output + "/journal.jsonl"), options)
      let leader = RankIdentity.current(threadCount: 1, fingerprint: "")
      do {
        _ = try ReusableResults(options.reusedFolders[0], for: work, besides: [], keepsWeights: false, leader: leader)
      } catch {
        return "\(error)".replacing(folder.path + "/", with: "")
      }
      return "none"
    }
    let none = "--reuse first: none of its 2 trials is one of this sweep's, because "
    XCTAssertEqual(
      try problem(["optimizer.learning_rate=2e-3"]), none + "optimizer.learning_rate is 0.002 here and 0.001 there")
    XCTAssertEqual(
      try problem(["optimizer.learning_rate=2e-3", "training.max_steps=3", "training.batch_size=8"]),
      none + "training.batch_size is 8 here and 4 there, and 2 other keys differ, too")
    XCTAssertEqual(
      try problem(["seeds=[7, 8]"]), none + "their seeds are others: seed 7 and so on here, seed 1 there")
    XCTAssertEqual(run("out", ["optimizer.learning_rate=2e-3"], reuse: ["first"]), .refused)
    XCTAssertFalse(folder.has("out/journal.jsonl"), "a run that is refused writes no result")
    XCTAssertEqual(run("out", reuse: ["nowhere"]), .refused)
  }
}
