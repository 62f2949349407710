import XCTest

@testable import JSON5

final class JSONWriterTests: XCTestCase {
  private func sample(indented: Bool) -> String {
    var writer = JSONWriter(indented: indented)
    writer.object { writer in
      writer.key("a")
      writer.array(inline: true) { writer in
        writer.value(1)
        writer.value(2e-5)
        writer.array { writer in writer.value(Double.nan) }
      }
      writer.key("b")
      writer.object { writer in
        writer.key("c")
        writer.null()
        writer.key("d")
        writer.value(true)
      }
      writer.key("e")
      writer.array { _ in }
    }
    return writer.text
  }

  func testCompactTextHasNoSpaces() {
    XCTAssertEqual(sample(indented: false), #"{"a":[1,2e-05,[NaN]],"b":{"c":null,"d":true},"e":[]}"#)
  }

  func testIndentedTextHasAMemberALine() {
    XCTAssertEqual(
      sample(indented: true),
      """
      {
        "a": [1, 2e-05, [NaN]],
        "b": {
          "c": null,
          "d": true
        },
        "e": []
      }
      """)
  }

  func testEveryScalarOfTheFirstPlanesReadsBack() throws {
    for value in 0..<UInt32(0x3000) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "x" + String(Character(scalar)) + "y"
      XCTAssertEqual(try JSONReader.read(JSONWriter.quoted(text), name: "t").stringValue, text)
    }
  }
}
