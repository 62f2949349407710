// One labelled file on which a trained model is scored. No training file is read: the classes are those of the model's head.

import Tables
import Tasks
import Trials

/// A labelled file and how it is read.
package enum ScoredFile: Sendable {
  /// A file in the layout of a GLUE task's.
  case glue(GlueTask, path: String)
  /// A file of the user's own; the paths of `columns` do not matter.
  case own(path: String, columns: TaskDescription.OwnFiles)
}

extension TaskReader {
  /// The texts of a file as the dev texts of a task without training texts.
  ///
  /// - Parameter head: The names of the classes that the model's head has, `LABEL_0` and so on where it has none.
  /// - Throws: `DataError` that says which file and line, what was found and what is allowed.
  package static func load(_ file: ScoredFile, name: String, head: [String]) throws -> TaskData {
    switch file {
    case .glue(let task, let path):
      var data = TaskData(name: name, labelNames: task.labelNames, train: [], dev: [], files: [path])
      data.dev = try texts(of: task, in: path, remarks: &data.remarks)
      return data
    case .own(let path, let columns):
      let table = try table(path, of: columns)
      if columns.isRegression {
        let texts = try texts(of: table, labelNames: []) { $0 }
        return TaskData(name: name, labelNames: [], train: [], dev: texts, files: [path])
      }
      guard head.count > 1 else {
        throw DataError(
          "\(path): the model's head predicts a number; set task.regression to true (evaluate: --regression)")
      }
      let classes = try classes(of: Set(table.rows.map { $0.fields[1] }), in: head, path: path)
      let texts = table.rows.map { row in
        LabeledText(
          text: row.fields[0], pair: row.fields.count > 2 ? row.fields[2] : nil,
          target: .classIndex(classes.indices[row.fields[1]] ?? 0))
      }
      return TaskData(name: name, labelNames: classes.names, train: [], dev: texts, files: [path])
    }
  }

  /// The class of each label in a head: by its name, capitals aside. Where the head only counts its classes and no label is one of
  /// its names, a label that is a number is its class, and as many labels as classes are taken in their order, which must not hang
  /// on capitals.
  private static func classes(
    of labels: Set<String>, in head: [String], path: String
  ) throws -> (indices: [String: Int], names: [String]) {
    let lowered = head.map { $0.lowercased() }
    let named = labels.map { label in
      (label, head.firstIndex(of: label) ?? lowered.firstIndex(of: label.lowercased()))
    }
    if named.allSatisfy({ $0.1 != nil }) {
      return (Dictionary(uniqueKeysWithValues: named.map { ($0, $1 ?? 0) }), head)
    }
    if HeadNames.areCounted(head), named.allSatisfy({ $0.1 == nil }) {
      let numbered = labels.map { ($0, Int($0) ?? -1) }
      if numbered.allSatisfy({ head.indices.contains($0.1) }) {
        return (Dictionary(uniqueKeysWithValues: numbered), head.indices.map(String.init))
      }
      let sorted = ordered(labels)
      if sorted.count == head.count {
        try requireOrder(of: sorted, path: path)
        return (Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) }), sorted)
      }
    }
    throw DataError(
      "\(path): its labels are \(LabelRemarks.quoted(ordered(labels))), but the classes of the model's head are "
        + "\(LabelRemarks.quoted(head)) (id2label in its config.json); give both the same names")
  }

  /// Refuses labels that differ in capitals only, and labels whose order is another one in small letters: the order of the
  /// classes of a head that only counts them may be either.
  private static func requireOrder(of sorted: [String], path: String) throws {
    let small = sorted.map { $0.lowercased() }
    let alike = zip(sorted, small).filter { pair in small.count { $0 == pair.1 } > 1 }.map { $0.0 }
    guard !alike.isEmpty || ordered(Set(small)) != small else { return }
    let (labels, problem, cure) =
      alike.isEmpty
      ? (sorted, "have another order in small letters", "")
      : (alike, "differ in capitals only", "write them alike if they are one class, or ")
    throw DataError(
      "\(path): its labels \(LabelRemarks.quoted(labels)) \(problem), so their order does not tell which classes of the "
        + "model's head they are; \(cure)name the head's classes like the labels (id2label in its config.json)")
  }
}

/// What the names of a head's classes say.
package enum HeadNames {
  /// Whether a head only counts its classes: `LABEL_0`, `LABEL_1`, or numbers that ascend.
  package static func areCounted(_ names: [String]) -> Bool {
    let numbers = names.compactMap { Int($0) }
    return names.enumerated().allSatisfy { $1 == "LABEL_\($0)" }
      || numbers.count == names.count && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
  }
}
