// Texts that are one text for Unicode and differ in bytes, such as a name whose letters with marks are composed in one place and
// decomposed in the other. Swift compares such texts as equal while files and programs tell them apart, so that a trial could take
// another's file: a sweep with both is refused.

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
}

extension String {
  /// Whether another text has the same bytes.
  func isSpelled(like other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
