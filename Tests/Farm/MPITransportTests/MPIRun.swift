// Starts farm-selftest, bare or under mpirun, with a time limit that ends it.

import Foundation
import MPITransport
import XCTest

/// A run of farm-selftest.
struct MPIRun {
  var status: Int32
  var output: String

  /// The folder that holds this test binary, and with it every product of the build.
  private static var buildFolder: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  static var selftest: String { buildFolder.appendingPathComponent("farm-selftest").path }

  /// Runs it under mpirun on so many ranks.
  static func ranks(_ count: Int, _ arguments: [String]) throws -> MPIRun {
    let mpirun = try ProcessLauncher.findMPIRun(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
    return try run(mpirun, ProcessLauncher(processCount: count).arguments(program: selftest, arguments: arguments))
  }

  /// Runs a program with further variables; `onLine` is called with the process at the first line of output.
  static func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:], seconds: Double = 60,
    onFirstLine: @escaping @Sendable (pid_t) -> Void = { _ in }
  ) throws -> MPIRun {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let identifier = process.processIdentifier
    let limit = DispatchWorkItem { kill(identifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: limit)
    defer { limit.cancel() }
    var output = Data()
    var isFirst = true
    while case let chunk = pipe.fileHandleForReading.availableData, !chunk.isEmpty {
      output += chunk
      if isFirst && output.contains(10) {
        isFirst = false
        onFirstLine(identifier)
      }
    }
    process.waitUntilExit()
    return MPIRun(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }
}
