import Foundation
import XCTest

@testable import CommandLine

/// What reaches a terminal.
final class ConsoleTests: XCTestCase {
  /// The first two names would both become `a` with U+FFFD behind it.
  func testNamesThatAreNoUTF8AreRefused() throws {
    for bytes: [UInt8] in [[0x61, 0xFF], [0x61, 0xFE], [0xED, 0xA0, 0x80]] {
      XCTAssertThrowsError(
        try (bytes + [0]).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
          try Program.word(try XCTUnwrap($0.baseAddress), 2)
        }
      ) { error in
        XCTAssertTrue("\(error)".hasPrefix("word 2 of the command line, '"), "\(error)")
        XCTAssertTrue("\(error)".contains("is not UTF-8; give files and folders names in UTF-8"), "\(error)")
      }
    }
    for text in ["é", "a\u{FFFD}", "", "--flag"] { XCTAssertEqual(try Program.word(text, 1), text) }
  }

  func testControlCharactersArePrintedAsEscapes() throws {
    let pipe = Pipe()
    put("a\u{1B}[31mb\r\nc\td\u{9B}e\0\n", to: pipe.fileHandleForWriting.fileDescriptor)
    putControl("\r\u{1B}[K", to: pipe.fileHandleForWriting.fileDescriptor)
    try pipe.fileHandleForWriting.close()
    let printed = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    XCTAssertEqual(printed, "a\\u001b[31mb\\r\nc\td\\u009be\\u0000\n\r\u{1B}[K")
  }

  /// What nobody reads any more is lost without a word; whatever else cannot be written is an error.
  func testWhatCannotBeWrittenIsAnError() throws {
    let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
    defer { close(full) }
    XCTAssertEqual(errorNumber(ofWriting: "a", to: full), ENOSPC)
    XCTAssertEqual(errorNumber(ofWriting: "a", to: -1), EBADF)
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    XCTAssertEqual(errorNumber(ofWriting: "a", to: pipe.fileHandleForWriting.fileDescriptor), 0)
    XCTAssertNil(takeOutputError(), "none of them is standard output")
  }

  /// Whoever shares an end of a pipe may have made it one that does not wait.
  func testAFullPipeIsWaitedFor() throws {
    let pipe = Pipe()
    let end = dup(pipe.fileHandleForWriting.fileDescriptor)
    try pipe.fileHandleForWriting.close()
    XCTAssertEqual(fcntl(end, F_SETFL, O_NONBLOCK), 0)
    let writer = Thread {
      put(String(repeating: "a", count: 200_000), to: end)
      close(end)
    }
    writer.start()
    XCTAssertEqual(try pipe.fileHandleForReading.readToEnd()?.count, 200_000)
  }
}
