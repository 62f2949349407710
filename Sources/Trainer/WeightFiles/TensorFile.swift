// An open file of tensors, whatever its format: where each one's numbers lie, and how they are read as Float. It reads with
// pread, never by mapping: a file that is cut while it is being read is an error, not a signal. What a format's header may say
// is checked by `SafetensorsHeader` and `PyTorchFile`.

import JSON5
import ModelFiles

/// A tensor of a file.
package struct StoredTensor: Equatable, Sendable {
  package let name: String
  package let element: TensorElement
  /// Its dimensions, outermost first; none for a single number.
  package var shape: [Int]
  /// Where its first element lies in the file, in bytes.
  package let offset: Int
  /// How many elements apart the neighbours along each dimension lie; nil where the elements follow one another, row-major.
  package var strides: [Int]?
  /// Whether the first byte of a number is its highest one.
  package var isBigEndian = false

  package var elementCount: Int { shape.reduce(1, *) }

  /// The same numbers as the transposed matrix. The tensor must have two dimensions.
  package var transposed: StoredTensor {
    precondition(shape.count == 2, "\(name) has \(shape.count) dimensions, and only a matrix can be transposed")
    var transposed = self
    transposed.strides = Array((strides ?? [shape[1], 1]).reversed())
    transposed.shape = [shape[1], shape[0]]
    return transposed
  }
}

/// An open file of tensors, all of which lie inside it.
package final class TensorFile: Sendable {
  /// The tensors in the order of the file.
  package let tensors: [StoredTensor]
  private let indices: [String: Int]
  private let file: ModelFile

  /// Opens a safetensors file and checks its header.
  ///
  /// - Throws: `ModelFileError` naming the tensor, or the header, that is wrong, and what is allowed.
  package convenience init(safetensors path: String) throws {
    let file = try ModelFile(path)
    self.init(file, try SafetensorsHeader.tensors(of: file))
  }

  /// Opens a file of `torch.save` and checks what it describes.
  ///
  /// - Throws: `ModelFileError` naming the byte, the global or the tensor that is wrong, and what is allowed.
  package convenience init(pyTorch path: String) throws {
    let file = try ModelFile(path)
    self.init(file, try PyTorchFile.tensors(of: file))
  }

  private init(_ file: ModelFile, _ tensors: [StoredTensor]) {
    self.file = file
    self.tensors = tensors
    // Two spellings of one text are two names for the file, and one here.
    indices = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package var path: String { file.path }

  package subscript(name: String) -> StoredTensor? { indices[name].map { tensors[$0] } }

  /// Refuses to go on with a file that was changed since it was opened.
  ///
  /// - Throws: `ModelFileError`.
  package func checkUnchanged() throws { try file.checkUnchanged() }

  /// Reads the elements of a tensor of this file as Float, row-major, from the `first` on: as many as the destination holds.
  ///
  /// - Throws: `ModelFileError` when its type is not one of `TensorElement.weightNames` or the file ends early.
  package func read(
    _ tensor: StoredTensor, from first: Int = 0, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    precondition(
      first >= 0 && first + destination.count <= tensor.elementCount,
      "\(tensor.name) has \(tensor.elementCount) elements, not \(destination.count) from \(first) on")
    guard tensor.element.holdsWeights else {
      throw error(
        tensor, "its dtype is \(tensor.element.rawValue); weights are read from \(TensorElement.weightNames)")
    }
    if let strides = tensor.strides {
      if strides == [1, tensor.shape[0]], first == 0, destination.count == tensor.elementCount {
        return try readTransposed(tensor, into: destination)
      }
      try gather(tensor, strides, from: first, into: destination)
    } else {
      try readRun(of: tensor, at: first, into: destination)
    }
  }

  /// Reads numbers that follow one another in the file, from the one `index` numbers after the tensor's first.
  private func readRun(
    of tensor: StoredTensor, at index: Int, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    let size = tensor.element.bitCount / 8
    let start = tensor.offset + index * size
    #if _endian(little)
      if tensor.element == .float32, !tensor.isBigEndian {
        return try read(UnsafeMutableRawBufferPointer(destination), at: start, for: tensor)
      }
    #endif
    let blockCount = min(32_768, destination.count)
    try withUnsafeTemporaryAllocation(byteCount: blockCount * size, alignment: 8) { block in
      for first in stride(from: 0, to: destination.count, by: max(1, blockCount)) {
        let floats = UnsafeMutableBufferPointer(
          rebasing: destination[first..<min(first + blockCount, destination.count)])
        let bytes = UnsafeMutableRawBufferPointer(rebasing: block[..<(floats.count * size)])
        try read(bytes, at: start + first * size, for: tensor)
        tensor.element.convert(UnsafeRawBufferPointer(bytes), isBigEndian: tensor.isBigEndian, into: floats)
      }
    }
  }

  /// The most numbers of a file that are held at once while elements are picked from them.
  private static let windowCount = 1 << 20

  /// Reads all of a matrix whose columns follow one another in the file, a few columns at a time.
  private func readTransposed(_ tensor: StoredTensor, into destination: UnsafeMutableBufferPointer<Float>) throws {
    let (rowCount, columnCount) = (tensor.shape[0], tensor.shape[1])
    guard rowCount > 0, columnCount > 0 else { return }
    let blockSize = min(columnCount, max(1, Self.windowCount / rowCount))
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: blockSize * rowCount)
    defer { block.deallocate() }
    for start in stride(from: 0, to: columnCount, by: blockSize) {
      let columns = start..<min(start + blockSize, columnCount)
      try readRun(
        of: tensor, at: start * rowCount,
        into: UnsafeMutableBufferPointer(rebasing: block[..<(columns.count * rowCount)]))
      for row in 0..<rowCount {
        for column in columns {
          destination[row &* columnCount &+ column] = block[(column &- start) &* rowCount &+ row]
        }
      }
    }
  }

  /// Reads elements that lie apart: the stretch of the file that holds them, one window after another, each of which gives
  /// the elements that lie in it.
  private func gather(
    _ tensor: StoredTensor, _ strides: [Int], from first: Int, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    guard !destination.isEmpty else { return }
    let start = StridedPosition(tensor.shape, strides, at: first)
    var (position, lowest, highest) = (start, start.offset, start.offset)
    for _ in 1..<destination.count {
      position.advance()
      lowest = min(lowest, position.offset)
      highest = max(highest, position.offset)
    }
    let window = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(Self.windowCount, highest + 1 - lowest))
    defer { window.deallocate() }
    for windowStart in stride(from: lowest, through: highest, by: window.count) {
      let range = windowStart..<min(windowStart + window.count, highest + 1)
      try readRun(
        of: tensor, at: windowStart, into: UnsafeMutableBufferPointer(rebasing: window[..<range.count]))
      position = start
      for index in destination.indices {
        if range.contains(position.offset) { destination[index] = window[position.offset - windowStart] }
        position.advance()
      }
    }
  }

  private func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, for tensor: StoredTensor) throws {
    let readCount = try file.read(into: bytes, at: offset)
    guard readCount == bytes.count else {
      throw error(tensor, "the file ends at byte \(offset + readCount): it was cut while it was being read")
    }
  }

  private func error(_ tensor: StoredTensor, _ reason: String) -> ModelFileError {
    ModelFileError(path: path, reason: "tensor \(JSONWriter.quoted(tensor.name)): \(reason)")
  }
}

/// The position of an element whose neighbours lie `strides` apart; it moves on row-major.
private struct StridedPosition {
  private let shape: [Int]
  private let strides: [Int]
  private var indices: [Int]
  /// How many numbers after the tensor's first one the element lies.
  private(set) var offset = 0

  init(_ shape: [Int], _ strides: [Int], at element: Int) {
    self.shape = shape
    self.strides = strides
    indices = [Int](repeating: 0, count: shape.count)
    var rest = element
    for dimension in shape.indices.reversed() where shape[dimension] > 0 {
      indices[dimension] = rest % shape[dimension]
      rest /= shape[dimension]
      offset += indices[dimension] * strides[dimension]
    }
  }

  mutating func advance() {
    for dimension in shape.indices.reversed() {
      indices[dimension] += 1
      offset += strides[dimension]
      if indices[dimension] < shape[dimension] { return }
      offset -= indices[dimension] * strides[dimension]
      indices[dimension] = 0
    }
  }
}
