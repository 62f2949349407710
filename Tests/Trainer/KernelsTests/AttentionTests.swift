import Architectures
import Arithmetics
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

  /// Chosen queries: their tokens, and where each sequence's begin.
  struct Chosen {
    let tokens: [Int]
    let offsets: [Int]
  }

  /// Distances of -2 to 2 that a bias tells apart.
  static let reach = 2

  static func biasIndex(_ head: Int, _ distance: Int) -> Int {
    head * (2 * reach + 1) + min(max(distance, -reach), reach) + reach
  }

  static func attends(_ query: Int, to key: Int, _ mask: AttentionMask) -> Bool {
    switch mask {
    case .all: true
    case .causal: key <= query
    case .local(let reach): abs(key - query) <= reach
    }
  }

  /// The context in Double, row by row of queries; `chosen` is nil where all tokens are queries.
  static func reference(
    _ buffer: [Double], _ chosen: Chosen?, _ factors: [Double]?, _ mask: AttentionMask = .all, _ bias: [Double]? = nil
  ) -> [Double] {
    let queryTokens = chosen?.tokens ?? Array(0..<tokens)
    let chosen = chosen?.offsets
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
            } / Double(size).squareRoot() + (bias.map { $0[biasIndex(head, token - queryTokens[query])] } ?? 0)
          }
          let powers = zip(range, scores).map { attends(queryTokens[query], to: $0, mask) ? exp($1) : 0 }
          let sum = powers.reduce(0, +)
          for (index, token) in range.enumerated() {
            let share = powers[index] / sum * (factors?[mark + index] ?? 1)
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

  func check(
    _ chosen: Chosen?, probabilities probabilityCount: Int, largest: Int, _ mask: TestMask?,
    keys: AttentionMask = .all, bias: [Float]? = nil
  ) {
    let queries = chosen?.offsets ?? Self.offsets
    let values = normals((queries[3] + 2 * Self.tokens) * Self.width, site: 1)
    let weights = normals(queries[3] * Self.width, site: 2)
    var found: [(context: [Float], gradient: [Float], biasGradient: [Float])] = []
    for arithmetic in Arithmetic.allCases {
      let products = Products(arithmetic)
      let context = Rows.unset(queries[3], Self.width)
      let gradient = Rows.unset(1, values.count)
      let biasGradient = matrix([Float](repeating: 0, count: bias?.count ?? 5), columns: 2 * Self.reach + 1)
      withShape(chosen, keys) { shape in
        XCTAssertEqual(shape.probabilityCount, probabilityCount)
        XCTAssertEqual(shape.scratchCount, largest)
        let buffers = AttentionBuffers(
          probabilities: Rows.unset(1, shape.probabilityCount).start,
          scratch: Rows.unset(1, shape.scratchCount).start,
          droppedScratch: Rows.unset(1, shape.scratchCount).start)
        let operands = Self.operands(vector(values), chosen?.offsets)
        let gradients = Self.operands(gradient.start, chosen?.offsets)
        let contextGradient = matrix(weights, columns: Self.width)
        let table = bias.map { AttentionBias(matrix($0, columns: 2 * Self.reach + 1)) }
        attentionForward(shape, operands, buffers, bias: table, dropout: mask?.mask, into: context, by: products)
        if bias == nil {
          attentionBackward(
            shape, operands, buffers, dropout: mask?.mask, contextGradient: contextGradient, into: gradients,
            by: products)
        } else {
          attentionBackward(
            shape, operands, buffers, dropout: mask?.mask, contextGradient: contextGradient, into: gradients,
            biasGradient: AttentionBias(biasGradient), by: products)
        }
      }
      found.append((context.values, gradient.values, biasGradient.values))
    }
    // Sums over at most nine tokens and five columns, exp and softmax in between, each way: some fifty roundings.
    let wideBias = bias?.map(Double.init)
    let expectedContext = Self.reference(values.map(Double.init), chosen, mask?.factors, keys, wideBias)
    for own in found { assertEqual(own.context, expectedContext, roundings: 50) }
    let expected = centralDifferences(values) {
      dot(Self.reference($0, chosen, mask?.factors, keys, wideBias), weights)
    }
    for own in found { assertEqual(own.gradient, expected, roundings: 100) }
    guard let bias else { return }
    let expectedBias = centralDifferences(bias) {
      dot(Self.reference(values.map(Double.init), chosen, mask?.factors, keys, $0), weights)
    }
    for own in found { assertEqual(own.biasGradient, expectedBias, roundings: 200) }
  }

  private func withShape(_ chosen: Chosen?, _ mask: AttentionMask, _ body: (AttentionShape) -> Void) {
    let words = [Int32](repeating: 0, count: Self.tokens)
    Self.offsets.withUnsafeBufferPointer { offsets in
      words.withUnsafeBufferPointer { words in
        let tokens = PackedTokens(
          words: words.baseAddress!, types: words.baseAddress!, offsets: offsets.baseAddress!, sequenceCount: 3)
        guard let chosen else {
          return body(AttentionShape(tokens, headCount: Self.heads, headSize: Self.size, mask: mask))
        }
        chosen.tokens.withUnsafeBufferPointer { indices in
          chosen.offsets.withUnsafeBufferPointer { starts in
            let rows = ChosenTokens(tokens: indices.baseAddress!, offsets: starts.baseAddress!, count: indices.count)
            body(AttentionShape(tokens, headCount: Self.heads, headSize: Self.size, chosen: rows, mask: mask))
          }
        }
      }
    }
  }

  func testAllTokensAttend() {
    let count = 2 * (8 + 9 * 16 + 4 * 8)
    check(nil, probabilities: count, largest: 2 * 9 * 16, nil)
    check(nil, probabilities: count, largest: 2 * 9 * 16, TestMask(count))
  }

  func testFirstTokensAttend() {
    let count = 2 * (8 + 16 + 8)
    let first = Chosen(tokens: [0, 1, 10], offsets: [0, 1, 2, 3])
    check(first, probabilities: count, largest: 2 * 16, nil)
    check(first, probabilities: count, largest: 2 * 16, TestMask(count))
  }

  /// No token of the second sequence asks, so its keys and values have zero gradients.
  func testSomeTokensOfSomeSequencesAttend() {
    let count = 2 * (8 + 3 * 8)
    let some = Chosen(tokens: [0, 10, 12, 13], offsets: [0, 1, 1, 4])
    check(some, probabilities: count, largest: 2 * 3 * 8, nil)
    check(some, probabilities: count, largest: 2 * 3 * 8, TestMask(count))
  }

  func testMasksAndBiases() {
    let all = 2 * (8 + 9 * 16 + 4 * 8)
    let some = Chosen(tokens: [0, 4, 9, 12], offsets: [0, 1, 3, 4])
    let part = 2 * (8 + 2 * 16 + 8)
    let bias = normals(Self.heads * (2 * Self.reach + 1), site: 7)
    for keys in [AttentionMask.all, .causal, .local(reach: 2), .local(reach: 0)] {
      for bias in [nil, bias] {
        check(nil, probabilities: all, largest: 2 * 9 * 16, TestMask(all), keys: keys, bias: bias)
        check(some, probabilities: part, largest: 2 * 2 * 16, nil, keys: keys, bias: bias)
      }
    }
  }

  func testABiasGradientIsTheSameForAnyNumberOfThreads() throws {
    let values = normals(3 * Self.tokens * Self.width, site: 1)
    let weights = matrix(normals(Self.tokens * Self.width, site: 2), columns: Self.width)
    func run(_ team: ThreadTeam) -> [Float] {
      let gradient = matrix([Float](repeating: 0, count: 10), columns: 5)
      withShape(nil, .causal) { shape in
        let count = team.threadCount * shape.scratchCount
        let buffers = AttentionBuffers(
          probabilities: Rows.unset(1, shape.probabilityCount).start, scratch: Rows.unset(1, count).start,
          droppedScratch: Rows.unset(1, count).start)
        let operands = Self.operands(vector(values), nil)
        attentionForward(
          shape, operands, buffers, bias: AttentionBias(matrix(normals(10, site: 3), columns: 5)), dropout: nil,
          into: .unset(Self.tokens, Self.width), by: Products(on: team))
        attentionBackward(
          shape, operands, buffers, dropout: nil, contextGradient: weights,
          into: Self.operands(vector(values), nil), biasGradient: AttentionBias(gradient), by: Products(on: team))
      }
      return gradient.values
    }
    XCTAssertEqual(run(try ThreadTeam(threadCount: 3)), run(.alone))
  }
}
