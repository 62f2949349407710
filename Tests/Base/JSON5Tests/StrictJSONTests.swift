import XCTest

@testable import JSON5

/// Strict JSON, whose cases follow the rules that JSONTestSuite groups as y_ (every reader takes it) and n_ (none does). What
/// Python's json module takes beside them was tried with Python 3.11's `json.loads`.
final class StrictJSONTests: XCTestCase {
  private func read(_ text: String, _ dialect: JSONDialect) throws -> JSONNode.Content {
    try JSONReader.read(text, name: "t", as: dialect).content
  }

  private func problem(_ text: String, _ dialect: JSONDialect = .json) -> String {
    do throws(Diagnostics) {
      return "no problem: \(try JSONReader.read(text, name: "t", as: dialect).content)"
    } catch {
      return error.description
    }
  }

  /// The y_ classes; both strict dialects take each, and JSON5 as well.
  func testWhatEveryReaderTakes() throws {
    let cases = [
      "[]", "[[]   ]", "[\"\"]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]", "[2] ",
      "[1,null,null,null,2]", "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.000000000000000000000000001]", "[20e1]",
      "[-0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]", "[123]",
      "[123.456789]", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{}", "{\"\":0}", "{\"foo\\u0000bar\": 42}",
      "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\"a\":[]}", "{\"title\":\"\\u041f\\u043e\" }", "{\n\"a\": \"b\"\n}",
      "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
      "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\\n\"]", "[\"a/*b*/c/*d//e\"]", "[\"\u{7F}\"]",
      "[\"\u{2028}\u{2029}\"]", "[\"€𝄞\"]", "[\"\\uDBFF\\uDFFF\"]", "false", "42", "-0.1", "null", "\"asd\"", "true",
      "\"\"", "[\"a\"]\n", "[true]", "\t[\r\n] ",
    ]
    for text in cases {
      let plain = try read(text, .json5)
      XCTAssertEqual(try read(text, .json), plain, text)
      XCTAssertEqual(try read(text, .python), plain, text)
    }
  }

  /// The n_ classes; many of them are JSON5.
  func testWhatNoReaderTakes() {
    let cases = [
      "[1 true]", "[a", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"", "[x",
      "[3[4]]", "[1:2]", "[,]", "[-]", "[   , \"\"]", "[1,]", "[1,,]", "[*]", "[1,", "[fals]", "[nul]", "[tru]",
      "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[.-1]", "[.2e-3]", "[0.1.2]", "[0.3e+]", "[0.3e]",
      "[0.e1]", "[0E]", "[0E+]", "[1.0e-]", "[1 000.0]", "[1eE2]", "[2.e+3]", "[2.e3]", "[9.e+]", "[Inf]", "[1+2]",
      "[0x1]", "[0x42]", "[-foo]", "[- 1]", "[-012]", "[-.123]", "[-1x]", "[1ea]", "[1e1\u{E5}]", "[1.]", "[.123]",
      "[1.2a-3]", "[1.8011670033376514H-308]", "[012]", "[\u{FF11}]", "[\"x\", truth]", "{[: \"x\"}", "{\"x\", null}",
      "{\"x\"::\"b\"}", "{\u{1F1E8}}", "{\"a\":\"a\" 123}", "{key: 'value'}", "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}",
      "{\"a\":", "{\"a\"", "{1:1}", "{9999E9999:1}", "{null:null,null:null}", "{\"id\":0,,,,,}", "{'a':0}",
      "{\"id\":0,}", "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}#", "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}", "{\"a\":\"a",
      "{ \"foo\" : \"bar\", \"a\" }", " ", "[\"\\uD800\\u\"]", "[\"\\uD800\\u1x\"]", "[\\u0020\"asd\"]", "[\"\\a\"]",
      "[\"\\\u{0}\"]", "[\"\\x00\"]", "[\"\\0\"]", "[\"\\'\"]", "[\"\\\t\"]", "[\"\\u00A\"]", "['single quote']", "abc",
      "[\"\\", "[\"new\nline\"]", "[\"\t\"]", "[\"\u{1F}\"]", "\"\\UA66D\"", "<.>", "[<null>]", "[1]x", "[1]]",
      "[True]",
      "1]", "{\"x\": true,", "[][]", "]", "{}}", "\u{E5}", "[\"a\\\nb\"]", "[\u{0C}]", "[\u{0B}]", "\u{2060}",
      "[\u{A0}1]", "// a\n1", "[1 /* a */]", "{\"a\": /*comment*/\"b\"}", "\u{FEFF}{}", "", "[undefined]", "[1}",
    ]
    for text in cases {
      for dialect in [JSONDialect.json, .python] {
        let said = problem(text, dialect)
        XCTAssertTrue(said.hasPrefix("t:"), "\(text): \(said)")
      }
    }
  }

  func testWhatPythonTakesBeside() throws {
    let numbers = "[NaN, Infinity, -Infinity]"
    let values = try JSONReader.read(numbers, name: "t", as: .python).elements?.compactMap(\.doubleValue)
    XCTAssertEqual(values?.map(\.isNaN), [true, false, false])
    XCTAssertEqual(values?.dropFirst(), [.infinity, -.infinity])
    XCTAssertEqual(problem(numbers), "t:1:2: expected a value, found \"NaN\"; a string needs quotes")
    XCTAssertEqual(problem("[-Infinity]"), "t:1:2: expected a value, found \"-\"")
    for text in ["-NaN", "+Infinity", "nan", "-Infinit", "Infinityx", "inf"] {
      XCTAssertTrue(problem(text, .python).hasPrefix("t:1:1: "), text)
    }
    // Half a surrogate pair: a character of its own in Python, which no UTF-8 text holds.
    let halves = [
      (#""\ud83d""#, "\u{FFFD}"), (#""a\ude00b""#, "a\u{FFFD}b"), (#""\ud83dx""#, "\u{FFFD}x"),
      (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
      (#""\ud83d\u0041""#, "\u{FFFD}A"),
    ]
    for (text, expected) in halves { XCTAssertEqual(try read(text, .python), .string(expected), text) }
    XCTAssertEqual(
      problem(halves[0].0), "t:1:2: the escape is half of a surrogate pair and stands for no character")
  }

  func testWhatIsSaidAboutJSON5() {
    XCTAssertEqual(problem("[1,]"), "t:1:3: JSON has no comma after the last element")
    XCTAssertEqual(problem("{\"a\": 1,\n}"), "t:1:8: JSON has no comma after the last element")
    XCTAssertEqual(problem("['a']"), "t:1:2: JSON writes strings in double quotes, found \"'\"")
    XCTAssertEqual(problem("{a: 1}"), "t:1:2: expected a key in quotes or }, found \"a\"")
    XCTAssertEqual(problem("[\"\\x41\"]"), "t:1:3: JSON has no escape that begins with a backslash and \"x41\"")
    XCTAssertEqual(problem("[\"\t\"]"), "t:1:3: a control character in a string; JSON writes it as \\u0009")
    XCTAssertEqual(problem("[+1]"), "t:1:2: expected a number, found \"+1\"")
    XCTAssertEqual(problem("[0x10]"), "t:1:2: expected a number, found \"0x10\"")
    XCTAssertEqual(problem("1 // a"), "t:1:3: expected the end of the text after the value, found \"/\"")
    XCTAssertEqual(
      problem("\u{FEFF}{}"),
      "t:1:1: the text begins with a byte order mark, which JSON does not have; save it without one")
  }

  /// Readers do not agree which of two equal keys counts, so that a file with two means nothing certain. JSONTestSuite lets a
  /// reader take them (y_object_duplicated_key).
  func testAKeyGivenTwiceIsRefused() {
    for dialect in [JSONDialect.json, .python, .json5] {
      XCTAssertEqual(
        problem(#"{"a": 1, "a": 1}"#, dialect), #"t:1:10: duplicate key "a"; it is first given at 1:2"#)
    }
  }

  func testAPartOfAFileKnowsItsLine() {
    let text = Array("{\"a\": 1, \"a\": 2}".utf8)
    text.withUnsafeBufferPointer { bytes in
      do throws(Diagnostics) {
        XCTFail("\(try JSONReader.read(bytes, name: "t", as: .python, firstLine: 7))")
      } catch {
        XCTAssertEqual("\(error)", #"t:7:10: duplicate key "a"; it is first given at 7:2"#)
      }
    }
  }

  func testControlCharactersOfMessages() {
    XCTAssertEqual(
      "a\u{1B}[31mé\r\n\t\u{9B}\u{7F}\0".escapingControlCharacters(), #"a\u001b[31mé\r\n\t\u009b\u007f\u0000"#)
    XCTAssertEqual("a\r\n\tb\u{1B}".escapingControlCharacters(keepsLines: true), "a\\r\n\tb\\u001b")
    XCTAssertEqual("plain é\u{200D}".escapingControlCharacters(), "plain é\u{200D}")
  }

  func testDecimalNumbersOfTexts() {
    let numbers: [(String, Double)] = [
      ("1", 1), ("-2.5e-1", -0.25), ("+3", 3), (".5", 0.5), ("5.", 5), ("inf", .infinity), ("-Infinity", -.infinity),
      ("1E3", 1000),
    ]
    for (text, number) in numbers { XCTAssertEqual(text.decimalNumber, number, text) }
    XCTAssertEqual("NaN".decimalNumber?.isNaN, true)
    for text in ["0x1p-1", "0X10", "-0x1", "nan(0x7)", "nan(1)", "", " 1", "1 ", "1_000", "1,5", "one"] {
      XCTAssertNil(text.decimalNumber, text)
    }
  }
}
