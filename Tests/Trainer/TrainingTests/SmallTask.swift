// A task of a few generated sentences in files, for tests of the sets that are scored once.

import Trials
import XCTest

extension XCTestCase {
  /// Writes a vocabulary and two labelled files, of 24 and of 40 rows, and returns the paths of these.
  func writeSmallTask(in folder: String) throws -> (data: String, other: String) {
    let words = ["the", "old", "girl", "sees", "dogs", "a", "."]
    func rows(_ count: Int, _ offset: Int) -> String {
      "text,label\n"
        + (0..<count).map { row in
          (0..<5).map { words[(row * 3 + $0 * (row + offset)) % words.count] }.joined(separator: " ")
            + ",\((row + offset) % 3 == 0 ? "yes" : "no")\n"
        }.joined()
    }
    _ = try write(
      "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n" + words.joined(separator: "\n") + "\n", "vocab.txt", in: folder)
    return (try write(rows(24, 1), "data.csv", in: folder), try write(rows(40, 2), "other.csv", in: folder))
  }
}

extension TrialConfiguration {
  /// Names the task, its vocabulary and its columns; its files are left to the test.
  mutating func readSmallTask(in folder: String) {
    model.vocabularyPath = folder + "/vocab.txt"
    task.name = "mine"
    (task.textColumn, task.labelColumn) = ("text", "label")
  }
}
