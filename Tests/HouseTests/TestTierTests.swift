// The lists that scripts/test.sh reads say what the tests' own text says: which classes start processes, which tests may be
// skipped.

import Foundation
import TestSupport
import XCTest

final class TestTierTests: XCTestCase {
  private func lines(_ list: String) throws -> [String] {
    try String(contentsOf: Checkout.root.appendingPathComponent("scripts/check/tests/\(list)"), encoding: .utf8)
      .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
  }

  /// The texts of all Swift files below Tests but this one.
  private func texts() throws -> [String] {
    let folder = Checkout.root.appendingPathComponent("Tests")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return try names.filter { $0.hasSuffix(".swift") && !$0.hasSuffix("TestTierTests.swift") }
      .map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
  }

  private func captures(_ pattern: String, _ text: String) throws -> [String] {
    let expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
    let range = NSRange(text.startIndex..., in: text)
    return expression.matches(in: text, range: range).compactMap { match in
      Range(match.range(at: 1), in: text).map { String(text[$0]) }
    }
  }

  /// A class starts processes if its file names one of the ways to do so.
  func testTheListOfClassesThatStartProcessesIsComplete() throws {
    var classes: [String] = []
    for text in try texts() {
      let isStarting =
        try !captures(
          #"((?:\b(?:Child|MPIRun|ProcessLauncher|ProgramOutput|ProgramRunner)\b\s*[.({])|\bProcess\(\))"#, text
        ).isEmpty
      if isStarting { classes += try captures(#"^(?:package )?(?:final )?class (\w+Tests)\b"#, text) }
    }
    XCTAssertGreaterThan(classes.count, 10)
    XCTAssertEqual(try lines("process-tests.txt"), classes.sorted())
  }

  func testTheListOfSlowClassesNamesClasses() throws {
    let classes = try texts().flatMap { try captures(#"^(?:package )?(?:final )?class (\w+Tests)\b"#, $0) }
    let slow = try lines("slow-tests.txt")
    XCTAssertEqual(slow.filter { !classes.contains($0) }, [])
    XCTAssertEqual(Set(slow).intersection(try lines("process-tests.txt")), [])
  }

  func testTheListOfAllowedSkipsNamesTestsThatSkip() throws {
    var names: [String] = []
    for text in try texts() {
      // The function in which each skip stands: the last one that begins before it.
      for piece in text.components(separatedBy: "XCTSkip").dropLast() {
        names += try captures(#"^  func (test\w+)"#, piece).suffix(1)
      }
    }
    let listed = try lines("allowed-skips.txt").map { String($0.prefix { $0 != " " }) }
    XCTAssertEqual(listed.sorted(), Set(names).sorted())
  }
}
