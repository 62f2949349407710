import XCTest

@testable import Kernels

final class EmbeddingTests: XCTestCase {
  let columns = 11
  let words: [Int32] = [3, 1, 3, 0, 3]
  let types: [Int32] = [0, 1, 1, 0, 0]
  let offsets = [0, 3, 5]

  func withTokens(_ body: (PackedTokens) -> Void) {
    words.withUnsafeBufferPointer { words in
      types.withUnsafeBufferPointer { types in
        offsets.withUnsafeBufferPointer { offsets in
          body(
            PackedTokens(
              words: words.baseAddress!, types: types.baseAddress!, offsets: offsets.baseAddress!, sequenceCount: 2))
        }
      }
    }
  }

  /// Tables of 4 words, 3 positions and 2 types, one after another in one buffer.
  func tables(_ base: UnsafeMutablePointer<Float>) -> EmbeddingTables {
    EmbeddingTables(words: base, positions: base + 4 * columns, types: base + 7 * columns)
  }

  func reference(_ tables: [Double]) -> [Double] {
    let positions = [0, 1, 2, 0, 1]
    return (0..<5 * columns).map { index in
      let (token, column) = (index / columns, index % columns)
      return tables[Int(words[token]) * columns + column] + tables[(4 + positions[token]) * columns + column]
        + tables[(7 + Int(types[token])) * columns + column]
    }
  }

  func testForwardSumsAndBackwardScatters() {
    var values = normals(9 * columns, site: 1)
    let weights = normals(5 * columns, site: 2)
    var output = [Float](repeating: .nan, count: 5 * columns)
    var gradient = [Float](repeating: 0, count: 9 * columns)
    let expected = reference(values.map(Double.init))
    let expectedGradient = centralDifferences(values) { dot(reference($0), weights) }
    withTokens { tokens in
      XCTAssertEqual(tokens.tokenCount, 5)
      values.withUnsafeMutableBufferPointer {
        embeddingForward(tokens, tables: tables($0.baseAddress!), output: &output, columns: columns)
      }
      gradient.withUnsafeMutableBufferPointer {
        embeddingBackward(tokens, gradient: weights, tableGradients: tables($0.baseAddress!), columns: columns)
      }
    }
    assertEqual(output, expected, roundings: 4)
    assertEqual(gradient, expectedGradient, roundings: 8)
  }

  func testChosenRowsAreGatheredAndScattered() {
    let values = normals(5 * columns, site: 3)
    var rows = [Float](repeating: .nan, count: 3 * columns)
    var gradient = [Float](repeating: 1, count: 5 * columns)
    let (tokens, offsets) = ([0, 2, 3], [0, 2, 3])
    tokens.withUnsafeBufferPointer { tokens in
      offsets.withUnsafeBufferPointer { offsets in
        let chosen = ChosenTokens(tokens: tokens.baseAddress!, offsets: offsets.baseAddress!, count: 3)
        gatherRows(values, of: chosen, output: &rows, columns: columns)
        scatterRows(rows, of: chosen, inputGradient: &gradient, columns: columns)
      }
    }
    XCTAssertEqual(rows, tokens.flatMap { values[$0 * columns..<($0 + 1) * columns] })
    for (index, value) in gradient.enumerated() {
      XCTAssertEqual(value, tokens.contains(index / columns) ? 1 + values[index] : 1)
    }
  }
}
