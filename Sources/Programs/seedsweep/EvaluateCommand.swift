// `seedsweep evaluate`: a trained model folder, head included, scored on a task's data.

import CommandLine
import Files
import Foundation
import Kernels
import Storage
import Training
import Trials

/// Scores a model folder.
enum EvaluateCommand {
  /// Prints the scores and writes the predictions if asked.
  static func perform(_ options: EvaluateOptions) throws -> ExitCode {
    useSingleBLASThread()
    var task = TaskSpecification()
    task.name = options.task
    task.dataPath = options.data
    task.maximumLength = options.maximumLength
    let result: Evaluator.Result
    do {
      result = try Evaluator.evaluate(
        modelPath: options.model, task: task, split: options.split == "dev" ? .dev : .train)
    } catch {
      throw Refusal("seedsweep evaluate: \(error)")
    }
    for line in result.remarks + lines(result, options) { say(line) }
    if let path = options.predictions { try WholeFile.write(result.predictions, to: path) }
    return .success
  }

  /// The scores, one a line, the reported metric first.
  static func lines(_ result: Evaluator.Result, _ options: EvaluateOptions) -> [String] {
    let evaluation = result.evaluation
    let scores: [(String, Double?)] = [
      ("accuracy", evaluation.accuracy), ("f1", evaluation.f1), ("matthews", evaluation.matthews),
      ("pearson", evaluation.pearson), ("spearman", evaluation.spearman), ("loss", evaluation.loss),
    ]
    var lines = [
      "\(options.model) on \(result.exampleCount) \(options.split) examples of \(options.task)",
      "\(result.metric.rawValue): \(evaluation.value)",
    ]
    for (name, score) in scores where name != result.metric.rawValue {
      if let score { lines.append("\(name): \(score)") }
    }
    if let majority = result.majorityCount {
      lines.append("largest class: \(majority) of \(result.exampleCount)")
    }
    return lines
  }
}
