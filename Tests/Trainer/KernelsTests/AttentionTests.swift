import XCTest

@testable import Kernels

final class AttentionTests: XCTestCase {
  // MARK: - Softmax

  /// exp, a sum of `length` terms and two products: length + 10 roundings, and as many again of the scores' differences.
  func testSoftmaxRowsOfEveryLength() {
    for length in [1, 2, 7, 8, 9, 17, 66] {
      let (rows, stride) = (3, scoreStride(length))
      let original = normals(rows * stride, site: UInt32(length), scale: 3)
      let mask = TestMask(rows * stride + 8)
      let result = matrix(original, columns: length, stride: stride)
      let droppedRows = matrix([Float](repeating: .nan, count: rows * stride), columns: length, stride: stride)
      softmaxForward(result, dropout: mask.mask, firstMark: 8, dropped: droppedRows)
      let (scores, dropped) = (result.values, droppedRows.values)
      for row in 0..<rows {
        let powers = (0..<length).map { exp(Double(original[row * stride + $0])) }
        let shares = powers.map { $0 / powers.reduce(0, +) } + [Double](repeating: 0, count: stride - length)
        let roundings = 2 * Double(length) + 20
        assertEqual(Array(scores[row * stride..<(row + 1) * stride]), shares, roundings: roundings)
        let masked = shares.indices.map { shares[$0] * mask.factors[8 + row * stride + $0] }
        assertEqual(Array(dropped[row * stride..<(row + 1) * stride]), masked, roundings: roundings + 1)
      }
    }
  }

  func testSoftmaxOfHugeAndInvalidScores() {
    func softmax(_ row: [Float]) -> [Float] {
      let padded = row + [Float](repeating: 5, count: scoreStride(row.count) - row.count)
      let scores = matrix(padded, columns: row.count, stride: padded.count)
      let untouched = matrix(padded, columns: row.count, stride: padded.count)
      softmaxForward(scores, dropout: nil, firstMark: 0, dropped: untouched)
      XCTAssertEqual(untouched.values.map(\.bitPattern), padded.map(\.bitPattern))
      return Array(scores.values[..<row.count])
    }
    XCTAssertEqual(softmax([3e38, 0, 3e38]), [0.5, 0, 0.5])
    XCTAssertEqual(softmax([-.infinity, 1]), [0, 1])
    XCTAssertEqual(softmax([-3e38]), [1])
    XCTAssertTrue(softmax([0, .nan, 1]).allSatisfy(\.isNaN))
    XCTAssertTrue(softmax([.infinity, 1]).allSatisfy(\.isNaN))
  }

  // MARK: - Attention

  /// Three sequences, two heads of five columns.
  static let offsets = [0, 1, 10, 14]
  static let (tokens, heads, size) = (14, 2, 5)
  static let width = heads * size

  /// Operands as one buffer: rows of (query, key, value), or rows of chosen queries before rows of (key, value).
  static func operands(_ buffer: UnsafeMutablePointer<Float>, _ chosen: [Int]?) -> AttentionOperands {
    guard let chosen else {
      let all = Rows(buffer, count: tokens, columns: 3 * width)
      return AttentionOperands(
        query: all[columns: 0..<width], key: all[columns: width..<2 * width],
        value: all[columns: 2 * width..<3 * width])
    }
    let keysAndValues = Rows(buffer + chosen[3] * width, count: tokens, columns: 2 * width)
    return AttentionOperands(
      query: Rows(buffer, count: chosen[3], columns: width), key: keysAndValues[columns: 0..<width],
      value: keysAndValues[columns: width..<2 * width])
  }

  /// The context in Double, row by row of queries; `chosen` is where each sequence's queries begin, nil for all tokens.
  static func reference(_ buffer: [Double], _ chosen: [Int]?, _ factors: [Double]?) -> [Double] {
    let (queryStride, keyStride) = chosen == nil ? (3 * width, 3 * width) : (width, 2 * width)
    let queries = chosen ?? offsets
    let firstKey = chosen.map { $0[3] * width } ?? width
    var context = [Double](repeating: 0, count: queries[3] * width)
    var mark = 0
    for sequence in 0..<3 {
      let range = offsets[sequence]..<offsets[sequence + 1]
      for head in 0..<heads {
        for query in queries[sequence]..<queries[sequence + 1] {
          let scores = range.map { token in
            (0..<size).reduce(0) {
              $0 + buffer[query * queryStride + head * size + $1]
                * buffer[firstKey + token * keyStride + head * size + $1]
            } / Double(size).squareRoot()
          }
          let sum = scores.map(exp).reduce(0, +)
          for (index, token) in range.enumerated() {
            let share = exp(scores[index]) / sum * (factors?[mark + index] ?? 1)
            for column in 0..<size {
              context[query * width + head * size + column] +=
                share * buffer[firstKey + width + token * keyStride + head * size + column]
            }
          }
          mark += (range.count + 7) / 8 * 8
        }
      }
    }
    return context
  }

  func check(_ chosen: [Int]?, probabilities probabilityCount: Int, largest: Int, _ mask: TestMask?) {
    let queries = chosen ?? Self.offsets
    let values = normals((queries[3] + 2 * Self.tokens) * Self.width, site: 1)
    let weights = normals(queries[3] * Self.width, site: 2)
    let context = Rows.unset(queries[3], Self.width)
    let gradient = Rows.unset(1, values.count)
    Self.offsets.withUnsafeBufferPointer { offsets in
      queries.withUnsafeBufferPointer { queryOffsets in
        let shape = AttentionShape(
          offsets: offsets.baseAddress!, sequenceCount: 3, headCount: Self.heads, headSize: Self.size,
          queryOffsets: chosen == nil ? nil : queryOffsets.baseAddress!)
        XCTAssertEqual(shape.probabilityCount, probabilityCount)
        XCTAssertEqual(shape.largestHeadCount, largest)
        let buffers = AttentionBuffers(
          probabilities: Rows.unset(1, shape.probabilityCount).start,
          scratch: Rows.unset(1, shape.largestHeadCount).start,
          droppedScratch: Rows.unset(1, shape.largestHeadCount).start)
        let operands = Self.operands(vector(values), chosen)
        attentionForward(shape, operands, buffers, dropout: mask?.mask, into: context)
        attentionBackward(
          shape, operands, buffers, dropout: mask?.mask, contextGradient: matrix(weights, columns: Self.width),
          into: Self.operands(gradient.start, chosen))
      }
    }
    // Sums over at most nine tokens and five columns, exp and softmax in between, each way: some fifty roundings.
    assertEqual(context.values, Self.reference(values.map(Double.init), chosen, mask?.factors), roundings: 50)
    let expected = centralDifferences(values) { dot(Self.reference($0, chosen, mask?.factors), weights) }
    assertEqual(gradient.values, expected, roundings: 100)
  }

  func testAllTokensAttend() {
    let count = 2 * (8 + 9 * 16 + 4 * 8)
    check(nil, probabilities: count, largest: 9 * 16, nil)
    check(nil, probabilities: count, largest: 9 * 16, TestMask(count))
  }

  func testFirstTokensAttend() {
    let count = 2 * (8 + 16 + 8)
    check([0, 1, 2, 3], probabilities: count, largest: 16, nil)
    check([0, 1, 2, 3], probabilities: count, largest: 16, TestMask(count))
  }

  /// No token of the second sequence asks, so its keys and values have zero gradients.
  func testSomeTokensOfSomeSequencesAttend() {
    let count = 2 * (8 + 3 * 8)
    check([0, 1, 1, 4], probabilities: count, largest: 3 * 8, nil)
    check([0, 1, 1, 4], probabilities: count, largest: 3 * 8, TestMask(count))
  }
}
