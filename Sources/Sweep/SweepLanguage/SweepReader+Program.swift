// Reads `program`: which parameters a sweep's program has, what a bare name in a grid, a variant or a `KEY=VALUE` means, and
// what may not stand beside a program. What its keys must keep together is `ConfigurationCheck`'s.

import Glibc
import JSON5
import KeyValues
import Templates
import Trials

/// The program that a sweep names.
struct DeclaredProgram {
  /// Where it stands.
  var range: SourceRange
  /// The parameters in the order of their first mention, with the kind of their defaults.
  var parameters: [(name: String, kind: ParameterKind)] = []

  /// What a parameter's values are.
  enum ParameterKind: Equatable {
    case number, text, boolean

    /// The kind of a value; nil for one that no parameter has.
    init?(_ value: KeyValue?) {
      switch value {
      case .integer, .number: self = .number
      case .text: self = .text
      case .boolean: self = .boolean
      case .null, .seed, .list, .table, nil: return nil
      }
    }

    var allowed: String {
      switch self {
      case .number: "a number"
      case .text: "a text in quotes"
      case .boolean: "true or false"
      }
    }
  }
}

extension SweepReader {
  /// The number of parameters.
  var parameterCount: Int { program?.parameters.count ?? 0 }

  /// Notes the program that the members of a file name, and its parameters, before anything that may mention them is read.
  mutating func declareProgram(_ members: [JSONMember]) {
    let named = members.first { member in
      member.key == "program" ? member.value.members != nil : member.key.hasPrefix("program.")
    }
    guard let named else { return }
    var declared = program ?? DeclaredProgram(range: named.keyRange)
    for parameter in Self.parameters(in: members) {
      let (name, node) = (parameter.key, parameter.value)
      // What was declared before may be taken away.
      if node.content == .null, declared.parameters.contains(where: { $0.name == name }) { continue }
      if ProgramPlaceholder.names.contains(name) {
        note(
          parameter.keyRange, "program.parameters: {\(name)} is known without being a parameter; choose another name")
        continue
      } else if Self.isNoSetting(name) {
        note(
          parameter.keyRange,
          "program.parameters: \(JSONWriter.quoted(name)) is a key of the sweep itself; choose another name")
        continue
      } else if !TextTemplate.isName(name) {
        note(
          parameter.keyRange,
          "program.parameters: expected a name of letters, digits, _, - and . that begins with a letter or _, found "
            + JSONWriter.quoted(name))
        continue
      }
      guard let kind = DeclaredProgram.ParameterKind(ValueKind.scalar.value(of: node)) else {
        note(
          node.range,
          "program.parameters.\(name): expected its default, \(ValueKind.scalar.allowed), found \(found(node))")
        continue
      }
      if !declared.parameters.contains(where: { $0.name == name }) { declared.parameters.append((name, kind)) }
    }
    program = declared
  }

  /// The parameters that the members of a file give, in whatever spelling.
  private static func parameters(in members: [JSONMember]) -> [JSONMember] {
    members.flatMap { member -> [JSONMember] in
      if member.key == parametersPath { return member.value.members ?? [] }
      if member.key == "program" {
        return parameters(
          in: (member.value.members ?? []).map { key in
            JSONMember(key: "program.\(key.key)", keyRange: key.keyRange, value: key.value)
          })
      }
      guard member.key.hasPrefix(parametersPath + ".") else { return [] }
      let name = String(member.key.dropFirst(parametersPath.count + 1))
      return [JSONMember(key: name, keyRange: member.keyRange, value: member.value)]
    }
  }

  private static let parametersPath = ProgramSpecification.parametersPath

  /// A setting that takes a parameter away; nil where there is no such parameter.
  func parameterRemoval(_ name: String, at range: SourceRange) -> Setting? {
    parameterIndex(ofPath: "\(Self.parametersPath).\(name)").map {
      Setting(index: $0, parameter: name, value: .null, range: range)
    }
  }

  /// Takes every parameter away that the same text does not give.
  func removeParameters(at range: SourceRange, from layer: inout Layer) {
    for parameter in program?.parameters ?? [] {
      guard var setting = parameterRemoval(parameter.name, at: range), layer[setting.index] == nil else { continue }
      setting.yields = true
      layer.set(setting)
    }
  }

  /// The whole path of a key as a grid, a variant or an argument names it: a parameter may stand there by its name.
  func fullPath(_ key: String) -> String {
    guard let program, program.parameters.contains(where: { $0.name == key }) else { return key }
    return "\(ProgramSpecification.parametersPath).\(key)"
  }

  /// The name of the parameter whose whole path this is; nil for other keys.
  func parameterName(_ path: String) -> String? {
    let start = ProgramSpecification.parametersPath + "."
    return path.hasPrefix(start) ? String(path.dropFirst(start.count)) : nil
  }

  /// The index of the parameter at a path, behind those of the table of keys.
  func parameterIndex(ofPath path: String) -> Int? {
    parameterName(path).flatMap { name in program?.parameters.firstIndex { $0.name == name } }
      .map { ConfigurationSchema.keys.count + $0 }
  }

  /// Whether a path is a key, a section or a parameter.
  func isKey(_ path: String) -> Bool {
    ConfigurationSchema.indexByPath[path] != nil || ConfigurationSchema.sections.contains(path)
      || parameterIndex(ofPath: path) != nil
  }

  /// The setting of a parameter; nil where there is no such parameter, which is noted.
  mutating func parameterSetting(_ node: JSONNode, _ name: String, _ keyRange: SourceRange) -> Setting? {
    let path = "\(ProgramSpecification.parametersPath).\(name)"
    guard let index = parameterIndex(ofPath: path), let program,
      let declared = program.parameters.first(where: { $0.name == name })
    else {
      // What the declaration lacks was noted there.
      if program?.range.source != keyRange.source || !hasProblems { noteUnknownKey(path, keyRange) }
      return nil
    }
    var value = ValueKind.scalar.value(of: node)
    if declared.kind == .text, sources[Int(node.range.source)].isArgument {
      value = ValueKind.text.value(of: node) ?? bareText(node, kind: .text)
    }
    if DeclaredProgram.ParameterKind(value) != declared.kind {
      note(node.range, "\(path): expected \(declared.kind.allowed) like its default, found \(found(node))")
      value = nil
    }
    return Setting(index: index, parameter: name, value: value, range: node.range)
  }

  /// What an unknown key means in a sweep of a program; nil where nothing is near, or the sweep names no program.
  func cure(forKeyOfProgram path: String) -> String? {
    guard let program else { return nil }
    let names = program.parameters.map(\.name)
    if let name = parameterName(path) {
      let near = Suggestion.phrase(Suggestion.nearest(to: name, among: names))
      return near.isEmpty ? "; \(Self.parametersPhrase(names))" : near
    }
    guard !path.contains(".") else { return nil }
    if names.contains(path) { return "; it is a parameter of the program: write it in program.parameters" }
    let near = Suggestion.nearest(to: path, among: names + Self.topLevelKeys)
    return near.map { Suggestion.phrase($0) } ?? "; \(Self.parametersPhrase(names))"
  }

  private static func parametersPhrase(_ names: [String]) -> String {
    names.isEmpty
      ? "the program has no parameters; declare them in program.parameters"
      : "the program's parameters are \(names.joined(separator: ", "))"
  }

  // MARK: - The whole sweep

  /// Notes what may not stand beside a program, a program without a command, and words of it that are files beside the sweep.
  mutating func checkProgram(_ contents: SweepContents) {
    let axes = contents.axes.axes + contents.variants.flatMap(\.axes.axes)
    let layers =
      [contents.base] + (contents.tasks ?? []) + contents.variants.map(\.layer)
      + axes.flatMap { $0.values.map(\.layer) } + [contents.overrides]
    let settings = layers.flatMap(\.settings).filter { $0.value != .null }
    func isOfProgram(_ setting: Setting) -> Bool { setting.key.path.hasPrefix("program.") }
    guard let first = settings.first(where: isOfProgram) else { return }
    let given = (contents.base.settings + contents.overrides.settings).first { $0.key.path == "program.command" }
    guard let given else {
      return note(
        program?.range ?? first.range,
        "program.command: missing; give the program and its arguments as a list of texts such as [\"python3\", \"train.py\", "
          + "\"--seed\", \"{seed}\"]")
    }
    var seen: Set<String> = []
    for setting in settings where !isOfProgram(setting) {
      let section = String(setting.key.path.prefix { $0 != "." })
      guard seen.insert(section).inserted else { continue }
      note(
        setting.range,
        "\(section) has no effect beside program (\(location(program?.range ?? given.range, seenFrom: setting.range))), which "
          + "trains by itself; remove it, and give what the program should know in program.parameters")
    }
    for layer in layers {
      guard let command = layer.settings.first(where: { $0.key.path == "program.command" }) else { continue }
      checkFiles(command, contents)
    }
  }

  /// What is wrong with a command and its environment that tell the program, by placeholders of these names, which of the seeds a trial
  /// has; nil where each trial of a recipe has a command of its own.
  static func problem(of seeds: [TrialSeeds], toldBy names: Set<String>) -> String? {
    let areTied = seeds.allSatisfy(\.isTied)
    if names.contains("seed"), !areTied {
      return "{seed} is not known, because the sweep has separate seeds; write {seed_init}, {seed_order} or "
        + "{seed_dropout}"
    }
    let told = Set(
      seeds.map { seeds in
        [
          names.contains("seed") || names.contains("seed_init") ? seeds.initialization : 0,
          names.contains("seed") || names.contains("seed_order") ? seeds.order : 0,
          names.contains("seed_dropout") ? seeds.dropout : 0,
        ]
      })
    guard told.count < seeds.count else { return nil }
    return "the \(seeds.count) seeds make \(told.count == 1 ? "one command" : "\(told.count) commands"), so that "
      + "trials would repeat each other; write \(areTied ? "{seed}" : "{seed_init}, {seed_order} and {seed_dropout}") where the "
      + "program takes \(areTied ? "its seed" : "its seeds")"
  }

  /// Notes words that are files beside the sweep: the program runs in the trial's folder and would not find them.
  private mutating func checkFiles(_ command: Setting, _ contents: SweepContents) {
    guard case .list(let words) = command.value else { return }
    let files = (contents.base.settings + contents.overrides.settings).compactMap { setting -> [NamedValue]? in
      if setting.key.kind == .files, case .table(let files) = setting.value { files } else { nil }
    }.flatMap { $0 }
    let directory = sources[Int(command.range.source)].directory
    for word in words
    where !word.hasPrefix("/") && !word.hasPrefix("-") && word.contains(".") && TextTemplate(word).names.isEmpty
      && !files.contains(where: { $0.name == word })
    {
      var status = stat()
      guard stat(Self.resolve(word, against: directory), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        continue
      }
      note(
        command.range,
        "program.command: \(JSONWriter.quoted(word)) is a file beside the sweep, and the program runs in the trial's folder; "
          + "list it in program.files, which makes it part of the trials' identifiers as well")
    }
  }

  private static func isNoSetting(_ key: String) -> Bool {
    key == "label" || key == "program" || SweepMember.topLevel.contains { $0.name == key && !$0.isSection }
  }
}
