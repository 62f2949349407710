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
  func tables(_ all: Rows) -> EmbeddingTables {
    EmbeddingTables(words: all[rows: 0..<4], positions: all[rows: 4..<7], types: all[rows: 7..<9])
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
    let values = normals(9 * columns, site: 1)
    let weights = normals(5 * columns, site: 2)
    let output = Rows.unset(5, columns)
    let gradient = matrix([Float](repeating: 0, count: 9 * columns), columns: columns)
    let expected = reference(values.map(Double.init))
    let expectedGradient = centralDifferences(values) { dot(reference($0), weights) }
    withTokens { tokens in
      XCTAssertEqual(tokens.tokenCount, 5)
      embeddingForward(tokens, tables: tables(matrix(values, columns: columns)), into: output)
      embeddingBackward(tokens, gradient: matrix(weights, columns: columns), tableGradients: tables(gradient))
    }
    assertEqual(output.values, expected, roundings: 4)
    assertEqual(gradient.values, expectedGradient, roundings: 8)
  }

  /// As if every token had a type whose row is zero.
  func testTokensWithoutTypes() {
    let values = normals(7 * columns, site: 1)
    let weights = normals(5 * columns, site: 2)
    let padding = [Double](repeating: 0, count: 2 * columns)
    let output = Rows.unset(5, columns)
    let gradient = matrix([Float](repeating: 0, count: 7 * columns), columns: columns)
    func tables(_ all: Rows) -> EmbeddingTables {
      EmbeddingTables(words: all[rows: 0..<4], positions: all[rows: 4..<7], types: nil)
    }
    withTokens { tokens in
      embeddingForward(tokens, tables: tables(matrix(values, columns: columns)), into: output)
      embeddingBackward(tokens, gradient: matrix(weights, columns: columns), tableGradients: tables(gradient))
    }
    assertEqual(output.values, reference(values.map(Double.init) + padding), roundings: 4)
    assertEqual(
      gradient.values, centralDifferences(values) { dot(reference($0 + padding), weights) }, roundings: 8)
  }

  func testChosenRowsAreGatheredAndScattered() {
    let values = normals(5 * columns, site: 3)
    let rows = Rows.unset(3, columns)
    let gradient = matrix([Float](repeating: 1, count: 5 * columns), columns: columns)
    let (tokens, offsets) = ([0, 2, 3], [0, 2, 3])
    tokens.withUnsafeBufferPointer { tokens in
      offsets.withUnsafeBufferPointer { offsets in
        let chosen = ChosenTokens(tokens: tokens.baseAddress!, offsets: offsets.baseAddress!, count: 3)
        gatherForward(matrix(values, columns: columns), of: chosen, into: rows)
        gatherBackward(rows, of: chosen, into: gradient)
      }
    }
    XCTAssertEqual(rows.values, tokens.flatMap { values[$0 * columns..<($0 + 1) * columns] })
    for (index, value) in gradient.values.enumerated() {
      XCTAssertEqual(value, tokens.contains(index / columns) ? 1 + values[index] : 1)
    }
  }
}
