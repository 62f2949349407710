// What a program's command and environment become for one trial: placeholders in braces give way to seeds, the trial's folder
// and parameters, and words that name files to their paths. Nothing here opens a file or starts anything.

import Templates

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
    Set((command + environment.map(\.value.text)).flatMap { TextTemplate($0).names })
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
    let word = TextTemplate(text).expanded { name in
      if let known = ProgramPlaceholder(rawValue: name) { return known.value(seeds, folder: folder) }
      return parameters.first { $0.name == name }?.value.text
    }
    return files.first { $0.name == word }?.value.text ?? word
  }
}
