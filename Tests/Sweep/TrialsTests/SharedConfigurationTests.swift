import XCTest

@testable import Trials

final class SharedConfigurationTests: XCTestCase {
  func testSharingWithANeighborKeepsEveryValue() {
    var other = TrialConfiguration()
    other.model.shape.layerCount = 3
    other.task.maximumLength = 17
    other.trainSubset = SubsetSpecification(size: 40, seed: 9)
    other.training.epochs = 7
    other.optimizer.learningRate = 0.5
    other.schedule.warmup = 12
    other.record.curvesEvery = 1
    let neighbor = SharedConfiguration(TrialConfiguration())
    // Each part in turn is the neighbor's or the configuration's own.
    let changes: [(inout TrialConfiguration) -> Void] = [
      { $0.model = other.model }, { $0.task = other.task }, { $0.trainSubset = other.trainSubset },
      { $0.training = other.training }, { $0.optimizer = other.optimizer }, { $0.schedule = other.schedule },
      { $0.record = other.record },
    ]
    for (place, change) in changes.enumerated() {
      var configuration = TrialConfiguration()
      change(&configuration)
      let shared = SharedConfiguration(configuration, near: neighbor)
      XCTAssertEqual(shared.whole, configuration, "change \(place)")
      XCTAssertNotEqual(shared.whole, TrialConfiguration(), "change \(place)")
      XCTAssertNotEqual(shared, neighbor, "change \(place)")
      XCTAssertEqual(shared, SharedConfiguration(configuration), "change \(place)")
    }
    XCTAssertEqual(SharedConfiguration(other, near: neighbor).whole, other)
  }
}
