// Groups of a table in the order in which its rows first name them.

extension Sequence where Element: Hashable {
  /// Each element once, in the order of first appearance.
  package func uniqued() -> [Element] {
    var known: Set<Element> = []
    return filter { known.insert($0).inserted }
  }
}
