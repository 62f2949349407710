// Which tokens a query attends to.

/// The keys that a query attends to within its own sequence.
package enum AttentionMask: Equatable, Sendable {
  /// All.
  case all
  /// Its own token and those before it.
  case causal
  /// Those at most `reach` tokens away, on either side.
  case local(reach: Int)
}
