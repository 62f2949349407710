// The classes of a task in the order of a head that is kept. A head may list them in another order than the task; which of two
// classes a metric asks for is the task's to say and stays.

import Tables

extension TaskData {
  /// The task with its classes in the order of the head kept from the model folder at `path`, capitals aside. Where either
  /// side only counts its classes (`LABEL_0`, or `0` and `1`), they are taken by their position.
  ///
  /// - Throws: `DataError` where both sides name their classes and not alike.
  package func ordered(asIn names: [String]?, of path: String) throws -> TaskData {
    guard let names, names != labelNames, names.count == labelNames.count else { return self }
    let known = names.map { $0.lowercased() }
    let order = labelNames.compactMap { names.firstIndex(of: $0) ?? known.firstIndex(of: $0.lowercased()) }
    guard Set(order).count == names.count else {
      let isCounted = labelNames.allSatisfy { Int($0) != nil } || HeadNames.areCounted(names)
      if isCounted { return self }
      func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }
      throw DataError(
        "\(path)/config.json: the head to keep calls its classes \(list(names)) (id2label), but those of task \"\(name)\" "
          + "are \(list(labelNames)); give both the same names, or set model.head to \"new\"")
    }
    func moved(_ text: LabeledText) -> LabeledText {
      guard case .classIndex(let index) = text.target else { return text }
      var text = text
      text.target = .classIndex(order[index])
      return text
    }
    var data = self
    for (index, kept) in order.enumerated() { data.labelNames[kept] = labelNames[index] }
    if order.count == 2 { data.positiveClass = order[positiveClass] }
    data.train = train.map(moved)
    data.dev = dev.map(moved)
    data.finalSets = finalSets.map { set in set.map { $0.map(moved) } }
    return data
  }

  /// Takes the later one of two class names for the positive class, as a task of the user's own files does that lists its
  /// classes in the order of their names.
  package mutating func takePositiveClassByName() {
    guard labelNames.count == 2, let last = TaskReader.ordered(Set(labelNames)).last else { return }
    positiveClass = labelNames.firstIndex(of: last) ?? positiveClass
  }
}
