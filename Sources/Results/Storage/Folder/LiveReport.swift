// The part of status.json that is true for a moment only: which trials are under way and how far, which ranks and hosts take
// part, and when each recipe is done. It is there while a run lasts; what is done is in the journal.

import JSON5

/// What the leader knows of a run that the journal does not say.
package struct LiveReport: Equatable, Sendable {
  /// A trial under way.
  package struct Running: Equatable, Sendable {
    /// The trial's identifier.
    package var trial: String
    /// The rank that trains it.
    package var rank: Int
    /// The rank's host.
    package var host: String
    /// The completed updates.
    package var step = 0
    /// The updates of the whole trial; 0 while it is prepared.
    package var stepCount = 0
    /// Seconds since its rank last said anything, where that is so long that the trial stalls; nil where it does not.
    package var stallSeconds: Double?

    package init(
      trial: String, rank: Int, host: String, step: Int = 0, stepCount: Int = 0, stallSeconds: Double? = nil
    ) {
      self.trial = trial
      self.rank = rank
      self.host = host
      self.step = step
      self.stepCount = stepCount
      self.stallSeconds = stallSeconds
    }
  }

  /// A machine with its ranks.
  package struct Host: Equatable, Sendable {
    /// Its name.
    package var name: String
    /// Its ranks.
    package var rankCount: Int
    /// Its ranks that are lost.
    package var lostRanks: [Int]
    /// Whether it gets no more trials, because everything failed there.
    package var isQuarantined: Bool

    package init(name: String, rankCount: Int, lostRanks: [Int] = [], isQuarantined: Bool = false) {
      self.name = name
      self.rankCount = rankCount
      self.lostRanks = lostRanks
      self.isQuarantined = isQuarantined
    }
  }

  /// The most running trials and the most recipes that are written: a terminal shows no more, and the file stays small.
  package static let (mostRunning, mostRecipes) = (200, 2000)

  /// The machines of the run by their first rank.
  package var hosts: [Host] = []
  /// The trials under way, those that stall first; `mostRunning` of them at most.
  package var running: [Running] = []
  /// Seconds until the last trial of each configuration ends, by its identifier, as far as they can be told.
  package var secondsLeft: [String: Double] = [:]
  /// Whether nothing new is handed out.
  package var isDraining = false

  /// Nothing known.
  package init() {}

  /// Writes its fields into the object of status.json.
  func write(to writer: inout JSONWriter) {
    writer.field("draining", isDraining)
    writer.key("hosts")
    writer.array { writer in for host in hosts { host.write(to: &writer) } }
    writer.key("running_trials")
    writer.array { writer in for trial in running.prefix(Self.mostRunning) { trial.write(to: &writer) } }
    writer.key("recipes")
    writer.array { writer in
      for (identifier, seconds) in secondsLeft.sorted(by: { $0.key < $1.key }).prefix(Self.mostRecipes) {
        writer.object(inline: true) { writer in
          writer.field("configuration_id", identifier)
          writer.field("seconds_left", seconds.rounded())
        }
      }
    }
  }

  /// The report in the object of a status.json; nil where it has none, as in one of a run that has ended.
  init?(_ fields: JSONObject, name: String) throws {
    guard fields.optional("hosts") != nil else { return nil }
    isDraining = try fields.boolean("draining")
    hosts = try fields.list("hosts").map { try Host(JSONObject($0, prefix: name + ": hosts.")) }
    running = try fields.list("running_trials").map {
      try Running(JSONObject($0, prefix: name + ": running_trials."))
    }
    for node in try fields.list("recipes") {
      let fields = try JSONObject(node, prefix: name + ": recipes.")
      secondsLeft[try fields.text("configuration_id")] = try fields.double("seconds_left")
    }
  }
}

extension LiveReport.Host {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object(inline: true) { writer in
      writer.field("host", name)
      writer.field("ranks", rankCount)
      if !lostRanks.isEmpty {
        writer.key("lost_ranks")
        writer.array(inline: true) { writer in for rank in lostRanks { writer.value(rank) } }
      }
      if isQuarantined { writer.field("quarantined", true) }
    }
  }

  fileprivate init(_ fields: JSONObject) throws {
    name = try fields.text("host")
    rankCount = try fields.count("ranks")
    let ranks = fields.optional("lost_ranks") == nil ? [] : try fields.list("lost_ranks")
    lostRanks = try ranks.map { try JSONObject.count($0, fields.prefix + "lost_ranks") }
    isQuarantined = fields.optional("quarantined") == nil ? false : try fields.boolean("quarantined")
  }
}

extension LiveReport.Running {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object(inline: true) { writer in
      writer.field("trial_id", trial)
      writer.field("rank", rank)
      writer.field("host", host)
      writer.field("step", step)
      writer.field("steps", stepCount)
      if let stallSeconds { writer.field("stalled_s", stallSeconds.rounded()) }
    }
  }

  fileprivate init(_ fields: JSONObject) throws {
    trial = try fields.text("trial_id")
    rank = try fields.count("rank")
    host = try fields.text("host")
    step = try fields.count("step")
    stepCount = try fields.count("steps")
    stallSeconds = try fields.optionalDouble("stalled_s")
  }
}
