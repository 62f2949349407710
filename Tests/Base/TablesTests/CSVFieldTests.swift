// Fields as RFC 4180 and pandas want them.

import Tables
import XCTest

final class CSVFieldTests: XCTestCase {
  func testFields() {
    let fields: [(CSVField, String)] = [
      (.text("plain"), "plain"), (.text("a,b"), "\"a,b\""), (.text("say \"hi\""), "\"say \"\"hi\"\"\""),
      (.text("two\nlines"), "\"two\nlines\""), (.text("a\r\nb"), "\"a\r\nb\""), (.text("é, ü"), "\"é, ü\""),
      (.text(""), ""), (.missing, ""), (.integer(-3), "-3"), (.flag(true), "true"), (.flag(false), "false"),
      (.number(0.1), "0.1"), (.number(1), "1.0"), (.number(2e-5), "2e-05"), (.number(.nan), "nan"),
      (.number(-.nan), "nan"), (.number(.infinity), "inf"), (.number(-.infinity), "-inf"),
      (.number(nil as Double?), ""), (.integer(nil as Int?), ""), (.flag(nil as Bool?), ""),
      (.text(nil as String?), ""),
    ]
    for (field, text) in fields { XCTAssertEqual(field.encoded, text) }
  }

  func testNumbersReadBackTheSame() {
    var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
    for _ in 0..<10_000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Double(bitPattern: bits)
      guard number.isFinite else { continue }
      XCTAssertEqual(Double(CSVField.number(number).encoded)?.bitPattern, number.bitPattern)
    }
  }

  func testEncodedFieldsStandForSeveral() {
    let shared = CSVField.shared(EncodedFields([.text("a,b"), .missing, .integer(2)]))
    XCTAssertEqual(shared.count, 3)
    XCTAssertEqual(shared.encoded, "\"a,b\",,2")
    var bytes: [UInt8] = []
    [.flag(true), shared, .number(0.5)].append(to: &bytes)
    XCTAssertEqual(String(decoding: bytes, as: UTF8.self), "true,\"a,b\",,2,0.5")
  }
}
