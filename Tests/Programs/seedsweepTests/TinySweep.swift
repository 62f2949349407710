// A sweep that trains in a fraction of a second a trial, and what tests ask of its folders.

import Foundation
import XCTest

/// The text of a sweep file and how to run it.
enum TinySweep {
  /// A sweep of two warm-ups and `seeds` seeds, trained for `steps` steps.
  static func text(seeds: String = "2", steps: Int = 12, layers: Int = 2, rate: String = "1e-3") -> String {
    """
    {
      name: "tiny",
      model: {
        init: "random",
        config: {
          num_hidden_layers: \(layers), hidden_size: 16, num_attention_heads: 2, intermediate_size: 32,
          max_position_embeddings: 64,
        },
      },
      task: { name: "synthetic", train_size: 96, dev_size: 40, max_length: 32 },
      training: { max_steps: \(steps), batch_size: 8 },
      optimizer: { learning_rate: \(rate) },
      grid: { "schedule.warmup": [0, 0.1] },
      seeds: \(seeds),
    }
    """
  }

  /// The tables that must have the same bytes however a sweep was run.
  static let reproducibleTables = ["trials.csv", "curves.csv", "summary.csv"]

  /// The tables that trials left below a folder, such as `out/predictions`: `ab/abcdef0123456789.csv`, sorted.
  static func keptTables(_ folder: TemporaryFolder, _ name: String) -> [String] {
    let files = FileManager.default.enumerator(atPath: "\(folder.path)/\(name)")?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".csv") }.sorted()
  }

  /// The bytes of the reproducible tables of a results folder.
  static func tables(of folder: TemporaryFolder, _ output: String = "out") throws -> [Data] {
    try reproducibleTables.map { try folder.bytes(output + "/" + $0) }
  }

  /// Fails unless two folders hold the same reproducible tables.
  static func assertSameTables(
    _ first: [Data], _ second: [Data], file: StaticString = #filePath, line: UInt = #line
  ) {
    for (index, name) in reproducibleTables.enumerated() {
      XCTAssertEqual(
        String(decoding: first[index], as: UTF8.self), String(decoding: second[index], as: UTF8.self), name, file: file,
        line: line)
    }
  }
}
