// What a user should know where texts of their evaluation file are trained on: a score on them says nothing about new texts.
// A few such texts are usual in published data, and nothing is said of them.

import Tables

/// The remark about texts that the user's training and evaluation files share.
enum OverlapRemark {
  /// How many evaluation rows with a training row's text are told of, where they are a tenth of all.
  private static let toldFrom = 10

  /// A sentence where the files are one, or at least ten and a tenth of the evaluation rows have the text of a training row.
  ///
  /// - Parameters:
  ///   - train: The training file: text, label and perhaps pair of each row.
  ///   - dev: The evaluation file, with the same columns.
  static func sentences(_ train: TextTable, _ dev: TextTable) -> [String] {
    let consequence = "a score on them says nothing about new texts"
    if train.path == dev.path {
      return [
        "warning: task.train and task.dev are the same file, \(train.path): its texts are trained on, and \(consequence)"
      ]
    }
    let wanted = Set(dev.rows.map(RowTexts.init))
    let shared = wanted.intersection(train.rows.map(RowTexts.init))
    let count = dev.rows.count { shared.contains(RowTexts($0)) }
    guard count >= toldFrom, count * 10 >= dev.rows.count else { return [] }
    return [
      "warning: \(count) of \(dev.rows.count) texts of \(dev.path) stand in \(train.path), too: they are trained on, and "
        + consequence
    ]
  }
}

/// The texts of a row, without its label, compared by their bytes: where strings are compared, combining marks in changing order are
/// sorted first, which takes seconds for a hundred thousand of them.
private struct RowTexts: Hashable {
  private let text: String
  private let pair: String

  init(_ row: TextTable.Row) {
    text = row.fields[0]
    pair = row.fields.count > 2 ? row.fields[2] : ""
  }

  static func == (left: RowTexts, right: RowTexts) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8) && left.pair.utf8.elementsEqual(right.pair.utf8)
  }

  func hash(into hasher: inout Hasher) {
    for var part in [text, pair] {
      part.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      hasher.combine(part.utf8.count)
    }
  }
}
