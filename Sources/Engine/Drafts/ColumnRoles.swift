// Which columns of a data file are the text, the second text and the label: as the user names them, or else by usual names, or
// else by what they hold. The guess stands in the draft, where the user sees and changes it.

import JSON5
import Tables

/// The columns that a draft uses.
struct ColumnRoles {
  /// The columns that the user names; nil for a guess.
  struct Named {
    var text: String?
    var pair: String?
    var label: String?
  }

  let text: DataColumn
  let pair: DataColumn?
  let label: DataColumn
  /// Whether the label is a number to predict: it has fractions, or more values than a user has classes.
  var isRegression: Bool { label.isNumeric && (label.hasFractions || label.classes.count > Self.mostNumberedClasses) }

  private static let mostNumberedClasses = 20
  private static let labelNames = [
    "label", "labels", "gold_label", "gold", "target", "class", "category", "score", "similarity", "rating",
    "sentiment",
    "is_duplicate", "quality", "y",
  ]
  private static let textNames = [
    "sentence", "text", "review", "content", "document", "comment", "tweet", "question", "premise", "query", "title",
  ]
  private static let pairNames = [
    ("sentence1", "sentence2"), ("text1", "text2"), ("text_a", "text_b"), ("sentence_a", "sentence_b"),
    ("question1", "question2"), ("premise", "hypothesis"), ("question", "sentence"), ("question", "answer"),
    ("question", "passage"), ("query", "passage"), ("query", "document"),
  ]

  /// The roles of a file's columns.
  ///
  /// - Throws: `DataError` where a named column is missing, or no column looks like a text or a label.
  init(of file: DataFile, _ named: Named) throws {
    let free = file.columns.filter { column in ![named.text, named.pair, named.label].contains(column.name) }
    func find(_ name: String) -> DataColumn? { free.first { $0.name.lowercased() == name } }
    // The other half of a pair may have been named.
    func half(_ name: String, named: String?) -> DataColumn? {
      named.flatMap { named in file.columns.first { $0.name == named && named.lowercased() == name } } ?? find(name)
    }
    let known = Self.pairNames.lazy.compactMap { first, second in
      half(first, named: named.text).flatMap { first in half(second, named: named.pair).map { (first, $0) } }
    }.first
    let texts = free.filter { !$0.isNumeric && !Self.labelNames.contains($0.name.lowercased()) }
    let guessedText =
      known?.0 ?? Self.textNames.lazy.compactMap(find).first ?? texts.max { $0.meanWordCount < $1.meanWordCount }
    guard let chosenText = try named.text.map(file.column) ?? guessedText else {
      throw Self.missing("a text", "--text", file)
    }
    let guessedPair = chosenText.name == known?.0.name ? known?.1 : nil
    let chosenPair = try named.pair.map(file.column) ?? guessedPair
    let labels = free.filter {
      $0.name != chosenText.name && $0.name != chosenPair?.name && !$0.hasGaps && $0.classes.count > 1
    }
    let guessedLabel =
      Self.labelNames.lazy.compactMap { name in labels.first { $0.name.lowercased() == name } }.first
      ?? Self.fewestClasses(labels, rowCount: file.rowCount)
    guard let chosenLabel = try named.label.map(file.column) ?? guessedLabel else {
      throw Self.unusableLabel(file) ?? Self.missing("a label", "--label", file)
    }
    (text, pair, label) = (chosenText, chosenPair, chosenLabel)
  }

  /// The column with the fewest values that repeat.
  private static func fewestClasses(_ columns: [DataColumn], rowCount: Int) -> DataColumn? {
    columns.filter { $0.classes.count * 2 <= rowCount }.min { $0.classes.count < $1.classes.count }
  }

  private static func missing(_ what: String, _ flag: String, _ file: DataFile) -> DataError {
    DataError(
      "\(file.path): no column looks like \(what); name it with \(flag) NAME; the columns are \(file.columnList)"
        + file.leftOut)
  }

  /// What is wrong with a column that is called like a label and cannot be one; nil where there is none.
  private static func unusableLabel(_ file: DataFile) -> DataError? {
    guard let column = file.columns.first(where: { labelNames.contains($0.name.lowercased()) }) else { return nil }
    let name = JSONWriter.quoted(column.name)
    if column.hasGaps {
      return DataError(
        "\(file.path): the column \(name) is empty in some rows; a row without a label cannot be used: remove it, or name "
          + "another column with --label NAME")
    }
    guard column.classes.count == 1 else { return nil }
    return DataError(
      "\(file.path): each row has the same \(name), \(JSONWriter.quoted(column.classes[0])); a classifier needs at least two "
        + "classes: take more rows, or name another column with --label NAME")
  }
}
