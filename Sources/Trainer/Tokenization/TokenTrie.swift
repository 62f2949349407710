// The vocabulary as a byte trie in one hash table: the longest token at a position is found in one walk over the bytes,
// without creating a string. It knows nothing of words.

/// A trie over bytes with two roots: tokens that begin a word, and tokens that continue one.
struct TokenTrie: Sendable {
  /// The root of tokens that begin a word.
  static let initialRoot: UInt32 = 0
  /// The root of `##` tokens, stored without the `##`.
  static let continuationRoot: UInt32 = 1

  /// Open addressing: `parent << 8 | byte` plus one, or 0 where empty, and the child node.
  private var keys: [UInt64]
  private var children: [UInt32]
  /// The token that ends at each node, or -1.
  private var tokens: [Int32] = [-1, -1]
  private var edgeCount = 0

  /// Bytes that the trie takes.
  var byteCount: Int { 12 * keys.count + 4 * tokens.count }

  /// An empty trie.
  private init(capacity: Int) {
    keys = [UInt64](repeating: 0, count: capacity)
    children = [UInt32](repeating: 0, count: capacity)
  }

  /// A trie of texts that all begin at the first root; of equal ones the last wins.
  init(texts: [[UInt8]]) {
    self.init(capacity: 1 << 8)
    for (identifier, text) in texts.enumerated() where !text.isEmpty {
      var node = Self.initialRoot
      for byte in text { node = insert(node, byte) }
      tokens[Int(node)] = Int32(identifier)
    }
  }

  /// A trie of a vocabulary; of equal tokens the last wins, as in Hugging Face's reader.
  init(_ vocabulary: [String]) {
    self.init(capacity: 1 << 12)
    for (identifier, token) in vocabulary.enumerated() {
      var token = token
      token.withUTF8 { bytes in
        let continues = bytes.count > 2 && bytes[0] == UInt8(ascii: "#") && bytes[1] == UInt8(ascii: "#")
        var node = continues ? Self.continuationRoot : Self.initialRoot
        for byte in bytes.dropFirst(continues ? 2 : 0) { node = insert(node, byte) }
        if bytes.count > 0 { tokens[Int(node)] = Int32(identifier) }
      }
    }
  }

  /// The longest token that starts at `position`: its identifier (-1 where there is none) and its length in bytes.
  @inline(__always)
  func longestMatch(
    _ text: UnsafeBufferPointer<UInt8>, _ position: Int, end: Int, root: UInt32
  ) -> (identifier: Int32, length: Int) {
    var best: (identifier: Int32, length: Int) = (-1, 0)
    var node = root
    var index = position
    while index < end, let child = child(of: node, text[index]) {
      node = child
      index += 1
      if tokens[Int(node)] >= 0 { best = (tokens[Int(node)], index - position) }
    }
    return best
  }

  @inline(__always)
  private func child(of node: UInt32, _ byte: UInt8) -> UInt32? {
    let key = UInt64(node) << 8 | UInt64(byte) + 1
    let slot = slot(of: key)
    return keys[slot] == 0 ? nil : children[slot]
  }

  /// The slot that holds a key, or the empty one where it belongs.
  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while keys[slot] != 0 && keys[slot] != key { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func insert(_ node: UInt32, _ byte: UInt8) -> UInt32 {
    let key = UInt64(node) << 8 | UInt64(byte) + 1
    var slot = slot(of: key)
    if keys[slot] != 0 { return children[slot] }
    if 2 * edgeCount >= keys.count {
      grow()
      slot = self.slot(of: key)
    }
    let child = UInt32(tokens.count)
    tokens.append(-1)
    keys[slot] = key
    children[slot] = child
    edgeCount += 1
    return child
  }

  private mutating func grow() {
    let old = zip(keys, children).filter { $0.0 != 0 }
    keys = [UInt64](repeating: 0, count: 2 * keys.count)
    children = [UInt32](repeating: 0, count: keys.count)
    for (key, child) in old {
      let slot = slot(of: key)
      keys[slot] = key
      children[slot] = child
    }
  }
}
