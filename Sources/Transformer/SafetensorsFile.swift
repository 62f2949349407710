// The reader of safetensors files (https://huggingface.co/docs/safetensors): an 8-byte little-endian header length, a
// JSON header, then the tensors' bytes. Every length and offset is checked before it is used, so that no file can make
// the reader crash or allocate more than the file's own size allows. It reads with pread, never by mapping: a file that
// is cut while it is being read is an error, not a signal.

import Foundation

/// An open safetensors file whose header has been checked.
public final class SafetensorsFile: Sendable {
  /// A tensor of the file.
  public struct Tensor: Equatable, Sendable {
    /// The name in the header.
    public let name: String
    /// The type of its elements.
    public let element: SafetensorsElement
    /// Its dimensions, outermost first; none for a single number.
    public let shape: [Int]
    /// Its bytes, counted from the start of the file.
    public let byteRange: Range<Int>

    /// The product of the dimensions.
    public var elementCount: Int { shape.reduce(1, *) }
  }

  /// The longest header that is read: the limit of the format's reference implementation.
  static let maximumHeaderSize = 100_000_000

  /// The file as it was named.
  public let path: String
  /// The tensors in the order of their bytes.
  public let tensors: [Tensor]
  private let indices: [String: Int]
  private let descriptor: Int32

  /// Opens a file and checks its header.
  ///
  /// - Throws: `ModelFileError` naming the tensor, or the header, that is wrong, and what is allowed.
  public init(contentsOf path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ModelFileError.system(path, "open the file", code: errno) }
    do {
      let fileSize = try Self.size(of: descriptor, path: path)
      let (header, dataStart) = try Self.header(of: descriptor, fileSize: fileSize, path: path)
      tensors = try SafetensorsHeader.tensors(header, dataRange: dataStart..<fileSize, path: path)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  deinit { close(descriptor) }

  /// The tensor of a name, or nil.
  public subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }

  /// Reads a tensor of this file as Float, row-major; the destination holds exactly its elements.
  ///
  /// - Throws: `ModelFileError` when its elements are not F32, F16 or BF16 or the file ends early.
  public func read(_ tensor: Tensor, into destination: UnsafeMutableBufferPointer<Float>) throws {
    precondition(destination.count == tensor.elementCount, "\(tensor.name) does not fit its destination")
    switch tensor.element {
    case .float32:
      try read(UnsafeMutableRawBufferPointer(destination), at: tensor.byteRange.lowerBound, for: tensor)
      for index in destination.indices {
        destination[index] = Float(bitPattern: UInt32(littleEndian: destination[index].bitPattern))
      }
    case .float16: try readHalves(of: tensor, into: destination, convertedBy: floatFromHalf)
    case .brainFloat16: try readHalves(of: tensor, into: destination, convertedBy: floatFromBrainHalf)
    default:
      throw error(
        tensor, "its dtype is \(tensor.element.rawValue); weights are read from \(SafetensorsElement.weightNames)")
    }
  }

  /// Reads 16-bit elements through a small buffer.
  @inline(__always)
  private func readHalves(
    of tensor: Tensor, into destination: UnsafeMutableBufferPointer<Float>, convertedBy convert: (UInt16) -> Float
  ) throws {
    let blockCount = 32_768
    try withUnsafeTemporaryAllocation(of: UInt16.self, capacity: blockCount) { block in
      for start in stride(from: 0, to: destination.count, by: blockCount) {
        let count = min(blockCount, destination.count - start)
        let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(block)[..<(2 * count)])
        try read(bytes, at: tensor.byteRange.lowerBound + 2 * start, for: tensor)
        for index in 0..<count { destination[start + index] = convert(UInt16(littleEndian: block[index])) }
      }
    }
  }

  private func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, for tensor: Tensor) throws {
    let readCount = try Self.read(descriptor, into: bytes, at: offset, path: path)
    guard readCount == bytes.count else {
      throw error(tensor, "the file ends at byte \(offset + readCount): it was cut while it was being read")
    }
  }

  private func error(_ tensor: Tensor, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, reason: "tensor \(JSONText.quoted(tensor.name)): \(reason)")
  }
}

extension SafetensorsFile {
  private static func size(of descriptor: Int32, path: String) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ModelFileError.system(path, "examine the file", code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFileError(path: path, reason: "this is no regular file")
    }
    return Int(status.st_size)
  }

  /// The header's bytes and where the data starts.
  private static func header(of descriptor: Int32, fileSize: Int, path: String) throws -> (bytes: [UInt8], end: Int) {
    guard fileSize >= 8 else {
      throw ModelFileError(
        path: path, reason: "the header's 8-byte length is incomplete: the file has only \(fileSize) bytes")
    }
    let length = try bytes(of: descriptor, range: 0..<8, path: path)
      .enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
    guard length <= UInt64(fileSize - 8) else {
      throw ModelFileError(
        path: path,
        reason: "the header says it is \(length) bytes long, but only \(fileSize - 8) bytes follow its length: "
          + "the file is cut short or is no safetensors file")
    }
    guard length <= UInt64(maximumHeaderSize) else {
      throw ModelFileError(
        path: path, reason: "the header says it is \(length) bytes long; at most \(maximumHeaderSize) are allowed")
    }
    let end = 8 + Int(length)
    return (try bytes(of: descriptor, range: 8..<end, path: path), end)
  }

  private static func bytes(of descriptor: Int32, range: Range<Int>, path: String) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      count = try read(
        descriptor, into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: range.count),
        at: range.lowerBound, path: path)
      guard count == range.count else {
        throw ModelFileError(
          path: path, reason: "the header ends at byte \(range.lowerBound + count): the file was cut")
      }
    }
  }

  /// Fills a buffer from an offset and returns how many bytes there were before the end of the file.
  private static func read(
    _ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer, at offset: Int, path: String
  ) throws -> Int {
    var done = 0
    while done < bytes.count {
      let count = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        return done
      } else if errno != EINTR {
        throw ModelFileError.system(path, "read at byte \(offset + done)", code: errno)
      }
    }
    return done
  }
}
