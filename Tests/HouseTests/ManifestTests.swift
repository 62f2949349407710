// Package.swift refuses edges that the architecture forbids. What the compiler checks, imports without an edge, is not
// tested here.

import Foundation
import TestSupport
import XCTest

final class ManifestTests: XCTestCase {
  private struct Reading {
    var code: Int32
    var text: String
  }

  /// Has SwiftPM read a manifest from a folder of its own.
  private func read(_ manifest: String) throws -> Reading {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("manifest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try manifest.write(to: folder.appendingPathComponent("Package.swift"), atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swift", "package", "--package-path", folder.path, "dump-package"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Reading(code: process.terminationStatus, text: String(decoding: output, as: UTF8.self))
  }

  private func manifest() throws -> String {
    try String(contentsOf: Checkout.root.appendingPathComponent("Package.swift"), encoding: .utf8)
  }

  /// The manifest with `use` added to the row of `module`.
  private func manifest(adding use: String, to module: String) throws -> String {
    let text = try manifest()
    let row = try XCTUnwrap(
      text.range(of: #"name: "\#(module)", wing: \.\w+,\s*uses: \["#, options: .regularExpression),
      "no row of \(module)")
    return text.replacingCharacters(in: row, with: text[row] + "\"\(use)\", ")
  }

  func testTheTableIsAccepted() throws {
    let reading = try read(manifest())
    XCTAssertEqual(reading.code, 0, reading.text)
    XCTAssertTrue(reading.text.contains("\"name\" : \"seedsweep\""), reading.text)
  }

  func testForbiddenEdgesEndTheManifest() throws {
    let edges = [
      (module: "JSON5", use: "Trials", why: "a wing above"),
      (module: "Farm", use: "Reports", why: "a wing beside"),
      (module: "SeedStreams", use: "Statistics", why: "a later module of the same wing"),
      (module: "Trials", use: "Trials", why: "itself"),
    ]
    for edge in edges {
      let reading = try read(manifest(adding: edge.use, to: edge.module))
      XCTAssertEqual(reading.code, 1, edge.why)
      let line = "Package.swift: \(edge.module) may not use \(edge.use)"
      XCTAssertTrue(reading.text.split(separator: "\n").contains { $0 == line }, "\(edge.why): \(reading.text)")
    }
  }
}
