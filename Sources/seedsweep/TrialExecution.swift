// What a rank does with a job: a trial as text in, an outcome and a timing as text out. It knows neither the sweep nor the
// other ranks; beside its answer it writes the trial's own files.

import Farm
import Foundation
import Reports
import Training
import Trials

/// A trial that did not get to a result.
struct TrialCrash: Error, CustomStringConvertible {
  let description: String
}

/// Makes a rank's worker.
enum TrialExecution {
  /// A worker that trains the trials it is given on what the process reads, and writes their files under the output folder.
  static func worker(
    rank: Int, options: RunOptions, identity: RankIdentity, readings: Readings = Readings()
  ) -> Worker {
    let folder = RunFolder(options.output)
    let folders = TrialFolders(
      predictions: folder.path + "/predictions", gradientNorms: folder.path + "/gradient_norms",
      weights: options.keepsWeights ? folder.path + "/weights" : nil)
    return Worker(identity: identity.encoded) {
      let trainer = Trainer(
        context: TrainerContext(host: identity.host, rank: rank, folders: folders, threadCount: options.threads),
        readings: readings)
      return { assignment in try perform(assignment, with: trainer) }
    }
  }

  private static func perform(_ assignment: Assignment, with trainer: Trainer) throws -> Product {
    let trial = try Trial(json: String(decoding: assignment.payload, as: UTF8.self))
    let result = trainer.run(trial)
    guard result.outcome.status.isResult else {
      throw TrialCrash(description: result.outcome.message ?? "the trial ended as \(result.outcome.status.rawValue)")
    }
    return Product(
      result: Array(result.outcome.encodedJSON().utf8), remark: Array(result.timing.encodedJSON().utf8))
  }
}
