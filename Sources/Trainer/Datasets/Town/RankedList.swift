// A list from which earlier elements are drawn more often, as words of a language are.

import SeedStreams

/// Elements in the order of falling frequency: element i is drawn with a weight of 1 / (i + 1).
struct RankedList<Element: Sendable>: Sendable {
  let elements: [Element]
  /// The sums of the weights up to each element.
  private let sums: [Double]

  init(_ elements: [Element]) {
    self.elements = elements
    var sum = 0.0
    sums = elements.indices.map { index in
      sum += 1 / Double(index + 1)
      return sum
    }
  }

  var isEmpty: Bool { elements.isEmpty }

  /// One of the elements, of which there must be one.
  func draw(_ stream: inout SeedStream) -> Element {
    let target = stream.uniform() * (sums.last ?? 0)
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > target { high = middle } else { low = middle + 1 }
    }
    return elements[low]
  }

  /// One that suits, of those drawn; nil if the list has none.
  func draw(_ stream: inout SeedStream, where suits: (Element) -> Bool) -> Element? {
    guard elements.contains(where: suits) else { return nil }
    while true {
      let element = draw(&stream)
      if suits(element) { return element }
    }
  }
}
