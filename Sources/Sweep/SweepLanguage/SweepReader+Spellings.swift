// Texts that are one text for Unicode and differ in bytes, such as a name whose letters with marks are composed in one place and
// decomposed in the other. Swift compares such texts as equal while files and programs tell them apart, so that a trial could take
// another's file: a sweep with both is refused. So are names that tables could not keep apart or in one line.

import JSON5
import KeyValues
import Trials

extension SweepReader {
  /// Notes each text among the values of the sweep that stands in other bytes as well.
  mutating func checkSpellings(_ contents: SweepContents) {
    var known: [String: (text: String, range: SourceRange)] = [:]
    for setting in contents.countingSettings {
      for text in setting.value?.texts ?? [] {
        guard let first = known[text] else {
          known[text] = (text, setting.range)
          continue
        }
        if first.text.isSpelled(like: text) { continue }
        note(
          setting.range,
          "\(setting.key.path): \(JSONWriter.quoted(text)) stands in other bytes \(atLocation(first.range, seenFrom: setting.range)): "
            + "Unicode takes two spellings for one text there, such as a letter with its mark or letter and mark apart; write it alike "
            + "everywhere, and rename one if they are two files")
      }
    }
  }

  /// Notes names that would break a line, and variants that tables would call alike.
  mutating func checkNames(_ contents: SweepContents) {
    var names: [(String, Named)] = []
    if let name = contents.name { names.append(("name", name)) }
    let keys = ["task.name", "program.task"].compactMap { ConfigurationSchema.indexByPath[$0] }
    for setting in contents.countingSettings where keys.contains(setting.index) {
      names.append((setting.key.path, Named(text: setting.value?.text ?? "", range: setting.range)))
    }
    var known: [String: (name: String, range: SourceRange)] = [:]
    for variant in contents.variants {
      names.append(("variants", Named(text: variant.name, range: variant.range)))
      if let label = variant.label { names.append(("variants.\(variant.name).label", label)) }
      let title = variant.title
      guard let first = known[title.text] else {
        known[title.text] = (variant.name, title.range)
        continue
      }
      note(
        title.range,
        "variants.\(variant.name): tables would call it \(JSONWriter.quoted(title.text)), as they call "
          + "variants.\(first.name) (\(location(first.range, seenFrom: title.range))); give one of them another label, "
          + "such as label: \(JSONWriter.quoted("\(title.text) 2"))")
    }
    for (key, name) in names where name.text.escapingControlCharacters() != name.text {
      note(
        name.range,
        "\(key): \(JSONWriter.quoted(name.text)) has a control character, such as a line feed, which breaks the "
          + "lines of tables and messages; leave it out")
    }
  }
}

extension String {
  /// Whether another text has the same bytes.
  func isSpelled(like other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
