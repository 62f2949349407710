// The model card that Hugging Face's Trainer writes beside a run: the hyperparameters that it lists, and nothing else of it.

import Foundation

/// The hyperparameters that a model card lists, as the Trainer writes it into README.md.
enum ModelCard {
  /// The lines of the form `- learning_rate: 2e-05` below the heading of hyperparameters; none where there is no card.
  static func hyperparameters(_ path: String) -> [(name: String, text: String)] {
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    var isInside = false
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
      if line.hasPrefix("#") { isInside = line.lowercased().contains("hyperparameters") }
      guard isInside, line.hasPrefix("- "), let colon = line.firstIndex(of: ":") else { return nil }
      return (
        name: String(line[line.index(line.startIndex, offsetBy: 2)..<colon]),
        text: line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      )
    }
  }
}
