import AttentionTrials
import CProducts
import XCTest

final class OwnAttentionTests: XCTestCase {
  /// Random attentions equal the composition of scalar steps that defines them, on every level of this processor, touch
  /// nothing beyond their operands, and have the bits that the first processor had which ran them.
  /// `scripts/check/kernels/test-attention.sh` runs more of them, and NEON's.
  func testRandomAttentionsEqualTheirCompositionOnEveryLevel() {
    let before = cproducts_level_in_use()
    defer { cproducts_use(before) }
    for level in [cproducts_plain, cproducts_neon, cproducts_avx2, cproducts_avx512] where cproducts_use(level) {
      let name = String(cString: cproducts_level_name(level))
      var digest: UInt64 = 0
      XCTAssertEqual(attention_trials(0, 300, &digest), 0, name)
      XCTAssertEqual(digest, 0x592a_eb56_483b_7960, name)
    }
  }
}
