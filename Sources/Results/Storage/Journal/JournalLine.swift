// The frame of a journal line: one JSON object that any tool can grep and parse, whose first members carry the CRC-32 and
// the byte count of everything between them and the closing brace:
//   {"crc":"9ae0f1c2","bytes":123,"epoch":2,"kind":"outcome","record":{...},"outcome":{...}}
// No byte of a record is a line end, so a reader that lost its way finds the next record.

import Digests
import Foundation
import JSON5
import Trials

/// A record with the epoch of the leader that wrote it.
struct JournalLine: Equatable {
  /// How every line starts.
  static let marker = Array(#"{"crc":""#.utf8)
  private static let outcomeSeparator = Array(#","outcome":"#.utf8)
  /// The most bytes a record may claim, so that a damaged count cannot make the reader wait for the end of the file.
  static let maximumByteCount = 1 << 30

  var epoch: Int
  var record: JournalRecord

  /// The line without its line end.
  func encoded() -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("epoch", epoch)
      writer.field("kind", kind)
      writer.key("record")
      writer.object { write(to: &$0) }
      if case .outcome(let record) = self.record {
        writer.key("outcome")
        writer.literal(record.outcomeJSON)
      }
    }
    precondition(!writer.bytes.contains(0x0A), "a journal record holds no line end")
    let body = writer.bytes.dropFirst().dropLast()
    let checksum = body.withUnsafeBytes { CRC32.checksum($0) }
    return Self.marker + Self.hexadecimal(checksum) + Array(#"","bytes":\#(body.count),"#.utf8) + body + [0x7D]
  }

  private var kind: String {
    switch record {
    case .runStart: "start"
    case .handOut: "hand_out"
    case .returned: "returned"
    case .outcome: "outcome"
    case .runEnd: "end"
    }
  }

  private func write(to writer: inout JSONWriter) {
    func member(_ key: String, _ text: String) {
      writer.field(key, text)
    }
    func member(_ key: String, _ number: Int) {
      writer.field(key, number)
    }
    func member(time: Double) {
      writer.field("time", time)
    }
    switch record {
    case .runStart(let start):
      member(time: start.time)
      member("plan", start.planDigest)
      member("version", start.version)
      member("fingerprint", start.fingerprint)
      member("ranks", start.rankCount)
      if start.keepsWeights {
        writer.field("keeps_weights", true)
      }
      if let fault = start.fault { member("inject", fault) }
    case .handOut(let handOut), .returned(let handOut):
      member("trial", handOut.trial)
      member("attempt", handOut.attempt)
      member("rank", handOut.rank)
      member("host", handOut.host)
    case .outcome(let record):
      member("trial", record.trial)
      member("attempt", record.attempt)
      member("status", record.status.rawValue)
      if let fingerprint = record.fingerprint { member("fingerprint", fingerprint) }
      writer.key("timing")
      record.timing.write(to: &writer)
    case .runEnd(let end):
      member(time: end.time)
      member("verdict", end.ending.rawValue)
    }
  }

  static func hexadecimal(_ checksum: UInt32) -> [UInt8] {
    let digits = String(checksum, radix: 16)
    return Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
  }
}

extension JournalLine {
  /// What stands before a record's body.
  struct Header: Equatable {
    var checksum: UInt32
    /// The bytes from the line's start to the body.
    var byteCount: Int
    var bodyByteCount: Int
    /// The bytes of the whole line without its line end.
    var lineByteCount: Int { byteCount + bodyByteCount + 1 }
  }

  /// The most bytes a header takes: marker, checksum, count of up to ten digits.
  static let longestHeader = 40

  /// The header at the start of some bytes; nil if there is none.
  static func header(_ bytes: ArraySlice<UInt8>) -> Header? {
    var index = bytes.startIndex
    func take(_ expected: some Sequence<UInt8>) -> Bool {
      for byte in expected {
        guard index < bytes.endIndex, bytes[index] == byte else { return false }
        index += 1
      }
      return true
    }
    func number(radix: UInt8, digits: ClosedRange<Int>) -> Int? {
      let start = index
      var value = 0
      while index < bytes.endIndex, index - start < digits.upperBound, let digit = digitValue(bytes[index]),
        digit < radix
      {
        value = value * Int(radix) + Int(digit)
        index += 1
      }
      return index - start >= digits.lowerBound ? value : nil
    }
    guard take(marker), let checksum = number(radix: 16, digits: 8...8), take(#"","bytes":"#.utf8),
      let count = number(radix: 10, digits: 1...10), count <= maximumByteCount, take(#","#.utf8)
    else { return nil }
    return Header(checksum: UInt32(checksum), byteCount: index - bytes.startIndex, bodyByteCount: count)
  }

  private static func digitValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  /// The line that a checked body holds.
  ///
  /// - Throws: `Diagnostics` or `CodecError` for a body that is no record, such as one of a later version.
  init(body: ArraySlice<UInt8>) throws {
    // The outcome, most of the line, is kept as text; a quotation mark inside a string would be escaped, so the first
    // `,"outcome":` is the member.
    let split = body.firstOffset(of: Self.outcomeSeparator)
    var head: [UInt8] = []
    head.reserveCapacity((split ?? body.endIndex) - body.startIndex + 2)
    head.append(0x7B)
    head.append(contentsOf: body[..<(split ?? body.endIndex)])
    head.append(0x7D)
    let fields = JournalFields(try JSONReader.read(head, name: "journal record"))
    epoch = try fields.count("epoch")
    let record = try fields.object("record")
    switch try fields.text("kind") {
    case "start":
      self.record = .runStart(
        RunStart(
          time: try record.number("time"), planDigest: try record.text("plan"), version: try record.text("version"),
          fingerprint: try record.text("fingerprint"), rankCount: try record.count("ranks"),
          keepsWeights: (try? record.node("keeps_weights"))?.booleanValue ?? false, fault: try? record.text("inject")))
    case "hand_out": self.record = .handOut(try record.handOut())
    case "returned": self.record = .returned(try record.handOut())
    case "outcome":
      guard let split else { throw CodecError("outcome: the field is missing") }
      self.record = .outcome(
        TrialRecord(
          trial: try record.trial(), attempt: try record.count("attempt"), status: try record.word("status"),
          fingerprint: try? record.text("fingerprint"), timing: try TrialTiming(record.node("timing")),
          outcomeJSON: String(decoding: body[(split + Self.outcomeSeparator.count)...], as: UTF8.self)))
    case "end":
      self.record = .runEnd(RunEnd(time: try record.number("time"), ending: try record.word("verdict")))
    case let kind:
      throw CodecError("kind: there is no record of kind \(JSONWriter.quoted(kind))")
    }
  }
}

/// The members of one object of a journal line.
private struct JournalFields {
  private let object: JSONNode

  init(_ object: JSONNode) { self.object = object }

  func node(_ key: String) throws -> JSONNode {
    guard let node = object[key] else { throw CodecError("\(key): the field is missing") }
    return node
  }

  func object(_ key: String) throws -> JournalFields { JournalFields(try node(key)) }

  func text(_ key: String) throws -> String { try value(key, "a string") { $0.stringValue } }

  /// A number that may be counted on from: a larger one than that of any run would overflow there.
  func count(_ key: String) throws -> Int {
    try value(key, "an integer from 0 to \(Int32.max)") { node in
      node.intValue.flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
    }
  }

  func trial() throws -> String {
    try value("trial", "1 to 64 letters, digits, - and _") { node in
      node.stringValue.flatMap { Trial.isIdentifier($0) ? $0 : nil }
    }
  }

  func number(_ key: String) throws -> Double { try value(key, "a number") { $0.doubleValue } }

  func word<Word: RawRepresentable>(_ key: String) throws -> Word where Word.RawValue == String {
    try value(key, "another word") { $0.stringValue.flatMap(Word.init(rawValue:)) }
  }

  func handOut() throws -> HandOutRecord {
    HandOutRecord(
      trial: try trial(), attempt: try count("attempt"), rank: try count("rank"), host: try text("host"))
  }

  private func value<Value>(_ key: String, _ expected: String, _ get: (JSONNode) -> Value?) throws -> Value {
    let node = try node(key)
    guard let value = get(node) else { throw CodecError("\(key): expected \(expected), found \(node.kindName)") }
    return value
  }
}
