// The scores of an evaluated model in lines for people.

import Statistics

extension Evaluator.Result {
  /// The scores, one on each line, the reported metric first.
  package var scoreLines: [String] {
    let scores: [(String, Double?)] = [
      ("accuracy", evaluation.accuracy), ("f1", evaluation.f1),
      ("macro_f1", evaluation.confusion.isEmpty ? nil : ConfusionMatrix(counts: evaluation.confusion).macroF1),
      ("matthews", evaluation.matthews),
      ("pearson", evaluation.pearson), ("spearman", evaluation.spearman), ("loss", evaluation.loss),
    ]
    var lines = ["\(metric.rawValue): \(evaluation.value)"]
    for (name, score) in scores where name != metric.rawValue {
      if let score { lines.append("\(name): \(score)") }
    }
    if let majorityCount { lines.append("largest class: \(majorityCount) of \(exampleCount)") }
    return lines
  }
}
