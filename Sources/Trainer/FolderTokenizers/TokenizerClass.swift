// Transformers' tokenizer classes: what each takes for granted where a folder's files do not say it, and from which files it
// makes a tokenizer where there is no tokenizer.json. A new class is an entry of the list.

import Tokenization

/// A class of Transformers' tokenizers.
struct TokenizerClass: Sendable {
  /// The files that stand in place of a tokenizer.json.
  enum OlderFiles: Sendable {
    /// `vocab.txt`, by BERT's rules.
    case wordPieces
    /// `vocab.json` and `merges.txt`, with RoBERTa's or GPT-2's tokens around texts.
    case bytePairs(isRoberta: Bool)
    /// A SentencePiece model of this name.
    case sentencePieces(String, SentencePieceLayout)
    /// None.
    case none
  }

  /// Its name, to which the one with a tokenizer.json adds "Fast".
  let name: String
  /// The `model_type`s of config.json whose tokenizer it is.
  let modelTypes: [String]
  /// The texts of special tokens by their keys.
  let special: [String: String]
  /// The texts of further special tokens.
  var additional: [String] = []
  /// Whether the mask takes the white space before it, and whether it is looked for in normalized text.
  var mask: (takesSpaceBefore: Bool, isNormalized: Bool)?
  /// Whether encoders are told which text of a pair a token is of.
  let hasTypes: Bool
  let older: OlderFiles

  /// The classes that are read.
  static let all: [TokenizerClass] = [
    bert("BertTokenizer", ["bert", "megatron-bert"]), bert("ElectraTokenizer", ["electra"]),
    bert("DistilBertTokenizer", ["distilbert"], hasTypes: false),
    TokenizerClass(
      name: "RobertaTokenizer", modelTypes: ["roberta"], special: roberta, mask: (true, false), hasTypes: false,
      older: .bytePairs(isRoberta: true)),
    TokenizerClass(
      name: "XLMRobertaTokenizer", modelTypes: ["xlm-roberta"], special: roberta, mask: (true, true), hasTypes: false,
      older: .sentencePieces("sentencepiece.bpe.model", .xlmRoberta)),
    TokenizerClass(
      name: "CamembertTokenizer", modelTypes: ["camembert"], special: roberta,
      additional: ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"], mask: (true, false), hasTypes: false,
      older: .sentencePieces("sentencepiece.bpe.model", .camembert)),
    TokenizerClass(
      name: "AlbertTokenizer", modelTypes: ["albert"],
      special: [
        "bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "<unk>", "sep_token": "[SEP]", "pad_token": "<pad>",
        "cls_token": "[CLS]", "mask_token": "[MASK]",
      ], mask: (true, false), hasTypes: true, older: .sentencePieces("spiece.model", .albert)),
    TokenizerClass(
      name: "GPT2Tokenizer", modelTypes: ["gpt2"],
      special: Dictionary(
        uniqueKeysWithValues: ["bos_token", "eos_token", "unk_token"].map { ($0, "<|endoftext|>") }), hasTypes: false,
      older: .bytePairs(isRoberta: false)),
    // What Transformers 5 calls the next one.
    TokenizerClass(name: "TokenizersBackend", modelTypes: [], special: [:], hasTypes: false, older: .none),
    TokenizerClass(name: "PreTrainedTokenizer", modelTypes: [], special: [:], hasTypes: true, older: .none),
  ]

  private static func bert(_ name: String, _ modelTypes: [String], hasTypes: Bool = true) -> TokenizerClass {
    TokenizerClass(
      name: name, modelTypes: modelTypes,
      special: [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
      ], hasTypes: hasTypes, older: .wordPieces)
  }

  private static let roberta = [
    "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
    "cls_token": "<s>", "mask_token": "<mask>",
  ]

  /// The class that a name of tokenizer_config.json means.
  static func named(_ name: String) -> TokenizerClass? {
    all.first { $0.name == name || $0.name + "Fast" == name }
  }

  /// The class of a model type; one that no class knows has its tokenizer in a tokenizer.json.
  static func of(modelType: String) -> TokenizerClass {
    all.first { $0.modelTypes.contains(modelType) } ?? all[all.count - 1]
  }

  /// The names of the files that stand in place of a tokenizer.json.
  var olderNames: [String] {
    switch older {
    case .wordPieces: ["vocab.txt"]
    case .bytePairs: ["vocab.json", "merges.txt"]
    case .sentencePieces(let name, _): [name]
    case .none: []
    }
  }

  /// Whether its normalizer is BERT's, which tokenizer_config.json may change.
  var isBERT: Bool { if case .wordPieces = older { true } else { false } }
}
