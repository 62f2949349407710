// Model folders: weights, configurations, vocabularies, and the masked sentences that models are judged by.

import Foundation
import JSON5
import MaskSets
import ModelFiles
import Tokenization
import Transformer
import WeightFiles

extension FuzzTargets {
  static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s", "##e", "é", "sat"]
  private static let encoder = EncoderConfiguration(
    vocabularySize: words.count, hiddenSize: 4, layerCount: 1, headCount: 2, intermediateSize: 8, positionCount: 16)

  /// A whole model folder, sound.
  private static func modelFolder(_ name: String, in folder: String) throws -> String {
    let path = folder + "/" + name
    let classifier = Classifier(configuration: encoder, labelCount: 2)
    try StartingWeights(drawnFrom: 1).write(to: classifier)
    try ModelFolder.write(
      classifier, labelNames: ["no", "yes"], vocabulary: .tokens(words), lowercases: true, to: path)
    return path
  }

  static func safetensors(_ folder: String) throws -> FuzzTarget {
    let path = try path("safetensors/file", in: folder)
    let values: [Float] = (0..<24).map { Float($0) - 11.5 }
    var samples: [[UInt8]] = []
    for element in [StoredElement.float32, .float16] {
      try values.withUnsafeBufferPointer { values in
        try SafetensorsFile.write(
          [
            NamedTensor(name: "a", shape: [2, 3], values: UnsafeBufferPointer(rebasing: values[..<6])),
            NamedTensor(name: "b.weight", shape: [], values: UnsafeBufferPointer(rebasing: values[6..<7])),
            NamedTensor(name: "c", shape: [17], values: UnsafeBufferPointer(rebasing: values[7...])),
          ], as: element, to: path)
      }
      samples.append([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    }
    let header =
      #"{"x":{"dtype":"BF16","shape":[2,0],"data_offsets":[0,0]},"y":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}"#
    samples.append([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + bytes(header) + [1, 2, 3, 4, 5, 6])
    return FuzzTarget(
      name: "safetensors", samples: samples,
      words: [
        "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"F4\"", "\"F64\"", "\"C64\"", "\"I64\"", "\"BOOL\"",
        "\"F6_E2M3\"", "[4294967296,4294967296]", "\"__metadata__\":{}", "[1,1,1,1]",
      ].map(bytes),
      mend: { input in
        // The header ends with its last brace, and its length stands before it.
        guard input.count > 8, let end = input.lastIndex(of: UInt8(ascii: "}")), end >= 8 else { return }
        for index in 0..<8 { input[index] = UInt8(truncatingIfNeeded: (end - 7) >> (8 * index)) }
      }, isHandled: { $0 is ModelFileError }
    ) { input in
      try write(input, to: path)
      let file = try TensorFile(safetensors: path)
      for tensor in file.tensors where tensor.elementCount > 0 {
        var elements = [Float](repeating: 0, count: tensor.elementCount)
        do { try elements.withUnsafeMutableBufferPointer { try file.read(tensor, into: $0) } } catch let error
          as ModelFileError where error.reason.contains("dtype")
        {}
      }
      return true
    }
  }

  static func modelConfiguration(_ folder: String) throws -> FuzzTarget {
    try configuration("config", file: "config.json", folder)
  }

  static func tokenizerConfiguration(_ folder: String) throws -> FuzzTarget {
    try configuration("tokenizer", file: "tokenizer_config.json", folder)
  }

  /// A file of a model folder whose other files are sound.
  private static func configuration(_ name: String, file: String, _ folder: String) throws -> FuzzTarget {
    let model = try modelFolder(name, in: folder)
    let path = model + "/" + file
    let sample = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return FuzzTarget(
      name: name, samples: [sample],
      words: [
        "\"id2label\": {\"0\": \"a\", \"1\": \"b\"}", "\"num_hidden_layers\": 1000", "\"hidden_size\": 16777216",
        "\"classifier_dropout\": null", "\"is_decoder\": true", "\"do_lower_case\": false", "\"strip_accents\": null",
        "\"vocab_size\"", "\"layer_norm_eps\"", "\"additional_special_tokens\": [\"[E1]\", \"the\"]",
        "\"added_tokens_decoder\": {\"5\": {\"content\": \"the\", \"normalized\": true, \"single_word\": true}}",
        "\"mask_token\": {\"content\": \"[MASK]\", \"normalized\": true}", "\"tokenizer_class\": \"BertTokenizer\"",
      ].map(bytes), isHandled: { $0 is ModelFileError }
    ) { input in
      try write(input, to: path)
      let model = try ModelFolder(model)
      try model.load(into: Classifier(configuration: model.configuration, labelCount: 2), keepHead: false, seed: 1)
      _ = try model.labelNames()
      let text = String(decoding: input, as: UTF8.self)
      return try model.tokenizer.tokenizer().encode("the [E1]the " + text, maximumLength: 2).tokenIdentifiers.count == 2
    }
  }

  static func maskSet(_ folder: String) throws -> FuzzTarget {
    let model = try ModelFolder(modelFolder("masked", in: folder))
    let path = try path("masks/mask_set.jsonl", in: folder)
    let text = try Self.path("masks/text.txt", in: folder)
    try write(bytes("the cats sat\nthe cat sat the cat\nthe the the\n"), to: text)
    try MaskSet.create(path, for: model, textPath: text)
    let sample = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    return FuzzTarget(
      name: "masks", samples: [sample],
      words: ["{\"input_ids\": [2, 5, 3]", "\"places\": [1]", "\"targets\": [6]", "\"vocabulary_sha256\""].map(bytes),
      isHandled: { $0 is MaskSetError || $0 is Diagnostics }
    ) { input in
      try write(input, to: path)
      let set = try MaskSet(contentsOf: path, for: model)
      guard set.maskedCount >= set.sentenceCount else { throw FuzzError("a sentence without a masked word") }
      return true
    }
  }

  static func vocabulary(_ folder: String) -> FuzzTarget {
    FuzzTarget(
      name: "vocab", samples: [bytes(words.joined(separator: "\n") + "\n"), bytes(words.joined(separator: "\r\n"))],
      words: ["\n##", "\n[UNK]\n", "\n[CLS]\n", "\n[SEP]\n", "\u{FEFF}", "\u{301}", "\u{130}", "\u{4E2D}"].map(bytes),
      isHandled: { $0 is VocabularyError }
    ) { input in
      let tokenizer = try TextTokenizer(
        wordPieces: TextTokenizer.tokens(of: Data(input), source: "vocab.txt"), lowercases: input.count % 2 == 0)
      // What is tokenized comes from outside as well.
      let text = String(decoding: input, as: UTF8.self)
      _ = tokenizer.encode(text, pair: "The cats sat", maximumLength: 12)
      return tokenizer.encode("the " + text, maximumLength: 2).tokenIdentifiers.count == 2
    }
  }
}
