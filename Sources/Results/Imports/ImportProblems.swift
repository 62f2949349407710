// What is wrong with runs to import, and what was done with those that have no result: everything at once, and what is the same
// for many runs once, with a count.

import Host
import JSON5
import Tables

/// What is wrong with runs to import, everything at once.
package struct ImportError: Error, Equatable, CustomStringConvertible {
  /// A line for each mistake, of many the first ones.
  package let description: String

  /// An error from its lines.
  package init(_ lines: [String]) {
    let shown = lines.prefix(20).map { $0.escapingControlCharacters() }
    description = (shown + (lines.count > 20 ? ["and \(lines.count - 20) more"] : [])).joined(separator: "\n")
  }
}

/// Mistakes of files and lines, gathered.
struct ImportProblems {
  private var order: [String] = []
  private var found: [String: (problem: String, origins: [String])] = [:]

  var isEmpty: Bool { order.isEmpty }

  /// Notes a mistake.
  ///
  /// - Parameters:
  ///   - origin: the file, or the file and line.
  ///   - problem: the rest of the sentence, which many files may share.
  ///   - kind: what mistakes of one kind have in common, where their sentences differ.
  mutating func add(_ origin: String, _ problem: String, kind: String? = nil) {
    let kind = kind ?? problem
    if found[kind] == nil { order.append(kind) }
    found[kind, default: (problem, [])].origins.append(origin)
  }

  /// A line for each mistake. One that several files or lines share stands once, with the first of them.
  var lines: [String] {
    order.compactMap { kind in
      guard let (problem, origins) = found[kind] else { return nil }
      let others = origins.count > 1 ? " (and \(origins.count - 1) more like it, such as \(origins[1]))" : ""
      return "\(origins[0])\(problem)\(others)"
    }
  }

  /// Ends the reading if anything was noted.
  ///
  /// - Throws: `ImportError`.
  func check() throws {
    if !isEmpty { throw ImportError(lines) }
  }
}

/// Runs or files that an import leaves out for one reason, by where they stand.
package struct LeftOut: Equatable, Sendable {
  /// The reason as a list shows it behind a number, such as `crashed`.
  package var reason: String
  /// Where each of them stands.
  package var origins: [String]

  /// "2 crashed (runs.csv:5, runs.csv:9)": of many the first three.
  var words: String {
    let more = origins.count > 3 ? " and \(origins.count - 3) more" : ""
    return "\(origins.count) \(reason) (\(origins.prefix(3).joined(separator: ", "))\(more))"
  }

  /// Runs and files grouped by reason, in the order in which the reasons first appear.
  static func grouped(_ found: [(reason: String, origin: String)]) -> [LeftOut] {
    found.map(\.reason).uniqued().map { reason in
      LeftOut(reason: reason, origins: found.filter { $0.reason == reason }.map(\.origin))
    }
  }
}
