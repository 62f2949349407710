// Spellings of hyperparameters in tables of others.

import TrainerFiles
import TrialTables
import Trials
import XCTest

@testable import Imports

final class HyperparameterColumnsTests: XCTestCase {
  func testEverySpellingIsOfAColumn() {
    for (column, names) in HyperparameterColumns.spellings {
      XCTAssertTrue(TrialColumns.configurationNames.contains(column), column)
      for name in names.map(\.name) { XCTAssertEqual(HyperparameterColumns.key(name), name) }
    }
    let names = HyperparameterColumns.spellings.flatMap { $0.names.map(\.name) }
    XCTAssertEqual(names.count, Set(names).count, "a spelling means one thing")
  }

  func testKeys() {
    for (column, key) in [
      ("lr", "lr"), ("config/lr", "lr"), ("config/train_loop_config/lr", "lr"), ("params_lr", "lr"),
      ("user_attrs_batch_size", "batch_size"), ("optimizer.lr", "lr"), ("Learning Rate", "learning_rate"),
      ("training.max-steps", "max_steps"), ("config/optimizer.lr", "lr"),
    ] { XCTAssertEqual(HyperparameterColumns.key(column), key, column) }
    // What a run logs is no setting.
    XCTAssertEqual(
      HyperparameterColumns.known(among: [
        "train/learning_rate", "train/epoch", "eval/loss", "epoch", "lr", "bs", "seed", "lr_final", "train/global_step",
      ]), ["lr", "bs", "train/global_step"])
    XCTAssertEqual(HyperparameterColumns.known(among: ["lr", "lr"]), [], "a column that occurs twice is not read")
  }

  func testValues() {
    func values(_ texts: (String, String)...) -> [String: String] {
      HyperparameterColumns.values(texts.map { (name: $0.0, text: $0.1) })
    }
    XCTAssertEqual(values(("lr", "0.00002"), ("batch_size", "16.0")), ["learning_rate": "2e-05", "batch_size": "16"])
    XCTAssertEqual(
      values(("train_batch_size", "16"), ("gradient_accumulation_steps", "4"), ("total_train_batch_size", "64")),
      ["batch_size": "64"])
    XCTAssertEqual(
      values(("per_device_train_batch_size", "8"), ("gradient_accumulation_steps", "4")), ["batch_size": "32"])
    XCTAssertEqual(values(("batch_size", "8"), ("gradient_accumulation_steps", "4")), ["batch_size": "8"])
    XCTAssertEqual(
      values(("train_batch_size", "9e14"), ("gradient_accumulation_steps", "9e14")), ["batch_size": "900000000000000"],
      "a product that fits no integer")
    XCTAssertEqual(values(("max_steps", "-1"), ("epochs", "3")), ["epochs": "3"])
    XCTAssertEqual(values(("warmup_ratio", "0.1"), ("warmup_steps", "0")), ["warmup": "0.1"])
    XCTAssertEqual(values(("warmup_ratio", "0.1"), ("warmup_steps", "100")), ["warmup": "100"])
    XCTAssertEqual(values(("warmup_ratio", "0"), ("warmup_steps", "0")), ["warmup": "0"])
    // Of one name under several prefixes the first with a value counts.
    XCTAssertEqual(
      values(("config.lr", ""), ("params_lr", "None"), ("lr", "2e-5"), ("hp.lr", "1")), ["learning_rate": "2e-05"])
    XCTAssertEqual(values(("lr", ""), ("wd", "None"), ("dropout", "nan")), [:])
    XCTAssertEqual(
      values(("lr_scheduler_type", "linear"), ("lr", "high")), ["schedule": "linear", "learning_rate": "high"])
  }
}
