// The weights of a model folder, as Transformers finds them: `model.safetensors`, else the files that its index lists, else
// `pytorch_model.bin`, else the files that its index lists. Other files of those kinds, such as `training_args.bin`, are left alone.

import JSON5
import ModelFiles

/// The tensors of a model folder by name, in one file or in several.
package struct FolderWeights: Sendable {
  /// A tensor and the file that it is read from.
  package struct Tensor: Sendable {
    package let file: TensorFile
    package var stored: StoredTensor
  }

  /// The file with the weights, or the index of those that hold them.
  package let path: String
  /// Every file that weights are read from, and the index that says so before them.
  package let paths: [String]
  /// The files, open as long as the weights are known.
  private let files: [TensorFile]
  /// Which file holds a tensor.
  private let numbers: [String: Int]

  private enum Format {
    case safetensors
    case pyTorch

    func open(_ path: String) throws -> TensorFile {
      switch self {
      case .safetensors: try TensorFile(safetensors: path)
      case .pyTorch: try TensorFile(pyTorch: path)
      }
    }
  }

  /// The files that a folder's weights are looked for in, the first one that exists.
  private static let candidates: [(name: String, format: Format)] = [
    ("model.safetensors", .safetensors), ("pytorch_model.bin", .pyTorch),
  ]

  /// The file of a folder that says where its weights are; nil where there is none.
  package static func path(in folder: String) -> String? { found(in: folder)?.path }

  /// What an error says about a folder without weights.
  package static let absence = "there is no \(candidates.map(\.name).joined(separator: " or ")) in this folder"

  private static func found(in folder: String) -> (path: String, format: Format, isIndex: Bool)? {
    candidates.lazy.flatMap { name, format in
      [("\(folder)/\(name)", format, false), ("\(folder)/\(name).index.json", format, true)]
    }.first { ModelFile.exists($0.0) }
  }

  /// Opens the weights of a folder and checks what their files say about them.
  ///
  /// - Throws: `ModelFileError` naming the file, the part or the tensor that is missing or wrong.
  package init(of folder: String) throws {
    guard let (path, format, isIndex) = Self.found(in: folder) else {
      throw ModelFileError(path: folder, reason: Self.absence)
    }
    self.path = path
    if isIndex {
      let index = try WeightIndex(path)
      let parts = index.parts.map { "\(folder)/\($0)" }
      files = try parts.map { part in
        guard ModelFile.exists(part) else {
          throw ModelFileError(path: part, reason: "there is no such file, and \(path) lists it")
        }
        return try format.open(part)
      }
      numbers = try index.numbers(of: files)
      paths = [path] + parts
    } else {
      let file = try format.open(path)
      files = [file]
      numbers = Dictionary(file.tensors.map { ($0.name, 0) }, uniquingKeysWith: { first, _ in first })
      paths = [path]
    }
  }

  /// The names of all tensors, file after file.
  package var names: [String] { files.flatMap { $0.tensors.map(\.name) } }

  package subscript(name: String) -> Tensor? {
    guard let number = numbers[name], let stored = files[number][name] else { return nil }
    return Tensor(file: files[number], stored: stored)
  }

  /// Refuses to go on with a file that was changed since it was opened.
  ///
  /// - Throws: `ModelFileError`.
  package func checkUnchanged() throws { for file in files { try file.checkUnchanged() } }
}

/// An index of weights in several files: `model.safetensors.index.json` or `pytorch_model.bin.index.json`.
private struct WeightIndex {
  /// The files' names in alphabetical order, as Transformers reads them.
  let parts: [String]
  private let file: ConfigurationFile
  /// The file of each tensor.
  private let map: [(tensor: String, part: String)]

  init(_ path: String) throws {
    file = try ConfigurationFile(path)
    guard let members = file["weight_map"]?.members, !members.isEmpty else {
      throw file.error("weight_map", "is missing or empty; it gives each tensor's file")
    }
    map = try members.map { [file] member in
      guard let part = member.value.stringValue, !part.isEmpty, !part.contains("/"), part != "..", part != "." else {
        throw file.error(
          "weight_map",
          "gives tensor \(JSONWriter.quoted(member.key)) the file \(member.value.summary); the name of a file of this "
            + "folder is expected")
      }
      return (member.key, part)
    }
    parts = Set(map.map(\.part)).sorted()
  }

  /// The number of the file that holds each tensor; a tensor must be in the file that the index gives, and in no other.
  func numbers(of files: [TensorFile]) throws -> [String: Int] {
    var numbers: [String: Int] = [:]
    for (number, part) in files.enumerated() {
      for tensor in part.tensors {
        guard let other = numbers.updateValue(number, forKey: tensor.name), other != number else { continue }
        throw file.error(
          "weight_map",
          "lists \(parts[other]) and \(parts[number]), and tensor \(JSONWriter.quoted(tensor.name)) is in both of them")
      }
    }
    for (tensor, part) in map {
      guard let number = numbers[tensor], parts[number] == part else {
        throw file.error(
          "weight_map", "says that tensor \(JSONWriter.quoted(tensor)) is in \(part), and it is not in that file")
      }
    }
    return numbers
  }
}
