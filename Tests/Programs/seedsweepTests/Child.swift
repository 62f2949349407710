// Runs the built program, alone or under mpirun, as its users do. Every child has a time limit; one that exceeds it is
// killed by its process id.

import Foundation
import Kernels
import TestSupport
import XCTest

/// A process that was started and what came of it.
final class Child {
  /// What a process left behind.
  struct Result {
    var code: Int32
    var output: String
    var errors: String
    var seconds: Double
  }

  private let process = Process()
  private let outputPath: String
  private let errorPath: String
  private let start = Date()

  /// The folder of built products: the program stands beside the test bundle.
  static let products: String = {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return (bundle.map { $0 as NSString })?.deletingLastPathComponent ?? "."
  }()

  /// The built program.
  static var program: String { products + "/seedsweep" }

  /// An environment in which OpenBLAS takes other kernels than here: where it knows the processor no better, it takes Prescott's.
  static var otherKernels: [String: String?] {
    ["OPENBLAS_CORETYPE": BLASLibrary.coreName == "Prescott" ? "Haswell" : "Prescott"]
  }

  /// Starts a program found on the PATH or given by its path.
  init(_ words: [String], in folder: String, environment extra: [String: String?] = [:]) throws {
    outputPath = folder + "/stdout-\(UUID().uuidString)"
    errorPath = folder + "/stderr-\(UUID().uuidString)"
    for path in [outputPath, errorPath] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
    var environment = ProcessInfo.processInfo.environment
    environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    // Most tests are about one process. Those about several say how many, or take this variable out.
    environment["SEEDSWEEP_PROCESSES"] = "1"
    for (name, value) in extra { environment[name] = value }
    process.environment = environment
    try process.run()
  }

  /// The process id; `env` has been replaced by the program itself.
  var identifier: Int32 { process.processIdentifier }

  /// Whether it still runs.
  var isRunning: Bool { process.isRunning }

  /// What it has printed so far.
  var outputSoFar: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

  private var errorsSoFar: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  /// Sends a signal to the process.
  func send(_ signal: Int32) { kill(identifier, signal) }

  /// The processes that run the program, this one and those below it.
  func programs() -> [Int32] {
    func descendants(of process: Int32) -> [Int32] {
      let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
      let children = tasks.flatMap { task in
        ((try? String(contentsOfFile: "/proc/\(process)/task/\(task)/children", encoding: .utf8)) ?? "")
          .split(separator: " ").compactMap { Int32($0) }
      }
      return [process] + children.flatMap(descendants)
    }
    return descendants(of: identifier).filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/exe"))?.hasSuffix("/seedsweep") ?? false
    }
  }

  /// Waits at most `seconds` for the end; a child that takes longer is killed and fails the test.
  func wait(atMost seconds: Double = 120, file: StaticString = #filePath, line: UInt = #line) -> Result {
    let deadline = start.addingTimeInterval(seconds)
    while process.isRunning && Date() < deadline { usleep(5000) }
    if process.isRunning {
      send(SIGKILL)
      XCTFail("\(process.arguments ?? []) took more than \(seconds) s", file: file, line: line)
      // Foundation notices the end of a process only when those that it started are gone, too.
      let last = Date().addingTimeInterval(10)
      while process.isRunning && Date() < last { usleep(5000) }
      if process.isRunning { return Result(code: -1, output: outputSoFar, errors: errorsSoFar, seconds: seconds) }
    }
    process.waitUntilExit()
    let code =
      process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
    return Result(code: code, output: outputSoFar, errors: errorsSoFar, seconds: Date().timeIntervalSince(start))
  }

  /// Runs the program with these words to its end.
  static func seedsweep(
    _ words: [String], in folder: String, environment: [String: String?] = [:], atMost seconds: Double = 120,
    file: StaticString = #filePath, line: UInt = #line
  ) throws -> Result {
    try Child([program] + words, in: folder, environment: environment).wait(atMost: seconds, file: file, line: line)
  }

  /// The words that run the program on so many ranks of this machine.
  static func launched(ranks: Int, _ words: [String]) -> [String] {
    ["mpirun", "--oversubscribe", "-np", "\(ranks)", program] + words
  }
}

/// The folder that tests of the program work in.
typealias TemporaryFolder = TestSupport.TemporaryFolder
