import Foundation
import TestSupport
import XCTest

@testable import WeightFiles

/// Files of torch.save: those that PyTorch wrote (`Goldens/make_goldens.py`), and forms of the zip format that are made by hand.
final class PyTorchFileTests: XCTestCase {
  static func golden(_ name: String) -> String {
    Checkout.path("Tests/Trainer/WeightFilesTests/Goldens/\(name)")
  }

  /// A tensor's numbers as Float.
  static func read(_ name: String, of file: TensorFile) throws -> [Float] {
    let tensor = try XCTUnwrap(file[name], name)
    var values = [Float](repeating: .nan, count: tensor.elementCount)
    try values.withUnsafeMutableBufferPointer { try file.read(tensor, into: $0) }
    return values
  }

  /// A file with some bytes in a folder.
  static func file(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> TensorFile {
    try TensorFile(pyTorch: folder.write(bytes, to: "file.bin"))
  }

  /// Both formats and all protocols against the same tensors as the safetensors library wrote them.
  func testTensorsAreThoseOfTheSafetensorsTwin() throws {
    let twin = try TensorFile(safetensors: Self.golden("twin.safetensors"))
    let names = ["zip", "stacked"].flatMap { format in (2...5).map { "\(format)-\($0).bin" } }
    for name in names {
      let file = try TensorFile(pyTorch: Self.golden(name))
      XCTAssertEqual(Set(file.tensors.map(\.name)), Set(twin.tensors.map(\.name)), name)
      XCTAssertEqual(file.tensors.filter { $0.strides != nil }.count, 4, "tensors whose elements lie apart")
      for expected in twin.tensors {
        let tensor = try XCTUnwrap(file[expected.name])
        XCTAssertEqual(tensor.element, expected.element, expected.name)
        XCTAssertEqual(tensor.shape, expected.shape, expected.name)
        guard expected.element.holdsWeights else { continue }
        XCTAssertEqual(
          try Self.read(expected.name, of: file).map(\.bitPattern),
          try Self.read(expected.name, of: twin).map(\.bitPattern), "\(name): \(expected.name)")
      }
    }
  }

  /// Double numbers become the nearest Floats, of two equally near the one whose last bit is 0.
  func testDoublesAreRounded() throws {
    let file = try TensorFile(pyTorch: Self.golden("zip-2.bin"))
    let values = try Self.read("float64", of: file)
    XCTAssertEqual(
      values.map(\.bitPattern),
      [
        1.5, -0.0, 65504, Float("1e-7"), 1, 1 + .ulpOfOne, .infinity, .infinity, values[8], 0,
      ].map { ($0 ?? 0).bitPattern })
    XCTAssertTrue(values[8].isNaN)
    XCTAssertEqual(try Self.read("number", of: file), [0.1])
    XCTAssertEqual(try Self.read("empty", of: file), [])
  }

  func testElementsAreReadFromAnyPosition() throws {
    let file = try TensorFile(pyTorch: Self.golden("zip-2.bin"))
    for name in ["permuted", "shared.columns", "transposed", "shared.every.other", "bfloat16"] {
      let all = try Self.read(name, of: file)
      for first in all.indices {
        var part = [Float](repeating: .nan, count: min(7, all.count - first))
        try part.withUnsafeMutableBufferPointer { try file.read(XCTUnwrap(file[name]), from: first, into: $0) }
        XCTAssertEqual(part.map(\.bitPattern), all[first..<first + part.count].map(\.bitPattern), name)
      }
    }
  }

  /// More elements than are held at once while they are picked, so that several windows give them.
  func testALargeTransposedTensor() throws {
    let folder = try TemporaryFolder()
    let (rows, columns) = (1500, 1400)
    let numbers = (0..<rows * columns).map { Float($0) }
    let pickle = Pickle.whole(
      Pickle.dictionary([
        (
          "w",
          Pickle.tensor(Pickle.storage("Float", key: "0", count: numbers.count), [rows, columns], strides: [1, rows])
        )
      ]))
    let file = try Self.file(
      ZipBytes(pickle: pickle, storages: [numbers.withUnsafeBytes(Array.init)]).bytes, in: folder)
    let values = try Self.read("w", of: file)
    for (row, column) in [(0, 0), (0, 1), (1, 0), (749, 1000), (1499, 1399), (700, 748), (701, 749)] {
      XCTAssertEqual(values[row * columns + column], Float(column * rows + row))
    }
    XCTAssertEqual(Set(values).count, numbers.count)
  }

  /// Zip files with long fields, with sizes after the bytes, with big-endian numbers, and of before byte orders were written.
  /// How far apart the neighbours of a dimension of size 1 would lie may be any number.
  func testTheStrideOfASingleElementIsNotUsed() throws {
    let numbers = (0..<6).map { Float($0) }
    let pickle = Pickle.whole(
      Pickle.dictionary([
        ("w", Pickle.tensor(Pickle.storage("Float", key: "0", count: 6), [2, 1, 3], strides: [1, .max, 2]))
      ]))
    let file = try Self.file(
      ZipBytes(pickle: pickle, storages: [numbers.flatMap { littleEndian($0.bitPattern) }]).bytes, in: TemporaryFolder()
    )
    XCTAssertEqual(try Self.read("w", of: file), [0, 2, 4, 1, 3, 5])
  }

  func testFormsOfTheZipFormat() throws {
    let folder = try TemporaryFolder()
    let numbers: [Float] = [1.5, -2, 0.1]
    let bytes = numbers.flatMap { littleEndian($0.bitPattern) }
    let swapped = numbers.flatMap { littleEndian($0.bitPattern.byteSwapped) }
    let pickle = Pickle.whole(
      Pickle.dictionary([("w", Pickle.tensor(Pickle.storage("Float", key: "0", count: 3), [3]))]))
    let forms = [
      ZipBytes(pickle: pickle, storages: [bytes]), ZipBytes(pickle: pickle, storages: [bytes], style: .zip64),
      ZipBytes(pickle: pickle, storages: [bytes], style: .descriptors),
      ZipBytes(pickle: pickle, storages: [bytes], byteOrder: nil),
      ZipBytes(pickle: pickle, storages: [swapped], byteOrder: "big"),
    ]
    for (index, form) in forms.enumerated() {
      XCTAssertEqual(try Self.read("w", of: Self.file(form.bytes, in: folder)), numbers, "form \(index)")
    }
  }

  /// Names set twice, values that are no tensors, keys that are no texts, and Python 2's pairs and texts.
  func testDictionaries() throws {
    let folder = try TemporaryFolder()
    let storage = Pickle.storage("Float", key: "0", count: 2, isStacked: true)
    func names(_ content: [UInt8]) throws -> [String] {
      let bytes = littleEndian(Float(1).bitPattern) + littleEndian(Float(2).bitPattern)
      return try Self.file(stackedPickles(Pickle.whole(content), storages: [("0", 2, bytes)]), in: folder).tensors
        .map { "\($0.name) \($0.shape)" }
    }
    let (first, second) = (Pickle.tensor(storage, [2]), Pickle.tensor(storage, first: 1, [1]))
    XCTAssertEqual(try names(Pickle.dictionary([("a", first), ("b", second), ("a", second)])), ["a [1]", "b [1]"])
    XCTAssertEqual(
      try names(Pickle.dictionary([("a", first), ("n", Pickle.integer(7)), ("b", second), ("b", Array("N".utf8))])),
      ["a [2]"])
    let short = Array("U".utf8) + [1] + Array("w".utf8)
    XCTAssertEqual(
      try names(
        Pickle.call(
          Pickle.global("collections", "OrderedDict"),
          [Array("](](".utf8) + short + first + Array("ee".utf8)])), ["w [2]"])
  }
}
