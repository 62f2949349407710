import Foundation
import XCTest

@testable import CommandLine

/// What reaches a terminal.
final class ConsoleTests: XCTestCase {
  func testControlCharactersArePrintedAsEscapes() throws {
    let pipe = Pipe()
    put("a\u{1B}[31mb\r\nc\td\u{9B}e\0\n", to: pipe.fileHandleForWriting.fileDescriptor)
    putControl("\r\u{1B}[K", to: pipe.fileHandleForWriting.fileDescriptor)
    try pipe.fileHandleForWriting.close()
    let printed = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    XCTAssertEqual(printed, "a\\u001b[31mb\\r\nc\td\\u009be\\u0000\n\r\u{1B}[K")
  }
}
