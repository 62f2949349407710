// The header of a safetensors file (https://huggingface.co/docs/safetensors): an 8-byte little-endian length, then strict JSON.
// Every tensor has a known dtype, a shape without overflow, and bytes that lie in the file, fit the shape and belong to it alone;
// the metadata are texts. What it takes is what the safetensors library takes, but for a key given twice, which the format forbids
// and the library reads. No file can make it crash or allocate more than the file's own size allows.

import JSON5
import ModelFiles

enum SafetensorsHeader {
  /// A tensor as the header describes it, its offsets counted from the start of the data.
  private struct Entry {
    var name: String
    var element: TensorElement
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  /// The longest header that is read: the limit of the format's reference implementation.
  static let maximumSize = 100_000_000

  /// The tensors of a file, in the order of their bytes.
  static func tensors(of file: ModelFile) throws -> [StoredTensor] {
    let (header, dataStart) = try header(of: file)
    return try tensors(header, dataRange: dataStart..<file.size, path: file.path)
  }

  /// The header's bytes and where the data starts.
  private static func header(of file: ModelFile) throws -> (bytes: [UInt8], end: Int) {
    func fault(_ reason: String) -> ModelFileError { ModelFileError(path: file.path, reason: reason) }
    guard file.size >= 8 else {
      throw fault("the header's 8-byte length is incomplete: the file has only \(file.size) bytes")
    }
    let length = try file.bytes(0..<8).enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << UInt64(8 * $1.offset)
    }
    guard length <= UInt64(file.size - 8) else {
      throw fault(
        "the header says it is \(length) bytes long, but only \(file.size - 8) bytes follow its length: "
          + "the file is cut short or is no safetensors file")
    }
    guard length <= UInt64(maximumSize) else {
      throw fault("the header says it is \(length) bytes long; at most \(maximumSize) are allowed")
    }
    let end = 8 + Int(length)
    return (try file.bytes(8..<end), end)
  }

  /// The tensors that a header describes, in the order of their bytes.
  ///
  /// - Parameter dataRange: the bytes of the file after the header.
  private static func tensors(_ header: [UInt8], dataRange: Range<Int>, path: String) throws -> [StoredTensor] {
    let value: JSONNode
    do {
      value = try JSONReader.read(header, name: path, as: .json)
    } catch {
      throw ModelFileError(path: path, "the header", error)
    }
    guard let members = value.members else {
      throw ModelFileError(path: path, reason: "the header is \(value.summary); it must be an object of tensors")
    }
    try checkMetadata(value["__metadata__"], path: path)
    var entries: [Entry] = []
    for member in members where member.key != "__metadata__" {
      do {
        entries.append(try entry(member, dataCount: dataRange.count))
      } catch let fault as TensorFault {
        throw ModelFileError(path: path, reason: "tensor \(JSONWriter.quoted(member.key)): \(fault.reason)")
      }
    }
    entries.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
    try checkCoverage(entries, dataCount: dataRange.count, path: path)
    return entries.map { entry in
      StoredTensor(
        name: entry.name, element: entry.element, shape: entry.shape, offset: dataRange.lowerBound + entry.begin)
    }
  }

  /// The metadata may be missing or null; otherwise they are a map of texts.
  private static func checkMetadata(_ value: JSONNode?, path: String) throws {
    guard let value, value.content != .null else { return }
    guard let members = value.members else {
      throw ModelFileError(
        path: path, reason: "the header's __metadata__ is \(value.summary); it must be an object of strings")
    }
    for member in members where member.value.stringValue == nil {
      throw ModelFileError(
        path: path,
        reason:
          "the header's __metadata__: \(JSONWriter.quoted(member.key)) is \(member.value.summary); it must be a string")
    }
  }

  private struct TensorFault: Error {
    var reason: String
  }

  private static func entry(_ member: JSONMember, dataCount: Int) throws -> Entry {
    guard member.value.members != nil else {
      throw TensorFault(
        reason: "it is \(member.value.summary); it must be an object with dtype, shape and data_offsets")
    }
    let element = try element(member.value["dtype"])
    let shape = try counts(member.value["shape"], key: "shape")
    let offsets = try counts(member.value["data_offsets"], key: "data_offsets")
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw TensorFault(reason: "data_offsets are \(offsets); they must be a begin and an end that is not smaller")
    }
    guard offsets[1] <= dataCount else {
      throw TensorFault(
        reason: "data_offsets \(offsets) reach beyond the \(dataCount) bytes of data in the file: it is cut short")
    }
    guard let byteCount = byteCount(shape, element) else {
      throw TensorFault(
        reason: "shape \(shape) of \(element.rawValue) is no whole number of bytes that a file can hold")
    }
    guard byteCount == offsets[1] - offsets[0] else {
      throw TensorFault(
        reason: "shape \(shape) of \(element.rawValue) takes \(byteCount) bytes, but data_offsets \(offsets) span "
          + "\(offsets[1] - offsets[0])")
    }
    return Entry(name: member.key, element: element, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private static func element(_ value: JSONNode?) throws -> TensorElement {
    guard let value else { throw TensorFault(reason: "it has no dtype") }
    if let name = value.stringValue, let element = TensorElement(rawValue: name) { return element }
    throw TensorFault(
      reason: "its dtype \(value.summary) is unknown; weights are read from \(TensorElement.weightNames)")
  }

  /// A list of numbers that are 0 or more.
  private static func counts(_ value: JSONNode?, key: String) throws -> [Int] {
    guard let value else { throw TensorFault(reason: "it has no \(key)") }
    guard let elements = value.elements else {
      throw TensorFault(reason: "\(key) is \(value.summary); it must be a list of whole numbers")
    }
    return try elements.map { element in
      guard case .integer(let integer) = element.content, !integer.isNegative, let count = Int(integer) else {
        throw TensorFault(reason: "\(key) holds \(element.summary); whole numbers from 0 are allowed")
      }
      return count
    }
  }

  /// The bytes a shape takes, or nil where the product overflows or ends inside a byte.
  private static func byteCount(_ shape: [Int], _ element: TensorElement) -> Int? {
    var bitCount = element.bitCount
    for size in shape {
      let (product, overflow) = bitCount.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      bitCount = product
    }
    return bitCount % 8 == 0 ? bitCount / 8 : nil
  }

  /// Checks that every byte of the data belongs to exactly one tensor.
  private static func checkCoverage(_ entries: [Entry], dataCount: Int, path: String) throws {
    var end = 0
    var previous: String?
    for entry in entries {
      let name = JSONWriter.quoted(entry.name)
      if entry.begin < end {
        throw ModelFileError(
          path: path,
          reason:
            "tensor \(name): its bytes from \(entry.begin) overlap those of \(JSONWriter.quoted(previous ?? "")), "
            + "which end at \(end)")
      }
      if entry.begin > end {
        throw ModelFileError(
          path: path, reason: "tensor \(name): the bytes \(end) to \(entry.begin) before it belong to no tensor")
      }
      if entry.end > end { previous = entry.name }
      end = entry.end
    }
    guard end == dataCount else {
      throw ModelFileError(
        path: path, reason: "the header describes \(end) bytes of data, but the file holds \(dataCount)")
    }
  }
}
