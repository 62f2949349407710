import KeyValues
import XCTest

@testable import Trials

final class SharedConfigurationTests: XCTestCase {
  /// Another value than the default's, by the kind of the key.
  private func otherValue(of key: ConfigurationKey) -> KeyValue {
    let value = key.get(TrialConfiguration())
    switch key.kind {
    case .boolean: return .boolean(value != .boolean(true))
    case .integer(let minimum, _): return .integer(minimum + 17)
    case .seed: return .seed(99)
    case .number: return .number(0.375)
    case .choice(let words): return .text(words.first { .text($0) != value } ?? "")
    case .text, .path, .scalar: return .text("other")
    case .texts: return .list(["other"])
    case .scalarTable, .textTable, .files: return .table([NamedValue("name", .text("other"))])
    case .objects: return .table([NamedValue("name", .table([]))])
    }
  }

  /// Each key of the schema in turn takes its part from the neighbour or has its own.
  func testSharingWithANeighborKeepsEveryValue() {
    let neighbor = SharedConfiguration(TrialConfiguration())
    var other = TrialConfiguration()
    for key in ConfigurationSchema.keys where key.role == .value {
      var configuration = TrialConfiguration()
      if key.path == "train_subset.seed" { configuration.trainSubset = SubsetSpecification(size: 40, seed: 9) }
      key.set(&configuration, otherValue(of: key))
      key.set(&other, otherValue(of: key))
      let shared = SharedConfiguration(configuration, near: neighbor)
      XCTAssertEqual(key.value(in: shared.whole), otherValue(of: key), key.path)
      XCTAssertEqual(shared.whole, configuration, key.path)
      XCTAssertNotEqual(shared.whole, TrialConfiguration(), key.path)
      XCTAssertNotEqual(shared, neighbor, key.path)
      XCTAssertEqual(shared, SharedConfiguration(configuration), key.path)
    }
    XCTAssertEqual(SharedConfiguration(other, near: neighbor).whole, other)
  }

  /// A section that the schema forgets would become the default without a word.
  func testTheSchemaHasEverySection() {
    let fields = Mirror(reflecting: TrialConfiguration()).children.count
    XCTAssertEqual(ConfigurationSchema.sectionList.count, fields)
  }

  /// Every field of the sections has a key: otherwise no sweep could set it, and `sweep.json` would lose it.
  func testEveryFieldHasAKey() {
    func fieldCount(_ value: Any) -> Int {
      let mirror = Mirror(reflecting: value)
      // A value that a name stands for, such as a family of encoders, is one field.
      guard mirror.displayStyle == .struct, !mirror.children.isEmpty, !(value is any RawRepresentable) else { return 1 }
      return mirror.children.reduce(0) { $0 + fieldCount($1.value) }
    }
    // The subset is one field that is nil, and has two keys.
    XCTAssertEqual(
      fieldCount(TrialConfiguration()) + 1, ConfigurationSchema.keys.filter { $0.role == .value }.count)
  }

  /// A grid over the optimizer, the schedule or what is recorded costs the same, and nobody knows what a program costs; everything else is looked at anew.
  func testCostsAreSharedWhereNoKeyChangesThem() {
    let plain = TrialConfiguration().costKey
    let freeCures = [
      "training.label_smoothing", "training.average_from", "training.average_every", "training.average_decay",
    ]
    for key in ConfigurationSchema.keys where key.role == .value && key.path != "train_subset.seed" {
      var configuration = TrialConfiguration()
      key.set(&configuration, otherValue(of: key))
      let isFree =
        ["optimizer", "schedule", "record", "program"].contains { key.path.hasPrefix($0 + ".") }
        || key.path == "task.allow_unknown_tokens" || freeCures.contains(key.path)
      // The first two need a copy of all weights, and not every model can have the third.
      let matters = ["optimizer.decay_towards", "record.update_norms", "optimizer.layer_decay"].contains(key.path)
      XCTAssertEqual(configuration.costKey == plain, isFree && !matters, key.path)
    }
    var decaying = TrialConfiguration()
    decaying.optimizer.decayTowards = .pretrained
    XCTAssertNotEqual(decaying.costKey, plain)
    decaying.optimizer.weightDecay = 0
    XCTAssertEqual(decaying.costKey, plain)
  }
}
