// What to do about a text in a column of numbers: spreadsheets write numbers for people. The number is not guessed, because
// 7,134 is one number in English and another in German.

import JSON5

/// Advice about texts that are numbers as people write them.
enum NumberAdvice {
  /// What to write instead of a text that is no number, as the end of an error's sentence; nothing where that is not known.
  static func advice(on text: String) -> String {
    let trimmed = text.split(whereSeparator: \.isWhitespace).joined()
    if trimmed != text, trimmed.decimalNumber != nil { return "; remove the spaces" }
    if trimmed.hasSuffix("%"), String(trimmed.dropLast()).decimalNumber != nil { return "; remove the percent sign" }
    if trimmed.contains(where: ",'".contains), trimmed.filter({ !",.'".contains($0) }).decimalNumber != nil {
      return "; write numbers with a decimal point and without other separators"
    }
    if ["-", "--", "?", "n/a", "na", "none", "null"].contains(trimmed.lowercased()) {
      return "; a run without a result needs a state, such as crashed, in the column that --state-column names"
    }
    return ""
  }
}
