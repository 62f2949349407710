// The tensors of a file of `torch.save` (`pytorch_model.bin`): the zip format that PyTorch writes since 1.6, and the older one of
// pickles one after another. The still older tar format is refused. Storages lie in the file as they are, so that a tensor is
// read like one of any other file.

import JSON5
import ModelFiles

enum PyTorchFile {
  /// The tensors of a file whose content is a dictionary from names to tensors, as `torch.save(model.state_dict(), ...)` writes.
  static func tensors(of file: ModelFile) throws -> [StoredTensor] {
    let start = try file.bytes(0..<min(file.size, 262))
    if start.starts(with: [0x50, 0x4B, 3, 4]) { return try zippedTensors(of: file) }
    if start.dropFirst(257).elementsEqual("ustar".utf8) {
      throw ModelFileError(
        path: file.path,
        reason: "this is PyTorch's tar format of before 2017, which is not read; save it anew with a newer PyTorch")
    }
    return try stackedTensors(of: file)
  }

  // MARK: - The zip format

  private static func zippedTensors(of file: ModelFile) throws -> [StoredTensor] {
    let archive = try ZipDirectory(file)
    func fault(_ reason: String) -> ModelFileError { ModelFileError(path: file.path, reason: reason) }
    // All members lie in one folder.
    let suffix = "/data.pkl"
    let names = archive.names.filter { $0.hasSuffix(suffix) }
    guard names.count == 1, let range = try archive.range(of: names[0]) else {
      throw fault("this zip file has \(names.count) members data.pkl, and a file of torch.save has one")
    }
    let folder = names[0].dropLast(suffix.count)
    let isBigEndian = try isBigEndian(archive, folder + "/byteorder", file)
    var reader = PickleReader(file, range)
    let content = try reader.next()
    let offsets = try reader.storages.map { storage in
      let name = "\(folder)/data/\(storage.key)"
      guard let range = try archive.range(of: name) else {
        throw fault("this zip file lacks its member \(JSONWriter.quoted(name)): it is damaged")
      }
      guard storage.byteCount == range.count else {
        throw fault(
          "this zip file's member \(JSONWriter.quoted(name)) has \(range.count) bytes, and \(storage.count) x "
            + "\(storage.element.rawValue) are expected")
      }
      return range.lowerBound
    }
    return try tensors(of: content, reader, offsets, isBigEndian: isBigEndian)
  }

  /// Whether the first byte of a number is its highest one; a file that does not say is of before PyTorch 2.1, and little-endian.
  private static func isBigEndian(_ archive: ZipDirectory, _ name: String, _ file: ModelFile) throws -> Bool {
    guard let range = try archive.range(of: name) else { return false }
    let text = String(decoding: try file.bytes(range.prefix(20)), as: UTF8.self)
    guard ["little", "big"].contains(text) else {
      throw ModelFileError(
        path: file.path, reason: "its byteorder is \(JSONWriter.quoted(text)); \"little\" and \"big\" are known")
    }
    return text == "big"
  }

  // MARK: - The format of stacked pickles

  /// A magic number, a version, facts about the machine, the content and the keys of its storages, each a pickle; then the
  /// storages, each after its length. All numbers are little-endian.
  private static func stackedTensors(of file: ModelFile) throws -> [StoredTensor] {
    var reader = PickleReader(file, 0..<file.size)
    guard case .magic = try reader.next() else {
      throw ModelFileError(path: file.path, reason: "it begins with a pickle, but not as torch.save writes it")
    }
    guard case .integer(1001) = try reader.next() else {
      throw reader.bytes.error("the version of the format before it is none of torch.save, which is 1001")
    }
    _ = try reader.next()
    let content = try reader.next()
    let keyList = try reader.next()
    let keys = try reader.sequence(keyList).map(reader.text)
    let storages = Dictionary(uniqueKeysWithValues: reader.storages.enumerated().map { ($1.key, $0) })
    var offsets = [Int?](repeating: nil, count: storages.count)
    var position = reader.bytes.position
    for key in keys {
      guard let number = storages[key], offsets[number] == nil else {
        throw reader.bytes.error(
          "storage \(JSONWriter.quoted(key)) is listed, and no tensor has it or it is listed before")
      }
      let storage = reader.storages[number]
      var header = FileBytes(file, position..<file.size)
      let count = try header.count(8)
      guard count == storage.count, let byteCount = storage.byteCount, byteCount <= header.remainingCount else {
        throw header.error(
          "storage \(JSONWriter.quoted(key)) has \(count) elements, \(storage.count) x \(storage.element.rawValue) are "
            + "expected, and \(header.remainingCount) bytes are left")
      }
      offsets[number] = header.position
      position = header.position + byteCount
    }
    let found = try zip(reader.storages, offsets).map { storage, offset in
      guard let offset else {
        throw reader.bytes.error("storage \(JSONWriter.quoted(storage.key)) is not in the list of storages")
      }
      return offset
    }
    return try tensors(of: content, reader, found, isBigEndian: false)
  }

  // MARK: - Content

  /// The tensors of a dictionary. What else it holds is left alone.
  ///
  /// - Parameter offsets: where each of the reader's storages lies in the file.
  private static func tensors(
    of content: PickleValue, _ reader: PickleReader, _ offsets: [Int], isBigEndian: Bool
  ) throws -> [StoredTensor] {
    let path = reader.bytes.file.path
    guard case .dictionary(let number) = content else {
      throw ModelFileError(
        path: path,
        reason: "its content is \(content.kind); a dictionary from names to tensors (model.state_dict()) is read")
    }
    // Of a key that is set twice the last value counts, as in Python.
    var values: [String: PickleValue] = [:]
    var keys: [String] = []
    for case (.text(let text), let value) in reader.dictionaries[number]
    where values.updateValue(value, forKey: reader.texts[text]) == nil {
      keys.append(reader.texts[text])
    }
    let tensors = keys.compactMap { key -> StoredTensor? in
      guard case .tensor(let number) = values[key] else { return nil }
      let tensor = reader.tensors[number]
      let element = reader.storages[tensor.storage].element
      return StoredTensor(
        name: key, element: element, shape: tensor.shape,
        offset: offsets[tensor.storage] + tensor.first * element.bitCount / 8,
        strides: tensor.isRowMajor ? nil : tensor.effectiveStrides, isBigEndian: isBigEndian)
    }
    guard !tensors.isEmpty else {
      let names = keys.prefix(3).map(JSONWriter.quoted).joined(separator: ", ")
      throw ModelFileError(
        path: path,
        reason: "its content is a dictionary without tensors, "
          + (keys.isEmpty ? "whose keys are no texts" : "whose keys begin with \(names)")
          + "; save it with torch.save(model.state_dict(), \"pytorch_model.bin\")")
    }
    return tensors
  }
}

extension PickleStorage {
  /// The bytes that it takes; nil for more than a file can hold.
  fileprivate var byteCount: Int? {
    let (bitCount, overflow) = count.multipliedReportingOverflow(by: element.bitCount)
    return overflow ? nil : bitCount / 8
  }
}

extension PickleTensor {
  /// Whether the elements follow one another. How far apart the neighbours of a dimension of size 1 would lie does not matter.
  fileprivate var isRowMajor: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() {
      if size != 1, stride != expected { return false }
      expected *= size
    }
    return true
  }

  /// The strides without those of dimensions of size 1, which may be any number.
  fileprivate var effectiveStrides: [Int] { zip(shape, strides).map { $0 > 1 ? $1 : 0 } }
}
