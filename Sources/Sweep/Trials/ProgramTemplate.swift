// What a program's command and environment become for one trial: placeholders in braces give way to seeds, the trial's folder
// and parameters, and words that name files to their paths. Nothing here opens a file or starts anything.

/// A text with placeholders such as `{seed}`. `{{seed}}` stands for `{seed}` itself; other braces are text.
package struct ProgramTemplate {
  /// A part of the text.
  enum Part: Equatable {
    case text(String)
    case placeholder(String)
  }

  let parts: [Part]

  /// The template that a text is.
  package init(_ text: String) {
    var parts: [Part] = []
    var plain = ""
    var rest = text[...]
    while let first = rest.first {
      if first == "{", let literal = Self.name(in: rest.dropFirst(), isDoubled: true) {
        plain += "{\(literal)}"
        rest = rest.dropFirst(literal.count + 4)
      } else if first == "{", let name = Self.name(in: rest, isDoubled: false) {
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = ""
        parts.append(.placeholder(name))
        rest = rest.dropFirst(name.count + 2)
      } else {
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    if !plain.isEmpty { parts.append(.text(plain)) }
    self.parts = parts
  }

  /// The name in the braces at the start of a text; nil where they hold none.
  private static func name(in text: Substring, isDoubled: Bool) -> String? {
    guard text.first == "{" else { return nil }
    let name = text.dropFirst().prefix { $0 != "}" }
    guard isName(name), text.dropFirst(name.count + 1).hasPrefix(isDoubled ? "}}" : "}") else { return nil }
    return String(name)
  }

  /// Whether a text may be the name of a parameter: a letter or `_`, then letters, digits, `_`, `-` and `.`.
  package static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 100, first == UInt8(ascii: "_") || isLetter(first) else {
      return false
    }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_-.".utf8.contains(byte)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// The names of its placeholders.
  package var names: [String] {
    parts.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
  }

  /// The text with values in place of the placeholders; one without a value stays as it is.
  package func expanded(_ value: (String) -> String?) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .placeholder(let name): value(name) ?? "{\(name)}"
      }
    }.joined()
  }
}

/// The placeholders that every sweep of a program knows.
package enum ProgramPlaceholder: String, CaseIterable, Sendable {
  /// The one seed of a trial.
  case seed
  /// The seed of the initial weights.
  case initialization = "seed_init"
  /// The seed of the order of examples.
  case order = "seed_order"
  /// The seed of dropout and other noise.
  case dropout = "seed_dropout"
  /// The trial's own folder.
  case folder

  /// Every name.
  package static let names = allCases.map(\.rawValue)

  /// What it stands for in a trial; nil for the one seed of a trial that has several.
  func value(_ seeds: TrialSeeds, folder: String) -> String? {
    switch self {
    case .seed: seeds.isTied ? String(seeds.order) : nil
    case .initialization: String(seeds.initialization)
    case .order: String(seeds.order)
    case .dropout: String(seeds.dropout)
    case .folder: folder
    }
  }
}

extension ProgramSpecification {
  /// The names of all placeholders in the command and the environment.
  package var placeholderNames: Set<String> {
    Set((command + environment.map(\.value.text)).flatMap { ProgramTemplate($0).names })
  }

  /// The command of a trial: its words with the trial's values, those that name a file being its path.
  package func expandedCommand(seeds: TrialSeeds, folder: String) -> [String] {
    command.map { expanded($0, seeds, folder) }
  }

  /// The environment variables of a trial.
  package func expandedEnvironment(seeds: TrialSeeds, folder: String) -> [(name: String, value: String)] {
    environment.map { ($0.name, expanded($0.value.text, seeds, folder)) }
  }

  private func expanded(_ text: String, _ seeds: TrialSeeds, _ folder: String) -> String {
    let word = ProgramTemplate(text).expanded { name in
      if let known = ProgramPlaceholder(rawValue: name) { return known.value(seeds, folder: folder) }
      return parameters.first { $0.name == name }?.value.text
    }
    return files.first { $0.name == word }?.value.text ?? word
  }
}
