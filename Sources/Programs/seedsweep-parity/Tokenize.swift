// `seedsweep-parity tokenize`: the token identifiers of given texts, for a comparison with Hugging Face's tokenizer
// (`scripts/check/compare-tokenizer.sh`).

import Foundation
import Tokenization

/// A line of the requests: a text or a pair and the longest encoding wanted.
private struct TextRequest: Decodable {
  var text: String
  var pair: String?
  var length: Int
}

/// Writes a line for each request: its token identifiers, a bar, its type identifiers.
func tokenize(vocabulary: String, lowercases: Bool, requests: String, output: String) throws {
  let tokenizer = try WordPieceTokenizer(contentsOf: vocabulary, lowercases: lowercases)
  let requests = try Data(contentsOf: URL(fileURLWithPath: requests)).split(separator: 10)
    .map { try JSONDecoder().decode(TextRequest.self, from: $0) }
  let clock = ContinuousClock()
  var encodings: [Encoding] = []
  let elapsed = clock.measure {
    encodings = requests.map { tokenizer.encode($0.text, pair: $0.pair, maximumLength: $0.length) }
  }
  print("\(requests.count) texts and \(encodings.reduce(0) { $0 + $1.tokenIdentifiers.count }) tokens in \(elapsed)")
  func text(_ numbers: [Int32]) -> String { numbers.map { "\($0)" }.joined(separator: " ") }
  let lines = encodings.map { text($0.tokenIdentifiers) + "|" + text($0.typeIdentifiers) + "\n" }
  try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: output))
}
