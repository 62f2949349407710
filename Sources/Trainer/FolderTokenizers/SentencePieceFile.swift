// SentencePiece's model file (`spiece.model`, `sentencepiece.bpe.model`): a message in Protocol Buffers' wire format, of which the
// pieces, the character map and three facts about the training count.

import ModelFiles
import Tokenization

/// A SentencePiece model.
struct SentencePieceFile {
  /// A piece of the vocabulary.
  struct Piece {
    /// What a piece stands for; only the kinds that are treated apart have names.
    enum Kind: Equatable {
      case control
      case userDefined
      case other
    }
    var text = ""
    var score: Float = 0
    var kind = Kind.other
  }

  private(set) var pieces: [Piece] = []
  private(set) var characterMap: [UInt8] = []
  private(set) var unknown = 0
  /// 1 is unigrams.
  private var modelType = 1

  /// Reads a file.
  ///
  /// - Throws: `ModelFileError` for anything but a model of unigrams.
  init(_ path: String) throws {
    let bytes = try ModelFile.contents(of: path)
    do {
      try self.init(bytes: bytes[...])
    } catch let fault as WireFault {
      throw ModelFileError(path: path, reason: "this is no SentencePiece model: \(fault.reason)")
    }
    guard modelType == 1 else {
      let names = [2: "byte pair encoding", 3: "words", 4: "letters"]
      throw ModelFileError(
        path: path,
        reason: "its model is of \(names[modelType] ?? "type \(modelType)"); unigrams are supported")
    }
    guard !pieces.isEmpty else { throw ModelFileError(path: path, reason: "it has no pieces") }
  }

  private init(bytes: ArraySlice<UInt8>) throws {
    try Wire.fields(of: bytes) { number, value in
      switch (number, value) {
      case (1, .bytes(let bytes)): pieces.append(try Self.piece(bytes))
      case (2, .bytes(let bytes)): try readTraining(bytes)
      case (3, .bytes(let bytes)):
        try Wire.fields(of: bytes) { number, value in
          if case (2, .bytes(let map)) = (number, value) { characterMap = Array(map) }
        }
      default: break
      }
    }
  }

  private static func piece(_ bytes: ArraySlice<UInt8>) throws -> Piece {
    var piece = Piece()
    try Wire.fields(of: bytes) { number, value in
      switch (number, value) {
      case (1, .bytes(let bytes)):
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw WireFault(reason: "a piece is not UTF-8")
        }
        piece.text = text
      case (2, .fixed32(let bits)):
        piece.score = Float(bitPattern: bits)
        guard piece.score.isFinite else { throw WireFault(reason: "a score is not finite") }
      case (3, .varint(let kind)): piece.kind = kind == 3 ? .control : kind == 4 ? .userDefined : .other
      default: break
      }
    }
    return piece
  }

  private mutating func readTraining(_ bytes: ArraySlice<UInt8>) throws {
    try Wire.fields(of: bytes) { number, value in
      switch (number, value) {
      case (3, .varint(let type)): modelType = Int(clamping: type)
      case (40, .varint(let identifier)): unknown = Int(clamping: identifier)
      default: break
      }
    }
  }
}

/// Why bytes are no message.
private struct WireFault: Error {
  let reason: String
}

/// The wire format of Protocol Buffers.
private enum Wire {
  enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64
    case bytes(ArraySlice<UInt8>)
  }

  /// Calls `body` with the number and the value of each field of a message.
  static func fields(of bytes: ArraySlice<UInt8>, _ body: (UInt64, Value) throws -> Void) throws {
    var rest = bytes
    while !rest.isEmpty {
      let tag = try varint(&rest)
      switch tag & 7 {
      case 0: try body(tag >> 3, .varint(try varint(&rest)))
      case 1:
        _ = try take(8, from: &rest)
        try body(tag >> 3, .fixed64)
      case 2:
        guard let count = Int(exactly: try varint(&rest)) else { throw WireFault(reason: "a length is too large") }
        try body(tag >> 3, .bytes(try take(count, from: &rest)))
      case 5:
        let bits = try take(4, from: &rest).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        try body(tag >> 3, .fixed32(bits))
      default: throw WireFault(reason: "a field has the wire type \(tag & 7)")
      }
    }
  }

  private static func take(_ count: Int, from rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    guard count <= rest.count else {
      throw WireFault(reason: "a field of \(count) bytes has \(rest.count) left")
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw WireFault(reason: "it ends inside a number") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw WireFault(reason: "a number has more than ten bytes")
  }
}
