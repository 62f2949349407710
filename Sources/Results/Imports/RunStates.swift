// What the words in a column of states mean: whether a run of others came to its end. One table of the words that wandb,
// Optuna, Ray Tune, MLflow and Slurm write.

import Trials

/// How runs of others end.
enum RunStates {
  /// What each word means, in small letters.
  static let meanings: [String: TrialStatus] = [
    "finished": .completed, "completed": .completed, "complete": .completed, "success": .completed,
    "succeeded": .completed, "terminated": .completed, "done": .completed, "diverged": .diverged,
    "crashed": .crashed, "failed": .crashed, "fail": .crashed, "failure": .crashed, "error": .crashed,
    "errored": .crashed, "out_of_memory": .crashed, "node_fail": .crashed, "boot_fail": .crashed, "lost": .lost,
    "timeout": .timeout, "deadline": .timeout, "suspended": .preempted, "requeued": .preempted, "revoked": .preempted,
    "killed": .preempted, "preempted": .preempted, "preempting": .preempted, "cancelled": .preempted,
    "canceled": .preempted, "stopped": .preempted, "paused": .preempted, "pruned": .preempted, "running": .preempted,
    "waiting": .preempted, "pending": .preempted, "queued": .preempted, "scheduled": .preempted,
    "configuring": .preempted, "completing": .preempted, "resizing": .preempted,
  ]

  /// The columns that are read as states, in small letters, where nothing else is said.
  static let columns = ["state", "status"]

  /// What a word means; nil for a word that no program of the list writes.
  static func status(_ word: String) -> TrialStatus? {
    let name = word.lowercased().replacing(" ", with: "_")
    // Slurm's sacct adds the number of the user who cancelled a job.
    return meanings[name.hasPrefix("cancelled_by_") ? "cancelled" : name]
  }

  /// The column of states of a table; nil where none has a known word.
  static func column(of header: [String], words: (String) -> [String]) -> String? {
    header.first { name in
      columns.contains(name.lowercased()) && header.count { $0 == name } == 1
        && words(name).contains { status($0) != nil }
    }
  }
}
