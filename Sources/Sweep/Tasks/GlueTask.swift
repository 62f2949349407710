// The facts about the nine GLUE tasks, in the layouts that GLUE ships: files, columns, labels in the order of Hugging Face's
// `glue` data set, and metrics. Reading the files is Datasets' work.

/// A task of GLUE (Wang et al., "GLUE: A Multi-Task Benchmark and Analysis Platform", 2019).
package enum GlueTask: String, CaseIterable, Sendable {
  /// Acceptability of a sentence.
  case cola
  /// Sentiment of a sentence.
  case sst2
  /// Entailment, two classes.
  case rte
  /// Paraphrase.
  case mrpc
  /// Whether a sentence answers a question.
  case qnli
  /// Duplicate questions.
  case qqp
  /// Coreference as entailment.
  case wnli
  /// Entailment, three classes, evaluated on the genres of the training set.
  case mnli
  /// Entailment, three classes, evaluated on other genres.
  case mnliMismatched = "mnli-mm"
  /// Similarity of two sentences from 0 to 5, a regression.
  case stsb

  /// The columns that count, by their header names, but for CoLA, which has no header.
  package struct Columns {
    package var text: String
    package var pair: String?
    package var label: String
  }

  /// The classes in the order of their indexes; empty for the regression.
  package var labelNames: [String] {
    switch self {
    case .rte: ["entailment", "not_entailment"]
    case .qnli: ["entailment", "not_entailment"]
    case .mnli, .mnliMismatched: ["entailment", "neutral", "contradiction"]
    case .stsb: []
    case .cola, .sst2, .mrpc, .qqp, .wnli: ["0", "1"]
    }
  }

  /// Whether the task predicts a number rather than a class.
  package var predictsNumbers: Bool { labelNames.isEmpty }

  /// The metric that GLUE reports: accuracy for classes, Pearson's correlation for numbers, Matthews' for CoLA. For MRPC and
  /// QQP it is GLUE's mean of accuracy and F1, by which the first version of arXiv 2006.04884 reports MRPC; the published
  /// version reports F1, `metric: "f1"` in a sweep.
  package var metric: MetricName {
    switch self {
    case .cola: .matthews
    case .mrpc, .qqp: .accuracyAndF1
    case .stsb: .pearson
    case .sst2, .rte, .qnli, .wnli, .mnli, .mnliMismatched: .accuracy
    }
  }

  /// The name of the evaluation file.
  package var devFile: String {
    switch self {
    case .mnli: "dev_matched.tsv"
    case .mnliMismatched: "dev_mismatched.tsv"
    default: "dev.tsv"
    }
  }

  /// CoLA's columns, which its files do not name.
  package var unnamedColumns: [String]? {
    self == .cola ? ["source", "label", "star", "sentence"] : nil
  }

  /// The columns that count.
  package var columns: Columns {
    switch self {
    case .cola, .sst2: Columns(text: "sentence", label: "label")
    case .rte, .wnli: Columns(text: "sentence1", pair: "sentence2", label: "label")
    case .mrpc: Columns(text: "#1 String", pair: "#2 String", label: "Quality")
    case .qnli: Columns(text: "question", pair: "sentence", label: "label")
    case .qqp: Columns(text: "question1", pair: "question2", label: "is_duplicate")
    case .mnli, .mnliMismatched: Columns(text: "sentence1", pair: "sentence2", label: "gold_label")
    case .stsb: Columns(text: "sentence1", pair: "sentence2", label: "score")
    }
  }
}
