// How a sweep of a draw departs from what was registered: other trials, results of unknown age, tables that do not say what its journal
// says. Some departures are told, and for others the sweep does not count.

import Host
import Reports
import Storage
import Tables
import Trials

/// How a sweep departs from what was registered, in words that follow its name.
struct Departure {
  /// What is told.
  var text: String
  /// Why the sweep does not count; nil if it does.
  var exclusion: String?

  init(_ text: String) { self.text = text }

  /// A departure for which a sweep does not count.
  init(excluding exclusion: String, _ more: String) { (text, self.exclusion) = (exclusion + more, exclusion) }
}

extension DrawRuns {
  /// How a sweep departs from what was registered.
  ///
  /// - Parameter tables: The names of its tables that claims read.
  func departures(
    of sweep: StartedSweep, registered digest: String?, tables: [String]
  ) throws -> [Departure] {
    let results = sweep.results
    var departures: [Departure] = []
    let found = RegisteredRuns.digest(of: results.plan)
    if let digest, digest != found {
      departures.append(
        Departure(
          excluding: "has other trials than registered",
          " (SHA-256 \(found.prefix(12)), registered \(digest.prefix(12))) and does not count"))
    }
    if let lowest = RegisteredRuns.seeds(of: results.plan).min(), lowest < RegisteredRuns.firstSeed {
      departures.append(Departure("has seed \(lowest); verdicts use \(RegisteredRuns.firstSeed) and up"))
    }
    let unknownCount = results.index.unknownStartCount
    if unknownCount > 0 {
      departures.append(
        Departure(
          excluding: "has \(counted(unknownCount, "result")) of runs whose start its journal lacks",
          ", so that nobody knows whether they are older than the registration, and does not count; run it again into "
            + "another folder"))
    }
    let foreignCount = try foreignResultCount(of: sweep)
    if foreignCount > 0 {
      departures.append(
        Departure(
          "has \(counted(foreignCount, "result")) from other folders (run --reuse, merge) that no registered sweep of the draw has "
            + "trained, and when they were trained its journal does not tell"))
    }
    if let stopped = try Self.stopped(results) { departures.append(stopped) }
    let (done, missing) = try results.trialCounts()
    if missing > 0 {
      departures.append(
        Departure(
          excluding: "is not finished",
          ": \(done) of \(done + missing) trials have a result; the same 'seedsweep run' trains the others, and a copy must be made again"
        ))
    } else if departures.allSatisfy({ $0.exclusion == nil }) {
      departures += try Self.wrongTables(results, tables)
    }
    return departures
  }

  /// The departures of a sweep whose tables do not say what its journal says.
  private static func wrongTables(_ results: ResultsFolder, _ tables: [String]) throws -> [Departure] {
    if let difference = try StaleTables.difference(results.folder, from: results.plan, results.index) {
      return [
        Departure(
          excluding: difference,
          " and does not count; copy the folder again, or write its tables again with 'seedsweep summarize'")
      ]
    }
    // The trials of trials.csv have just been compared with the journal's.
    let analysed = tables.filter { "\(results.folder.path)/\($0)" != results.folder.trials }
    let foreign = analysed.compactMap { table in
      StaleTables.foreignTrial(inTable: table, of: results.folder, results.plan).map { trial in
        Departure(
          excluding: "has a \(table) with trial \(trial), which is none of its own",
          " and does not count; copy the folder again, or make the table again with the command that 'seedsweep columns' names"
        )
      }
    }
    return foreign + (tables.contains(DoseLaw.fits) ? curveDepartures(results) : [])
  }

  /// How the table of a dose's curves departs from what `analyze dose` makes of the sweep: ratios to another recipe than the sweep's
  /// reference, and recipes without a row. The analysis writes no row of a recipe of which no cell counts, and that such a recipe is left
  /// out must not go without saying.
  private static func curveDepartures(_ results: ResultsFolder) -> [Departure] {
    let path = "\(results.folder.path)/\(DoseLaw.fits)"
    guard let table = try? TextTable(path: path, format: .commas, columns: ["task", "recipe", "reference"]) else {
      return []
    }
    let recipes = RecipeAcrossRates.all(results.plan.configurations, reference: results.plan.reference)
    for row in table.rows where row.fields[2] == "true" {
      guard let own = recipes.first(where: { $0.isReference && $0.task == row.fields[0] }), own.name != row.fields[1]
      else { continue }
      return [
        Departure(
          excluding:
            "has a \(DoseLaw.fits) with ratios to \"\(row.fields[1])\", and the sweep's reference is \"\(own.name)\"",
          ", and does not count; 'seedsweep analyze dose' without --reference writes the table again")
      ]
    }
    let found = Set(table.rows.map { Array($0.fields.prefix(2)) })
    let lacking = recipes.filter { !found.contains([$0.task, $0.name]) }
    guard !lacking.isEmpty else { return [] }
    let hasTasks = recipes.contains { $0.task != recipes[0].task }
    let names = lacking.map { "\"" + (hasTasks ? "\($0.task): " : "") + $0.name + "\"" }.joined(separator: ", ")
    return [
      Departure(
        "has a \(DoseLaw.fits) without \(names), and the law is judged without \(lacking.count == 1 ? "it" : "them"): no cell of such a "
          + "recipe counts (column excluded of doses.csv), or rows were lost, and 'seedsweep analyze dose' writes them again"
      )
    ]
  }

  /// What a rule to stop has left out of a sweep. The tests take the number of runs as fixed, and a run that was stopped for its curve is
  /// no run like the others.
  private static func stopped(_ results: ResultsFolder) throws -> Departure? {
    let runCount = try results.stoppedCount()
    if runCount > 0 {
      return Departure(
        excluding: "has \(counted(runCount, "run")) that an early-stop rule stopped",
        " before \(runCount == 1 ? "it" : "they") had a result, and does not count; \(RunFolder.stoppedAdvice)")
    }
    guard let progress = try SequentialProgress(results.plan, from: results.index) else { return nil }
    let recipeCount = progress.stoppedAt.count { $0 != nil }
    guard recipeCount > 0 else { return nil }
    return Departure(
      excluding: "has \(counted(recipeCount, "recipe")) that a rule stopped before all seeds were run",
      ", and does not count; run the sweep once more with stop=null and the same --output")
  }

  /// How many results of a sweep come from folders of which nobody knows when they were begun. A result that another registered sweep of
  /// the draw has trained is as new as that sweep.
  private func foreignResultCount(of sweep: StartedSweep) throws -> Int {
    let (plan, index) = (sweep.results.plan, sweep.results.index)
    let foreign = plan.trials.indices.map { plan.trialIdentifier(at: $0) }.filter { trial in
      index[trial].map { $0.hasResult && !$0.wasTrainedHere } ?? false
    }
    guard !foreign.isEmpty else { return 0 }
    let siblings = sweeps.filter { $0.name != sweep.name && isAsRegistered($0) }.map(\.results.index)
    return try foreign.count { trial in
      let result = try index.record(of: trial)?.outcomeJSON
      return try !siblings.contains { sibling in
        try sibling[trial]?.wasTrainedHere == true && sibling.record(of: trial)?.outcomeJSON == result
      }
    }
  }

  /// Whether a sweep is registered, has the registered trials and tells when all its results were made; `RegisteredRuns` refuses those that
  /// were begun before the registration.
  private func isAsRegistered(_ sweep: StartedSweep) -> Bool {
    guard let registered = draw.identifiers.first(where: { $0.sweep == sweep.name }),
      sweep.results.index.unknownStartCount == 0
    else { return false }
    return registered.digest.map { $0 == RegisteredRuns.digest(of: sweep.results.plan) } ?? true
  }
}
