// The files of tokenizers: tokenizer.json, SentencePiece models, merges.

import FolderTokenizers
import Foundation
import ModelFiles
import Tokenization

extension FuzzTargets {
  /// A file of a folder whose tokenizer then encodes a text and the input itself.
  private static func tokenizer(
    _ name: String, file: String, beside others: [String: String], modelType: String, samples: [[UInt8]],
    words: [String],
    _ folder: String, mend: @escaping (inout [UInt8]) -> Void = { _ in }
  ) throws -> FuzzTarget {
    let path = try path("\(name)/\(file)", in: folder)
    let own = String(path.dropLast(file.count + 1))
    for (name, text) in others { try write(bytes(text), to: "\(own)/\(name)") }
    return FuzzTarget(
      name: name, samples: samples, words: words.map(bytes), mend: mend,
      isHandled: { $0 is ModelFileError || $0 is VocabularyError }
    ) { input in
      try write(input, to: path)
      let tokenizer = try TokenizerFiles.read(own, modelType: modelType, limit: 100_000).files.tokenizer()
      let text = String(decoding: input.prefix(300), as: UTF8.self)
      let encoding = tokenizer.encode("the cats ab é \u{FB01}" + text, pair: "a<mask>b", maximumLength: 24)
      guard encoding.tokenIdentifiers.count <= 24, encoding.typeIdentifiers.count == encoding.tokenIdentifiers.count,
        encoding.tokenIdentifiers.allSatisfy({ (0..<tokenizer.vocabularySize).contains(Int($0)) })
      else { throw FuzzError("an encoding that is none") }
      return true
    }
  }

  private static func tokenizerFile(model: String, rest: String) -> [UInt8] {
    bytes(#"{"version":"1.0","added_tokens":[{"id":0,"content":"[UNK]","special":true}],"model":\#(model),\#(rest)}"#)
  }

  static func tokenizerJSON(_ folder: String) throws -> FuzzTarget {
    let wordPiece =
      ###"{"type":"WordPiece","unk_token":"[UNK]","vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"the":3,"cat":4,"##s":5}}"###
    let bytePairs =
      #"{"type":"BPE","vocab":{"[UNK]":0,"a":1,"b":2,"ab":3,"Ġ":4,"Ġab":5,"é":6},"merges":["a b",["Ġ","ab"]]}"#
    let unigram =
      #"{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["[UNK]",0],["▁",-1],["a",-2.5],["▁ab",-3],["<0x41>",-9]]}"#
    let map = Data([4, 0, 0, 0, 0, 0, 4, 0] + bytes("fi\0x\0")).base64EncodedString()
    let normalizers = [
      #"{"type":"BertNormalizer","lowercase":true,"strip_accents":false,"handle_chinese_chars":true,"clean_text":true}"#,
      #"{"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"},{"type":"Precompiled","#
        + #""precompiled_charsmap":"\#(map)"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁"},{"type":"Strip"}]}"#,
      #"{"type":"NFC"}"#,
    ]
    let template =
      #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[UNK]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"#
      + #""pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"#
      + #""special_tokens":{"[UNK]":{"id":"[UNK]","ids":[0],"tokens":["[UNK]"]}}}"#
    return try tokenizer(
      "tokenizer-json", file: "tokenizer.json",
      beside: ["tokenizer_config.json": #"{"tokenizer_class":"PreTrainedTokenizer"}"#],
      modelType: "bert",
      samples: [
        tokenizerFile(
          model: wordPiece,
          rest: #""normalizer":\#(normalizers[0]),"pre_tokenizer":{"type":"BertPreTokenizer"},"#
            + #""post_processor":{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",1]}"#),
        tokenizerFile(
          model: bytePairs,
          rest: #""pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true},"truncation":{"direction":"Left"},"#
            + #""normalizer":\#(normalizers[2]),"post_processor":{"type":"RobertaProcessing","sep":["a",1],"cls":["b",2]}"#
        ),
        tokenizerFile(
          model: unigram,
          rest: #""normalizer":\#(normalizers[1]),"post_processor":\#(template),"pre_tokenizer":{"type":"Sequence","#
            + #""pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}]}"#
        ),
      ],
      words: [
        #""normalized":true"#, #""single_word":true,"lstrip":true,"rstrip":true"#, #""id":7,"content":" a""#, "null",
        "2147483648",
        #""fuse_unk":true,"unk_token":"a""#, #""split":false"#, #""use_regex":false"#, normalizers[0], normalizers[1],
        template,
        "-1", "1e400", #"{"type":"Replace","pattern":{"String":"a"},"content":"aa"}"#, #""max_input_chars_per_word":0"#,
      ], folder)
  }

  /// A field of a message.
  private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(content.count & 0x7F | 0x80), UInt8(content.count >> 7)] + content
  }

  static func sentencePieces(_ folder: String) throws -> FuzzTarget {
    let pieces: [(text: String, kind: UInt8)] = [
      ("<unk>", 2), ("<s>", 3), ("</s>", 3), ("[CLS]", 3), ("[SEP]", 3), ("▁", 1), ("▁the", 1), ("a", 1), ("@b", 4),
      ("fi", 1),
      ("é", 1),
    ]
    let vocabulary = pieces.flatMap { piece in
      field(1, field(1, bytes(piece.text)) + [0x15, 0, 0, 0x20, 0xC1, 0x18, piece.kind])
    }
    // The entry a>A, as scripts/develop/make-unicode-tables.py writes it.
    var units = [UInt32](repeating: 0, count: 0x400)
    units[0] = 0x100 << 10
    units[0x161] = 0x200 << 10 | 1 << 8 | 0x61
    let array = units.flatMap { unit in (0..<4).map { UInt8(truncatingIfNeeded: unit >> (8 * $0)) } }
    let map = [0x00, 0x10, 0, 0] + array + bytes("A\0fi\0")
    let short = vocabulary + field(2, [0x18, 1, 0xC0, 0x02, 0])
    return try tokenizer(
      "sentencepiece", file: "spiece.model", beside: [:], modelType: "albert",
      samples: [short, short + field(3, field(2, map))], words: ["\u{2}\u{18}", "▁", "12,", "a", "\u{FB01}"], folder)
  }

  static func merges(_ folder: String) throws -> FuzzTarget {
    try tokenizer(
      "merges", file: "merges.txt",
      beside: [
        "vocab.json":
          #"{"<s>":0,"</s>":1,"<unk>":2,"<pad>":3,"<mask>":4,"a":5,"b":6,"ab":7,"Ġ":8,"Ġab":9,"t":10,"h":11,"th":12,"aa":13,"aaaa":14}"#
      ], modelType: "roberta",
      samples: [bytes("#version: 0.2\na b\nĠ ab\nt h\na a\naa aa\n"), bytes("\r\na b\r\nt h\r\n")],
      words: ["a b\n", "aa aa\n", "Ġ ab\n", "\r", " ", "\u{A0}", "b a\n"], folder)
  }
}
