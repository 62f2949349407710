// `seedsweep-parity tokenize`: the token identifiers of given texts, for a comparison with Hugging Face's tokenizer
// (`scripts/check/compare/compare-tokenizer.sh`).

import FolderTokenizers
import Foundation
import Tokenization

/// A line of the requests: a text or a pair and the longest encoding wanted.
private struct TextRequest: Decodable {
  var text: String
  var pair: String?
  var length: Int
}

/// Writes a line for each request: its token identifiers, a bar, its type identifiers.
///
/// - Parameter modelType: the `model_type` whose tokenizer the folder has if its files do not say otherwise.
func tokenize(folder: String, modelType: String, requests: String, output: String) throws {
  let reading = try TokenizerFiles.read(folder, modelType: modelType, limit: 1 << 24)
  let tokenizer = try reading.files.tokenizer()
  print(
    "identity:", (reading.paths + reading.tokenPaths).map { $0.split(separator: "/").last ?? "" }.joined(separator: " ")
  )
  for note in reading.notes where !note.contains("vocab_size") { print(note) }
  let requests = try Data(contentsOf: URL(fileURLWithPath: requests)).split(separator: 10)
    .map { try JSONDecoder().decode(TextRequest.self, from: $0) }
  let clock = ContinuousClock()
  var encodings: [Encoding] = []
  let elapsed = clock.measure {
    encodings = requests.map { tokenizer.encode($0.text, pair: $0.pair, maximumLength: $0.length) }
  }
  let byteCount = requests.reduce(0) { $0 + $1.text.utf8.count + ($1.pair?.utf8.count ?? 0) }
  let tokenCount = encodings.reduce(0) { $0 + $1.tokenIdentifiers.count }
  print("\(requests.count) texts, \(byteCount) bytes and \(tokenCount) tokens in \(elapsed)")
  func text(_ numbers: [Int32]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }
  let lines = encodings.map { text($0.tokenIdentifiers) + "|" + text($0.typeIdentifiers) + "\n" }
  try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: output))
}
