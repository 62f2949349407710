// What programs of the user's own print and leave, the texts that start them, and the fonts that draw a page's words.

import ExternalPrograms
import Figures
import Foundation
import Templates
import Trials

extension FuzzTargets {
  /// Lines as a program prints them, in pieces of any size, or as it leaves them in a file.
  static func programResults(_ folder: String) throws -> FuzzTarget {
    let path = try path("program/lines.jsonl", in: folder)
    var printed = ProgramSpecification()
    printed.results.final = "acc"
    var kept = printed
    kept.results.file = "lines.jsonl"
    let specifications = [printed, kept]
    return FuzzTarget(
      name: "program",
      samples: [
        #"epoch 1"# + "\n" + #"{"step": 1, "loss": 0.75, "max_steps": 4}"# + "\n"
          + #"{"step": 2, "acc": 0.5, "eval_loss": 1e-3}"#,
        #"{"acc": NaN, "epoch": 1.5, "step": 4}"# + "\r\n" + #"{"acc": null, "more": [1, {"a": "b"}]}"# + "\r\n{\n\n",
      ].map(bytes),
      words: ["{\"acc\": ", "\"step\": ", "\"max_steps\": ", "eval_", "Infinity", "1e400", "}\n{"].map(bytes),
      isHandled: { $0 is MissingScore }
    ) { input in
      let specification = specifications[input.count % 2]
      var lines = ScoreHistory(key: "acc")
      if specification.results.file == nil {
        let size = 1 + input.count % 7 * 97
        for start in stride(from: 0, to: input.count, by: size) {
          input[start..<min(start + size, input.count)].withUnsafeBytes { lines.add($0) }
        }
        lines.finish()
      } else {
        try write(input, to: path)
      }
      let outcome = try ProgramResults(specification: specification, folder: folder + "/program").outcome(lines: lines)
      guard try Outcome(json: outcome.encodedJSON()).encodedJSON() == outcome.encodedJSON() else {
        throw FuzzError("an outcome does not read back")
      }
      return true
    }
  }

  /// A word of a command.
  static func template(_ folder: String) -> FuzzTarget {
    FuzzTarget(
      name: "template",
      samples: ["--seed={seed}", "{folder}/{{seed}}-{rate}.json", "{ \"a\": {seed_init} }{}"].map(bytes),
      words: ["{seed}", "{{", "}}", "{_a-b.c}", "{1}"].map(bytes), isHandled: { _ in false }
    ) { input in
      let text = String(decoding: input, as: UTF8.self)
      let template = TextTemplate(text)
      guard template.names.allSatisfy({ TextTemplate.isName($0) }) else { throw FuzzError("a placeholder has no name") }
      // Placeholders without a value stay, and doubled braces become single ones.
      guard template.expanded({ _ in nil }).utf8.count <= text.utf8.count else { throw FuzzError("the text grew") }
      return !template.names.isEmpty
    }
  }

  /// Fonts with three letters: straight lines, a curve, and a letter that is put together of both; and with the two kinds of
  /// tables of characters.
  private static let fonts = [
    """
    AAEAAAAHAAAAAAAAY21hcAAAAAAAAAB8AAAAamdseWYAAAAAAAAA5gAAAGxoZWFkAAAAAAAAAVIAAAA2aGhlYQAAAAAAAAGIAAAAJGhtdHgAAA\
    AAAAABrAAAABBsb2NhAAAAAAAAAbwAAAAKbWF4cAAAAAAAAAHGAAAABgAAAAIAAwABAAAAFAADAAoAAABCAAQALgAAAAYAAAAAAAAAQgBj//8A\
    AABBAGH////AAAAAAQAAAAQAAAABAAIAAwAMAAAAAAAoAAAAAAAAAAIAAABBAAAAQwAAAAEAAfYAAAH2AgAAAAIAAQAAAAAAZADIAAIAADc3Fw\
    BkAADIyAAAAgAAAAAAAAAAAAMABQAACAMBAAAAAGQAAP+cABQAHgAAAAAAZAAA/84AFP//AAAAAAAAAAAAIwABAfQAAAArAAIACgAUIAAAQgAB\
    BfpAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD6AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAQBkAAAAlgAAAK8AAADIAAAAAAAAAAMACIANgABAAAABA==
    """,
    """
    AAEAAAAHAAAAAAAAY21hcAAAAAAAAAB8AAAAOmdseWYAAAAAAAAAtgAAAGxoZWFkAAAAAAAAASIAAAA2aGhlYQAAAAAAAAFYAAAAJGhtdHgAAA\
    AAAAABfAAAABBsb2NhAAAAAAAAAYwAAAAKbWF4cAAAAAAAAAGWAAAABgAAAAEAAAADAAAADAAEAC4AAAAGAAAAAAAAAEIAY///AAAAQQBh////\
    wAAAAAEAAAAEAAAAAQACAAMAAQAAAAAAZADIAAIAADc3FwBkAADIyAAAAgAAAAAAAAAAAAMABQAACAMBAAAAAGQAAP+cABQAHgAAAAAAZAAA/8\
    4AFP//AAAAAAAAAAAAIwABAfQAAAArAAIACgAUIAAAQgABBfpAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD6AAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQBkAAAAlgAAAK8AAADIAAAAAAAAAAMACIANgABAAAABA==
    """,
  ]

  static func font(_ folder: String) -> FuzzTarget {
    FuzzTarget(
      name: "font", samples: fonts.compactMap { Data(base64Encoded: $0).map { [UInt8]($0) } },
      words: ["cmap", "glyf", "loca", "hmtx", "maxp", "\0\u{4}\0", "\0\u{C}\0\0"].map(bytes),
      isHandled: { $0 is FontError }
    ) { input in
      let font = try OutlineFont(input, name: "f.ttf")
      let text = "ABCabc?\u{1F600}"
      _ = [font.width(of: text), Double(font.path(of: text, x: 0, y: 0, size: 10).utf8.count)]
      return true
    }
  }
}
