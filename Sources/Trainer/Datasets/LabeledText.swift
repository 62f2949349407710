// What a task is once it is read: texts with targets, as plain values. No file, no token, no randomness here.

import Trials

/// What is to be predicted for a text.
package enum Target: Equatable, Sendable {
  /// A class, as its position in the task's label names.
  case classIndex(Int)
  /// A number, for regression.
  case value(Double)
}

/// A text, or a pair of texts, with its target.
package struct LabeledText: Equatable, Sendable {
  /// The first or only text.
  package var text: String
  /// The second text of a pair.
  package var pair: String?
  /// What is to be predicted.
  package var target: Target

  /// A labelled text from its parts.
  package init(text: String, pair: String? = nil, target: Target) {
    self.text = text
    self.pair = pair
    self.target = target
  }
}

/// A text that equals another where their UTF-8 bytes are the same. Where strings are compared or hashed, combining marks in
/// changing order are sorted first, which takes seconds for a hundred thousand of them.
package struct TextBytes: Hashable, Sendable {
  private let text: String

  /// The bytes of a text.
  package init(_ text: String) { self.text = text }

  package static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  package func hash(into hasher: inout Hasher) {
    var copy = text
    copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(copy.utf8.count)
  }
}

/// What belongs to a set that is scored once, after the last step: a test set or a further dev set.
package struct FinalSet<Content: Sendable>: Sendable {
  /// The set's name; that of a test set is `TaskSpecification.testSetName`.
  package var name: String
  /// Its file, texts or tokens.
  package var content: Content

  /// A set from its parts.
  package init(_ name: String, _ content: Content) {
    self.name = name
    self.content = content
  }

  /// The set with what its content is made to.
  package func map<Result: Sendable>(_ transform: (Content) throws -> Result) rethrows -> FinalSet<Result> {
    FinalSet<Result>(name, try transform(content))
  }
}

extension FinalSet: Equatable where Content: Equatable {}

/// A task as read: its label names, its training texts and its evaluation texts, each in the order of its file.
package struct TaskData: Equatable, Sendable {
  /// The task's name.
  package var name: String
  /// The classes in the order of their indexes; empty for regression.
  package var labelNames: [String]
  /// The index of the class whose F1 is meant where there are two: the second one as the task lists them, wherever a kept head
  /// has it.
  package var positiveClass = 1
  /// The training texts.
  package var train: [LabeledText]
  /// The evaluation texts.
  package var dev: [LabeledText]
  /// The texts of the sets that are scored once, after the last step, each in the order of its file.
  package var finalSets: [FinalSet<[LabeledText]>] = []
  /// The files that were read; empty for a built-in task.
  package var files: [String]
  /// What a user should know about the reading, such as rows that had to be left out.
  package var remarks: [String]

  /// The width of the classification head: the number of classes, or 1 for regression.
  package var labelCount: Int { max(1, labelNames.count) }

  /// Whether a number is predicted rather than a class.
  package var isRegression: Bool { labelNames.isEmpty }

  /// The test texts; nil where the task has none.
  package var test: [LabeledText]? { finalSets.first { $0.name == TaskSpecification.testSetName }?.content }

  /// A task from its parts.
  package init(
    name: String, labelNames: [String], train: [LabeledText], dev: [LabeledText], files: [String] = [],
    remarks: [String] = []
  ) {
    self.name = name
    self.labelNames = labelNames
    self.train = train
    self.dev = dev
    self.files = files
    self.remarks = remarks
  }
}
