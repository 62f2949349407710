import Foundation
import TestSupport
import XCTest

@testable import WeightFiles

/// Files of torch.save that are cut, wrong or hostile: each gives an error that says where, never a crash, and nothing is executed.
final class HostilePyTorchFileTests: XCTestCase {
  private var folder: TemporaryFolder!

  override func setUpWithError() throws { folder = try TemporaryFolder() }

  override func tearDown() { folder = nil }

  /// The error of a file, without its path.
  private func complaint(_ bytes: [UInt8], file: StaticString = #filePath, line: UInt = #line) -> String {
    do {
      _ = try PyTorchFileTests.file(bytes, in: folder)
      XCTFail("the file was read", file: file, line: line)
      return ""
    } catch { return "\(error)".replacingOccurrences(of: folder.path + "/file.bin: ", with: "") }
  }

  /// The error of a zip file whose content is what a pickle makes, beside one storage of two Floats, without where.
  private func complaint(pickle: [UInt8], file: StaticString = #filePath, line: UInt = #line) -> String {
    let bytes = ZipBytes(pickle: [0x80, 2] + pickle, storages: [[UInt8](repeating: 0, count: 8)]).bytes
    let text = complaint(bytes, file: file, line: line)
    guard text.hasPrefix("at byte "), let colon = text.firstIndex(of: ":") else { return text }
    return String(text[colon...].dropFirst(2))
  }

  private func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

  func testCallsAreRefusedByName() throws {
    let reason = "which is no name that weights need, so it is refused; nothing in the file was executed"
    for name in ["refused-zip.bin", "refused-stacked.bin"] {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: PyTorchFileTests.golden(name))))
      XCTAssertTrue(complaint(bytes).hasSuffix(": the pickle asks for \"posix.system\", \(reason)"), name)
    }
    for (module, name) in [
      ("os", "system"), ("builtins", "eval"), ("torch.storage", "_load_from_bytes"),
      ("torch._utils", "_rebuild_tensor"),
      ("torch", "ComplexFloatStorage"), ("torch", "FloatStorage.mro"), ("numpy.core.multiarray", "_reconstruct"),
    ] {
      let expected = "the pickle asks for \"\(module).\(name)\", \(reason)"
      XCTAssertEqual(complaint(pickle: Pickle.global(module, name) + ascii(".")), expected)
      XCTAssertEqual(complaint(pickle: Pickle.text(module) + Pickle.text(name) + [0x93] + ascii(".")), expected)
    }
  }

  func testTheFileCutAtEveryByte() throws {
    for name in ["zip-2.bin", "stacked-4.bin"] {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: PyTorchFileTests.golden(name))))
      for count in stride(from: 0, to: bytes.count, by: name == "zip-2.bin" ? 7 : 1) {
        let text = complaint(Array(bytes.prefix(count)))
        XCTAssertFalse(text.isEmpty, "\(name) cut at \(count)")
      }
    }
    XCTAssertEqual(complaint([]), "at byte 0: 1 more bytes are needed and 0 are left: the file is cut short or damaged")
    XCTAssertEqual(
      complaint(ascii("PK") + [3, 4] + ascii("and so on")),
      "this zip file is damaged or none of torch.save: it has no directory at its end, so it is cut short")
  }

  func testOtherFormats() {
    func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
    let tar = joined(ascii("pickle"), zeros(251), ascii("ustar"), zeros(300))
    XCTAssertEqual(
      complaint(tar),
      "this is PyTorch's tar format of before 2017, which is not read; save it anew with a newer PyTorch")
    XCTAssertEqual(
      complaint(ascii("version https://git-lfs.github.com/spec/v1\n")),
      "at byte 1: no pickle of protocol 2 to 5 starts before it, so this is no file of torch.save")
    XCTAssertEqual(complaint([0x80, 1]), "at byte 2: the pickle's protocol is 1; 2 to 5 are read")
    XCTAssertEqual(
      complaint(Pickle.whole(Pickle.integer(1))), "it begins with a pickle, but not as torch.save writes it")
    XCTAssertEqual(
      complaint(ZipBytes([("a/data.pkl", []), ("b/data.pkl", [])]).bytes),
      "this zip file has 2 members data.pkl, and a file of torch.save has one")
  }

  func testContentThatIsNoDictionaryOfTensors() {
    XCTAssertEqual(
      complaint(pickle: ascii("](e.")),
      "its content is a tuple or list; a dictionary from names to tensors (model.state_dict()) is read")
    XCTAssertEqual(
      complaint(pickle: Pickle.dictionary([("state_dict", ascii("}")), ("step", Pickle.integer(3))]) + ascii(".")),
      "its content is a dictionary without tensors, whose keys begin with \"state_dict\", \"step\"; save it with "
        + "torch.save(model.state_dict(), \"pytorch_model.bin\")")
  }

  func testPicklesThatNoTensorNeeds() {
    let cases: [(pickle: [UInt8], complaint: String)] = [
      (ascii("i"), "the pickle's operation 0x69 before it is none that torch.save writes for tensors"),
      (ascii("."), "the pickle's stack is empty"),
      (ascii("(."), "the pickle's stack is empty"),
      (ascii("N(."), "the pickle's stack is empty"),
      (ascii("t"), "the pickle's stack has no mark"),
      (ascii("]N") + [0x87], "the pickle's stack is empty"),
      (ascii("h") + [3], "the pickle remembers no value 3"),
      (ascii("Nr") + littleEndian(UInt32.max), "the pickle remembers a value 4294967295 before 0"),
      (ascii("NNa"), "the pickle appends to None"),
      (ascii("NNNs"), "the pickle sets 2 keys and values of None"),
      (ascii("}(Nu"), "the pickle sets 1 keys and values of a dictionary"),
      (ascii("NNb"), "the pickle sets attributes of None"),
      (ascii("X") + [1, 0, 0, 0, 0xFF], "the text before it is not valid UTF-8"),
      ([0x8A, 9] + [UInt8](repeating: 1, count: 9), "a whole number of 9 bytes stands before it"),
      (ascii("N)R"), "None stands where a function is expected"),
      (Pickle.global("torch", "IntStorage") + ascii(")R"), "torch.IntStorage is called, which no tensor needs"),
      (
        Pickle.call(Pickle.global("torch._utils", "_rebuild_parameter"), [ascii("N"), ascii("N"), ascii("N")]),
        "a parameter is made of None"
      ),
      (
        Pickle.call(Pickle.global("collections", "OrderedDict"), [ascii("]"), ascii("]")]),
        "collections.OrderedDict is given 2 arguments"
      ),
      (ascii("NQ"), "None stands where a tuple or list is expected"),
      (ascii(")Q"), "what the pickle names by an identifier is no storage of numbers"),
      (
        Pickle.storage("Float", key: "0", count: 2) + Pickle.storage("Half", key: "0", count: 4),
        #"storage "0" is 4 x F16, and before it was 2 x F32"#
      ),
    ]
    for (pickle, expected) in cases { XCTAssertEqual(complaint(pickle: pickle + ascii(".")), expected) }
  }

  /// Counts that would take more memory than there is; none is believed before the bytes are there.
  func testHugeCounts() {
    let text = complaint(pickle: ascii("X") + [0xFF, 0xFF, 0xFF, 0xFF])
    XCTAssertTrue(text.hasPrefix("4294967295 more bytes are needed and 0 are left"), text)
    let long = complaint(pickle: [0x8D] + littleEndian(UInt64.max))
    XCTAssertTrue(long.hasPrefix("9223372036854775807 more bytes are needed and 0 are left"), long)
    let frame = complaint(pickle: [0x95] + littleEndian(UInt64.max))
    XCTAssertTrue(frame.hasPrefix("a frame of 9223372036854775807 bytes begins, and 0 are left"), frame)
    let name = complaint(pickle: ascii("c" + String(repeating: "a", count: 1002)))
    XCTAssertEqual(name, "a name has more than 1000 bytes")
  }

  /// Nested and doubled values: neither recursion nor memory.
  func testBombs() {
    let nested = joined(ascii(")"), [UInt8](repeating: 0x85, count: 1_000_000), ascii("."))
    XCTAssertEqual(
      complaint(pickle: nested),
      "its content is a tuple or list; a dictionary from names to tensors (model.state_dict()) is read")
    // A list in itself, then each value twice in the next one.
    let steps = (UInt8(1)...200).flatMap { (index: UInt8) -> [UInt8] in [0x71, index, 0x68, index, 0x86] }
    let doubled = joined(ascii("]q"), [0], ascii("h"), [0], ascii("a"), steps, ascii("."))
    XCTAssertTrue(complaint(pickle: doubled).hasPrefix("its content is a tuple or list"))
    // A list of pairs that many dictionaries are made of: each would hold all of them.
    let again = (0..<100).flatMap { _ -> [UInt8] in [0x68, 0] }
    let pairs = joined(ascii("NN"), [0x86, 0x71, 0], ascii("]("), again)
    let made = Pickle.global("collections", "OrderedDict") + [0x71, 1]
    let calls = (0..<500).flatMap { _ -> [UInt8] in [0x68, 1, 0x68, 2, 0x85] + ascii("R") }
    XCTAssertEqual(
      complaint(pickle: joined(pairs, ascii("eq"), [2], made, calls, ascii("."))),
      "dictionaries are made of the same pairs too often")
    let dimensions = Pickle.tensor(
      Pickle.storage("Float", key: "0", count: 2), [Int](repeating: 1, count: 65), strides: [])
    XCTAssertEqual(complaint(pickle: dimensions), "a tensor has 65 dimensions; at most 64 are allowed")
  }

  /// Views of two numbers that reach further, repeat them or overflow.
  func testTensorsThatDoNotFitTheirStorage() {
    let storage = Pickle.storage("Float", key: "0", count: 2)
    let most = Int.max
    let cases: [(first: Int, shape: [Int], strides: [Int])] = [
      (0, [3], [1]), (1, [2], [1]), (2, [], []), (0, [2], [2]), (0, [3], [0]), (0, [2, 2], [0, 1]),
      (0, [most, most], [0, 0]), (0, [2], [most]), (most, [2], [1]), (3, [0], [1]), (0, [0, most, most], [1, 1, 1]),
    ]
    for (first, shape, strides) in cases {
      XCTAssertEqual(
        complaint(pickle: Pickle.tensor(storage, first: first, shape, strides: strides) + ascii(".")),
        "a tensor of shape \(shape) with strides \(strides) from element \(first) on does not fit into the 2 elements of "
          + "storage \"0\"")
    }
    XCTAssertEqual(
      complaint(pickle: Pickle.tensor(storage, [2], strides: [1, 1])),
      "a tensor has the shape [2] and the strides [1, 1]")
    XCTAssertEqual(
      complaint(pickle: Pickle.tensor(storage, [-1], strides: [1])),
      "a number stands where a whole number from 0 is expected")
    XCTAssertEqual(
      complaint(pickle: Pickle.tensor(ascii("N"), [1], strides: [1])), "a tensor is made of None, not of a storage")
  }

  func testZipFilesThatAreDamaged() {
    let pickle = Pickle.whole(
      Pickle.dictionary([("w", Pickle.tensor(Pickle.storage("Float", key: "0", count: 2), [2]))]))
    let sound = ZipBytes(pickle: pickle, storages: [[UInt8](repeating: 0, count: 8)])
    let damaged = "this zip file is damaged or none of torch.save: "
    var zip = sound
    zip.method = 8
    XCTAssertEqual(
      complaint(zip.bytes),
      damaged + "its member \"archive/data.pkl\" is compressed or encrypted; torch.save stores its members as they are")
    zip = sound
    zip.flags = 1
    XCTAssertTrue(complaint(zip.bytes).contains("is compressed or encrypted"))
    zip = sound
    zip.excess = 1 << 30
    XCTAssertTrue(complaint(zip.bytes).contains("\"archive/data.pkl\" has \(pickle.count + 1 << 30) bytes, and "))
    XCTAssertEqual(
      complaint(ZipBytes(pickle: pickle, storages: [[0, 0, 0]]).bytes),
      "this zip file's member \"archive/data/0\" has 3 bytes, and 2 x F32 are expected")
    XCTAssertEqual(
      complaint(ZipBytes(pickle: pickle, storages: []).bytes),
      "this zip file lacks its member \"archive/data/0\": it is damaged")
    XCTAssertEqual(
      complaint(ZipBytes(pickle: pickle, storages: [], byteOrder: "middle").bytes),
      "its byteorder is \"middle\"; \"little\" and \"big\" are known")
    XCTAssertEqual(
      complaint(ZipBytes(sound.members + [sound.members[0]]).bytes),
      damaged + "its directory has two members \"archive/data.pkl\"")
  }

  func testStackedStoragesThatAreWrong() {
    let content = Pickle.whole(
      Pickle.dictionary([("w", Pickle.tensor(Pickle.storage("Float", key: "0", count: 2, isStacked: true), [2]))]))
    let bytes = [UInt8](repeating: 0, count: 8)
    XCTAssertTrue(
      complaint(stackedPickles(content, storages: [])).hasSuffix(": storage \"0\" is not in the list of storages"))
    for storages in [[("0", 2, bytes), ("0", 2, bytes)], [("0", 2, bytes), ("1", 2, bytes)]] {
      XCTAssertTrue(
        complaint(stackedPickles(content, storages: storages)).hasSuffix(
          "is listed, and no tensor has it or it is listed before"))
    }
    XCTAssertTrue(
      complaint(stackedPickles(content, storages: [("0", 3, bytes)])).hasSuffix(
        ": storage \"0\" has 3 elements, 2 x F32 are expected, and 8 bytes are left"))
  }
}
