import XCTest

@testable import Transformer

/// The strict JSON reader, against RFC 8259's grammar.
final class JSONTextTests: XCTestCase {
  private func parse(_ text: String) throws -> JSONValue { try JSONText.parse(Array(text.utf8)) }

  func testValues() throws {
    XCTAssertEqual(
      try parse(#" {"a": [1, -0.5e+3, true, false, null], "b": {"": "x"}, "c": [], "d": {}} "#),
      .object([
        .init(key: "a", value: .array([.number("1"), .number("-0.5e+3"), .boolean(true), .boolean(false), .null])),
        .init(key: "b", value: .object([.init(key: "", value: .string("x"))])),
        .init(key: "c", value: .array([])), .init(key: "d", value: .object([])),
      ]))
    XCTAssertEqual(
      try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00é😀""#), .string("\"\\/\u{8}\u{c}\n\r\tAé😀é😀"))
    XCTAssertEqual(try parse(#"{"a":7}"#)["a"]?.integer, 7)
    XCTAssertNil(try parse("7.0").integer)
  }

  func testQuotedTextIsReadBack() throws {
    let text = "a\"b\\c\n\r\t\u{0}\u{1f}é😀/"
    XCTAssertEqual(try parse(JSONText.quoted(text)), .string(text))
    XCTAssertEqual(JSONText.quoted("\u{1}"), #""\u0001""#)
  }

  func testWhatIsNoJSON() {
    let cases: [(text: String, offset: Int, reason: String)] = [
      ("", 0, "the text ends where a value must stand"),
      ("nul", 0, "no JSON value starts like this"),
      ("'a'", 0, "no JSON value starts like this"),
      ("01", 1, "more text after the value"),
      ("1.", 2, "a digit must follow the decimal point"),
      ("1e+", 3, "a digit must follow the exponent's sign"),
      ("-", 1, "no JSON value starts like this"),
      ("[1,]", 3, "no JSON value starts like this"),
      ("[1 2]", 3, "a comma or ] must follow an array's element"),
      ("{a:1}", 1, "a key in quotes must stand here"),
      (#"{"a" 1}"#, 5, #"a colon must follow the key "a""#),
      (#"{"a":1,}"#, 7, "a key in quotes must stand here"),
      (#"{"a":1,"a":2}"#, 7, #"the key "a" appears twice"#),
      (#"{"a":1"b":2}"#, 6, #"a comma or } must follow the value of "a""#),
      ("\"a", 1, "the string never ends"),
      ("\"a\n\"", 2, "a control character stands unescaped in a string"),
      (#""\x""#, 2, "no JSON escape starts like this"),
      (#""\u12g4""#, 3, "four hexadecimal digits must follow \\u"),
      (#""\ud83d!""#, 7, "half of a surrogate pair"),
      (#""\ude00""#, 7, "half of a surrogate pair"),
    ]
    for (text, offset, reason) in cases {
      XCTAssertThrowsError(try parse(text), text) { error in
        let fault = error as? JSONFault
        XCTAssertEqual(fault?.offset, offset, text)
        XCTAssertEqual(fault?.reason, reason, text)
      }
    }
    XCTAssertThrowsError(try JSONText.parse([0x22, 0xC3, 0x22]), "a lone lead byte is not UTF-8")
  }
}
