import CProducts
import ProductTrials
import XCTest

final class OwnProductTests: XCTestCase {
  private let levels = [cproducts_plain, cproducts_neon, cproducts_avx2, cproducts_avx512]

  /// Runs `body` with every level of this processor in use, then returns to the one before.
  private func forEachLevel(_ body: (_ name: String) -> Void) {
    let before = cproducts_level_in_use()
    defer { cproducts_use(before) }
    for level in levels where cproducts_use(level) { body(String(cString: cproducts_level_name(level))) }
  }

  /// Random products equal the chain of fused multiply-adds that defines them, touch nothing beyond their operands, and
  /// have the bits that the first processor had which ran them. `scripts/check/kernels/test-products.sh` runs 100,000.
  func testRandomProductsEqualTheChainOnEveryLevel() {
    forEachLevel { name in
      var digest: UInt64 = 0
      XCTAssertEqual(product_trials(0, 3000, false, &digest), 0, name)
      XCTAssertEqual(digest, 0x8d51_4d18_e883_643a, name)
    }
  }

  func testRandomProductsOfBFloat16EqualTheirChain() {
    forEachLevel { name in
      var digest: UInt64 = 0
      XCTAssertEqual(product_trials(0, 3000, true, &digest), 0, name)
      XCTAssertEqual(digest, 0x06b6_9221_46be_3ab3, name)
    }
  }

  func testTheHighestLevelIsInUse() {
    let highest = cproducts_highest_level()
    XCTAssertFalse(levels.contains { $0.rawValue > highest.rawValue && cproducts_use($0) })
    XCTAssertTrue(cproducts_use(highest))
    XCTAssertEqual(cproducts_level_in_use(), highest)
  }
}
