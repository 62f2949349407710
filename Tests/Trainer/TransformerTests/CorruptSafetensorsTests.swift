import Foundation
import SeedStreams
import XCTest

@testable import ModelFiles
@testable import Transformer
@testable import WeightFiles

/// Files that are cut, wrong or hostile: each gives an error that says where, never a crash.
final class CorruptSafetensorsTests: XCTestCase {
  private let header = """
    {"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
    "a.bias":{"dtype":"BF16","shape":[2],"data_offsets":[24,28]}}
    """
  private var whole: [UInt8] { SafetensorsTests.file(header, data: [UInt8](repeating: 0x3F, count: 28)) }

  func testTheFileCutAtEveryByte() throws {
    let folder = try TemporaryFolder()
    _ = try TensorFile(safetensors: folder.write(whole, to: "whole"))
    let headerEnd = 8 + header.utf8.count
    for count in 0..<whole.count {
      let path = try folder.write(whole.prefix(count), to: "cut")
      let text = errorText(try TensorFile(safetensors: path), "cut at \(count)")
      let expected: String
      switch count {
      case 0..<8: expected = "the header's 8-byte length is incomplete: the file has only \(count) bytes"
      case 8..<headerEnd:
        expected =
          "the header says it is \(header.utf8.count) bytes long, but only \(count - 8) bytes follow its length: "
          + "the file is cut short or is no safetensors file"
      default:
        let (name, offsets) = count < headerEnd + 24 ? ("a.weight", "[0, 24]") : ("a.bias", "[24, 28]")
        expected =
          "tensor \"\(name)\": data_offsets \(offsets) reach beyond the \(count - headerEnd) bytes of data in the "
          + "file: it is cut short"
      }
      XCTAssertEqual(text, "\(path): \(expected)")
    }
  }

  /// The error of a file with this header and 8 bytes of data, without the path.
  private func complaint(_ header: String) throws -> String {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      SafetensorsTests.file(header, data: [UInt8](repeating: 0, count: 8)), to: "wrong.safetensors")
    return String(errorText(try TensorFile(safetensors: path), header).dropFirst(path.count + 2))
  }

  func testWrongDescriptionsOfATensor() throws {
    let allowed = "weights are read from F64, F32, F16, BF16"
    let cases: [(tensor: String, complaint: String)] = [
      (#"{"dtype":"F99","shape":[2],"data_offsets":[0,8]}"#, #"its dtype "F99" is unknown; \#(allowed)"#),
      (#"{"dtype":32,"shape":[2],"data_offsets":[0,8]}"#, "its dtype 32 is unknown; \(allowed)"),
      (#"{"shape":[2],"data_offsets":[0,8]}"#, "it has no dtype"),
      (#"{"dtype":"F32","data_offsets":[0,8]}"#, "it has no shape"),
      (#"{"dtype":"F32","shape":[2]}"#, "it has no data_offsets"),
      (#"{"dtype":"F32","shape":2,"data_offsets":[0,8]}"#, "shape is 2; it must be a list of whole numbers"),
      (#"{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}"#, "shape holds -2; whole numbers from 0 are allowed"),
      (#"{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}"#, "shape holds 2.0; whole numbers from 0 are allowed"),
      (
        #"{"dtype":"F32","shape":[2],"data_offsets":[-0,8]}"#, "data_offsets holds -0; whole numbers from 0 are allowed"
      ),
      ("[]", "it is a list of 0; it must be an object with dtype, shape and data_offsets"),
    ]
    for (tensor, expected) in cases {
      XCTAssertEqual(try complaint(#"{"x.weight":\#(tensor)}"#), #"tensor "x.weight": \#(expected)"#)
    }
  }

  func testShapesAndOffsetsThatDoNotFit() throws {
    let huge = "4611686018427387904"
    let cases: [(element: String, shape: String, offsets: String, complaint: String)] = [
      ("F32", "[99999999999999999999]", "[0,8]", "shape holds 1e+20; whole numbers from 0 are allowed"),
      ("F32", "[3]", "[0,8]", "shape [3] of F32 takes 12 bytes, but data_offsets [0, 8] span 8"),
      ("F16", "[1,2]", "[0,8]", "shape [1, 2] of F16 takes 4 bytes, but data_offsets [0, 8] span 8"),
      (
        "F32", "[\(huge),\(huge)]", "[0,8]",
        "shape [\(huge), \(huge)] of F32 is no whole number of bytes that a file can hold"
      ),
      ("F4", "[3]", "[0,2]", "shape [3] of F4 is no whole number of bytes that a file can hold"),
      ("F32", "[2]", "[8,0]", "data_offsets are [8, 0]; they must be a begin and an end that is not smaller"),
      ("F32", "[2]", "[8]", "data_offsets are [8]; they must be a begin and an end that is not smaller"),
      (
        "F32", "[2]", "[0,9223372036854775807]",
        "data_offsets [0, 9223372036854775807] reach beyond the 8 bytes of data in the file: it is cut short"
      ),
      ("F32", "[1]", "[4,8]", "the bytes 0 to 4 before it belong to no tensor"),
    ]
    for (element, shape, offsets, expected) in cases {
      XCTAssertEqual(
        try complaint(#"{"x.weight":{"dtype":"\#(element)","shape":\#(shape),"data_offsets":\#(offsets)}}"#),
        #"tensor "x.weight": \#(expected)"#)
    }
  }

  func testWrongHeaders() throws {
    let tensor = #"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#
    let cases: [(header: String, complaint: String)] = [
      ("", "the header is not valid JSON at 1:1: expected a value, found an empty text"),
      ("[]", "the header is a list of 0; it must be an object of tensors"),
      ("{}", "the header describes 0 bytes of data, but the file holds 8"),
      (
        #"{"x":\#(tensor),"x":\#(tensor)}"#,
        #"the header is not valid JSON at 1:55: duplicate key "x"; it is first given at 1:2"#
      ),
      (#"{"x":\#(tensor),"y":\#(tensor)}"#, #"tensor "y": its bytes from 0 overlap those of "x", which end at 8"#),
      (
        #"{"x":\#(tensor)"#,
        #"the header is not valid JSON at 1:54: expected a comma or } in an object opened at 1:1, found the end of the text"#
      ),
      (
        #"{"x":\#(tensor)} x"#,
        #"the header is not valid JSON at 1:56: expected the end of the text after the value, found "x""#
      ),
      (
        #"{"__metadata__":[],"x":\#(tensor)}"#,
        "the header's __metadata__ is a list of 0; it must be an object of strings"
      ),
      (
        #"{"__metadata__":{"a":"b","c":1},"x":\#(tensor)}"#,
        #"the header's __metadata__: "c" is 1; it must be a string"#
      ),
      (
        #"{"__metadata__":{"a":null},"x":\#(tensor)}"#,
        #"the header's __metadata__: "a" is null; it must be a string"#
      ),
      (
        "{\"x\":\(tensor),}", "the header is not valid JSON at 1:54: JSON has no comma after the last element"
      ),
      ("{'x':\(tensor)}", "the header is not valid JSON at 1:2: JSON writes strings in double quotes, found \"'\""),
      (
        "{\"x\":\(tensor)}// a",
        "the header is not valid JSON at 1:55: expected the end of the text after the value, found \"/\""
      ),
      (
        "{\"x\":\(tensor)}\0",
        #"the header is not valid JSON at 1:55: expected the end of the text after the value, found "\u0000""#
      ),
      (
        #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"scale":NaN}}"#,
        #"the header is not valid JSON at 1:62: expected a value, found "NaN"; a string needs quotes"#
      ),
      (
        #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[+0,8]}}"#,
        #"the header is not valid JSON at 1:49: expected a number, found "+0""#
      ),
      (
        String(repeating: "[", count: 100_000),
        "the header is not valid JSON at 1:129: objects and lists nest deeper than the 128 levels allowed"
      ),
    ]
    for (header, expected) in cases { XCTAssertEqual(try complaint(header), expected) }
  }

  /// What safetensors 0.8.0 takes as well (`safetensors.deserialize`).
  func testWhatTheLibraryTakes() throws {
    let tensor = #""x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#
    let folder = try TemporaryFolder()
    for header in [
      " {\(tensor)}", "{\(tensor)}\n \t", #"{"__metadata__":null,\#(tensor)}"#, #"{"__metadata__":{},\#(tensor)}"#,
      #"{"x":{"dtype":"F32","strides":[1,{"a":null}],"shape":[2],"data_offsets":[0,8]}}"#,
      #"{"__metadata__":{"format":"pt"},\#(tensor)}"#,
    ] {
      let path = try folder.write(
        SafetensorsTests.file(header, data: [UInt8](repeating: 0, count: 8)), to: "right.safetensors")
      XCTAssertEqual(try TensorFile(safetensors: path).tensors.map(\.name), ["x"], header)
    }
  }

  func testImpossibleHeaderLengths() throws {
    let folder = try TemporaryFolder()
    for length in [101, UInt64.max, UInt64(Int.max)] {
      let bytes = withUnsafeBytes(of: length.littleEndian, Array.init) + [UInt8](repeating: 0x20, count: 100)
      let path = try folder.write(bytes, to: "length")
      XCTAssertEqual(
        errorText(try TensorFile(safetensors: path)),
        "\(path): the header says it is \(length) bytes long, but only 100 bytes follow its length: "
          + "the file is cut short or is no safetensors file")
    }
    // A file with a hole takes no room on the disk, and its header length is within the file.
    let path = try folder.write(withUnsafeBytes(of: UInt64(1 << 33).littleEndian, Array.init), to: "sparse")
    XCTAssertEqual(truncate(path, 1 << 34), 0)
    XCTAssertEqual(
      errorText(try TensorFile(safetensors: path)),
      "\(path): the header says it is 8589934592 bytes long; at most 100000000 are allowed")
  }

  func testWhatIsNoFile() throws {
    let folder = try TemporaryFolder()
    XCTAssertEqual(
      errorText(try TensorFile(safetensors: folder("none"))),
      "cannot read \(folder("none")): there is no such file")
    XCTAssertEqual(
      errorText(try TensorFile(safetensors: folder.path)),
      "cannot read \(folder.path): it is a folder, where a file is needed")
    XCTAssertEqual(mkfifo(folder("pipe"), 0o600), 0)
    XCTAssertEqual(
      errorText(try TensorFile(safetensors: folder("pipe"))),
      "cannot read \(folder("pipe")): it is a pipe, where a file is needed")
  }

  func testAFileCutWhileItIsRead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(whole, to: "shrinking")
    let file = try TensorFile(safetensors: path)
    let end = whole.count - 8
    XCTAssertEqual(truncate(path, off_t(end)), 0)
    for tensor in file.tensors {
      let text = errorText(try SafetensorsTests.read(tensor.name, of: file), tensor.name)
      let cut = max(end, tensor.offset)
      XCTAssertEqual(
        text, "\(path): tensor \"\(tensor.name)\": the file ends at byte \(cut): it was cut while it was being read")
    }
  }

  /// 5,000 files with one to three bytes of length or header changed: read in full or refused, never a crash.
  func testChangedBytesNeverCrash() throws {
    let folder = try TemporaryFolder()
    var stream = SeedStream(seed: 1, purpose: .synthesis)
    let interesting = Array("{}[]\":,0189-.eE\\un ".utf8) + [0, 0x7F, 0x80, 0xC0, 0xFF]
    var refusedCount = 0
    for _ in 0..<5_000 {
      var bytes = whole
      for _ in 0...stream.below(3) {
        bytes[stream.below(8 + header.utf8.count)] = interesting[stream.below(interesting.count)]
      }
      let path = try folder.write(bytes, to: "changed")
      do {
        let file = try TensorFile(safetensors: path)
        for tensor in file.tensors where [.float32, .float16, .brainFloat16].contains(tensor.element) {
          XCTAssertEqual(try SafetensorsTests.read(tensor.name, of: file).count, tensor.elementCount)
        }
      } catch let error as ModelFileError {
        XCTAssertEqual(error.path, path)
        refusedCount += 1
      }
    }
    XCTAssertGreaterThan(refusedCount, 2_500, "most changes break the header")
  }
}
