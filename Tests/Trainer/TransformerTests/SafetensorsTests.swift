import Foundation
import XCTest

@testable import Transformer
@testable import WeightFiles

/// What the reader does with files as others write them, and that writer and reader agree.
final class SafetensorsTests: XCTestCase {
  /// The bytes of a file with a header and some data.
  static func file(_ header: String, data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + data
  }

  static func read(_ name: String, of file: TensorFile) throws -> [Float] {
    let tensor = try XCTUnwrap(file[name])
    var values = [Float](repeating: .nan, count: tensor.elementCount)
    try values.withUnsafeMutableBufferPointer { try file.read(tensor, into: $0) }
    return values
  }

  func testTheFormatsOwnLayoutIsRead() throws {
    let folder = try TemporaryFolder()
    // 1.5 is 0x3FC00000 as F32, 0x3E00 as F16, 0x3FC0 as BF16; -2 is 0xC0000000, 0xC000, 0xC000.
    let header = """
      {"__metadata__":{"format":"pt"},"halves":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},\
      "brain":{"dtype":"BF16","shape":[1,2],"data_offsets":[12,16]},"ids":{"dtype":"I64","shape":[1],"data_offsets":[16,24]},\
      "plain":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"none":{"dtype":"F32","shape":[3,0],"data_offsets":[24,24]}}
      """
    let data: [UInt8] = [
      0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 0, 0x3E, 0, 0xC0, 0xC0, 0x3F, 0, 0xC0, 7, 0, 0, 0, 0, 0, 0, 0,
    ]
    let file = try TensorFile(safetensors: folder.write(Self.file(header, data: data), to: "a.safetensors"))
    XCTAssertEqual(file.tensors.map(\.name), ["plain", "halves", "brain", "ids", "none"])
    XCTAssertEqual(file["brain"]?.shape, [1, 2])
    for name in ["plain", "halves", "brain"] { XCTAssertEqual(try Self.read(name, of: file), [1.5, -2], name) }
    XCTAssertEqual(try Self.read("none", of: file), [])
    XCTAssertNil(file["other"])
    XCTAssertEqual(
      errorText(try Self.read("ids", of: file)),
      file.path + #": tensor "ids": its dtype is I64; weights are read from F64, F32, F16, BF16"#)
  }

  func testWriterAndReaderAgreeToTheBit() throws {
    let folder = try TemporaryFolder()
    let path = folder("b.safetensors")
    let values: [Float] = [0, -0.0, 1, .pi, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    try values.withUnsafeBufferPointer { values in
      let tensors = [
        NamedTensor(name: "matrix \"é\"\n", shape: [4, 2], values: values),
        NamedTensor(name: "number", shape: [], values: UnsafeBufferPointer(rebasing: values[3..<4])),
        NamedTensor(name: "nothing", shape: [0], values: UnsafeBufferPointer(rebasing: values[..<0])),
      ]
      try SafetensorsFile.write(tensors, to: path)
      let first = try Data(contentsOf: URL(fileURLWithPath: path))
      try SafetensorsFile.write(tensors, to: path)
      XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: path)), first, "the same input gives the same bytes")
    }
    XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["b.safetensors"])
    let file = try TensorFile(safetensors: path)
    XCTAssertEqual(file["matrix \"é\"\n"]?.shape, [4, 2])
    XCTAssertEqual(try Self.read("matrix \"é\"\n", of: file).map(\.bitPattern), values.map(\.bitPattern))
    XCTAssertEqual(file["number"]?.shape, [])
    XCTAssertEqual(try Self.read("number", of: file), [.pi])
    XCTAssertEqual(try Self.read("nothing", of: file), [])
    XCTAssertEqual(file.tensors.first.map { $0.offset % 8 }, 0)
  }

  /// Longer than a reader's window, and not a multiple of it.
  func testATransposedMatrixIsWrittenAndReadBack() throws {
    let folder = try TemporaryFolder()
    for (rowCount, columnCount) in [(3, 5), (1, 4), (1100, 1025)] {
      let values = (0..<rowCount * columnCount).map { Float($0 % 60_001) }
      for element in [StoredElement.float32, .float16] {
        try values.withUnsafeBufferPointer {
          let matrix = NamedTensor(name: "w", shape: [columnCount, rowCount], values: $0, isTransposed: true)
          try SafetensorsFile.write([matrix], as: element, to: folder("w"))
        }
        let file = try TensorFile(safetensors: folder("w"))
        let stored = try XCTUnwrap(file["w"])
        let rounded = values.map { element == .float32 ? $0 : Float(Float16($0)) }
        XCTAssertEqual(
          try Self.read("w", of: file),
          (0..<values.count).map { rounded[$0 % rowCount * columnCount + $0 / rowCount] })
        XCTAssertEqual(stored.transposed.shape, [rowCount, columnCount])
        XCTAssertEqual(stored.transposed.transposed.strides, [rowCount, 1])
        for range in [0..<values.count, 1..<values.count, 0..<min(7, values.count), values.count..<values.count] {
          var found = [Float](repeating: .nan, count: range.count)
          try found.withUnsafeMutableBufferPointer {
            try file.read(stored.transposed, from: range.lowerBound, into: $0)
          }
          XCTAssertEqual(found, Array(rounded[range]), "\(rowCount) by \(columnCount), \(range)")
        }
      }
    }
  }

  func testTheWritersBytes() throws {
    let folder = try TemporaryFolder()
    try [Float(1), 2].withUnsafeBufferPointer {
      try SafetensorsFile.write([NamedTensor(name: "w", shape: [2], values: $0)], to: folder("c"))
    }
    let header = #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    XCTAssertEqual(
      try Data(contentsOf: URL(fileURLWithPath: folder("c"))),
      Data(Self.file(padded, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])))
  }

  /// Every binary16 and bfloat16 number, against the value its fields define (IEEE 754) in Double.
  func testEveryHalfPrecisionNumber() {
    func value(_ bits: UInt16, exponentBits: Int, fractionBits: Int) -> Double {
      let bias = 1 << (exponentBits - 1) - 1
      let exponent = Int(bits) >> fractionBits & (1 << exponentBits - 1)
      let fraction = scalbn(Double(Int(bits) & (1 << fractionBits - 1)), -fractionBits)
      let magnitude: Double
      switch exponent {
      case 0: magnitude = scalbn(fraction, 1 - bias)
      case 1 << exponentBits - 1: magnitude = fraction == 0 ? .infinity : .nan
      default: magnitude = scalbn(1 + fraction, exponent - bias)
      }
      return bits >> 15 == 1 ? -magnitude : magnitude
    }
    for bits in UInt16.min...UInt16.max {
      for (found, expected) in [
        (floatFromHalf(bits), value(bits, exponentBits: 5, fractionBits: 10)),
        (floatFromBrainHalf(bits), value(bits, exponentBits: 8, fractionBits: 7)),
      ] {
        XCTAssertTrue(
          expected.isNaN ? found.isNaN : Double(found) == expected && found.sign == expected.sign,
          "\(bits) is \(expected), not \(found)")
      }
    }
  }

  /// Longer than the conversion's buffer of 32,768 elements, and not a multiple of it.
  func testLongHalfPrecisionTensors() throws {
    let folder = try TemporaryFolder()
    let count = 70_001
    let header = #"{"t":{"dtype":"F16","shape":[\#(count)],"data_offsets":[0,\#(2 * count)]}}"#
    let data = (0..<count).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8 & 0x3B)] }
    let file = try TensorFile(safetensors: folder.write(Self.file(header, data: data), to: "long"))
    XCTAssertEqual(
      try Self.read("t", of: file), (0..<count).map { floatFromHalf(UInt16($0 & 0xFF) | UInt16($0 >> 8 & 0x3B) << 8) })
  }

  func testWritingWhereNothingCanBeWritten() throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "file")
    XCTAssertEqual(
      errorText(try SafetensorsFile.write([], to: folder("file/x"))),
      "cannot create \(folder("file/x")): Not a directory (error 20)")
    try FileManager.default.createDirectory(atPath: folder("taken/inside"), withIntermediateDirectories: true)
    XCTAssertEqual(
      errorText(try SafetensorsFile.write([], to: folder("taken"))),
      "cannot rename a new file to \(folder("taken")): Is a directory (error 21)")
    XCTAssertEqual(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted(), ["file", "taken"],
      "no temporary file is left behind")
  }
}
