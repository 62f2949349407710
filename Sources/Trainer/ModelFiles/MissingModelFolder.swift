// What to do about a model folder that does not exist: models are read from the disk, and a name of the Hugging Face Hub is not
// looked up. Nothing is downloaded here.

import EmbeddedModels
import Foundation
import JSON5

/// What is said about a model folder that does not exist.
package enum MissingModelFolder {
  /// The models that scripts/fetch-model.sh downloads.
  private static let fetchedNames = ["minilm", "rxnfp", "rxnfp-ft", "rxnfp-ft-10k", "rxnmapper"]

  /// What an error says of the path.
  package static func reason(_ path: String) -> String {
    EmbeddedModel.problem(path) ?? "there is no such model folder\(advice(path))"
  }

  /// How to get a model whose name the path seems to be, as the end of an error's sentence; nothing where it is none.
  static func advice(_ path: String) -> String {
    let parts = path.split(separator: "/").map(String.init)
    guard let name = parts.last else { return "" }
    if let near = Suggestion.nearest(to: name, among: EmbeddedModel.names) {
      return "\(Suggestion.phrase(near)) That is a model inside the program"
    }
    guard parts.allSatisfy({ $0.allSatisfy(isNameCharacter) }) else { return "" }
    let lowered = name.lowercased()
    if let fetched = lowered == "all-minilm-l6-v2" ? "minilm" : fetchedNames.first(where: { $0 == lowered }) {
      return "; scripts/fetch-model.sh \(fetched) \(path) downloads it"
    }
    guard name.contains("-") else { return "" }
    return "; models are folders on this machine, and one of the Hugging Face Hub is downloaded first: "
      + "hf download \(hubName(path, parts)) --local-dir \(path) (huggingface-cli download in older versions)"
  }

  /// The name on the Hub: with the organization before it where the path seems to have one, because no such folder exists.
  private static func hubName(_ path: String, _ parts: [String]) -> String {
    guard parts.count > 1, parts[parts.count - 2] != "models" else { return parts[parts.count - 1] }
    let folder = (path.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
    return access(folder, F_OK) == 0 ? parts[parts.count - 1] : parts.suffix(2).joined(separator: "/")
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
  }
}
