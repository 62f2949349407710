// What a task is once it is read: texts with targets, as plain values. No file, no token, no randomness here.

/// What is to be predicted for a text.
public enum Target: Equatable, Sendable {
  /// A class, as its position in the task's label names.
  case classIndex(Int)
  /// A number, for regression.
  case value(Double)
}

/// A text, or a pair of texts, with its target.
public struct LabeledText: Equatable, Sendable {
  /// The first or only text.
  public var text: String
  /// The second text of a pair.
  public var pair: String?
  /// What is to be predicted.
  public var target: Target

  /// A labelled text from its parts.
  public init(text: String, pair: String? = nil, target: Target) {
    self.text = text
    self.pair = pair
    self.target = target
  }
}

/// A task as read: its label names, its training texts and its evaluation texts, each in the order of its file.
public struct TaskData: Equatable, Sendable {
  /// The task's name.
  public var name: String
  /// The classes in the order of their indexes; empty for regression.
  public var labelNames: [String]
  /// The training texts.
  public var train: [LabeledText]
  /// The evaluation texts.
  public var dev: [LabeledText]
  /// The files that were read; empty for the built-in language.
  public var files: [String]
  /// What a user should know about the reading, such as rows that had to be left out.
  public var remarks: [String]

  /// The width of the classification head: the number of classes, or 1 for regression.
  public var labelCount: Int { max(1, labelNames.count) }

  /// Whether a number is predicted rather than a class.
  public var isRegression: Bool { labelNames.isEmpty }

  /// A task from its parts.
  public init(
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

/// Why data cannot be used.
public struct DataError: Error, CustomStringConvertible, Equatable, Sendable {
  /// What was wrong, in which file and line, what was found and what is allowed.
  public let description: String

  /// An error from its whole text.
  public init(_ description: String) { self.description = description }
}
