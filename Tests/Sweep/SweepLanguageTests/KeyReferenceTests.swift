import XCTest

@testable import SweepLanguage
@testable import Trials

final class KeyReferenceTests: XCTestCase {
  func testEveryKeyHasARow() {
    let lines = KeyReference.markdown().split(separator: "\n").map(String.init)
    for path in ConfigurationSchema.keys.map(\.path) + SweepMember.all.map(\.path) {
      let rows = lines.filter { $0.hasPrefix("| `\(path)` | ") }
      XCTAssertEqual(rows.count, 1, path)
      let cells = rows.first?.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
      XCTAssertEqual(cells.count, 4, "\(rows)")
      XCTAssertFalse(cells.contains(""), "\(rows)")
      XCTAssertTrue(cells.last?.hasSuffix(".") ?? false, "\(rows)")
    }
  }

  /// What a missing key stands for is a value, or words.
  func testEveryDefaultIsTold() {
    for key in ConfigurationSchema.keys where key.missingMeaning == nil {
      XCTAssertNotEqual(key.value(in: TrialConfiguration()), .null, key.path)
    }
  }

  func testRows() {
    let lines = KeyReference.markdown().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    XCTAssertEqual(lines[0], "# Keys")
    XCTAssertTrue(lines.contains("## `model.config`"))
    for row in [
      "| `training.epochs` | integer from 1 | `3` | The number of passes over the training examples. "
        + "Has an effect only where `training.max_steps` is not set. In the Transformers library: `num_train_epochs`. |",
      "| `training.hidden_dropout` | number from 0 and below 1 | the model's own | The dropout probability after the "
        + "embeddings and after the two projections of each layer. In the Transformers library: `hidden_dropout_prob`. |",
      "| `schedule.warmup` | number from 0 | `0.1` | The length of the warm-up: below 1 a fraction of the horizon, "
        + "otherwise a number of steps. In the Transformers library: `warmup_ratio`, `warmup_steps`. |",
      "| `record.predictions` | `\"none\"` or `\"final\"` | `\"final\"` | Which dev logits are kept: those of the last "
        + "evaluation (`final`) or `none`. |",
    ] {
      XCTAssertTrue(lines.contains(row), row)
    }
  }

  /// Deciding keys exist and are no aliases.
  func testDecidersAreKeys() {
    for key in ConfigurationSchema.keys {
      guard let usage = key.usage else { continue }
      XCTAssertEqual(ConfigurationSchema.key(at: usage.decider)?.role, .value, key.path)
    }
  }
}
