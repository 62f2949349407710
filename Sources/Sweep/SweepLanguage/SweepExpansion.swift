// Expands what a sweep file says into configurations, and checks each. Layers win in the order base, task, variant, grid,
// command line; a variant and an axis may not both give a key.

import JSON5
import Trials

/// The expansion of a sweep.
struct SweepExpansion {
  private typealias Resolved = [Setting?]

  let contents: SweepContents
  var reader: SweepReader
  private(set) var points: [Sweep.Point] = []
  /// Settings that not every configuration reads, with what took their place, and those of them that one does.
  private var partialSettings: [SourceRange: (setting: Setting, replacement: Setting?)] = [:]
  private var readSettings: Set<SourceRange> = []
  private let hadProblems: Bool

  /// An expansion that has not begun.
  init(contents: SweepContents, reader: SweepReader) {
    self.contents = contents
    self.reader = reader
    hadProblems = reader.hasProblems
  }

  /// Makes every configuration.
  mutating func run() {
    checkConflicts()
    checkReference()
    let variants = contents.variants.isEmpty ? nil : contents.variants
    var count = (contents.tasks?.count ?? 1) * (variants?.count ?? 1)
    for axis in contents.axes where !axis.values.isEmpty {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
      count = product
      guard !overflow, count <= Sweep.maximumConfigurationCount else {
        return reader.note(
          axis.range, "the grid has more than the \(Sweep.maximumConfigurationCount) configurations allowed")
      }
    }
    let standard = Variant(name: "default", range: reader.start(of: 0))
    var base = Resolved(repeating: nil, count: ConfigurationSchema.keys.count)
    Self.apply(contents.base, 0, to: &base)
    for task in contents.tasks ?? [Layer()] {
      var withTask = base
      Self.apply(task, 1, to: &withTask)
      for variant in variants ?? [standard] {
        var withVariant = withTask
        Self.apply(variant.layer, 2, to: &withVariant)
        expandGrid(withVariant, variant)
      }
    }
    if !hadProblems { noteUnreadSettings() }
  }

  private static func apply(_ layer: Layer, _ number: Int, to resolved: inout Resolved) {
    for var setting in layer.settings {
      setting.layer = number
      resolved[setting.place] = setting
    }
  }

  /// Counts through the axes, the last varying fastest.
  private mutating func expandGrid(_ resolved: Resolved, _ variant: Variant) {
    let axes = contents.axes.filter { !$0.values.isEmpty }
    var digits = [Int](repeating: 0, count: axes.count)
    while true {
      var point = resolved
      for (axis, digit) in zip(axes, digits) { Self.apply(axis.values[digit].layer, 3, to: &point) }
      Self.apply(contents.overrides, 4, to: &point)
      add(point, variant, zip(axes, digits).map { ($0, $0.values[$1]) })
      guard let place = digits.indices.last(where: { digits[$0] + 1 < axes[$0].values.count }) else { return }
      digits[place] += 1
      for later in digits.indices where later > place { digits[later] = 0 }
    }
  }

  private mutating func add(_ resolved: Resolved, _ variant: Variant, _ axes: [(Axis, Axis.Value)]) {
    var configuration = TrialConfiguration()
    for setting in resolved {
      if let setting, let value = setting.value { setting.key.set(&configuration, value) }
    }
    check(configuration, resolved)
    let fallback = axes.last?.1.range ?? variant.range
    points.append(
      Sweep.Point(
        variant: variant.name, label: variant.label ?? variant.name,
        configuration: SharedConfiguration(configuration, near: points.last?.configuration),
        axisValues: axes.map { AxisValue(key: $0.path, text: $1.text) },
        place: variant.range == reader.start(of: 0) ? fallback : variant.range,
        modelPlace: place(["model.path", "model.vocab"], in: resolved) ?? fallback,
        dataPlace: place(["task.data", "task.train", "task.dev", "task.name"], in: resolved) ?? fallback))
  }

  /// Where the first given of some keys stands.
  private func place(_ paths: [String], in resolved: Resolved) -> SourceRange? {
    for path in paths {
      if let place = ConfigurationSchema.placeByPath[path], let setting = resolved[place], setting.value != .null {
        return setting.range
      }
    }
    return nil
  }

  private mutating func check(_ configuration: TrialConfiguration, _ resolved: Resolved) {
    for finding in ConfigurationCheck(configuration).findings {
      if finding.isMissing && hadProblems { continue }
      let given = finding.paths.compactMap { ConfigurationSchema.placeByPath[$0].flatMap { resolved[$0] } }
      if given.contains(where: { $0.value == nil }) { continue }
      reader.note(place(finding.paths, in: resolved) ?? reader.start(of: 0), finding.message)
    }
    if let place = ConfigurationSchema.placeByPath["model.init"], let statement = resolved[place],
      statement.value == .text("random"), configuration.model.path != nil
    {
      reader.note(
        statement.range,
        "model.init: \"random\" starts without a folder, but model.path is given; set one of the two to null")
    }
    for setting in resolved {
      guard let setting, let value = setting.value, value != .null, setting.key.reader != nil,
        !readSettings.contains(setting.range)
      else { continue }
      if setting.key.isRead(configuration) {
        readSettings.insert(setting.range)
        continue
      }
      let replacement = setting.key.replacement.flatMap { ConfigurationSchema.placeByPath[$0] }.flatMap { resolved[$0] }
      if let replacement, isOver(replacement, setting) { continue }
      partialSettings[setting.range] = (setting, replacement)
    }
  }

  /// Whether a setting was given over another: in a higher layer, on the command line, or in a file that extends the other's.
  private func isOver(_ setting: Setting, _ other: Setting) -> Bool {
    func rank(_ setting: Setting) -> (Int, Int) {
      let source = Int(setting.range.source)
      return (setting.layer, reader.sources[source].isArgument ? 1 : -source)
    }
    return rank(setting) > rank(other)
  }

  /// Refuses what is set and reaches nobody.
  private mutating func noteUnreadSettings() {
    for (range, (setting, replacement)) in partialSettings.sorted(by: { $0.key.start < $1.key.start })
    where !readSettings.contains(range) {
      let cure = replacement.map {
        "; \($0.key.path) is given \(reader.place($0.range, seenFrom: range)): set one of the two to null"
      }
      reader.note(
        range,
        "\(setting.key.path): only \(setting.key.reader ?? "") reads it, and this sweep has none\(cure ?? "")")
    }
  }

  private mutating func checkConflicts() {
    for (place, axis) in contents.axes.enumerated() {
      for variant in contents.variants {
        if let setting = axis.conflict(with: variant.layer) {
          reader.note(
            setting.range,
            "variants.\(variant.name): \(setting.key.path) is also an axis of the grid "
              + "(\(reader.place(axis.range, seenFrom: setting.range))); give it in one of the two")
        }
      }
      for earlier in contents.axes[..<place] {
        let shared = axis.values.lazy.compactMap { earlier.conflict(with: $0.layer) }.first
        if let shared {
          reader.note(
            axis.range,
            "grid: \(axis.path) and \(earlier.path) both set \(shared.key.path); give it in one of the two")
        }
      }
    }
  }

  private mutating func checkReference() {
    if let reference = contents.reference { check(reference, at: "compare.reference") }
    for pair in contents.pairs {
      check(pair.first, at: "compare.pairs")
      check(pair.second, at: "compare.pairs")
    }
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
