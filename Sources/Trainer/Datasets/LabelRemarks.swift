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
