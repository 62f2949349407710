// Further sets of the languages inside the program: examples of their own, which hang on the set's name and on no other set.

import Tasks
import Trials
import XCTest

@testable import Datasets

final class BuiltInDevSetTests: XCTestCase {
  private func data(
    _ task: BuiltInTask, test: TaskDifficulty? = nil, _ sets: [FinalSet<BuiltInSet>]
  ) throws -> TaskData {
    var examples = BuiltInExamples(task, .local, dev: .distant, test: test, trainCount: 120, devCount: 60, seed: 3)
    examples.devSets = sets
    return try BuiltInLanguage.generate(examples)
  }

  func testTheirExamplesAreNoOthers() throws {
    let fresh = FinalSet("fresh", BuiltInSet(count: 60, difficulty: .distant))
    let twin = FinalSet("twin", BuiltInSet(count: 60, difficulty: .distant))
    let far = FinalSet("far", BuiltInSet(count: 100, difficulty: .diagnostic))
    for task in BuiltInTask.all {
      let (plain, all) = (try data(task, []), try data(task, test: .distant, [far, fresh, twin]))
      XCTAssertEqual(plain.finalSets, [])
      XCTAssertEqual(all.train, plain.train, task.name)
      XCTAssertEqual(all.dev, plain.dev, task.name)
      XCTAssertEqual(all.finalSets.map(\.name), ["test", "far", "fresh", "twin"])
      XCTAssertEqual(all.finalSets.map(\.content.count), [60, 100, 60, 60])
      let others = Set((all.train + all.dev + (all.test ?? [])).map(\.text))
      for set in all.finalSets.dropFirst() {
        let texts = set.content.map(\.text)
        XCTAssertEqual(Set(texts).count, texts.count, task.name)
        XCTAssertTrue(others.isDisjoint(with: texts), "\(task.name) \(set.name)")
      }
      XCTAssertNotEqual(all.finalSets[2].content, all.finalSets[3].content, task.name)
      // Which other sets there are changes none.
      XCTAssertEqual(
        try data(task, test: .distant, [fresh]).finalSets.last, all.finalSets[2], task.name)
      guard !task.predictsNumbers else { continue }
      func shares(_ texts: [LabeledText]) -> [Int] {
        [0, 1].map { index in texts.count { $0.target == .classIndex(index) } }
      }
      XCTAssertEqual(shares(all.finalSets[2].content), shares(all.dev), task.name)
    }
  }

  func testSizesThatNoSetHas() throws {
    let task = try XCTUnwrap(BuiltInTask(name: "town-entailment"))
    XCTAssertThrowsError(try data(task, [FinalSet("far", BuiltInSet(count: 3, difficulty: .local))])) {
      XCTAssertEqual("\($0)", "town task: 3 far sentences; allowed: 4 to 100000")
    }
  }
}
