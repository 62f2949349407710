// The writer of safetensors files: F32 only, the tensors in the order given, the same bytes for the same input. The
// header is padded to 8 bytes, so that every tensor is aligned for readers that map the file.

import SweepFile

/// A named array to be written.
public struct NamedTensor {
  /// The name in the file.
  public var name: String
  /// Its dimensions, outermost first; none for a single number.
  public var shape: [Int]
  /// Its elements, row-major.
  public var values: UnsafeBufferPointer<Float>

  /// A named array; its elements must stay in place until it is written.
  public init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
    precondition(shape.reduce(1, *) == values.count, "\(name): \(values.count) values do not fill shape \(shape)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

extension SafetensorsFile {
  /// Writes tensors to a file that appears under its name only when it is complete.
  ///
  /// The metadata is `{"format": "pt"}`, without which Hugging Face's reader refuses the file.
  ///
  /// - Throws: `ModelFileError` with the system's reason.
  public static func write(_ tensors: [NamedTensor], to path: String) throws {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have the same name")
    let header = header(of: tensors)
    try AtomicFile.write(to: path) { write in
      try withUnsafeBytes(of: UInt64(header.count).littleEndian, write)
      try header.withUnsafeBytes(write)
      for tensor in tensors {
        #if _endian(little)
          try write(UnsafeRawBufferPointer(tensor.values))
        #else
          try tensor.values.map(\.bitPattern.littleEndian).withUnsafeBytes(write)
        #endif
      }
    }
  }

  private static func header(of tensors: [NamedTensor]) -> [UInt8] {
    var text = #"{"__metadata__":{"format":"pt"}"#
    var offset = 0
    for tensor in tensors {
      let end = offset + 4 * tensor.values.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      text +=
        ",\(JSONWriter.quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      offset = end
    }
    text += "}"
    while text.utf8.count % 8 != 0 { text += " " }
    return Array(text.utf8)
  }
}
