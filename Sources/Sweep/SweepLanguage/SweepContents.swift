// What a sweep file says, its `extends` and the command line folded in, before it is expanded: layers of settings, grid
// axes, variants and seeds, each with its range in the text.

import JSON5
import KeyValues
import StopRules
import Trials

/// The value that some text gives a configuration key.
struct Setting {
  /// The key's index in `ConfigurationSchema.keys`, and behind those one for each parameter of a program.
  var index: Int
  /// The name of the parameter of a program that it is; nil for every other key.
  var parameter: String?
  /// The value; nil if what stands there is not allowed, which was noted.
  var value: KeyValue?
  /// Where the value stands.
  var range: SourceRange
  /// The paths inside the value, with where each stands, of a value that is more than a path.
  var paths: [Sweep.GivenPath] = []
  /// The layer of the expansion that it comes from, 0 the base.
  var layer = 0
  /// Whether a text that gives the key by itself as well means that: it comes from an alias, or from a section that is null.
  var yields = false

  var key: ConfigurationKey { parameter.map(ConfigurationKey.parameter) ?? ConfigurationSchema.keys[index] }
}

/// Settings of which none gives the same key twice.
struct Layer {
  private(set) var settings: [Setting] = []

  subscript(index: Int) -> Setting? { settings.first { $0.index == index } }

  /// Adds a setting in place of an older one of the same key.
  mutating func set(_ setting: Setting) {
    settings.removeAll { $0.index == setting.index }
    settings.append(setting)
  }

  mutating func merge(_ other: Layer) {
    for setting in other.settings { set(setting) }
  }

  mutating func removeAll(where condition: (Setting) -> Bool) {
    settings.removeAll(where: condition)
  }

  /// The values by the indices of their keys; nil if there are none or one is not allowed.
  var values: [Int: KeyValue]? {
    guard !settings.isEmpty else { return nil }
    var values: [Int: KeyValue] = [:]
    for setting in settings {
      guard let value = setting.value else { return nil }
      values[setting.index] = value
    }
    return values
  }
}

/// One axis of the grid.
struct Axis {
  /// One value of an axis: several settings where the axis is an object or an alias.
  struct Value {
    var layer: Layer
    var node: JSONNode
    var text: String

    var range: SourceRange { node.range }
  }

  /// The key as written.
  var path: String
  var range: SourceRange
  var values: [Value]
  /// Whether the command line gives it, so that it replaces what variants give.
  var isOverride = false

  /// The first setting that the axis shares with another.
  func conflict(with other: Axis) -> Setting? {
    other.values.lazy.compactMap { conflict(with: $0.layer) }.first
  }

  /// The first setting that the axis shares with a layer.
  func conflict(with layer: Layer) -> Setting? {
    layer.settings.first { setting in values.contains { $0.layer[setting.index] != nil } }
  }
}

/// Keys that are lost because another value replaces the axis that gives them.
typealias AxisLoss = (keys: [String], axis: Axis)

/// The axes of a grid, of which no two are over the same key.
struct AxisList {
  private(set) var axes: [Axis] = []

  /// Puts an axis in place of an older one over the same key, or last.
  mutating func set(_ axis: Axis) {
    if let index = axes.firstIndex(where: { $0.path == axis.path }) { axes[index] = axis } else { axes.append(axis) }
  }

  /// Puts an axis in place of the first that gives a key of it, or last, and removes the others that do.
  mutating func replace(with axis: Axis) {
    func isReplaced(_ other: Axis) -> Bool { other.path == axis.path || other.conflict(with: axis) != nil }
    let index = axes.firstIndex(where: isReplaced) ?? axes.count
    axes.removeAll(where: isReplaced)
    axes.insert(axis, at: index)
  }

  /// Puts in the axes of another list.
  mutating func merge(_ other: AxisList) {
    for axis in other.axes { set(axis) }
  }

  /// Removes the axes over a key that is now given by itself, and returns their paths.
  @discardableResult mutating func remove(touching layer: Layer) -> Set<String> {
    let removed = axes.filter { $0.conflict(with: layer) != nil }
    axes.removeAll { $0.conflict(with: layer) != nil }
    return Set(removed.map(\.path))
  }

  /// The first axis that gives a key, or a key of a section.
  func axis(over path: String) -> Axis? {
    axes.first { axis in
      axis.values.contains { $0.layer.settings.contains { $0.key.path == path || $0.key.path.hasPrefix(path + ".") } }
    }
  }

  /// The values of the key with an index.
  func values(ofKey index: Int) -> Set<KeyValue> {
    Set(axes.flatMap(\.values).compactMap { $0.layer[index]?.value })
  }

  /// Keys that are lost where layers replace an axis that gives one of their keys, and that axis; nil for none. Axes with the
  /// paths `except` are meant to go.
  func loss(
    by layers: [Layer], except paths: Set<String>, isGiven: (Setting) -> Bool
  ) -> AxisLoss? {
    for axis in axes where !paths.contains(axis.path) && layers.contains(where: { axis.conflict(with: $0) != nil }) {
      var keys: [String] = []
      for setting in axis.values.flatMap(\.layer.settings) where !isGiven(setting) {
        // A section that is null gives nothing that could be lost.
        let isNothing = setting.yields && setting.value == .null
        if !isNothing, !keys.contains(setting.key.path) { keys.append(setting.key.path) }
      }
      if !keys.isEmpty { return (keys, axis) }
    }
    return nil
  }

  /// Whether an axis gives a setting's key.
  func gives(_ setting: Setting) -> Bool {
    axes.contains { axis in axis.values.contains { $0.layer[setting.index] != nil } }
  }

  mutating func removeAll() { axes.removeAll() }

  /// Removes the axes that give a setting of which a condition holds.
  mutating func removeAll(giving condition: (Setting) -> Bool) {
    axes.removeAll { axis in axis.values.contains { $0.layer.settings.contains(where: condition) } }
  }

  /// Removes the axis over a key.
  mutating func remove(path: String) {
    axes.removeAll { $0.path == path }
  }
}

/// One entry of `variants`.
struct Variant {
  var name: String
  var range: SourceRange
  var label: Named?
  var layer = Layer()
  /// The axes of its own grid.
  var axes = AxisList()
  /// The keys of its own axes, by their indices, that the command line replaces by other values.
  var replacedKeys: Set<Int> = []
  /// The axes that its own grid takes away and does not have.
  var idleNulls: [Named] = []

  /// What tables call it.
  var title: Named { label ?? Named(text: name, range: range) }
}

/// A name and where it stands.
struct Named {
  var text: String
  var range: SourceRange
}

/// Everything a sweep file says.
struct SweepContents {
  var name: Named?
  var base = Layer()
  var tasks: [Layer]?
  var seeds: JSONNode?
  var axes = AxisList()
  /// The axes, by their paths, in whose place the last file that was read gives values.
  var replacedAxes: Set<String> = []
  var variants: [Variant] = []
  var reference: Named?
  /// Pairs of variants to compare, the second the one compared with.
  var pairs: [(first: Named, second: Named)] = []
  /// Where variants were selected of which no declared comparison is left; nil where there is nothing to tell.
  var lostComparisons: SourceRange?
  /// When recipes stop, and where that stands.
  var stop: (rule: StopRule, name: Named)?
  /// The command line's settings, which win over variants and grid.
  var overrides = Layer()
  /// Whether the tasks are the command line's, so that they win as well.
  var hasOverridingTasks = false

  /// What the command line gives, but for tasks.
  private var argumentSettings: [Setting] {
    overrides.settings + axes.axes.filter(\.isOverride).flatMap { $0.values.flatMap(\.layer.settings) }
  }

  /// Every setting that counts: those in whose place the command line gives another are left out.
  var countingSettings: [Setting] {
    let replaced = Set(argumentSettings.map(\.index))
    let layers: [Layer] = [base] + (tasks ?? []) + variants.map(\.layer)
    let plain: [Setting] = layers.flatMap(\.settings).filter { !replaced.contains($0.index) }
    let lists: [Axis] = axes.axes + variants.flatMap(\.axes.axes)
    let listed: [Setting] = lists.flatMap { $0.values.flatMap(\.layer.settings) }
    return plain + listed + overrides.settings
  }

  /// A sentence for each key of the command line that variants give as well, with another value.
  var overriddenVariants: [String] {
    let layersOfTasks: [Layer] = hasOverridingTasks ? tasks ?? [] : []
    let given = argumentSettings + layersOfTasks.flatMap(\.settings)
    let values = Dictionary(grouping: given, by: \.index)
    var seen: Set<Int> = []
    return given.filter { seen.insert($0.index).inserted }.compactMap { setting in
      let names = variants.filter { variant in
        if variant.replacedKeys.contains(setting.index) { return true }
        guard let replaced = variant.layer[setting.index] else { return false }
        return values[setting.index]?.contains { $0.value != replaced.value } ?? false
      }.map(\.name)
      guard !names.isEmpty else { return nil }
      return "\(setting.key.path) on the command line replaces what the variant\(names.count == 1 ? "" : "s") "
        + "\(names.joined(separator: ", ")) give\(names.count == 1 ? "s" : ""); the labels stay."
    }
  }

  /// The axes of a variant: those of the grid, and those of its own grid in place of the former or behind them.
  func axes(of variant: Variant) -> [Axis] {
    var axes = axes
    axes.merge(variant.axes)
    return axes.axes.filter { !$0.values.isEmpty }
  }

  /// Keys that layers of the command line would take away with an axis, of variants too, and that axis; nil for none.
  func loss(
    by layers: [Layer], except paths: Set<String> = [], isGiven: (Setting) -> Bool
  ) -> AxisLoss? {
    for list in [axes] + variants.map(\.axes) {
      if let loss = list.loss(by: layers, except: paths, isGiven: isGiven) { return loss }
    }
    return nil
  }

  /// Removes the axes of variants in whose place the command line gives layers.
  private mutating func removeVariantAxes(for layers: [Layer]) {
    let keys = Set(layers.flatMap(\.settings).map(\.index))
    for index in variants.indices {
      for key in keys {
        let older = variants[index].axes.values(ofKey: key)
        let newer = Set(layers.compactMap { $0[key]?.value })
        if !older.isEmpty, older != newer { variants[index].replacedKeys.insert(key) }
      }
      for layer in layers { variants[index].axes.remove(touching: layer) }
    }
  }

  /// Puts an axis of the command line in place of every older one that gives a key of it, those of variants among them.
  mutating func override(with axis: Axis) {
    removeVariantAxes(for: axis.values.map(\.layer))
    var axis = axis
    axis.isOverride = true
    axes.replace(with: axis)
  }

  /// Gives keys by the command line in place of axes over them, those of variants among them.
  mutating func override(with layer: Layer) {
    axes.remove(touching: layer)
    removeVariantAxes(for: [layer])
    overrides.merge(layer)
  }

  /// The keys that every task gives, as the first one gives them.
  var commonOfTasks: Layer {
    let tasks = tasks ?? []
    var common = tasks.first ?? Layer()
    common.removeAll { setting in !tasks.allSatisfy { $0[setting.index] != nil } }
    return common
  }

  /// Makes the tasks win over variants and grid. An axis over a key that each of them gives has no effect any more.
  mutating func overrideWithTasks() {
    let common = commonOfTasks
    axes.remove(touching: common)
    let layers = (tasks ?? []).map { task in
      var layer = task
      layer.removeAll { common[$0.index] == nil }
      return layer
    }
    removeVariantAxes(for: layers)
  }

  /// Forgets the program and every value of its parameters.
  mutating func removeProgram() {
    func isOfProgram(_ setting: Setting) -> Bool { setting.key.path.hasPrefix("program.") }
    base.removeAll(where: isOfProgram)
    axes.removeAll(giving: isOfProgram)
    for index in variants.indices {
      variants[index].layer.removeAll(where: isOfProgram)
      variants[index].axes.removeAll(giving: isOfProgram)
    }
  }

  /// Gives every task of the list what a text gives them all, in place of what the list says.
  mutating func giveTasks(_ layer: Layer) {
    for index in (tasks ?? []).indices { tasks?[index].removeAll { layer[$0.index] != nil } }
  }

  /// Forgets every task, for a text that names its own.
  mutating func removeTasks() {
    tasks = nil
    base.removeAll { $0.key.path.hasPrefix("task.") }
  }
}
