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
    let wanted = Set(dev.rows.map(texts))
    var shared: Set<[String]> = []
    for row in train.rows where wanted.contains(texts(row)) { shared.insert(texts(row)) }
    let count = dev.rows.count { shared.contains(texts($0)) }
    guard count >= toldFrom, count * 10 >= dev.rows.count else { return [] }
    return [
      "warning: \(count) of \(dev.rows.count) texts of \(dev.path) stand in \(train.path), too: they are trained on, and "
        + consequence
    ]
  }

  /// The texts of a row, without its label.
  private static func texts(_ row: TextTable.Row) -> [String] { [row.fields[0]] + row.fields.dropFirst(2) }
}
