import XCTest

@testable import JSON5

/// Cases of the JSON5 specification (spec.json5.org), each by its section, and what is said about bad text.
final class JSONReaderTests: XCTestCase {
  private func read(_ text: String) throws -> JSONNode.Content {
    try JSONReader.read(text, name: "t").content
  }

  private func problem(_ bytes: [UInt8]) -> String {
    do throws(Diagnostics) {
      let node = try JSONReader.read(bytes, name: "t")
      return "no problem: \(node.content)"
    } catch {
      return error.description
    }
  }

  private func problem(_ text: String) -> String { problem(Array(text.utf8)) }

  private func integer(_ magnitude: UInt64, negative: Bool = false) -> JSONNode.Content {
    .integer(JSONInteger(isNegative: negative, magnitude: magnitude))
  }

  func testTheShortExampleOfTheSpecification() throws {
    let node = try JSONReader.read(
      """
      {
        // comments
        unquoted: 'and you can quote me on that',
        singleQuotes: 'I can use "double quotes" here',
        lineBreaks: "Look, Mom! \\
      No \\\\n's!",
        hexadecimal: 0xdecaf,
        leadingDecimalPoint: .8675309, andTrailing: 8675309.,
        positiveSign: +1,
        trailingComma: 'in objects', andIn: ['arrays',],
        "backwardsCompatible": "with JSON",
      }
      """, name: "t")
    XCTAssertEqual(
      node.members?.map(\.key),
      [
        "unquoted", "singleQuotes", "lineBreaks", "hexadecimal", "leadingDecimalPoint", "andTrailing", "positiveSign",
        "trailingComma", "andIn", "backwardsCompatible",
      ])
    XCTAssertEqual(node["singleQuotes"]?.stringValue, "I can use \"double quotes\" here")
    XCTAssertEqual(node["lineBreaks"]?.stringValue, "Look, Mom! No \\n's!")
    XCTAssertEqual(node["hexadecimal"]?.intValue, 0xdecaf)
    XCTAssertEqual(node["leadingDecimalPoint"]?.content, .number(0.8675309))
    XCTAssertEqual(node["andTrailing"]?.content, .number(8_675_309))
    XCTAssertEqual(node["positiveSign"]?.content, integer(1))
    XCTAssertEqual(node["andIn"]?.elements?.map(\.stringValue), ["arrays"])
  }

  func testNumbers() throws {
    let cases: [(String, JSONNode.Content)] = [
      ("0", integer(0)), ("-0", integer(0, negative: true)), ("16", integer(16)), ("16.0", .number(16)),
      ("1e3", .number(1000)), ("5.", .number(5)), (".5", .number(0.5)), ("-.5E-1", .number(-0.05)), ("+7", integer(7)),
      ("0xFf", integer(255)), ("-0x10", integer(16, negative: true)), ("0e5", .number(0)), ("0.0e0", .number(0)),
      ("18446744073709551615", integer(.max)), ("18446744073709551616", .number(18_446_744_073_709_551_616)),
      ("-9223372036854775808", integer(1 << 63, negative: true)), ("0xFFFFFFFFFFFFFFFF", integer(.max)),
      ("Infinity", .number(.infinity)), ("-Infinity", .number(-.infinity)), ("+Infinity", .number(.infinity)),
      ("1e400", .number(.infinity)), ("4.9e-324", .number(.leastNonzeroMagnitude)), ("1e-400", .number(0)),
      ("9007199254740993.0", .number(9_007_199_254_740_992)), ("0.1e1", .number(1)),
    ]
    for (text, expected) in cases { XCTAssertEqual(try read(text), expected, text) }
    for text in ["NaN", "-NaN", "+NaN"] {
      guard case .number(let number) = try read(text) else { return XCTFail(text) }
      XCTAssertTrue(number.isNaN)
    }
    XCTAssertEqual(Int(JSONInteger(isNegative: true, magnitude: 1 << 63)), .min)
    XCTAssertNil(Int(JSONInteger(isNegative: false, magnitude: 1 << 63)))
    XCTAssertNil(UInt64(JSONInteger(isNegative: true, magnitude: 1)))
    XCTAssertEqual(UInt64(JSONInteger(isNegative: true, magnitude: 0)), 0)
  }

  func testNumbersThatAreNone() {
    for (text, found) in [
      ("01", "01"), ("00", "00"), ("1x", "1x"), ("1e", "1e"), ("1e+", "1e+"), ("1.2.3", "1.2.3"), (".", "."),
      ("-", "-"),
      ("+-1", "+-1"), ("1_000", "1_000"), ("- 1", "-"),
    ] {
      XCTAssertTrue(problem(text).contains("found \"\(found)\""), "\(text): \(problem(text))")
    }
    XCTAssertEqual(problem("[012]"), "t:1:2: a number may not start with an extra 0, found \"012\"")
    XCTAssertEqual(problem("0xg"), "t:1:1: expected hexadecimal digits after 0x, found \"g\"")
    XCTAssertEqual(
      problem("0x1FFFFFFFFFFFFFFFF"), "t:1:1: the hexadecimal number needs more than the 64 bits allowed")
  }

  func testShortestDecimalsOfAnyDoubleReadBack() throws {
    var state: UInt64 = 1
    for _ in 0..<100_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Full-width patterns need the C library, fractions take the long division, few digits the short cut.
      for number in [Double(bitPattern: state), Double(state >> 11) * 0x1p-53, Double(state >> 40) / 1000]
      where number.isFinite {
        guard let back = try JSONReader.read(JSONWriter.number(number), name: "t").doubleValue else {
          return XCTFail("\(number)")
        }
        XCTAssertEqual(back.bitPattern, number.bitPattern)
      }
    }
  }

  func testDecimalsOfEveryLengthAreRoundedAsTheStandardLibraryRounds() throws {
    var state: UInt64 = 5
    for _ in 0..<100_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let text = "\((state >> 8) >> (state & 63))e-\(state >> 32 & 31)"
      XCTAssertEqual(try JSONReader.read(text, name: "t").doubleValue, Double(text), text)
    }
    // 2^53 + 1 scaled by 2^-k, a tie, and its neighbours (the last digit up or down).
    for text in ["4503599627370496.5", "4503599627370497.5", "9007199254740993e-1", "4503599627370496.501"] {
      XCTAssertEqual(try JSONReader.read(text, name: "t").doubleValue, Double(text), text)
    }
  }

  func testStrings() throws {
    let cases: [(String, String)] = [
      (#""\b\f\n\r\t\v\0\'\"\\\/""#, "\u{08}\u{0C}\n\r\t\u{0B}\0'\"\\/"), (#"'\x41\u0042\a\$'"#, "ABa$"),
      (#""\uD83D\uDE00é😀""#, "😀é😀"), ("'a\\\nb\\\r\nc\\\u{2028}d'", "abcd"), ("'\u{2028}\t'", "\u{2028}\t"),
      (#"'"'"#, "\""), ("''", ""), (#""\u0000""#, "\0"),
    ]
    for (text, expected) in cases { XCTAssertEqual(try read(text), .string(expected), text) }
  }

  func testStringsThatAreNone() {
    XCTAssertEqual(problem("\"abc"), "t:1:1: the string is never closed with \"")
    XCTAssertEqual(problem("['abc\n']"), "t:1:2: the string is not closed on its line")
    XCTAssertEqual(problem(#"["\u12G4"]"#), "t:1:3: the escape needs 4 hexadecimal digits, found \"G4\"")
    XCTAssertEqual(problem(#"'\xZ'"#), "t:1:2: the escape needs 2 hexadecimal digits, found \"Z\"")
    XCTAssertEqual(
      problem(#"'\uD800'"#), "t:1:2: the escape is half of a surrogate pair and stands for no character")
    XCTAssertEqual(
      problem(#"'\uDC00\uD800'"#), "t:1:2: the escape is half of a surrogate pair and stands for no character")
    XCTAssertEqual(
      problem(#"'\01'"#), "t:1:2: octal escapes are not allowed; write \\x and two hexadecimal digits")
    XCTAssertEqual(problem(#"'\5'"#), #"t:1:2: the escape "\5" is not allowed"#)
    XCTAssertEqual(problem("'\\"), "t:1:2: the text ends inside an escape")
  }

  func testBareKeys() throws {
    for key in ["a", "$", "_a1", "été", "ａ\u{200D}b", "Infinity", "NaN", "null", "true1", "ऄा"] {
      XCTAssertEqual(try JSONReader.read("{\(key):1}", name: "t").members?.first?.key, key)
    }
    XCTAssertEqual(try JSONReader.read(#"{\u0061\u0062c:1}"#, name: "t").members?.first?.key, "abc")
    XCTAssertEqual(problem("{1a: 1}"), "t:1:2: expected a key or }, found \"1a\"")
    XCTAssertEqual(problem("{a-b: 1}"), "t:1:3: expected a colon after the key \"a\", found \"-\"")
    XCTAssertEqual(
      problem("{a.b: 1}"), "t:1:3: expected a colon after the key \"a\", found \".\"; a key with a dot needs quotes")
    XCTAssertEqual(
      problem(#"{\u0020: 1}"#),
      "t:1:2: the escape stands for a character that a bare key may not have; quote the key")
    XCTAssertEqual(
      problem(#"{\x41: 1}"#), #"t:1:2: expected \u and four hexadecimal digits in a bare key, found "\""#)
  }

  func testWhiteSpaceAndComments() throws {
    XCTAssertEqual(
      try read("\u{FEFF}\t\u{0B}\u{0C}\u{A0}\u{2028}\u{2029}\u{3000}[ /* a ** \n / */ 1 // c \r , 2 /**/ ] // end"),
      .array([
        JSONNode(integer(1), at: SourceRange(source: 0, start: 0, end: 0)),
        JSONNode(integer(2), at: SourceRange(source: 0, start: 0, end: 0)),
      ]))
    XCTAssertEqual(problem("1 /* a"), "t:1:3: the comment is never closed with */")
    XCTAssertEqual(problem("/*/"), "t:1:1: the comment is never closed with */")
    XCTAssertEqual(problem("1 / 2"), "t:1:3: expected // or /* to open a comment, found \"/\"")
  }

  func testStructure() {
    XCTAssertEqual(problem(""), "t:1:1: expected a value, found an empty text")
    XCTAssertEqual(problem(" "), "t:1:2: expected a value, found the end of the text")
    XCTAssertEqual(problem("[“2”]"), "t:1:2: expected a value, found \"“\"; write straight quotes")
    XCTAssertEqual(problem("{“a”: 2}"), "t:1:2: expected a key or }, found \"“\"; write straight quotes")
    XCTAssertEqual(problem("[1 2]"), "t:1:4: expected a comma or ], found \"2\"")
    XCTAssertEqual(problem("[,]"), "t:1:2: expected a value, found \",\"")
    XCTAssertEqual(problem("[1,,2]"), "t:1:4: expected a value, found \",\"")
    XCTAssertEqual(problem("{,}"), "t:1:2: expected a key or }, found \",\"")
    XCTAssertEqual(
      problem("{a: [1,\n{"), "t:2:2: expected a key or } in an object opened at 2:1, found the end of the text")
    XCTAssertEqual(problem("{a: [1"), "t:1:7: expected a comma or ] in a list opened at 1:5, found the end of the text")
    XCTAssertEqual(problem("{a}"), "t:1:3: expected a colon after the key \"a\", found \"}\"")
    XCTAssertEqual(problem("1 2"), "t:1:3: expected the end of the text after the value, found \"2\"")
    XCTAssertEqual(problem("[True]"), "t:1:2: expected a value, found \"True\"; write true")
    XCTAssertEqual(problem("[nullx]"), "t:1:2: expected a value, found \"nullx\"; a string needs quotes")
    XCTAssertEqual(problem("[undefined]"), "t:1:2: expected a value, found \"undefined\"; a string needs quotes")
    XCTAssertEqual(problem("{a: 1\n;}"), "t:2:1: expected a comma or }, found \";\"")
  }

  func testNestingIsLimited() throws {
    let limit = JSONReader.maximumDepth
    XCTAssertNoThrow(try read(String(repeating: "[", count: limit) + String(repeating: "]", count: limit)))
    XCTAssertEqual(
      problem(String(repeating: "[", count: 100_000)),
      "t:1:129: objects and lists nest deeper than the 128 levels allowed")
    XCTAssertEqual(
      problem(String(repeating: "{a:", count: 100_000)),
      "t:1:385: objects and lists nest deeper than the 128 levels allowed")
  }

  func testEveryDuplicateKeyIsReported() {
    let keys = (0..<40).map { "k\($0): 0" }.joined(separator: ",\n")
    XCTAssertEqual(problem("{a: 1, \"\\u0061\": 2}"), "t:1:8: duplicate key \"a\"; it is first given at 1:2")
    XCTAssertEqual(
      problem("{\(keys),\nk3: 1, k39: 1, k3: 1}"),
      """
      t:41:1: duplicate key "k3"; it is first given at 4:1
      t:41:8: duplicate key "k39"; it is first given at 40:1
      t:41:16: duplicate key "k3"; it is first given at 4:1
      """)
    // Two spellings of one text are one key, as they are for whoever reads the file.
    XCTAssertEqual(
      problem("{'\u{E9}': 1, 'e\u{301}': 2}"), "t:1:10: duplicate key \"e\u{301}\"; it is first given at 1:2")
  }

  /// Each is told with its place, which takes as long as the text before it.
  func testDuplicateKeysComeToAnEnd() {
    let start = Date()
    let lines = problem("{" + String(repeating: "a:1,", count: 500_000) + "}").split(separator: "\n")
    XCTAssertLessThan(Date().timeIntervalSince(start), 10)
    XCTAssertEqual(lines.count, 101)
    XCTAssertEqual(lines.last, "t:1:406: more than 100 duplicate keys; what follows is not read")
  }

  func testPlacesOfKeysAndValues() throws {
    let text = "{ a: 16.0,\r\n\té: [ 'x' ] }"
    let node = try JSONReader.read(text, name: "t", source: 3)
    let bytes = Array(text.utf8)
    func piece(_ range: SourceRange) -> String {
      String(decoding: bytes[Int(range.start)..<Int(range.end)], as: UTF8.self)
    }
    func position(_ range: SourceRange) -> String {
      bytes.withUnsafeBufferPointer { "\(SourcePosition(offset: Int(range.start), in: $0))" }
    }
    let members = try XCTUnwrap(node.members)
    XCTAssertEqual(members.map { piece($0.keyRange) }, ["a", "é"])
    XCTAssertEqual(members.map { piece($0.value.range) }, ["16.0", "[ 'x' ]"])
    XCTAssertEqual(members.map { position($0.value.range) }, ["1:6", "2:5"])
    XCTAssertEqual(members[1].value.elements.map { $0.map { position($0.range) } }, ["2:7"])
    XCTAssertEqual(node.range.source, 3)
  }

  func testBytesThatAreNoTextAreNamed() {
    XCTAssertEqual(problem([0x22, 0xFF, 0x22]), "t:1:2: the byte 0xFF is not UTF-8 text")
    // Overlong, surrogate, beyond the last scalar, cut short.
    for bad: [UInt8] in [
      [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xF8],
    ] {
      XCTAssertTrue(problem(Array("['abcdefgh\n".utf8) + bad).hasPrefix("t:2:1: the byte 0x"), "\(bad)")
    }
  }

  func testNoBytesCrashTheReader() {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let pieces = [
      "{", "}", "[", "]", ":", ",", "'", "\"", "\\", "\\u", "\\x4", "D83D", "/", "*", "//", "0x", "1", ".", "e", "-",
      "+",
      "NaN", "Infinity", "null", "a", "é", "\u{2028}", "\n", " ", "\u{FEFF}",
    ].map { Array($0.utf8) }
    var readCount = 0
    for _ in 0..<50_000 {
      var bytes: [UInt8] = []
      for _ in 0..<next(12) { bytes += next(20) == 0 ? [UInt8(next(256))] : pieces[next(pieces.count)] }
      if problem(bytes).hasPrefix("no problem") { readCount += 1 }
    }
    XCTAssertGreaterThan(readCount, 100)
  }
}
