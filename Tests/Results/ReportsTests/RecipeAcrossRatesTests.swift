import Trials
import XCTest

@testable import Reports

final class RecipeAcrossRatesTests: XCTestCase {
  /// Configurations that differ in the learning rate alone are one recipe, whose name has the other values of a grid.
  func testRecipesWithoutTheirRates() {
    func planned(_ variant: String, rate: Double, warmup: Double, task: String = "synthetic") -> PlannedConfiguration {
      var configuration = TrialConfiguration()
      configuration.optimizer.learningRate = rate
      configuration.schedule.warmup = warmup
      configuration.task.name = task
      return PlannedConfiguration(
        variant: variant, label: "label of \(variant)", configuration: configuration,
        axisValues: [
          AxisValue(key: "optimizer.learning_rate", text: "\(rate)"),
          AxisValue(key: "schedule.warmup", text: "\(warmup)"),
        ], identifier: "\(variant)\(rate)\(warmup)")
    }
    let configurations = [
      planned("a", rate: 1e-5, warmup: 0), planned("a", rate: 1e-5, warmup: 0.5), planned("a", rate: 2e-5, warmup: 0),
      planned("b", rate: 3e-5, warmup: 0.5), planned("a", rate: 1e-5, warmup: 0, task: "rte"),
    ]
    let recipes = RecipeAcrossRates.all(configurations, reference: "b")
    XCTAssertEqual(
      recipes.map { "\($0.task): \($0.name)" },
      [
        "synthetic: label of a (schedule.warmup=0.0)", "synthetic: label of a (schedule.warmup=0.5)",
        "rte: label of a (schedule.warmup=0.0)",
      ])
    XCTAssertEqual(recipes.map { $0.members.map(\.variant).joined() }, ["aa", "ab", "a"])
    XCTAssertEqual(recipes.map(\.isReference), [false, true, false], "the other task has no such variant")
    XCTAssertEqual(
      RecipeAcrossRates.all(configurations, reference: nil).map(\.isReference), [true, false, true],
      "the first of each task")
  }
}
