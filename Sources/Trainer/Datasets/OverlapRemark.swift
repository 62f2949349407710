// What a user should know where texts of an evaluation file are trained on: a score on them says nothing about new texts.
// A few such texts are usual in published data, and nothing is said of them.

import Tables
import Trials

/// The remark about texts that a training file and evaluation files share.
enum OverlapRemark {
  /// How many evaluation rows with a training row's text are told of, where they are a tenth of all.
  private static let toldFrom = 10

  /// A sentence for each evaluation file, of the dev set or of a set that is scored once, that is the training file, or of
  /// whose rows at least ten and a tenth have the text of a training row.
  ///
  /// - Parameter data: A task of files with all its texts.
  static func sentences(_ data: TaskData) -> [String] {
    guard let train = data.files.first else { return [] }
    let consequence = "a score on them says nothing about new texts"
    let sets = [FinalSet("dev", data.dev)] + data.finalSets
    let wanted = Set(sets.flatMap(\.content).map(RowTexts.init))
    let shared = wanted.intersection(data.train.lazy.map(RowTexts.init))
    return zip(sets, data.files.dropFirst()).compactMap { set, path -> String? in
      if path == train {
        let section = ["dev", TaskSpecification.testSetName].contains(set.name) ? "task" : "task.dev_sets"
        return "warning: \(section).\(set.name) is the training file, \(path): its texts are trained on, and "
          + consequence
      }
      let count = set.content.count { shared.contains(RowTexts($0)) }
      guard count >= toldFrom, count * 10 >= set.content.count else { return nil }
      return "warning: \(count) of \(set.content.count) texts of \(path) stand in \(train), too: they are trained "
        + "on, and \(consequence)"
    }.uniqued()
  }
}

/// The texts of a row, without its label, compared by their bytes.
private struct RowTexts: Hashable {
  private let text: TextBytes
  private let pair: TextBytes

  init(_ row: LabeledText) {
    text = TextBytes(row.text)
    pair = TextBytes(row.pair ?? "")
  }
}
