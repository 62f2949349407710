import Foundation
import JSON5
import XCTest

@testable import SweepLanguage
@testable import Trials

/// Digests that depend on the last components of paths only, so that tests need no model and no data.
struct NameDigests: ContentDigests {
  func digest(of model: ModelSpecification) throws -> String {
    try digest(model.path ?? model.vocabularyPath)
  }

  func digest(of task: TaskSpecification) throws -> String {
    try digest(task.dataPath ?? task.trainPath)
  }

  func digest(of program: ProgramSpecification) throws -> String {
    try program.files.map { try "\($0.name) \(digest($0.value.text))" }.joined(separator: ", ")
  }

  private func digest(_ path: String?) throws -> String {
    let name = path?.split(separator: "/").last.map(String.init) ?? ""
    if name == "missing" { throw CodecError("cannot read \(name): there is no such file") }
    return "digest-of-\(name)"
  }
}

/// A folder of sweep files that is removed afterwards.
final class SweepFixture {
  let directory: String

  init(_ files: [String: String]) throws {
    directory = NSTemporaryDirectory() + "seedsweep-trials-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for (name, text) in files {
      let path = directory + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func sweep(_ overrides: [String] = [], file: String = "sweep.json5") throws -> Sweep {
    try Sweep(file: file, overrides: overrides, workingDirectory: directory)
  }

  func plan(_ overrides: [String] = []) throws -> SweepPlan {
    try sweep(overrides).plan(digests: NameDigests())
  }
}

/// The plan of a sweep file's text.
func plan(_ text: String, _ overrides: [String] = []) throws -> SweepPlan {
  try SweepFixture(["sweep.json5": text]).plan(overrides)
}

/// Everything wrong with a sweep file, one line each; `no problem` where there is none.
func problems(_ text: String, _ overrides: [String] = []) -> String {
  problems(["sweep.json5": text], overrides)
}

/// Everything wrong with `sweep.json5` of some files.
func problems(_ files: [String: String], _ overrides: [String] = []) -> String {
  do {
    _ = try SweepFixture(files).plan(overrides)
    return "no problem"
  } catch {
    return "\(error)"
  }
}
