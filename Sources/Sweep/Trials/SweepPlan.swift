// The trials of a sweep in plan order. Configurations are stored, trials are made when asked for: a million trials cost
// twelve bytes each. What a sweep file means is `Sweep`'s; here it already is plain values.

import JSON5
import StopRules

/// The value that a grid axis has in a configuration.
package struct AxisValue: Equatable, Sendable {
  /// The axis's key.
  package var key: String
  /// The value as text.
  package var text: String

  /// A key and its value.
  package init(key: String, text: String) {
    self.key = key
    self.text = text
  }
}

/// One resolved configuration of a sweep.
package struct PlannedConfiguration: Equatable, Sendable {
  /// The variant's key in the sweep file; `default` where it has no variants.
  package var variant: String
  /// The variant's label for tables; its key where none is given.
  package var label: String
  /// The resolved configuration, its paths made absolute.
  package var configuration: TrialConfiguration { parts.whole }
  private let parts: SharedConfiguration
  /// The grid's values here, in the order of the axes.
  package var axisValues: [AxisValue]
  /// The configuration's content hash: 16 hexadecimal digits.
  package var identifier: String

  package init(
    variant: String, label: String, configuration: TrialConfiguration, axisValues: [AxisValue], identifier: String
  ) {
    self.init(
      variant: variant, label: label, parts: SharedConfiguration(configuration), axisValues: axisValues,
      identifier: identifier)
  }

  package init(variant: String, label: String, parts: SharedConfiguration, axisValues: [AxisValue], identifier: String)
  {
    self.variant = variant
    self.label = label
    self.parts = parts
    self.axisValues = axisValues
    self.identifier = identifier
  }

  /// What the configuration is called in messages: task, variant and grid values.
  package var title: String { "\(configuration.taskName) \(recipeTitle)" }

  /// Variant and grid values.
  fileprivate var recipeTitle: String {
    ([variant] + axisValues.map { "\($0.key)=\($0.text)" }).joined(separator: " ")
  }
}

/// Two variants to compare.
package struct VariantPair: Equatable, Sendable {
  /// The variant in question.
  package var candidate: String
  /// The one it is compared with.
  package var reference: String

  /// A variant and the one it is compared with.
  package init(_ candidate: String, with reference: String) {
    self.candidate = candidate
    self.reference = reference
  }
}

/// The trials of a sweep, in the order tasks, variants, grid axes, seeds, each as written, the first varying slowest.
package struct SweepPlan: Sendable {
  /// The sweep's name.
  package let name: String
  /// The configurations in plan order.
  package let configurations: [PlannedConfiguration]
  /// The seeds that every configuration runs with.
  package let seeds: [TrialSeeds]
  /// The variant that others are compared with, if one is declared.
  package let reference: String?
  /// The declared pairs of variants; empty for every variant with `reference`.
  package let pairs: [VariantPair]
  /// When a recipe's further seeds or a run's further steps are left out, if a rule is declared.
  package private(set) var stop: StopRule?
  let trialHashes: [ContentHash]
  /// Trial indices by hash.
  let sortedIndices: [Int32]

  /// The most trials a plan may have.
  package static let maximumTrialCount = 10_000_000

  /// A plan of some configurations, each with all the seeds; `file` names the sweep in errors.
  ///
  /// - Throws: `Diagnostics` if there are too many trials or two have the same identifier, `CodecError` for a
  ///   configuration's identifier that is none.
  package init(
    name: String, configurations: [PlannedConfiguration], seeds: [TrialSeeds], reference: String? = nil,
    pairs: [VariantPair] = [], stop: StopRule? = nil, file: String = "sweep"
  ) throws {
    self.name = name
    self.configurations = configurations
    self.seeds = seeds
    self.reference = reference
    self.pairs = pairs
    self.stop = stop
    let (count, overflow) = configurations.count.multipliedReportingOverflow(by: seeds.count)
    guard !overflow, count <= Self.maximumTrialCount else {
      throw Diagnostics([
        Diagnostic(
          name: file,
          message: "\(configurations.count) configurations with \(seeds.count) seeds each are more than the "
            + "\(Self.maximumTrialCount) trials allowed")
      ])
    }
    var hashes: [ContentHash] = []
    hashes.reserveCapacity(count)
    for planned in configurations {
      guard let hash = ContentHash(hexadecimal: planned.identifier) else {
        throw CodecError(
          "configuration_id: expected 16 hexadecimal digits, found \(JSONWriter.quoted(planned.identifier))")
      }
      for seeds in seeds { hashes.append(seeds.contentHash(configuration: hash)) }
    }
    trialHashes = hashes
    sortedIndices = (0..<Int32(count)).sorted { hashes[Int($0)] < hashes[Int($1)] }
    for (first, second) in zip(sortedIndices, sortedIndices.dropFirst())
    where hashes[Int(first)] == hashes[Int(second)] {
      throw Diagnostics([Diagnostic(name: file, message: collision(Int(first), Int(second)))])
    }
  }

  private func collision(_ first: Int, _ second: Int) -> String {
    let names = [first, second].map { index in
      "\(configurations[index / seeds.count].title) \(seeds[index % seeds.count].title)"
    }
    return "two trials have the identifier \(trialHashes[first].hexadecimal): \(names[0]) and \(names[1])"
  }

  /// The trials in plan order.
  package var trials: Trials { Trials(plan: self) }

  /// The rule that stops runs early, if that is the sweep's rule.
  package var earlyStop: EarlyStop? { if case .early(let stop) = stop { stop } else { nil } }

  /// The plan with the step at which its rule reads the runs of each configuration, in the order of the configurations; the same plan
  /// where no rule stops runs early.
  package func reading(atSteps steps: [Int]) -> SweepPlan {
    guard var stop = earlyStop else { return self }
    stop.steps = Dictionary(zip(configurations.map(\.identifier), steps), uniquingKeysWith: { first, _ in first })
    var plan = self
    plan.stop = .early(stop)
    return plan
  }

  /// Whether a program of the user's own trains.
  package var isOfProgram: Bool { configurations.first?.configuration.hasProgram == true }

  /// The plan index of the trial with an identifier; nil if the plan has no such trial.
  package func trialIndex(identifier: String) -> Int? {
    guard let hash = ContentHash(hexadecimal: identifier) else { return nil }
    var low = 0
    var high = sortedIndices.count
    while low < high {
      let middle = (low + high) / 2
      if trialHashes[Int(sortedIndices[middle])] < hash { low = middle + 1 } else { high = middle }
    }
    guard low < sortedIndices.count, trialHashes[Int(sortedIndices[low])] == hash else { return nil }
    return Int(sortedIndices[low])
  }

  /// The index in `configurations` of the trial with a plan index.
  package func configurationIndex(trialIndex: Int) -> Int { trialIndex / seeds.count }

  /// What messages call the trial with a plan index beside its identifier: variant, grid values and seeds.
  package func trialTitle(at index: Int) -> String {
    "\(configurations[configurationIndex(trialIndex: index)].recipeTitle), \(seeds[index % seeds.count].title)"
  }

  /// The identifier of the trial with a plan index, without making the trial.
  package func trialIdentifier(at index: Int) -> String { trialHashes[index].hexadecimal }
}

extension SweepPlan {
  /// The trials of a plan, made when asked for.
  package struct Trials: RandomAccessCollection, Sendable {
    let plan: SweepPlan

    /// The first index, 0.
    package var startIndex: Int { 0 }

    /// The number of trials.
    package var endIndex: Int { plan.trialHashes.count }

    /// The trial with a plan index.
    package subscript(index: Int) -> Trial {
      trial(index, configuration: plan.configurations[index / plan.seeds.count].configuration)
    }

    private func trial(_ index: Int, configuration: TrialConfiguration) -> Trial {
      let planned = plan.configurations[index / plan.seeds.count]
      return Trial(
        identifier: plan.trialHashes[index].hexadecimal, configurationIdentifier: planned.identifier,
        variant: planned.variant, label: planned.label, configuration: configuration,
        seeds: plan.seeds[index % plan.seeds.count])
    }

    /// Makes a configuration once for all its seeds.
    package struct Iterator: IteratorProtocol {
      fileprivate let trials: Trials
      fileprivate var index = 0
      fileprivate var configuration = TrialConfiguration()

      package mutating func next() -> Trial? {
        let plan = trials.plan
        guard index < trials.endIndex else { return nil }
        if index % plan.seeds.count == 0 {
          configuration = plan.configurations[index / plan.seeds.count].configuration
        }
        defer { index += 1 }
        return trials.trial(index, configuration: configuration)
      }
    }

    package func makeIterator() -> Iterator { Iterator(trials: self) }
  }
}

extension TrialSeeds {
  /// One seed for everything.
  package init(tied seed: UInt64) { self.init(initialization: seed, order: seed, dropout: seed) }

  /// Whether one seed serves for everything.
  package var isTied: Bool { initialization == order && order == dropout }

  /// What the seeds are called in messages.
  package var title: String {
    isTied ? "seed \(order)" : "seeds init \(initialization), order \(order), dropout \(dropout)"
  }
}
