// The reader of safetensors files (https://huggingface.co/docs/safetensors): an 8-byte little-endian header length, a
// JSON header, then the tensors' bytes. Every length and offset is checked before it is used, so that no file can make
// the reader crash or allocate more than the file's own size allows. It reads with pread, never by mapping: a file that
// is cut while it is being read is an error, not a signal.

import JSON5

/// An open safetensors file whose header has been checked.
package final class SafetensorsFile: Sendable {
  /// A tensor of the file.
  package struct Tensor: Equatable, Sendable {
    package let name: String
    package let element: SafetensorsElement
    /// Its dimensions, outermost first; none for a single number.
    package let shape: [Int]
    /// Its bytes, counted from the start of the file.
    package let byteRange: Range<Int>

    package var elementCount: Int { shape.reduce(1, *) }
  }

  /// The longest header that is read: the limit of the format's reference implementation.
  static let maximumHeaderSize = 100_000_000

  /// The tensors in the order of their bytes.
  package let tensors: [Tensor]
  private let indices: [String: Int]
  private let file: ModelFile

  /// Opens a file and checks its header.
  ///
  /// - Throws: `ModelFileError` naming the tensor, or the header, that is wrong, and what is allowed.
  package init(contentsOf path: String) throws {
    file = try ModelFile(path)
    let (header, dataStart) = try Self.header(of: file)
    tensors = try SafetensorsHeader.tensors(header, dataRange: dataStart..<file.size, path: path)
    // Two spellings of one text are two names for the header, and one here.
    indices = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package var path: String { file.path }

  package subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }

  /// Refuses to go on with a file that was changed since it was opened.
  ///
  /// - Throws: `ModelFileError`.
  package func checkUnchanged() throws { try file.checkUnchanged() }

  /// Reads the elements of a tensor of this file as Float, row-major, from the `first` on: as many as the destination holds.
  ///
  /// - Throws: `ModelFileError` when its elements are not F32, F16 or BF16 or the file ends early.
  package func read(
    _ tensor: Tensor, from first: Int = 0, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    precondition(
      first >= 0 && first + destination.count <= tensor.elementCount,
      "\(tensor.name) has \(tensor.elementCount) elements, not \(destination.count) from \(first) on")
    let start = tensor.byteRange.lowerBound + first * tensor.element.bitCount / 8
    switch tensor.element {
    case .float32:
      try read(UnsafeMutableRawBufferPointer(destination), at: start, for: tensor)
      #if !_endian(little)
        for index in destination.indices {
          destination[index] = Float(bitPattern: UInt32(littleEndian: destination[index].bitPattern))
        }
      #endif
    case .float16: try readHalves(of: tensor, at: start, into: destination, convertedBy: floatFromHalf)
    case .brainFloat16: try readHalves(of: tensor, at: start, into: destination, convertedBy: floatFromBrainHalf)
    default:
      throw error(
        tensor, "its dtype is \(tensor.element.rawValue); weights are read from \(SafetensorsElement.weightNames)")
    }
  }

  /// Reads 16-bit elements through a small buffer.
  @inline(__always)
  private func readHalves(
    of tensor: Tensor, at offset: Int, into destination: UnsafeMutableBufferPointer<Float>,
    convertedBy convert: (UInt16) -> Float
  ) throws {
    let blockCount = 32_768
    try withUnsafeTemporaryAllocation(of: UInt16.self, capacity: blockCount) { block in
      for start in stride(from: 0, to: destination.count, by: blockCount) {
        let count = min(blockCount, destination.count - start)
        let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(block)[..<(2 * count)])
        try read(bytes, at: offset + 2 * start, for: tensor)
        for index in 0..<count { destination[start + index] = convert(UInt16(littleEndian: block[index])) }
      }
    }
  }

  private func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, for tensor: Tensor) throws {
    let readCount = try file.read(into: bytes, at: offset)
    guard readCount == bytes.count else {
      throw error(tensor, "the file ends at byte \(offset + readCount): it was cut while it was being read")
    }
  }

  private func error(_ tensor: Tensor, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, reason: "tensor \(JSONWriter.quoted(tensor.name)): \(reason)")
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
    guard length <= UInt64(maximumHeaderSize) else {
      throw fault("the header says it is \(length) bytes long; at most \(maximumHeaderSize) are allowed")
    }
    let end = 8 + Int(length)
    return (try file.bytes(8..<end), end)
  }
}
