// A temporary folder of small data files, and the whole text of the error that reading them gives.

import Foundation
import Tables
import Tasks
import Trials
import XCTest

@testable import Datasets

/// A folder that is removed when its test ends.
struct DataFolder {
  let path: String

  /// An empty folder that lives as long as the test case.
  init(for test: XCTestCase) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("datasets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    test.addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
    path = folder.path
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Data(text.utf8))
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: Data) throws -> String {
    let file = path + "/" + name
    try bytes.write(to: URL(fileURLWithPath: file))
    return file
  }

  /// The GLUE task of this folder.
  func load(_ task: GlueTask, subset: TaskDescription.Subset? = nil) throws -> TaskData {
    try TaskReader.load(
      TaskDescription(name: task.rawValue, source: .glue(task, folder: path), subset: subset))
  }

  /// A task of files in this folder with the columns `text` and `label`.
  func load(
    train: String, dev: String, text: String = "text", pair: String? = nil, label: String = "label",
    isRegression: Bool = false
  ) throws -> TaskData {
    let own = TaskDescription.OwnFiles(
      train: path + "/" + train, dev: path + "/" + dev, textColumn: text, pairColumn: pair, labelColumn: label,
      isRegression: isRegression)
    return try TaskReader.load(TaskDescription(name: "mine", source: .files(own)))
  }

  /// Checks that some code throws a `DataError` of this text, in which FOLDER stands for the folder's path.
  func assertError(
    _ expected: String, kind: any Error.Type = DataError.self, file: StaticString = #filePath, line: UInt = #line,
    _ body: () throws -> some Any
  ) {
    XCTAssertThrowsError(try body(), file: file, line: line) { error in
      XCTAssertTrue(type(of: error) == kind, "\(error)", file: file, line: line)
      XCTAssertEqual(
        "\(error)".replacingOccurrences(of: path, with: "FOLDER"), expected, file: file, line: line)
    }
  }
}
