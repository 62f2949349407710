import Foundation
import XCTest

@testable import Transformer
@testable import WeightFiles

/// Folders that cannot be used: the error names the file, the key or the tensor, what was found and what is allowed.
final class WrongModelFolderTests: XCTestCase {
  /// The error of opening a spoilt copy of a golden folder, without the folder's path.
  private func complaint(_ name: String = "classification", _ spoil: (String) throws -> Void) throws -> String {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: name)
    try spoil(path)
    return errorText(try ModelFolder(path)).replacingOccurrences(of: path, with: "DIR")
  }

  func testConfigurationsThatAreRefused() throws {
    let cases: [(old: String, new: String, complaint: String)] = [
      (
        #""model_type": "bert""#, #""model_type": "t5""#,
        #"model_type is "t5"; only "bert", "megatron-bert", "gpt2", "roberta", "xlm-roberta", "camembert", "electra", "distilbert" "#
          + #"and "albert" are supported"#
      ),
      (
        #""hidden_act": "gelu""#, #""hidden_act": "tanh""#,
        #"hidden_act is "tanh"; "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish", "gelu_python" are supported"#
      ),
      (
        #""hidden_act": "gelu""#, #""position_embedding_type": "relative_key""#,
        #"position_embedding_type is "relative_key"; only "absolute" is supported"#
      ),
      (#""is_decoder": false"#, #""is_decoder": true"#, "is_decoder is true; only encoders are supported"),
      (#""hidden_size": 16"#, #""hidden_size": 0"#, "hidden_size is 0; a whole number from 1 to 16777216 is allowed"),
      (
        #""hidden_size": 16"#, #""hidden_size": "16""#,
        #"hidden_size is "16"; a whole number from 1 to 16777216 is allowed"#
      ),
      (
        #""hidden_size": 16"#, #""hidden_size": 99999999999999999999"#,
        "hidden_size is 1e+20; a whole number from 1 to 16777216 is allowed"
      ),
      (
        #""num_hidden_layers": 3"#, #""num_hidden_layers": 1001"#,
        "num_hidden_layers is 1001; a whole number from 1 to 1000 is allowed"
      ),
      (
        #""num_attention_heads": 4"#, #""num_attention_heads": 5"#,
        "num_attention_heads is 5, it must divide hidden_size, which is 16"
      ),
      (
        #""hidden_dropout_prob": 0.1"#, #""hidden_dropout_prob": 1"#,
        "hidden_dropout_prob is 1.0, it must be in 0 ..< 1"
      ),
      (
        #""layer_norm_eps": 1e-12"#, #""layer_norm_eps": "small""#,
        #"layer_norm_eps is "small"; a number is allowed"#
      ),
      (
        #""hidden_size": 16,"#, #""hidden_size": 16, // half"#,
        #"this is not valid JSON at 12:22: expected a key or }, found "/""#
      ),
      (
        #""is_decoder": false"#, #""is_decoder": False"#,
        #"this is not valid JSON at 20:17: expected a value, found "False"; write false"#
      ),
      (
        #""hidden_size": 16"#, #""hidden_size": 16, "hidden_size": 16"#,
        #"this is not valid JSON at 12:22: duplicate key "hidden_size"; it is first given at 12:3"#
      ),
    ]
    for (old, new, expected) in cases {
      let text = try complaint { try replace(old, with: new, in: $0 + "/config.json") }
      XCTAssertEqual(text, "DIR/config.json: \(expected)")
    }
  }

  func testTokenizersThatAreRefused() throws {
    let cases: [(text: String, complaint: String)] = [
      (#"{"do_lower_case": "no"}"#, #"do_lower_case is "no"; true or false is allowed"#),
      (
        #"{"tokenizer_class": "BertJapaneseTokenizer"}"#,
        #"tokenizer_class is "BertJapaneseTokenizer"; the supported ones are BertTokenizer, ElectraTokenizer, "#
          + "DistilBertTokenizer, RobertaTokenizer, XLMRobertaTokenizer, CamembertTokenizer, AlbertTokenizer, GPT2Tokenizer, "
          + "TokenizersBackend, PreTrainedTokenizer, each with or without Fast behind it"
      ),
      (#"{"clean_text": false}"#, "clean_text is false; only true is supported"),
      (#"{"split_special_tokens": true}"#, "split_special_tokens is true; only false is supported"),
      (#"{"truncation_side": "both"}"#, #"truncation_side is "both"; only "left" and "right" are supported"#),
      (#"{"unk_token": "[unk]"}"#, #"unk_token is "[unk]"; only "[UNK]" is supported"#),
      (#"{"cls_token": {"content": "<s>"}}"#, #"cls_token is "<s>"; only "[CLS]" is supported"#),
      (#"{"never_split": ["dog"]}"#, "never_split keeps words whole; only null or BERT's special tokens are supported"),
      (
        #"{"added_tokens_decoder": {"60": {"content": "<e>", "special": true}}}"#,
        #"added_tokens_decoder gives "<e>" the number 60, but after the tokens before it the next number is 50"#
      ),
      (
        #"{"added_tokens_decoder": {"7": {"content": "[MASK]", "special": true}}}"#,
        #"added_tokens_decoder gives "[MASK]" the number 7, but the vocabulary has it at 4"#
      ),
      (
        #"{"added_tokens_decoder": {"50": "<e>"}}"#,
        #"added_tokens_decoder has "<e>"; an object with content and flags is allowed"#
      ),
      (#"{"do_lower_case": true,}"#, "this is not valid JSON at 1:23: JSON has no comma after the last element"),
      ("[]", "this is a list of 0; it must be an object"),
    ]
    for (text, expected) in cases {
      let found = try complaint {
        try text.write(toFile: $0 + "/tokenizer_config.json", atomically: false, encoding: .utf8)
      }
      XCTAssertEqual(found, "DIR/tokenizer_config.json: \(expected)")
    }
  }

  func testFilesThatAreMissing() throws {
    let missing = [
      ("config.json", "config.json"), ("vocab.txt", "vocab.txt"),
      ("model.safetensors", "model.safetensors or pytorch_model.bin"),
    ]
    for (name, description) in missing {
      let text = try complaint { try FileManager.default.removeItem(atPath: $0 + "/" + name) }
      XCTAssertEqual(text, "DIR: there is no \(description) in this folder")
    }
    XCTAssertEqual(errorText(try ModelFolder("/nowhere/at all")), "/nowhere/at all: there is no such model folder")
  }

  func testGPT2sAreRefusedByTheKeysThatMakeThemOthers() throws {
    for (key, value, wanted) in [
      ("add_cross_attention", "true", "only models without an encoder before them are supported"),
      ("reorder_and_upcast_attn", "true", "only attention in one precision is supported"),
      ("scale_attn_by_inverse_layer_idx", "true", "only scores scaled alike in all layers are supported"),
      ("scale_attn_weights", "false", "only scores scaled by the size of a head are supported"),
    ] {
      let text = try complaint("gpt2") { path in
        try replace(
          "\"\(key)\": \(value == "true" ? "false" : "true")", with: "\"\(key)\": \(value)", in: path + "/config.json")
      }
      XCTAssertEqual(text, "DIR/config.json: \(key) is \(value); \(wanted)")
    }
    let shape = try complaint("gpt2") { path in
      try rewriteWeights(of: path) { ($0, $0 == "transformer.h.1.attn.c_attn.weight" ? $1.reversed() : $1) }
    }
    XCTAssertEqual(
      shape,
      #"DIR/model.safetensors: tensor "transformer.h.1.attn.c_attn.weight": its shape is [36, 12], and [12, 36] is expected"#
    )
  }

  /// A folder of another kind of model is told so before anything is said about its files.
  func testTheKindOfModelComesFirst() throws {
    let other = try complaint { path in
      try replace(#""model_type": "bert""#, with: #""model_type": "t5""#, in: path + "/config.json")
      try FileManager.default.moveItem(atPath: path + "/vocab.txt", toPath: path + "/tokenizer.json")
      try FileManager.default.moveItem(atPath: path + "/model.safetensors", toPath: path + "/pytorch_model.bin")
    }
    XCTAssertTrue(other.hasPrefix(#"DIR/config.json: model_type is "t5"; only "bert", "#), other)
    let google = try complaint {
      try FileManager.default.moveItem(atPath: $0 + "/config.json", toPath: $0 + "/bert_config.json")
    }
    XCTAssertEqual(
      google,
      "DIR: there is no config.json in this folder but a bert_config.json, as Google published BERT; copy it to config.json, "
        + "which Hugging Face reads")
    let megatron = try complaint("megatron") { path in
      try replace(#""model_type": "megatron-bert","#, with: "", in: path + "/config.json")
    }
    XCTAssertTrue(
      megatron.hasPrefix(
        "DIR/config.json: model_type is missing, and the weights do not say that this is a BERT (tensor "), megatron)
  }

  /// What tokenizer.json holds and is not supported is named, with what is.
  func testTokenizerFilesThatAreRefused() throws {
    let model = ##""model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}}"##
    let cases: [(text: String, complaint: String)] = [
      (
        #"{"model": {"type": "WordLevel"}}"#,
        #"model.type is "WordLevel"; the supported ones are BPE, Unigram, WordPiece"#
      ),
      (
        #"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}"#,
        "model.type is BPE, and the last pre_tokenizer is not ByteLevel; BPE is supported behind that one only"
      ),
      (
        #"{"model": {"type": "BPE", "dropout": 0.1, "vocab": {"a": 0}, "merges": []}}"#,
        "model.dropout is 0.1; only null is supported"
      ),
      (
        #"{"normalizer": {"type": "Sequence", "normalizers": [{"type": "Nmt"}]}, \#(model)}"#,
        #"normalizer.normalizers[0].type is "Nmt"; the supported ones are BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, "#
          + "Precompiled, Replace, Sequence, Strip, StripAccents"
      ),
      (
        #"{"normalizer": {"type": "Replace", "pattern": {"Regex": "a+"}, "content": ""}, \#(model)}"#,
        #"normalizer.pattern is "a+"; a String or the Regex " {2,}" is supported"#
      ),
      (
        #"{"pre_tokenizer": {"type": "Digits"}, \#(model)}"#,
        #"pre_tokenizer.type is "Digits"; the supported ones are BertPreTokenizer, ByteLevel, Metaspace, Sequence, "#
          + "WhitespaceSplit"
      ),
      (
        #"{"pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "first"}, \#(model)}"#,
        #"pre_tokenizer.prepend_scheme is "first"; only "always", "never" are supported"#
      ),
      (
        #"{"pre_tokenizer": {"type": "WhitespaceSplit", "colour": "red"}, \#(model)}"#,
        "pre_tokenizer.colour is not a key that is supported there"
      ),
      (
        #"{"post_processor": {"type": "Fancy"}, \#(model)}"#,
        #"post_processor.type is "Fancy"; the supported ones are BertProcessing, ByteLevel, RobertaProcessing, Sequence, "#
          + "TemplateProcessing"
      ),
      (
        #"{"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 77]}, \#(model)}"#,
        "the token 77 stands around texts, and there are 3 tokens"
      ),
      (
        #"{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 90000}}}"#,
        "model.vocab has 2 tokens with numbers up to 90000; most numbers are not used"
      ),
      (
        #"{"model": {"type": "WordPiece", "vocab": {"[UNK]": 9223372036854775807}}}"#,
        #"model.vocab gives "[UNK]" the number 9223372036854775807"#
      ),
      ("{}", "model is missing; a tokenizer.json holds a model with its vocabulary"),
      ("{", "this is not valid JSON at 1:2: expected a key or } in an object opened at 1:1, found the end of the text"),
    ]
    for (text, expected) in cases {
      let found = try complaint { try text.write(toFile: $0 + "/tokenizer.json", atomically: false, encoding: .utf8) }
      XCTAssertEqual(found, "DIR/tokenizer.json: \(expected)")
    }
  }

  func testKeysThatAreNotKnownAreNamed() throws {
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "classification")
    try
      #"{"do_lower_case": false, "model_max_length": 512, "colour": "red", "padding_side": "left", "zip": 1, "x": null}"#
      .write(toFile: path + "/tokenizer_config.json", atomically: false, encoding: .utf8)
    XCTAssertEqual(
      try ModelFolder(path).notes,
      [#"\#(path)/tokenizer_config.json: "colour", "zip" are not keys that this program knows; ignored."#])
  }

  func testVocabulariesOfTheWrongLength() throws {
    func lines(_ count: Int) -> String { String(repeating: "word\n", count: count) }
    for (text, count) in [(lines(51), 51), (lines(50) + "word", 51), ("", 0)] {
      let found = try complaint { try text.write(toFile: $0 + "/vocab.txt", atomically: false, encoding: .utf8) }
      XCTAssertEqual(
        found,
        "DIR/vocab.txt: it has \(count) tokens, one a line; 1 to 50, the vocab_size of config.json, are allowed")
    }
    let temporary = try TemporaryFolder()
    let path = try temporary.copy(of: "classification")
    try ("[UNK]\n[CLS]\n[SEP]\n" + lines(45)).write(toFile: path + "/vocab.txt", atomically: false, encoding: .utf8)
    XCTAssertEqual(try ModelFolder(path).notes, ["\(path)/vocab.txt has 48 tokens for the 50 of vocab_size."])
  }

  func testTensorsThatDoNotFit() throws {
    func spoilt(_ target: String, _ name: String?, _ shape: [Int]? = nil) throws -> String {
      try complaint { path in
        try rewriteWeights(of: path) { $0 == target ? (name, shape ?? $1) : ($0, $1) }
      }
    }
    let query = "bert.encoder.layer.1.attention.self.query.weight"
    XCTAssertEqual(try spoilt(query, nil), #"DIR/model.safetensors: tensor "\#(query)": it is not in the file"#)
    XCTAssertEqual(
      try spoilt(query, query, [8, 16]),
      #"DIR/model.safetensors: tensor "\#(query)": its shape is [8, 16], and [16, 16] is expected"#)
    XCTAssertEqual(
      try spoilt(query, query, [256]),
      #"DIR/model.safetensors: tensor "\#(query)": its shape is [256], and [16, 16] is expected"#)
    let norm = "bert.encoder.layer.2.output.LayerNorm"
    XCTAssertEqual(
      try spoilt(norm + ".weight", norm + ".scale"),
      #"DIR/model.safetensors: tensor "\#(norm).weight": it is not in the file, nor is "\#(norm).gamma""#)
    XCTAssertEqual(
      try spoilt("classifier.bias", "classifier.bias", [2]),
      #"DIR/model.safetensors: tensor "classifier.bias": its shape is [2], and [3] is expected"#)
    XCTAssertEqual(
      try spoilt("classifier.weight", nil), #"DIR/model.safetensors: tensor "classifier.weight": it is not in the file"#
    )
    XCTAssertEqual(
      try spoilt("bert.pooler.dense.bias", nil),
      #"DIR/model.safetensors: tensor "bert.pooler.dense.bias": it is not in the file"#, "half a pooler is none")
  }

  func testWeightsOfAnotherKind() throws {
    let integers = try complaint("bare") { path in
      let file = path + "/model.safetensors"
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      let header = String(decoding: bytes.dropFirst(8).prefix(600), as: UTF8.self)
      let target = #""embeddings.LayerNorm.bias":{"dtype":"F32""#
      XCTAssertTrue(header.contains(target))
      var changed = bytes
      changed.replaceSubrange(
        try XCTUnwrap(bytes.range(of: Data(target.utf8))), with: Data(target.utf8.dropLast(4)) + Data("I32\"".utf8))
      try changed.write(to: URL(fileURLWithPath: file))
    }
    XCTAssertEqual(
      integers,
      #"DIR/model.safetensors: tensor "embeddings.LayerNorm.bias": its dtype is I32; "#
        + "weights are read from F64, F32, F16, BF16")
    let other = try complaint("bare") { try rewriteWeights(of: $0) { ("transformer." + $0, $1) } }
    XCTAssertTrue(
      other.hasPrefix(
        #"DIR/model.safetensors: no tensor's name begins with "bert.embeddings." or "embeddings.", so this is no "#
          + #"encoder of model_type "bert"; its 23 tensors begin with "transformer.embeddings."#), other)
  }

  func testHeadsThatCannotBeKept() throws {
    func load(_ name: String, labelCount: Int, change: ((String) throws -> Void) = { _ in }) throws -> String {
      let temporary = try TemporaryFolder()
      let path = try temporary.copy(of: name)
      try change(path)
      let folder = try ModelFolder(path)
      let classifier = Classifier(configuration: folder.configuration, labelCount: labelCount)
      return errorText(try folder.load(into: classifier, keepHead: true, seed: 1))
        .replacingOccurrences(of: path, with: "DIR")
    }
    XCTAssertEqual(
      try load("bare", labelCount: 2),
      "DIR/model.safetensors: there is no classification head to keep: neither classifier.weight nor classifier.bias "
        + "is in the file; a fine-tuned folder has them, and a new head needs none")
    XCTAssertEqual(
      try load("classification", labelCount: 2),
      #"DIR/model.safetensors: tensor "classifier.weight": the head to keep has 3 labels, and 2 are expected"#)
    XCTAssertEqual(
      try load("regression-f16", labelCount: 2),
      #"DIR/model.safetensors: tensor "classifier.weight": the head to keep has 1 label, and 2 are expected"#)
    XCTAssertEqual(
      try load("classification", labelCount: 3) {
        try rewriteWeights(of: $0) { ($0.contains("pooler") ? nil : $0, $1) }
      },
      "DIR/model.safetensors: there is a classification head to keep, but no pooler (bert.pooler.dense.weight) before it"
    )
  }

  func testWritingWhereNothingCanBeWritten() throws {
    let temporary = try TemporaryFolder()
    try temporary.write([], to: "file")
    let folder = try ModelFolder(Goldens.path + "/classification")
    let classifier = Classifier(configuration: folder.configuration, labelCount: 3)
    let text = errorText(
      try ModelFolder.write(
        classifier, labelNames: ["a", "b", "c"], vocabulary: .file(folder.vocabularyPath), lowercases: true,
        to: temporary("file/model")))
    XCTAssertEqual(
      text, "cannot create the folder \(temporary("file")): there is a file of this name; choose another one")
  }
}
