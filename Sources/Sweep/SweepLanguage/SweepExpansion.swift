// Expands what a sweep file says into configurations, and checks each. Layers win in the order base, task, variant, grid,
// command line; a variant and an axis may not both give a key.

import Arithmetics
import ConfigurationChecks
import Foundation
import JSON5
import KeyValues
import Trials

/// The expansion of a sweep.
struct SweepExpansion {
  private typealias Resolved = [Setting?]

  let contents: SweepContents
  /// The seeds that every configuration runs with.
  let seeds: [TrialSeeds]
  /// What is added to seeds.
  let shift: SeedShift
  /// What computes the trials of configurations that do not say it.
  let arithmetic: Arithmetic
  var reader: SweepReader
  private(set) var points: [Sweep.Point] = []
  /// Whether a configuration does not say what computes its trials.
  private(set) var leavesArithmetic = false
  /// Whether data of a configuration is drawn from a seed that was shifted.
  private var shiftsData = false
  /// Settings that not every configuration reads, with the settings that decide that, and those of them that one does.
  private var partialSettings: [SourceRange: (setting: Setting, decider: Setting?)] = [:]
  private var readSettings: Set<SourceRange> = []
  /// The settings whose values fine-tuning does not use, which are allowed.
  private var unusualSettings: [SourceRange: Setting] = [:]
  /// What is wrong with the seeds of a program, by the names of its placeholders and empty for nothing, and where it was noted.
  private var seedProblems: [Set<String>: String] = [:]
  private var seedProblemRanges: Set<SourceRange> = []
  private let hadProblems: Bool

  /// An expansion that has not begun.
  init(
    contents: SweepContents, seeds: [TrialSeeds], shift: SeedShift, arithmetic: Arithmetic, reader: SweepReader
  ) {
    self.contents = contents
    self.seeds = seeds
    self.shift = shift
    self.arithmetic = arithmetic
    self.reader = reader
    hadProblems = reader.hasProblems
  }

  /// Makes every configuration.
  mutating func run() {
    checkConflicts()
    checkReference()
    let standard = Variant(name: "default", range: reader.start(of: 0))
    let variants = contents.variants.isEmpty ? [standard] : contents.variants
    if let axis = axisWithTooMany(variants) {
      return reader.note(
        axis.range, "the grid has more than the \(Sweep.maximumConfigurationCount) configurations allowed")
    }
    var base = Resolved(repeating: nil, count: ConfigurationSchema.keys.count + reader.parameterCount)
    Self.apply(contents.base, 0, to: &base)
    for task in contents.tasks ?? [Layer()] {
      var withTask = base
      Self.apply(task, 1, to: &withTask)
      for variant in variants {
        var withVariant = withTask
        Self.apply(variant.layer, 2, to: &withVariant)
        expandGrid(withVariant, variant, task)
      }
    }
    if !hadProblems { noteUnreadSettings() }
    if shift.data > 0, !shiftsData, !reader.hasProblems {
      reader.note(
        reader.start(of: 0),
        "--shift-data changes nothing: no data of this sweep is drawn from a seed "
          + "(\(ConfigurationSchema.dataSeeds.map(\.path).joined(separator: ", "))); give train_subset: { size: 1000 }, "
          + "for example, to draw training examples")
    }
  }

  /// The axis with which there are more configurations than allowed; nil if there are not.
  private func axisWithTooMany(_ variants: [Variant]) -> Axis? {
    var others = 0
    for variant in variants {
      var count = contents.tasks?.count ?? 1
      for axis in contents.axes(of: variant) {
        let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
        count = product
        if overflow || others + count > Sweep.maximumConfigurationCount { return axis }
      }
      others += count
    }
    return nil
  }

  private static func apply(_ layer: Layer, _ number: Int, to resolved: inout Resolved) {
    for var setting in layer.settings {
      setting.layer = number
      resolved[setting.index] = setting
    }
  }

  /// Counts through the axes, the last varying fastest.
  private mutating func expandGrid(_ resolved: Resolved, _ variant: Variant, _ task: Layer) {
    let axes = contents.axes(of: variant)
    var digits = [Int](repeating: 0, count: axes.count)
    while true {
      var point = resolved
      for (axis, digit) in zip(axes, digits) { Self.apply(axis.values[digit].layer, 3, to: &point) }
      if contents.hasOverridingTasks {
        Self.apply(task, 4, to: &point)
        for (axis, digit) in zip(axes, digits) where axis.isOverride {
          Self.apply(axis.values[digit].layer, 4, to: &point)
        }
      }
      Self.apply(contents.overrides, 4, to: &point)
      add(point, variant, zip(axes, digits).map { ($0, $0.values[$1]) })
      guard let index = digits.indices.last(where: { digits[$0] + 1 < axes[$0].values.count }) else { return }
      digits[index] += 1
      for later in digits.indices where later > index { digits[later] = 0 }
    }
  }

  private mutating func add(_ resolved: Resolved, _ variant: Variant, _ axes: [(Axis, Axis.Value)]) {
    var configuration = TrialConfiguration()
    for setting in resolved {
      if let setting, let value = setting.value { setting.key.set(&configuration, value) }
    }
    if !configuration.hasProgram, (setting(of: "training.arithmetic", in: resolved)?.value ?? .null) == .null {
      configuration.training.arithmetic = arithmetic
      leavesArithmetic = true
    }
    check(configuration, resolved)
    let shifted = shiftData(of: &configuration, resolved)
    let fallback = axes.last?.1.range ?? variant.range
    points.append(
      Sweep.Point(
        variant: variant.name, label: variant.title.text,
        configuration: SharedConfiguration(configuration, near: points.last?.configuration),
        axisValues: axes.map { axis, value in
          let text = shifted.isEmpty ? value.text : reader.axisText(value.node, at: axis.path, shifted: shifted)
          return AxisValue(key: axis.path, text: text)
        },
        range: variant.range == reader.start(of: 0) ? fallback : variant.range,
        modelRange: range(of: ["model.path", "model.vocab"], in: resolved) ?? fallback,
        dataRange: range(of: ["task.data", "task.train", "task.dev", "task.name", "program.files"], in: resolved)
          ?? fallback,
        files: files(resolved)))
  }

  /// Adds to the seeds of the data, and returns the values by their keys' paths.
  private mutating func shiftData(
    of configuration: inout TrialConfiguration, _ resolved: Resolved
  ) -> [String: KeyValue] {
    guard let shifted = shift.shiftData(of: &configuration) else {
      reader.note(
        range(of: ConfigurationSchema.dataSeeds.map(\.path), in: resolved) ?? reader.start(of: 0),
        "a seed of the data leaves 64 bits where \(shift.data) is added to it (--shift-data)")
      return [:]
    }
    shiftsData = shiftsData || !shifted.isEmpty
    return shifted
  }

  /// The paths that are given, with where; the list of the configuration before, where nothing differs.
  private func files(_ resolved: Resolved) -> [Sweep.GivenPath] {
    let files = resolved.flatMap { setting -> [Sweep.GivenPath] in
      guard let setting, setting.key.kind == .path, case .text(let path) = setting.value else {
        return setting?.paths ?? []
      }
      return [Sweep.GivenPath(path: path, range: setting.range)]
    }
    guard let last = points.last?.files, last == files else { return files }
    return last
  }

  /// A sentence for each value that is given and that fine-tuning does not use.
  var unusualValues: [String] {
    unusualSettings.sorted { ($0.key.source, $0.key.start) < ($1.key.source, $1.key.start) }.compactMap {
      range, setting in
      guard let usual = setting.key.usual, let value = setting.value else { return nil }
      let hint = usual.hint ?? meant(by: value, usual.values).map { "did you mean \($0)?" }
      let message =
        "\(setting.key.path) is \(value.text); fine-tuning uses \(usual.values.lowerBound) to "
        + "\(usual.values.upperBound)\(hint.map { " (\($0))" } ?? "")"
      return "warning: " + reader.diagnostic(range, message).description
    }
  }

  /// The usual number that lacks its minus sign in a value, such as 3e-5 in 3e5; nil where there is none.
  private func meant(by value: KeyValue, _ usual: ClosedRange<Double>) -> Double? {
    guard let magnitude = value.magnitude, magnitude.isFinite, magnitude >= 10 else { return nil }
    let exponent = Int(log10(magnitude).rounded(.down))
    let number = Double("\(magnitude / pow(10, Double(exponent)))e-\(exponent)")
    return number.flatMap { usual.contains($0) ? $0 : nil }
  }

  /// The range of the first of some keys that is given.
  private func range(of paths: [String], in resolved: Resolved) -> SourceRange? {
    paths.lazy.compactMap { setting(of: $0, in: resolved) }.first { $0.value != .null }?.range
  }

  private func setting(of path: String, in resolved: Resolved) -> Setting? {
    (ConfigurationSchema.indexByPath[path] ?? reader.parameterIndex(ofPath: path)).flatMap { resolved[$0] }
  }

  private mutating func check(_ configuration: TrialConfiguration, _ resolved: Resolved) {
    checkSeeds(of: configuration.program, resolved)
    let check = ConfigurationCheck(configuration)
    let best = setting(of: "program.results.best", in: resolved)
    let saysBest = best != nil && best?.value != .null
    for finding in check.findings + ConfigurationCheck.findings(on: configuration.program, saysBest: saysBest) {
      if finding.isMissing && hadProblems { continue }
      let given = finding.paths.compactMap { setting(of: $0, in: resolved) }
      if given.contains(where: { $0.value == nil }) { continue }
      reader.note(range(of: finding.paths, in: resolved) ?? reader.start(of: 0), finding.message)
    }
    if let statement = setting(of: "model.init", in: resolved), statement.value == .text("random"),
      let path = setting(of: "model.path", in: resolved), configuration.model.path != nil
    {
      reader.note(
        statement.range,
        "model.init: \"random\" contradicts model.path (\(reader.location(path.range, seenFrom: statement.range))); "
          + removal(of: statement, or: path))
    }
    for setting in resolved {
      guard let setting, let value = setting.value, value != .null else { continue }
      if let usual = setting.key.usual, let magnitude = value.magnitude, !usual.values.contains(magnitude),
        setting.key.isRead(configuration)
      {
        unusualSettings[setting.range] = setting
      }
      guard let usage = setting.key.usage, !readSettings.contains(setting.range) else { continue }
      if setting.key.isRead(configuration) {
        readSettings.insert(setting.range)
        continue
      }
      let decider = self.setting(of: usage.decider, in: resolved)
      if usage.yields, let decider, isOver(decider, setting) { continue }
      // A name that is none was told of; which keys it reads is not known.
      if check.isUnknownTask, usage.decider == "task.name" { continue }
      partialSettings[setting.range] = (setting, decider)
    }
  }

  /// Refuses a command that two trials of a recipe would share, at the command or at the environment that is given over it.
  private mutating func checkSeeds(of program: ProgramSpecification, _ resolved: Resolved) {
    guard !program.command.isEmpty, let command = setting(of: "program.command", in: resolved) else { return }
    let names = program.placeholderNames.intersection(ProgramPlaceholder.names)
    let problem: String
    if let known = seedProblems[names] {
      problem = known
    } else {
      problem = SweepReader.problem(of: seeds, toldBy: names) ?? ""
      seedProblems[names] = problem
    }
    guard !problem.isEmpty else { return }
    var latest = command
    if let environment = setting(of: "program.environment", in: resolved), isOver(environment, command) {
      latest = environment
    }
    guard seedProblemRanges.insert(latest.range).inserted else { return }
    reader.note(latest.range, "\(latest.key.path): \(problem)")
  }

  /// Whether a setting was given over another: in a higher layer, on the command line, or in a file that extends the other's.
  private func isOver(_ setting: Setting, _ other: Setting) -> Bool {
    func rank(_ setting: Setting) -> (Int, Int) {
      let source = Int(setting.range.source)
      return (setting.layer, reader.sources[source].isArgument ? 1 : -source)
    }
    return rank(setting) > rank(other)
  }

  /// Refuses what is set and has no effect in any configuration: in one sentence what one text gives and one key decides.
  private mutating func noteUnreadSettings() {
    let unread = partialSettings.filter { !readSettings.contains($0.key) }
      .sorted { ($0.key.source, $0.key.start) < ($1.key.source, $1.key.start) }.map(\.value)
    var groups: [[(setting: Setting, decider: Setting?)]] = []
    for entry in unread {
      let known = groups.firstIndex {
        $0[0].setting.range.source == entry.setting.range.source && $0[0].decider?.range == entry.decider?.range
          && $0[0].setting.key.usage?.decider == entry.setting.key.usage?.decider
          && $0[0].setting.key.usage?.obstacle == entry.setting.key.usage?.obstacle
      }
      if let known { groups[known].append(entry) } else { groups.append([entry]) }
    }
    for group in groups { noteUnread(group.map(\.setting), decider: group[0].decider) }
  }

  /// What to write in place of the built-in task's number of examples.
  private static let subsetAdvice = "write train_subset: { size: N } to train on N of the task's examples, or remove it"

  private mutating func noteUnread(_ settings: [Setting], decider: Setting?) {
    guard let first = settings.first, let usage = first.key.usage else { return }
    let location = decider.map { " (\(reader.location($0.range, seenFrom: first.range)))" } ?? ""
    var names: [String] = []
    for setting in settings where !names.contains(setting.key.path) { names.append(setting.key.path) }
    let (verb, them) = names.count == 1 ? ("has", "it") : ("have", "them")
    let (state, cure) =
      switch usage.obstacle {
      case .isSet:
        (
          "is set",
          names.count > 1
            ? "remove them or \(usage.decider)" : decider.map { removal(of: first, or: $0) } ?? "remove it"
        )
      case .isNotSet: ("is not set", "remove \(them) or set \(usage.decider)")
      case .isOther(let state):
        (state, names == ["task.train_size"] ? Self.subsetAdvice : "remove \(them) or change \(usage.decider)")
      }
    reader.note(
      first.range, "\(enumeration(names)) \(verb) no effect because \(usage.decider)\(location) \(state); \(cure)")
  }

  /// How to choose between two settings: one that another text gives cannot be removed there without changing that text.
  private func removal(of setting: Setting, or other: Setting) -> String {
    setting.range.source == other.range.source ? "remove one of them" : "set one of them to null"
  }

  private mutating func checkConflicts() {
    checkConflicts(among: contents.axes.axes)
    for variant in contents.variants {
      let axes = contents.axes(of: variant)
      for axis in axes {
        if !axis.isOverride, let setting = axis.conflict(with: variant.layer) {
          reader.note(
            setting.range,
            "variants.\(variant.name): \(setting.key.path) is also an axis of the grid "
              + "(\(reader.location(axis.range, seenFrom: setting.range))); give it in one of the two")
        }
      }
      noteIdleNulls(of: variant)
      if !variant.axes.axes.isEmpty { checkConflicts(among: axes) }
    }
  }

  /// Notes what a variant's own grid takes away where the sweep's grid gives it: the variant would run with those values in silence.
  private mutating func noteIdleNulls(of variant: Variant) {
    for null in variant.idleNulls where !variant.axes.axes.contains(where: { $0.path == null.text }) {
      guard let axis = contents.axes.axes.first(where: { $0.path == null.text && !$0.isOverride }) else { continue }
      let value = axis.values.first.map { reader.text($0.range) } ?? ""
      reader.note(
        null.range,
        "variants.\(variant.name).grid: null takes away an axis of this grid, and \(axis.path) is one of the sweep's grid "
          + "(\(reader.location(axis.range, seenFrom: null.range))), which every variant runs with; give this variant a value of its "
          + "own, such as [\(value)]")
    }
  }

  private mutating func checkConflicts(among axes: [Axis]) {
    for (index, axis) in axes.enumerated() {
      for earlier in axes[..<index] {
        if let shared = earlier.conflict(with: axis) {
          reader.note(
            axis.range,
            "grid: \(axis.path) and \(earlier.path) both set \(shared.key.path); give it in one of the two")
        }
      }
    }
  }

  private mutating func checkReference() {
    if let reference = contents.reference { check(reference, at: "compare.reference") }
    for name in contents.pairs.flatMap({ [$0.first, $0.second] }) { check(name, at: "compare.pairs") }
  }

  private mutating func check(_ variant: Named, at key: String) {
    let names = contents.variants.isEmpty ? ["default"] : contents.variants.map(\.name)
    guard !names.contains(variant.text) else { return }
    let near = Suggestion.phrase(Suggestion.nearest(to: variant.text, among: names))
    reader.note(
      variant.range,
      "\(key): there is no variant \(JSONWriter.quoted(variant.text))"
        + (near.isEmpty ? "; there are \(names.joined(separator: ", "))" : near))
  }
}
