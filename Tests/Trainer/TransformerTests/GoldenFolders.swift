// The golden model folders of `Goldens/make_goldens.py`, and copies of them that a test may spoil.

import Foundation
import XCTest

@testable import Transformer
@testable import WeightFiles

/// The folders beside this file, made by Hugging Face transformers.
enum Goldens {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens"

  /// Every tensor of a safetensors file by name.
  static func tensors(of file: TensorFile) throws -> [String: [Float]] {
    var result: [String: [Float]] = [:]
    for tensor in file.tensors where tensor.element.holdsWeights {
      result[tensor.name] = try SafetensorsTests.read(tensor.name, of: file)
    }
    return result
  }
}

extension TemporaryFolder {
  /// A copy of a golden model folder.
  func copy(of name: String) throws -> String {
    let path = self(name)
    try FileManager.default.copyItem(atPath: Goldens.path + "/" + name, toPath: path)
    return path
  }
}

/// Replaces a text in a file, which must hold it.
func replace(_ old: String, with new: String, in path: String) throws {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  XCTAssertTrue(text.contains(old), "\(path) does not hold \(old)")
  try text.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: false, encoding: .utf8)
}

/// Writes a folder's weights anew as F32, with names and shapes changed; a nil name leaves a tensor out.
func rewriteWeights(
  of path: String, _ change: (_ name: String, _ shape: [Int]) -> (name: String?, shape: [Int])
) throws {
  let file = try TensorFile(safetensors: path + "/model.safetensors")
  let values = try Goldens.tensors(of: file)
  var storage: [UnsafeMutableBufferPointer<Float>] = []
  defer { for buffer in storage { buffer.deallocate() } }
  var tensors: [NamedTensor] = []
  for tensor in file.tensors {
    let (name, shape) = change(tensor.name, tensor.shape)
    guard let name, let elements = values[tensor.name] else { continue }
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: shape.reduce(1, *))
    for index in buffer.indices { buffer.initializeElement(at: index, to: elements[index % elements.count]) }
    storage.append(buffer)
    tensors.append(NamedTensor(name: name, shape: shape, values: UnsafeBufferPointer(buffer)))
  }
  try SafetensorsFile.write(tensors, to: path + "/model.safetensors")
}
