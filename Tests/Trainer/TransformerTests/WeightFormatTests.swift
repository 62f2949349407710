import Foundation
import TestSupport
import XCTest

@testable import Transformer
@testable import WeightFiles

/// Model folders whose weights are no single safetensors file: PyTorch's formats, and several files with an index.
final class WeightFormatTests: XCTestCase {
  /// A tensor as a file holds it.
  private struct Part {
    var name: String
    var element: TensorElement
    var shape: [Int]
    var bytes: [UInt8]
  }

  /// The tensors of a golden folder's weights.
  private func parts(of name: String) throws -> [Part] {
    let path = Goldens.path + "/\(name)/model.safetensors"
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return try TensorFile(safetensors: path).tensors.map { tensor in
      let end = tensor.offset + tensor.elementCount * tensor.element.bitCount / 8
      return Part(
        name: tensor.name, element: tensor.element, shape: tensor.shape, bytes: Array(bytes[tensor.offset..<end]))
    }
  }

  /// The bytes of a file of torch.save with some tensors, each in a storage of its own.
  private func pyTorchFile(_ parts: [Part], isStacked: Bool = false) -> [UInt8] {
    let types: [TensorElement: String] = [
      .float32: "Float", .float16: "Half", .brainFloat16: "BFloat16", .signed64: "Long",
    ]
    let content = Pickle.whole(
      Pickle.dictionary(
        parts.enumerated().map { index, part in
          let storage = Pickle.storage(
            types[part.element] ?? "", key: "\(index)", count: part.shape.reduce(1, *), isStacked: isStacked)
          return (part.name, Pickle.tensor(storage, part.shape))
        }))
    guard isStacked else { return ZipBytes(pickle: content, storages: parts.map(\.bytes)).bytes }
    return stackedPickles(
      content, storages: parts.enumerated().map { ("\($0)", $1.shape.reduce(1, *), $1.bytes) })
  }

  /// The bytes of a safetensors file with some tensors.
  private func safetensorsFile(_ parts: [Part]) -> [UInt8] {
    var (entries, data): ([String], [UInt8]) = ([], [])
    for part in parts {
      let range = "[\(data.count),\(data.count + part.bytes.count)]"
      entries.append(
        #""\#(part.name)":{"dtype":"\#(part.element.rawValue)","shape":\#(part.shape),"data_offsets":\#(range)}"#)
      data += part.bytes
    }
    return SafetensorsTests.file("{" + entries.joined(separator: ",") + "}", data: data)
  }

  /// A copy of a golden folder without its weights.
  private func emptyCopy(of name: String, in temporary: TemporaryFolder) throws -> String {
    let path = try temporary.copy(of: name)
    try FileManager.default.removeItem(atPath: path + "/model.safetensors")
    return path
  }

  /// The bits of every weight of a folder, with its head where it has one.
  private func bits(_ path: String) throws -> [UInt32] {
    let folder = try ModelFolder(path)
    if folder.holdsLanguageModelHead {
      let model = LanguageModel(configuration: folder.configuration)
      try folder.load(into: model)
      return model.parameters.map(\.bitPattern)
    }
    let classifier = Classifier(configuration: folder.configuration, labelCount: folder.headLabelCount ?? 2)
    try folder.load(into: classifier, keepHead: folder.headLabelCount != nil, seed: 1)
    return classifier.parameters.map(\.bitPattern)
  }

  private func names(_ path: String) throws -> [String] {
    try ModelFolder(path).filePaths.map { String($0.dropFirst(path.count + 1)) }
  }

  func testAPyTorchFileGivesTheSameWeights() throws {
    for name in ["classification", "regression-f16", "pretraining-bf16", "bare", "masked"] {
      let expected = try bits(Goldens.path + "/" + name)
      for isStacked in [false, true] {
        let temporary = try TemporaryFolder()
        let path = try emptyCopy(of: name, in: temporary)
        try temporary.write(
          pyTorchFile(try parts(of: name), isStacked: isStacked), to: name + "/pytorch_model.bin")
        XCTAssertEqual(try bits(path), expected, name)
        XCTAssertEqual(try names(path).last, "pytorch_model.bin")
      }
    }
  }

  /// As in Transformers, which does not look at the other file then.
  func testSafetensorsIsTakenBeforeAPyTorchFile() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "classification")
    for name in ["pytorch_model.bin", "training_args.bin", "model.safetensors.index.json"] {
      try temporary.write(Array("spoilt".utf8), to: "classification/" + name)
    }
    XCTAssertEqual(try bits(path), try bits(Goldens.path + "/classification"))
    XCTAssertEqual(try names(path), ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"])
  }

  /// Writes the weights of a folder as two files with an index, changed before it is written.
  private func split(
    _ parts: [Part], as ending: String, in temporary: TemporaryFolder,
    _ change: (inout [String: String]) -> Void = { _ in }
  ) throws {
    let stem = ending == "bin" ? "pytorch_model" : "model"
    let files = (1...2).map { "\(stem)-0000\($0)-of-00002.\(ending)" }
    let middle = parts.count / 2
    for (file, tensors) in zip(files, [Array(parts[..<middle]), Array(parts[middle...])]) {
      try temporary.write(
        ending == "bin" ? pyTorchFile(tensors) : safetensorsFile(tensors), to: "classification/" + file)
    }
    var map = Dictionary(
      uniqueKeysWithValues: parts.enumerated().map { ($1.name, $0 < middle ? files[0] : files[1]) })
    change(&map)
    let index = try JSONEncoder().encode(["weight_map": map])
    try temporary.write(index, to: "classification/\(stem).\(ending).index.json")
  }

  /// Both kinds of files; buffers of positions are left alone.
  func testWeightsInSeveralFiles() throws {
    let positions = Part(
      name: "bert.embeddings.position_ids", element: .signed64, shape: [1, 2], bytes: [UInt8](repeating: 0, count: 16))
    for (ending, stem) in [("bin", "pytorch_model"), ("safetensors", "model")] {
      let temporary = try TemporaryFolder()
      let path = try emptyCopy(of: "classification", in: temporary)
      try split(try parts(of: "classification") + [positions], as: ending, in: temporary)
      XCTAssertEqual(try bits(path), try bits(Goldens.path + "/classification"))
      XCTAssertEqual(
        try names(path).suffix(3),
        ["\(stem).\(ending).index.json"] + (1...2).map { "\(stem)-0000\($0)-of-00002.\(ending)" })
    }
  }

  func testIndicesThatAreWrong() throws {
    func complaint(_ change: (inout [String: String]) -> Void) throws -> String {
      let temporary = try TemporaryFolder()
      let path = try emptyCopy(of: "classification", in: temporary)
      try split(try parts(of: "classification"), as: "safetensors", in: temporary, change)
      return errorText(try ModelFolder(path)).replacingOccurrences(of: path, with: "DIR")
    }
    let index = "DIR/model.safetensors.index.json: weight_map"
    XCTAssertEqual(
      try complaint { $0["classifier.bias"] = "model-00003-of-00003.safetensors" },
      "DIR/model-00003-of-00003.safetensors: there is no such file, and DIR/model.safetensors.index.json lists it")
    XCTAssertEqual(
      try complaint { $0["classifier.bias"] = "../model.safetensors" },
      "\(index) gives tensor \"classifier.bias\" the file \"../model.safetensors\"; the name of a file of this folder is "
        + "expected")
    XCTAssertEqual(
      try complaint { $0["classifier.bias"] = "model-00001-of-00002.safetensors" },
      "\(index) says that tensor \"classifier.bias\" is in model-00001-of-00002.safetensors, and it is not in that file"
    )
    XCTAssertEqual(
      try complaint { $0["one.more"] = "model-00002-of-00002.safetensors" },
      "\(index) says that tensor \"one.more\" is in model-00002-of-00002.safetensors, and it is not in that file")
    XCTAssertEqual(try complaint { $0 = [:] }, "\(index) is missing or empty; it gives each tensor's file")
  }

  func testATensorInTwoFilesIsNamed() throws {
    let temporary = try TemporaryFolder()
    let path = try emptyCopy(of: "classification", in: temporary)
    let parts = try parts(of: "classification")
    try split(parts, as: "safetensors", in: temporary)
    try temporary.write(safetensorsFile(parts), to: "classification/model-00002-of-00002.safetensors")
    let twice = try XCTUnwrap(parts.first).name
    XCTAssertEqual(
      errorText(try ModelFolder(path)).replacingOccurrences(of: path, with: "DIR"),
      "DIR/model.safetensors.index.json: weight_map lists model-00001-of-00002.safetensors and "
        + "model-00002-of-00002.safetensors, and tensor \"\(twice)\" is in both of them")
  }
}
