import XCTest

@testable import Kernels

final class AttentionTests: XCTestCase {
  // MARK: - Softmax

  /// exp, a sum of `length` terms and two products: length + 10 roundings, and as many again of the scores' differences.
  func testSoftmaxRowsOfEveryLength() {
    for length in [1, 2, 7, 8, 9, 17, 66] {
      let (rows, stride) = (3, scoreStride(length))
      var scores = normals(rows * stride, site: UInt32(length), scale: 3)
      let mask = TestMask(rows * stride + 8)
      let original = scores
      var dropped = [Float](repeating: .nan, count: rows * stride)
      softmaxForward(&scores, dropout: mask.mask, firstMark: 8, dropped: &dropped, rows: rows, length: length)
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
      var scores = row + [Float](repeating: 5, count: scoreStride(row.count) - row.count)
      var untouched: [Float] = []
      softmaxForward(&scores, dropout: nil, firstMark: 0, dropped: &untouched, rows: 1, length: row.count)
      return Array(scores[..<row.count])
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

  /// Operands as one buffer: rows of (query, key, value), or query rows of first tokens before rows of (key, value).
  static func operands(_ buffer: UnsafeMutablePointer<Float>, _ queries: AttentionQueries) -> AttentionOperands {
    switch queries {
    case .allTokens:
      AttentionOperands(
        query: buffer, queryStride: 3 * width, key: buffer + width, value: buffer + 2 * width, keyStride: 3 * width)
    case .firstTokens:
      AttentionOperands(
        query: buffer, queryStride: width, key: buffer + 3 * width, value: buffer + 4 * width, keyStride: 2 * width)
    }
  }

  static func count(_ queries: AttentionQueries) -> Int {
    queries == .allTokens ? tokens * 3 * width : 3 * width + tokens * 2 * width
  }

  /// The context in Double, row by row of queries.
  static func reference(_ buffer: [Double], _ queries: AttentionQueries, _ factors: [Double]?) -> [Double] {
    let all = queries == .allTokens
    let (queryStride, keyStride) = all ? (3 * width, 3 * width) : (width, 2 * width)
    let firstKey = all ? width : 3 * width
    var context = [Double](repeating: 0, count: (all ? tokens : 3) * width)
    var mark = 0
    for sequence in 0..<3 {
      let range = offsets[sequence]..<offsets[sequence + 1]
      for head in 0..<heads {
        for query in all ? range : sequence..<sequence + 1 {
          let scores = range.map { token in
            (0..<size).reduce(0) {
              $0 + buffer[query * queryStride + head * size + $1]
                * buffer[firstKey + token * keyStride + head * size + $1]
            } / Double(size).squareRoot()
          }
          let sum = scores.map(exp).reduce(0, +)
          for (place, token) in range.enumerated() {
            let share = exp(scores[place]) / sum * (factors?[mark + place] ?? 1)
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

  func check(_ queries: AttentionQueries, _ mask: TestMask?) {
    var buffer = normals(Self.count(queries), site: 1)
    let values = buffer
    let contextCount = (queries == .allTokens ? Self.tokens : 3) * Self.width
    let weights = normals(contextCount, site: 2)
    var context = [Float](repeating: .nan, count: contextCount)
    var gradient = [Float](repeating: .nan, count: buffer.count)
    Self.offsets.withUnsafeBufferPointer { offsets in
      let shape = AttentionShape(
        offsets: offsets.baseAddress!, sequenceCount: 3, headCount: Self.heads, headSize: Self.size, queries: queries)
      XCTAssertEqual(shape.probabilityCount, queries == .allTokens ? 2 * (8 + 9 * 16 + 4 * 8) : 2 * (8 + 16 + 8))
      XCTAssertEqual(shape.largestHeadCount, queries == .allTokens ? 9 * 16 : 16)
      var probabilities = [Float](repeating: .nan, count: shape.probabilityCount)
      var scratch = [Float](repeating: .nan, count: shape.largestHeadCount)
      var droppedScratch = scratch
      buffer.withUnsafeMutableBufferPointer { buffer in
        let operands = Self.operands(buffer.baseAddress!, queries)
        attentionForward(
          shape, operands, dropout: mask?.mask, probabilities: &probabilities, scratch: &scratch, context: &context)
        gradient.withUnsafeMutableBufferPointer {
          attentionBackward(
            shape, operands, dropout: mask?.mask, probabilities: probabilities, contextGradient: weights,
            gradients: Self.operands($0.baseAddress!, queries), scratch: &scratch, droppedScratch: &droppedScratch)
        }
      }
    }
    // Sums over at most nine tokens and five columns, exp and softmax in between, each way: some fifty roundings.
    assertEqual(context, Self.reference(values.map(Double.init), queries, mask?.factors), roundings: 50)
    let expected = centralDifferences(values) { dot(Self.reference($0, queries, mask?.factors), weights) }
    assertEqual(gradient, expected, roundings: 100)
  }

  func testAllTokensAttend() {
    check(.allTokens, nil)
    check(.allTokens, TestMask(2 * (8 + 9 * 16 + 4 * 8)))
  }

  func testFirstTokensAttend() {
    check(.firstTokens, nil)
    check(.firstTokens, TestMask(2 * (8 + 16 + 8)))
  }
}
