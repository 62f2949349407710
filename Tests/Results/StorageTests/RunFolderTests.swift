// Which folders are ours, and the files that say how a run stands.

import Files
import Foundation
import ResultsSupport
import Trials
import XCTest

@testable import Storage

final class RunFolderTests: FolderTestCase {
  func testNewFolderIsCreatedWithThoseAboveIt() throws {
    let output = RunFolder(folder + "/a/b/c/")
    try output.create()
    try output.create()
    XCTAssertTrue(FileManager.default.fileExists(atPath: folder + "/a/b/c"))
    XCTAssertEqual(output.journal, folder + "/a/b/c/journal.jsonl")
  }

  func testForeignFolderIsRefused() throws {
    for name in ["thesis.tex", "data.csv", "b", "c"] { try write("x".utf8, to: "\(folder)/\(name)") }
    XCTAssertThrowsError(try RunFolder(folder).create()) {
      XCTAssertEqual(
        "\($0)",
        "\(folder) holds b, c, data.csv, ... but no journal.jsonl, so it is not an output folder of seedsweep; choose a "
          + "new or empty folder for --output")
    }
    try write("".utf8, to: folder + "/journal.jsonl")
    try RunFolder(folder).create()
  }

  /// A folder of shards is no foreign one: what runs there needs --shard.
  func testFolderOfShardsIsRefused() throws {
    for shard in ["shard-0", "shard-1"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(shard)", withIntermediateDirectories: true)
      try write("".utf8, to: "\(folder)/\(shard)/journal.jsonl")
    }
    XCTAssertThrowsError(try RunFolder(folder).create()) {
      let merge = ShellText.cited("seedsweep merge \(ShellText.quoted(folder))/shard-* --output DIR")
      XCTAssertEqual(
        "\($0)",
        "\(folder) holds shards, which --shard runs: join them with \(merge) and run the sweep there, or choose a new or "
          + "empty folder for --output")
    }
    try RunFolder(folder + "/shard-0").create()
  }

  /// A run that was killed before its first record leaves a lease and perhaps half a file.
  func testFolderOfARunKilledAtItsStartIsOurs() throws {
    try FileManager.default.createDirectory(atPath: folder + "/.leases", withIntermediateDirectories: true)
    try write("x".utf8, to: folder + "/.partial-sweep.json")
    let output = RunFolder(folder)
    try output.create()
    output.removeTemporaryFiles()
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder), [".leases"])
  }

  /// What a rank left half written goes, files and model folders alike; what is whole stays.
  func testHalfWrittenFilesOfRanksAreRemoved() throws {
    let output = RunFolder(folder)
    for name in [
      "weights/.partial-t1-node01.1.77", "weights/t2", "predictions/t1", "predictions/weights", "gradient_norms/t1",
      "logs", "programs/t1/t1x",
    ] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    for name in [
      "weights/.partial-t1-node01.1.77/config.json", "weights/t2/config.json",
      "predictions/.partial-t1.csv-node01.1.77",
      "predictions/t2.csv", "predictions/t1/.partial-t1.csv-node01.1.77", "predictions/t1/t1.csv",
      "gradient_norms/.partial-t1.csv-node01.1.77", "gradient_norms/t1/.partial-t1.csv-node01.1.77",
      "logs/.partial-t1.log", "programs/t1/.partial-t1x.log-A", "programs/t1/t1x/.partial-of-the-program",
    ] { try write("x".utf8, to: "\(folder)/\(name)") }
    output.removeTemporaryFiles()
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/weights"), ["t2"])
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: folder + "/predictions").sorted(),
      ["t1", "t2.csv", "weights"])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/predictions/t1"), ["t1.csv"])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/gradient_norms"), ["t1"])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/gradient_norms/t1"), [])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/logs"), [])
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder + "/programs/t1"), ["t1x"])
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: folder + "/programs/t1/t1x"), [".partial-of-the-program"])
    XCTAssertTrue(FileManager.default.fileExists(atPath: folder + "/weights/t2/config.json"))
  }

  /// A folder that is a link, for example to a faster disk, may hold what others are writing.
  func testNothingIsRemovedBehindALink() throws {
    let output = RunFolder(folder + "/out")
    let kinds = ["checkpoints", "weights", "logs", "predictions", "gradient_norms"]
    try output.create()
    for kind in kinds {
      let other = folder + "/elsewhere/" + kind
      try FileManager.default.createDirectory(atPath: other + "/ab", withIntermediateDirectories: true)
      for name in [".partial-of-others", "ab/.partial-of-others"] { try write("x".utf8, to: "\(other)/\(name)") }
      try FileManager.default.createSymbolicLink(atPath: "\(output.path)/\(kind)", withDestinationPath: other)
    }
    // A link in the place of a half-written folder goes, and what it leads to stays.
    try FileManager.default.createSymbolicLink(
      atPath: output.path + "/.partial-link", withDestinationPath: folder + "/elsewhere")
    output.removeTemporaryFiles()
    for kind in kinds {
      for name in [".partial-of-others", "ab/.partial-of-others"] {
        XCTAssertTrue(FileManager.default.fileExists(atPath: "\(folder)/elsewhere/\(kind)/\(name)"), "\(kind)/\(name)")
      }
    }
    XCTAssertFalse(RawFile.isLink(output.path + "/.partial-link"))
    // A sub-folder that is a link, below a folder that is none.
    try FileManager.default.removeItem(atPath: output.path + "/predictions")
    try FileManager.default.createDirectory(atPath: output.path + "/predictions", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: output.path + "/predictions/ab", withDestinationPath: folder + "/elsewhere/predictions")
    output.removeTemporaryFiles()
    XCTAssertTrue(FileManager.default.fileExists(atPath: folder + "/elsewhere/predictions/.partial-of-others"))
  }

  /// Tables of trials lie in sub-folders; where 0.1.0 put them, they are found as well.
  func testTablesOfTrials() throws {
    let output = RunFolder(folder)
    let trial = "0123456789abcdef"
    XCTAssertEqual(output.predictions(ofTrial: trial), "\(folder)/predictions/01/\(trial).csv")
    XCTAssertEqual(output.gradientNorms(ofTrial: trial), "\(folder)/gradient_norms/01/\(trial).csv")
    XCTAssertEqual(output.predictions(ofTrial: "a"), "\(folder)/predictions/a/a.csv")
    XCTAssertEqual(output.keptPredictions(ofTrial: trial), output.predictions(ofTrial: trial))
    let old = "\(folder)/predictions/\(trial).csv"
    try FileManager.default.createDirectory(atPath: folder + "/predictions/01", withIntermediateDirectories: true)
    try write("old".utf8, to: old)
    XCTAssertEqual(output.keptPredictions(ofTrial: trial), old)
    XCTAssertEqual(output.keptGradientNorms(ofTrial: trial), output.gradientNorms(ofTrial: trial))
    try write("new".utf8, to: output.predictions(ofTrial: trial))
    XCTAssertEqual(output.keptPredictions(ofTrial: trial), output.predictions(ofTrial: trial))
  }

  /// What readers of results say of a folder that lacks what they need.
  func testFoldersWithoutResults() throws {
    func refusal(_ name: String) -> String {
      RunFolder("\(folder)/\(name)").readersRefusal.replacing(folder + "/", with: "")
    }
    XCTAssertEqual(refusal("none"), "none: there is no such folder")
    for name in ["empty", "tables", "journal", "imported", "shards/shard-1", "shards/shard-0"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    XCTAssertEqual(refusal("empty"), "empty is no folder of results: it holds no journal.jsonl and sweep.json")
    try write("{}".utf8, to: folder + "/tables/sweep.json")
    XCTAssertEqual(refusal("tables"), "tables is no folder of results: it holds no journal.jsonl")
    XCTAssertEqual(refusal("tables/sweep.json"), "tables/sweep.json is a file, where a folder of results is needed")
    try write("".utf8, to: folder + "/journal/journal.jsonl")
    XCTAssertEqual(
      refusal("journal"),
      "journal is no folder of results: it holds no sweep.json; 'seedsweep run' with the same sweep writes it again")
    try write("{}".utf8, to: folder + "/imported/import.json")
    XCTAssertEqual(
      refusal("imported"),
      "imported holds imported runs, which have no journal: report, table and check read them, and 'seedsweep import' with "
        + "--reference compares them with another recipe")
    XCTAssertEqual(
      refusal("shards"),
      "shards holds shards: name one of them, such as shards/shard-0, or join them with 'seedsweep merge shards/shard-* --output "
        + "DIR'")
  }

  func testFileInPlaceOfTheFolder() throws {
    try write("x".utf8, to: folder + "/file")
    XCTAssertThrowsError(try RunFolder(folder + "/file").create()) {
      XCTAssertEqual(
        "\($0)", "cannot create the folder \(folder)/file: there is a file of this name; choose another one")
    }
    XCTAssertThrowsError(try RunFolder("/proc/nothing").create()) {
      XCTAssertEqual("\($0)", "cannot create the folder /proc/nothing: No such file or directory (error 2)")
    }
  }

  func testReuse() throws {
    let output = RunFolder(folder)
    XCTAssertEqual(
      try output.reuse(of: JournalIndex(path: output.journal), by: ["t1"]).description, "1 trial: 0 reused, 1 to run")
    try JournalWriter(path: output.journal, epoch: 1).append([
      .runStart(Example.start), Example.record(1, Example.outcome(correct: [9])), Example.record(2, Example.diverged()),
      Example.handOut(3),
    ])
    let index = try JournalIndex(path: output.journal)
    let report = try output.reuse(of: index, by: ["t1", "t3", "t4", "t5"])
    XCTAssertEqual(report, ReuseReport(plannedCount: 4, reusedCount: 1, otherCount: 1))
    XCTAssertEqual(
      report.description, "4 trials: 1 reused, 3 to run; 1 result of other trials is kept but not reported")
    XCTAssertEqual(
      try output.reuse(of: index, by: ["t3"]).description,
      "1 trial: 0 reused, 1 to run; 2 results of other trials are kept but not reported")
    XCTAssertThrowsError(try output.reuse(of: index, by: ["t8", "t9"])) {
      XCTAssertEqual(
        "\($0)",
        "\(folder) holds 3 trials and none of them is in this sweep; choose another folder for --output, or run the "
          + "sweep that \(folder)/sweep.json describes (command_line in \(folder)/provenance.json has its command)")
    }
  }

  func testLog() throws {
    let path = try RunFolder(folder).writeLog("it broke", ofTrial: "t1")
    XCTAssertEqual(path, folder + "/logs/t1.log")
    XCTAssertEqual(try contents(path), "it broke\n")
  }

  private var status: StatusReport {
    var status = StatusReport()
    status.sweep = "bias \"correction\""
    status.plannedCount = 80
    status.completedCount = 36
    status.divergedCount = 1
    status.failedCount = 5
    status.exhaustedCount = 2
    status.runningCount = 4
    status.reusedCount = 10
    status.startTime = 1_700_000_000
    status.updateTime = 1_700_000_360.75
    status.secondsLeft = 240.4
    return status
  }

  func testStatusFile() throws {
    let output = RunFolder(folder)
    try status.write(to: output)
    XCTAssertEqual(
      try contents(output.status),
      """
      {
        "sweep": "bias \\"correction\\"",
        "verdict": "running",
        "exit_code": null,
        "trials": {
          "planned": 80,
          "completed": 36,
          "diverged": 1,
          "failed": 5,
          "exhausted": 2,
          "running": 4,
          "remaining": 43,
          "reused": 10
        },
        "started": "2023-11-14T22:13:20Z",
        "updated": "2023-11-14T22:19:20Z",
        "seconds_left": 240.0
      }

      """)
    var expected = status
    expected.updateTime = 1_700_000_360
    expected.secondsLeft = 240
    XCTAssertEqual(try StatusReport(json: contents(output.status)), expected)
  }

  /// What is under way stands behind the counts while a run lasts, and nowhere once it has ended.
  func testStatusFileOfARunningRun() throws {
    var status = status
    var live = LiveReport()
    live.hosts = [
      LiveReport.Host(name: "node01", rankCount: 2),
      LiveReport.Host(name: "node \"2\"", rankCount: 2, lostRanks: [2, 3], isQuarantined: true),
    ]
    live.running = [
      LiveReport.Running(trial: "0123456789abcdef", rank: 1, host: "node01", stallSeconds: 75.4),
      LiveReport.Running(trial: "123456789abcdef0", rank: 0, host: "node01", step: 37, stepCount: 189),
    ]
    live.secondsLeft = ["b": 90.2, "a": 12]
    live.isDraining = true
    status.live = live
    XCTAssertTrue(
      status.encoded.hasSuffix(
        """
          "seconds_left": 240.0,
          "draining": true,
          "hosts": [
            {"host": "node01", "ranks": 2},
            {"host": "node \\"2\\"", "ranks": 2, "lost_ranks": [2, 3], "quarantined": true}
          ],
          "running_trials": [
            {"trial_id": "0123456789abcdef", "rank": 1, "host": "node01", "step": 0, "steps": 0, "stalled_s": 75.0},
            {"trial_id": "123456789abcdef0", "rank": 0, "host": "node01", "step": 37, "steps": 189}
          ],
          "recipes": [
            {"configuration_id": "a", "seconds_left": 12.0},
            {"configuration_id": "b", "seconds_left": 90.0}
          ]
        }

        """), status.encoded)
    live.running[0].stallSeconds = 75
    live.secondsLeft["b"] = 90
    XCTAssertEqual(try StatusReport(json: status.encoded).live, live)
    status.ending = .complete
    XCTAssertNil(try StatusReport(json: status.encoded).live)
    status.live = nil
    status.ending = .running
    XCTAssertNil(try StatusReport(json: status.encoded).live, "a file of an earlier version")
    // Thousands of ranks and recipes leave a small file.
    live.running = Array(repeating: live.running[0], count: 5000)
    for number in 0..<9000 { live.secondsLeft["c\(number)"] = 1 }
    status.live = live
    XCTAssertEqual(try StatusReport(json: status.encoded).live?.running.count, 200)
    XCTAssertEqual(try StatusReport(json: status.encoded).live?.secondsLeft.count, 2000)
    XCTAssertThrowsError(
      try StatusReport(json: status.encoded.replacingOccurrences(of: "\"rank\": 1", with: "\"rank\": -1"))
    ) {
      XCTAssertTrue("\($0)".hasPrefix("status.json: running_trials.rank: expected an integer from 0 "), "\($0)")
    }
  }

  func testVerdictsAndExitCodes() throws {
    XCTAssertEqual(Ending.allCases.map(\.exitCode), [nil, 0, 1, 75])
    var status = status
    status.part.limit = 60
    for ending in Ending.allCases {
      status.ending = ending
      XCTAssertEqual(try StatusReport(json: status.encoded).ending, ending)
      XCTAssertEqual(try StatusReport(json: status.encoded).part, PlanPart(limit: 60))
    }
    status.part.shard = Shard("3/20")
    XCTAssertEqual(try StatusReport(json: status.encoded).part, PlanPart(limit: 60, shard: Shard(index: 3, count: 20)))
    for text in ["20/20", "3", "-1/2", "1/2/3", "/", "0/0", "\u{661}/2", "0/99999999999999999999"] {
      let spoilt = status.encoded.replacingOccurrences(of: "3/20", with: text)
      XCTAssertThrowsError(try StatusReport(json: spoilt), text) {
        XCTAssertEqual("\($0)", "status.json: shard: expected a text such as 0/20")
      }
    }
    XCTAssertThrowsError(try StatusReport(json: "{}")) {
      XCTAssertEqual("\($0)", "status.json: verdict: the field is missing")
    }
    XCTAssertThrowsError(try StatusReport(json: status.encoded.replacingOccurrences(of: "running\"", with: "x\""))) {
      XCTAssertEqual("\($0)", "status.json: trials.running: the field is missing")
    }
    // Counts are added up, so one that no sweep has is no status.
    for count in ["-1", "9223372036854775807"] {
      let spoilt = status.encoded.replacingOccurrences(of: "\"completed\": 36", with: "\"completed\": \(count)")
      XCTAssertThrowsError(try StatusReport(json: spoilt)) {
        XCTAssertEqual(
          "\($0)", "status.json: trials.completed: expected an integer from 0 to 2147483647, found an integer")
      }
    }
  }

  func testProvenanceFile() throws {
    var provenance = Provenance()
    provenance.version = "0.1"
    provenance.executableDigest = "ab12"
    provenance.commandLine = ["seedsweep", "run", "a b.json5"]
    provenance.blas = "OpenBLAS 0.3.21 Haswell"
    provenance.system = "Linux"
    provenance.hosts = [
      Provenance.Host(name: "node01", processor: "Xeon", coreCount: 4, ranks: [0, 1], fingerprint: "f")
    ]
    provenance.files = [Provenance.File(path: "b", digest: "2"), Provenance.File(path: "a", digest: "1")]
    provenance.environment = ["SLURM_JOB_ID": "7", "OMPI_COMM_WORLD_SIZE": "2"]
    provenance.runs = [
      RunStart(time: 1_700_000_000, planDigest: "p", version: "0.1", fingerprint: "f", rankCount: 2)
    ]
    try provenance.write(to: RunFolder(folder))
    XCTAssertEqual(
      try contents(RunFolder(folder).provenance),
      """
      {
        "version": "0.1",
        "executable_sha256": "ab12",
        "commit": null,
        "command_line": ["seedsweep", "run", "a b.json5"],
        "mpi": null,
        "blas": "OpenBLAS 0.3.21 Haswell",
        "system": "Linux",
        "hosts": [
          {
            "name": "node01",
            "processor": "Xeon",
            "cores": 4,
            "ranks": [0, 1],
            "fingerprint": "f"
          }
        ],
        "files": [
          {"path": "a", "sha256": "1"},
          {"path": "b", "sha256": "2"}
        ],
        "environment": {
          "OMPI_COMM_WORLD_SIZE": "2",
          "SLURM_JOB_ID": "7"
        },
        "runs": [
          {"started": "2023-11-14T22:13:20Z", "version": "0.1", "plan": "p", "fingerprint": "f", "ranks": 2}
        ]
      }

      """)
  }
}
