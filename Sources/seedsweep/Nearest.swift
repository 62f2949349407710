// "Did you mean": the allowed word closest to a misspelt one.

/// The allowed word within two edits (or a third of the word, if that is more), nil where none is close.
func nearest(to word: String, among allowed: [String]) -> String? {
  let limit = max(2, word.count / 3)
  let candidates = allowed.map { ($0, editDistance(word, $0)) }.filter { $0.1 <= limit && $0.1 < $0.0.count }
  return candidates.min { $0.1 < $1.1 }?.0
}

/// Levenshtein's distance: insertions, deletions and substitutions of characters.
func editDistance(_ first: String, _ second: String) -> Int {
  let second = Array(second)
  var row = Array(0...second.count)
  for (index, character) in first.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in second.indices {
      let substituted = diagonal + (character == second[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
    }
  }
  return row[second.count]
}
