// What a user should know about the labels of their own files: numbers that are taken as classes, and classes that a typing
// error may have made. Nothing is changed: a label is what stands in the file.

/// Remarks about the labels of the user's own files.
package enum LabelRemarks {
  private static let shownCount = 10

  /// A sentence for labels that are numbers with fractions, and one for each group of labels that differ in spaces or capitals
  /// only.
  static func sentences(_ labels: [String], of path: String) -> [String] {
    fractions(labels, path) + spellings(labels, path)
  }

  private static func fractions(_ labels: [String], _ path: String) -> [String] {
    let numbers = labels.compactMap(TaskReader.number)
    guard !labels.isEmpty, numbers.count == labels.count, numbers.contains(where: { $0 != $0.rounded() }) else {
      return []
    }
    return [
      "\(path): the labels are numbers, some of them fractions, and are taken as \(labels.count) classes; set task.regression to "
        + "true to predict the number"
    ]
  }

  private static func spellings(_ labels: [String], _ path: String) -> [String] {
    let groups = Dictionary(grouping: labels) { $0.filter { !$0.isWhitespace }.lowercased() }
    return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }.map { group in
      "\(path): the labels \(quoted(group)) differ in spaces or capitals only and are \(group.count) classes; write them alike "
        + "where they are one class"
    }
  }

  /// What a message about a label says behind the labels, all of which are numbers; nothing for others.
  static func regressionAdvice(_ labels: [String]) -> String {
    labels.allSatisfy { TaskReader.number($0) != nil }
      ? "; if they are numbers to predict, set task.regression to true" : ""
  }

  /// A sentence where all evaluation texts have one label: the best score is then that of a model that learned nothing.
  static func ofOneLabel(_ dev: [LabeledText], _ labelNames: [String], of path: String) -> [String] {
    guard let first = dev.first, dev.allSatisfy({ $0.target == first.target }) else { return [] }
    let label =
      switch first.target {
      case .classIndex(let index): quoted([labelNames[index]])
      case .value(let value): "\(value)"
      }
    return [
      "warning: all rows of \(path) have the label \(label), so that no run can do better than one answer to everything, and each "
        + "counts as failed by default; take evaluation texts with several labels"
    ]
  }

  /// Labels as they stand, of many the first ones.
  static func list(_ labels: [String]) -> String {
    let shown = labels.prefix(shownCount).joined(separator: ", ")
    return labels.count > shownCount ? "\(shown) and \(labels.count - shownCount) more" : shown
  }

  /// Labels in quotes, characters that cannot be seen as escapes, of many the first ones.
  package static func quoted(_ labels: [String]) -> String {
    let shown = labels.prefix(shownCount).map(\.debugDescription).joined(separator: ", ")
    return labels.count > shownCount ? "\(shown) and \(labels.count - shownCount) more" : shown
  }
}
