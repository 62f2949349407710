// "Did you mean": the allowed word that is nearest to a misspelt one by edit distance, and lists of allowed words that are short
// enough to be read. It knows no list of words.

/// Finds the word that a user probably meant.
package enum Suggestion {
  /// The allowed word nearest to a misspelt one; nil if none is near. Case is ignored; of equally near words the first is
  /// returned.
  package static func nearest(to word: String, among allowed: [String]) -> String? {
    let lowered = word.lowercased()
    let (count, length) = (word.count, lowered.unicodeScalars.count)
    var best: (word: String, distance: Int)?
    for candidate in allowed {
      let other = candidate.lowercased()
      let most = min(count, candidate.count) / 3
      // A word whose length differs more is not nearer. Checking lengths first matters because a word may be very long.
      guard abs(length - other.unicodeScalars.count) <= most else { continue }
      let distance = editDistance(lowered, other)
      guard distance <= most, distance < best?.distance ?? .max else { continue }
      best = (candidate, distance)
    }
    return best?.word
  }

  /// `; did you mean 'x'?` for a misspelt word of a command line, or the full stop that ends the sentence instead.
  package static func hint(for word: String, among allowed: [String]) -> String {
    nearest(to: word, among: allowed).map { "; did you mean '\($0)'?" } ?? "."
  }

  /// Some words in a sentence: all of them where they are no more than `most`, and otherwise as many and the number of the rest. First
  /// come those that hold a part of a misspelt one, such as `data_seed` for `seed`.
  package static func list(_ allowed: [String], near word: String = "", most: Int = 8) -> String {
    guard allowed.count > most else { return allowed.joined(separator: ", ") }
    let parts = word.prefix(100).lowercased().split { !$0.isLetter && !$0.isNumber }
    func isNear(_ name: String) -> Bool { parts.contains { name.lowercased().contains($0) } }
    let shown = (allowed.filter(isNear) + allowed.filter { !isNear($0) }).prefix(most)
    return "\(shown.joined(separator: ", ")) and \(allowed.count - most) more"
  }

  /// `; did you mean "x"?`, or nothing.
  package static func phrase(_ suggestion: String?) -> String {
    suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// The least number of insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  package static func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        var distance = min(
          last[column] + (left[row] == right[column] ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          distance = min(distance, beforeLast[column - 1] + 1)
        }
        current.append(distance)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
