// The writer of safetensors files: F32 or F16, the tensors in the order given, the same bytes for the same input. The
// header is padded to 8 bytes, so that every tensor is aligned for readers that map the file.

import Files
import JSON5
import ModelFiles

/// A named array to be written.
package struct NamedTensor {
  package var name: String
  /// Its dimensions, outermost first; none for a single number.
  package var shape: [Int]
  /// Its elements: row-major, or column-major where it is `isTransposed`.
  package var values: UnsafeBufferPointer<Float>
  /// Whether `values` are those of the transposed matrix; the array has two dimensions then.
  package var isTransposed: Bool

  /// A named array; its elements must stay in place until it is written.
  package init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>, isTransposed: Bool = false) {
    precondition(shape.reduce(1, *) == values.count, "\(name): \(values.count) values do not fill shape \(shape)")
    precondition(!isTransposed || shape.count == 2, "\(name): only a matrix can be transposed")
    self.name = name
    self.shape = shape
    self.values = values
    self.isTransposed = isTransposed
  }

  /// Lends the elements, row-major.
  fileprivate func withRowMajorValues(_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
    guard isTransposed else { return try body(values) }
    let (rowCount, columnCount) = (shape[0], shape[1])
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: values.count) { rows in
      for row in 0..<rowCount {
        for column in 0..<columnCount { rows[row &* columnCount &+ column] = values[column &* rowCount &+ row] }
      }
      try body(UnsafeBufferPointer(rows))
    }
  }
}

/// The element types that weights are written as.
package enum StoredElement: Sendable {
  /// Every bit of the weights.
  case float32
  /// Half of the bytes: each weight becomes the nearest number of 11 significant bits, of two equally near the even one.
  case float16

  var safetensors: TensorElement { self == .float32 ? .float32 : .float16 }
}

/// Safetensors files.
package enum SafetensorsFile {
  /// Writes tensors to a file that appears under its name only when it is complete.
  ///
  /// The metadata is `{"format": "pt"}`, without which Hugging Face's reader refuses the file.
  ///
  /// - Throws: `FileError`; `ModelFileError` for a tensor with a number that F16 cannot hold.
  package static func write(_ tensors: [NamedTensor], as element: StoredElement = .float32, to path: String) throws {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have the same name")
    let header = header(of: tensors, element.safetensors)
    let file = try WholeFile(path: path, durability: .contents)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.write($0) }
    try header.withUnsafeBytes { try file.write($0) }
    for tensor in tensors {
      try tensor.withRowMajorValues { values in
        switch element {
        case .float32:
          #if _endian(little)
            try file.write(UnsafeRawBufferPointer(values))
          #else
            try values.map(\.bitPattern.littleEndian).withUnsafeBytes { try file.write($0) }
          #endif
        case .float16: try halves(of: values, tensor.name, path: path).withUnsafeBytes { try file.write($0) }
        }
      }
    }
    try file.finish()
  }

  private static func halves(
    of values: UnsafeBufferPointer<Float>, _ name: String, path: String
  ) throws -> [UInt16] {
    try values.map { value in
      let bits = halfFromFloat(value)
      guard bits & 0x7C00 != 0x7C00 || !value.isFinite else {
        throw ModelFileError(
          path: path,
          reason: "tensor \(JSONWriter.quoted(name)): \(value) is beyond the 65504 that F16 can hold; write F32")
      }
      return bits.littleEndian
    }
  }

  private static func header(of tensors: [NamedTensor], _ element: TensorElement) -> [UInt8] {
    var text = #"{"__metadata__":{"format":"pt"}"#
    var offset = 0
    for tensor in tensors {
      let end = offset + element.bitCount / 8 * tensor.values.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      text +=
        ",\(JSONWriter.quoted(tensor.name)):{\"dtype\":\"\(element.rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(offset),\(end)]}"
      offset = end
    }
    text += "}"
    while text.utf8.count % 8 != 0 { text += " " }
    return Array(text.utf8)
  }
}
