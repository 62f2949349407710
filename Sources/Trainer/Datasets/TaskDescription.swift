// Which task to read, as plain values of this module: a sweep's task is mapped to one by the trainer.

import Tasks
import Trials

/// A task to read and where it is.
package struct TaskDescription: Equatable, Sendable {
  /// The user's own files and the columns that count in them.
  package struct OwnFiles: Equatable, Sendable {
    /// The training file: `.tsv`, `.csv` or `.jsonl`.
    package var train: String
    /// The evaluation file: `.tsv`, `.csv` or `.jsonl`.
    package var dev: String
    /// The column of the first or only text.
    package var textColumn: String
    /// The column of the second text, if there is one.
    package var pairColumn: String?
    /// The column of the label.
    package var labelColumn: String
    /// Whether the label is a number to predict rather than a class.
    package var isRegression: Bool

    /// Own files from their parts.
    package init(
      train: String, dev: String, textColumn: String, pairColumn: String? = nil, labelColumn: String,
      isRegression: Bool = false
    ) {
      self.train = train
      self.dev = dev
      self.textColumn = textColumn
      self.pairColumn = pairColumn
      self.labelColumn = labelColumn
      self.isRegression = isRegression
    }
  }

  /// Where a task comes from.
  package enum Source: Equatable, Sendable {
    /// A GLUE task in a folder of GLUE's layout.
    case glue(GlueTask, folder: String)
    /// The user's own files.
    case files(OwnFiles)
    /// A language inside the program.
    case builtIn(BuiltInExamples)
  }

  /// A seeded choice of training texts.
  package struct Subset: Equatable, Sendable {
    /// The number of texts to keep.
    package var size: Int
    /// The seed of the choice.
    package var seed: UInt64

    /// A subset of `size` texts chosen with `seed`.
    package init(size: Int, seed: UInt64) {
      self.size = size
      self.seed = seed
    }
  }

  /// The task's name, for tables and messages.
  package var name: String
  /// Where the task comes from.
  package var source: Source
  /// The labelled files that are scored once, after the last step, read as the task's other files. A built-in task has none.
  package var finalFiles: [FinalSet<String>]
  /// The training subset, or nil for every training text.
  package var subset: Subset?
  /// Deals the training labels out anew among the training texts; nil for the labels as they are.
  package var labelShuffleSeed: UInt64?
  /// Replaces the labels of some training texts by wrong ones; nil for the labels as they are.
  package var labelNoise: LabelNoise?

  /// A description from its parts.
  package init(
    name: String, source: Source, finalFiles: [FinalSet<String>] = [], subset: Subset? = nil,
    labelShuffleSeed: UInt64? = nil,
    labelNoise: LabelNoise? = nil
  ) {
    self.name = name
    self.source = source
    self.finalFiles = finalFiles
    self.subset = subset
    self.labelShuffleSeed = labelShuffleSeed
    self.labelNoise = labelNoise
  }
}
