// A vocabulary as a trie over bytes: the longest token at a position, or all of them, are found in one walk without creating a
// string. The trie is a double array (Aoe 1989): a child lies where its label leads from a number of its parent, so that a step is
// one access of memory, and names its parent. It knows nothing of words.

/// A trie over bytes.
struct TokenTrie: Sendable {
  /// A node of the trie, or a slot without one.
  fileprivate struct Node {
    /// What a child's label is combined with to find the child.
    var base: UInt32 = 0
    /// The index of its parent; `noParent` where the slot has no node.
    var parent = TokenTrie.noParent
    /// The token that ends here, or -1.
    var token: Int32 = -1
  }

  fileprivate static let noParent = UInt32.max
  /// What the root has in place of a parent.
  fileprivate static let rootParent = UInt32.max - 1

  /// The first one is the root.
  private let nodes: [Node]

  /// Bytes that the trie takes.
  var byteCount: Int { nodes.count * MemoryLayout<Node>.stride }

  /// A trie of texts, each of which has its index as token; of equal ones the last wins. An empty text is no token.
  init(texts: [[UInt8]]) {
    var builder = TrieBuilder()
    var groups = TextGroups(texts)
    while let group = groups.popLast() {
      builder.nodes[group.node].token = group.ending
      guard !group.labels.isEmpty else { continue }
      let base = builder.base(for: group.labels)
      builder.nodes[group.node].base = UInt32(base)
      for (label, range) in zip(group.labels, group.ranges) {
        builder.place(base ^ Int(label), below: group.node)
        groups.push(range, node: base ^ Int(label), depth: group.depth + 1)
      }
    }
    nodes = builder.nodes
  }

  /// The longest token that starts at `position`: its identifier (-1 where there is none) and its length in bytes.
  @inline(__always)
  func longestMatch(_ text: UnsafeBufferPointer<UInt8>, _ position: Int, end: Int) -> (identifier: Int32, length: Int) {
    var best: (identifier: Int32, length: Int) = (-1, 0)
    walk(text, position, end: end) { best = ($0, $1) }
    return best
  }

  /// Calls `body` with every token that starts at `position`, shortest first: its identifier and its length in bytes.
  @inline(__always)
  func forEachMatch(_ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ body: (Int32, Int) -> Void) {
    walk(text, position, end: text.count, body)
  }

  @inline(__always)
  private func walk(
    _ text: UnsafeBufferPointer<UInt8>, _ position: Int, end: Int, _ body: (Int32, Int) -> Void
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      var index: UInt32 = 0
      var base = nodes[0].base
      var position = position
      let start = position
      while position < end {
        let child = base ^ UInt32(text[position])
        let node = nodes[Int(child)]
        guard node.parent == index else { return }
        (index, base) = (child, node.base)
        position += 1
        if node.token >= 0 { body(node.token, position - start) }
      }
    }
  }

  /// The identifier of a token, or -1.
  func identifier(of token: String) -> Int32 {
    var token = token
    return token.withUTF8 { text in
      let match = longestMatch(text, 0, end: text.count)
      return match.length == text.count ? match.identifier : -1
    }
  }
}

/// Texts by their common beginnings, each group by itself.
private struct TextGroups {
  /// Texts that begin alike.
  struct Group {
    /// The node of their common beginning.
    let node: Int
    /// Its length.
    let depth: Int
    /// The last text that ends there; -1 where none does, and at the root.
    var ending: Int32 = -1
    /// The bytes that follow in the others, ascending.
    var labels: [UInt8] = []
    /// Where the texts of each of them are in the order.
    var ranges: [Range<Int>] = []
  }

  private let texts: [[UInt8]]
  /// The texts' indexes, those of a group beside each other.
  private var order: [Int]
  private var sorted: [Int]
  private var counts = [Int](repeating: 0, count: 256)
  private var pending: [(range: Range<Int>, node: Int, depth: Int)]

  init(_ texts: [[UInt8]]) {
    self.texts = texts
    order = Array(texts.indices)
    sorted = order
    pending = [(order.indices, 0, 0)]
  }

  mutating func push(_ range: Range<Int>, node: Int, depth: Int) { pending.append((range, node, depth)) }

  /// The next group, its texts ordered by what follows in them.
  mutating func popLast() -> Group? {
    guard let (range, node, depth) = pending.popLast() else { return nil }
    var group = Group(node: node, depth: depth)
    for index in order[range] {
      guard depth < texts[index].count else {
        if depth > 0 { group.ending = max(group.ending, Int32(index)) }
        continue
      }
      let label = texts[index][depth]
      if counts[Int(label)] == 0 { group.labels.append(label) }
      counts[Int(label)] += 1
    }
    group.labels.sort()
    var end = range.lowerBound
    for label in group.labels {
      group.ranges.append(end..<end + counts[Int(label)])
      end += counts[Int(label)]
      counts[Int(label)] = end
    }
    // From the last text on, each takes the last index of its range that is left.
    for index in order[range].reversed() where depth < texts[index].count {
      let label = Int(texts[index][depth])
      counts[label] -= 1
      sorted[counts[label]] = index
    }
    for label in group.labels { counts[Int(label)] = 0 }
    order.replaceSubrange(range.lowerBound..<end, with: sorted[range.lowerBound..<end])
    return group
  }
}

/// A double array while nodes are placed: its free slots in a list, those of the newest block first.
private struct TrieBuilder {
  var nodes: [TokenTrie.Node] = []
  /// The free slots after and before each free one, those of the last block first; index 0 is the list's both ends, as the
  /// root's slot is never free.
  private var next: [Int] = []
  private var previous: [Int] = []

  private static let blockSize = 256
  /// How many free slots are tried for a node of several children before it gets a new block.
  private static let mostTries = 64

  /// The root alone.
  init() {
    addBlock()
    nodes[0].parent = TokenTrie.rootParent
  }

  /// A base whose slots for some labels, at least one, are free.
  mutating func base(for labels: [UInt8]) -> Int {
    let first = Int(labels[0])
    // A lone child takes what others left in the oldest block.
    if labels.count == 1, previous[0] != 0 { return previous[0] ^ first }
    var slot = next[0]
    for _ in 0..<Self.mostTries where slot != 0 {
      let base = slot ^ first
      if labels.allSatisfy({ nodes[base ^ Int($0)].parent == TokenTrie.noParent }) { return base }
      slot = next[slot]
    }
    addBlock()
    return nodes.count - Self.blockSize
  }

  /// Puts a node into a free slot.
  mutating func place(_ slot: Int, below parent: Int) {
    nodes[slot].parent = UInt32(parent)
    next[previous[slot]] = next[slot]
    previous[next[slot]] = previous[slot]
  }

  /// Adds a block of free slots at the front of the list; the first one of the first block is the root's.
  private mutating func addBlock() {
    let start = nodes.count
    nodes += repeatElement(TokenTrie.Node(), count: Self.blockSize)
    next += start + 1...start + Self.blockSize
    previous += start - 1..<start + Self.blockSize - 1
    let last = start + Self.blockSize - 1
    if start == 0 {
      (next[last], previous[0]) = (0, last)
    } else {
      (next[last], previous[next[0]]) = (next[0], last)
      (next[0], previous[start]) = (start, 0)
    }
  }
}
