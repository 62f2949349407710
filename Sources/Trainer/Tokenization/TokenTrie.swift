// The vocabulary as a byte trie in one hash table: the longest token at a position is found in one walk over the bytes,
// without creating a string. An edge and the token that ends with it lie in one slot, which takes one access of memory. It knows nothing of words.

/// A trie over bytes with two roots: tokens that begin a word, and tokens that continue one.
struct TokenTrie: Sendable {
  /// The root of tokens that begin a word.
  static let initialRoot: UInt32 = 0
  /// The root of `##` tokens, stored without the `##`.
  static let continuationRoot: UInt32 = 1

  /// An edge of the trie.
  private struct Edge {
    /// `parent << 8 | byte` plus one, or 0 where there is none.
    var key: UInt64 = 0
    var child: UInt32 = 0
    /// The token that ends with it, or -1.
    var token: Int32 = -1
  }

  /// Open addressing.
  private var edges: [Edge]
  private var edgeCount = 0

  /// Bytes that the trie takes.
  var byteCount: Int { edges.count * MemoryLayout<Edge>.stride }

  /// An empty trie.
  private init(capacity: Int) { edges = [Edge](repeating: Edge(), count: capacity) }

  /// A trie of texts that all begin at the first root; of equal ones the last wins.
  init(texts: [[UInt8]]) {
    self.init(capacity: 1 << 8)
    for (identifier, text) in texts.enumerated() { insert(text, below: Self.initialRoot, as: identifier) }
  }

  /// A trie of a vocabulary; of equal tokens the last wins, as in Hugging Face's reader.
  init(_ vocabulary: [String]) {
    self.init(capacity: 1 << 12)
    for (identifier, token) in vocabulary.enumerated() {
      let text = Array(token.utf8)
      // A word that begins with ## may be such a token as well.
      insert(text, below: Self.initialRoot, as: identifier)
      if text.starts(with: "##".utf8) { insert(text.dropFirst(2), below: Self.continuationRoot, as: identifier) }
    }
  }

  /// The longest token that starts at `position`: its identifier (-1 where there is none) and its length in bytes.
  @inline(__always)
  func longestMatch(
    _ text: UnsafeBufferPointer<UInt8>, _ position: Int, end: Int, root: UInt32
  ) -> (identifier: Int32, length: Int) {
    var best: (identifier: Int32, length: Int) = (-1, 0)
    walk(text, position, end: end, root: root) { best = ($0, $1) }
    return best
  }

  /// Calls `body` with every token that starts at `position`, shortest first: its identifier and its length in bytes.
  @inline(__always)
  func forEachMatch(_ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ body: (Int32, Int) -> Void) {
    walk(text, position, end: text.count, root: Self.initialRoot, body)
  }

  @inline(__always)
  private func walk(
    _ text: UnsafeBufferPointer<UInt8>, _ position: Int, end: Int, root: UInt32, _ body: (Int32, Int) -> Void
  ) {
    edges.withUnsafeBufferPointer { edges in
      var node = root
      var index = position
      while index < end {
        let edge = edges[Self.slot(of: Self.key(node, text[index]), in: edges)]
        if edge.key == 0 { return }
        node = edge.child
        index += 1
        if edge.token >= 0 { body(edge.token, index - position) }
      }
    }
  }

  /// The identifier of a token, or -1.
  func identifier(of token: String) -> Int32 {
    var token = token
    return token.withUTF8 { text in
      let match = longestMatch(text, 0, end: text.count, root: Self.initialRoot)
      return match.length == text.count ? match.identifier : -1
    }
  }

  @inline(__always)
  private static func key(_ node: UInt32, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) + 1 }

  /// The slot that holds a key, or the empty one where it belongs.
  @inline(__always)
  private static func slot(of key: UInt64, in edges: UnsafeBufferPointer<Edge>) -> Int {
    let mask = edges.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while edges[slot].key != 0 && edges[slot].key != key { slot = (slot + 1) & mask }
    return slot
  }

  private func slot(of key: UInt64) -> Int { edges.withUnsafeBufferPointer { Self.slot(of: key, in: $0) } }

  private mutating func insert(_ text: some Sequence<UInt8>, below root: UInt32, as identifier: Int) {
    var node = root
    var last: Int?
    for byte in text {
      if 2 * edgeCount >= edges.count { grow() }
      let key = Self.key(node, byte)
      let slot = slot(of: key)
      if edges[slot].key == 0 {
        edgeCount += 1
        // The two roots are nodes as well.
        edges[slot] = Edge(key: key, child: UInt32(edgeCount) + Self.continuationRoot)
      }
      (node, last) = (edges[slot].child, slot)
    }
    if let last { edges[last].token = Int32(identifier) }
  }

  private mutating func grow() {
    let old = edges
    edges = [Edge](repeating: Edge(), count: 2 * edges.count)
    for edge in old where edge.key != 0 { edges[slot(of: edge.key)] = edge }
  }
}
