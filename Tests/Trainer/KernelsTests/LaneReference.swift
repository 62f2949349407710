// The elementwise kernels in plain Swift with eight lanes, one row at a time: what each level of CElementwise must equal bit for
// bit. It is written for reading; nothing but tests runs it.

import Architectures

@testable import Kernels

/// e^x with relative error below 1.5e-7 (two units in the last place) where e^x is a normal number; 0 below -87.3,
/// infinity above 88.37.
func exponential(_ x: Lanes) -> Lanes {
  // x = n ln 2 + r with |r| <= ln 2 / 2; adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  let magic: Float = 12_582_912
  let shifted = Lanes(repeating: magic).addingProduct(x, Lanes(repeating: 1.442_695_04))
  let n = shifted - magic
  let r = x.addingProduct(n, Lanes(repeating: -0.693_359_375)).addingProduct(n, Lanes(repeating: 2.121_944_4e-4))
  var sum = Lanes(repeating: 0.008_368_750).addingProduct(r, Lanes(repeating: 0.001_381_452_9))
  sum = Lanes(repeating: 0.041_668_393).addingProduct(sum, r)
  sum = Lanes(repeating: 0.166_665_196).addingProduct(sum, r)
  sum = Lanes(repeating: 0.499_999_94).addingProduct(sum, r)
  sum = r.addingProduct(sum, r * r) + 1
  let exponent = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23
  let power = unsafeBitCast(exponent &+ 0x3F80_0000, to: Lanes.self)
  return (sum * power).replacing(with: 0, where: x .< -87.3).replacing(with: .infinity, where: x .> 88.37)
}

/// tanh(x) with relative error below 3e-7.
func hyperbolicTangent(_ x: Lanes) -> Lanes {
  let signs = unsafeBitCast(x, to: SIMD8<UInt32>.self) & 0x8000_0000
  let size = magnitude(x)
  let decay = exponential(size * -2)
  let square = size * size
  var sum = Lanes(repeating: 0.020_639_082).addingProduct(square, Lanes(repeating: -0.005_704_981_7))
  sum = Lanes(repeating: -0.053_739_715).addingProduct(sum, square)
  sum = Lanes(repeating: 0.133_314_416).addingProduct(sum, square)
  sum = Lanes(repeating: -0.333_332_807).addingProduct(sum, square)
  let near = size.addingProduct(sum, square * size)
  let value = ((1 - decay) / (1 + decay)).replacing(with: near, where: size .< 0.625)
  return unsafeBitCast(unsafeBitCast(value, to: SIMD8<UInt32>.self) | signs, to: Lanes.self)
}

/// The standard normal distribution function P(X <= x) = (1 + erf(x / sqrt 2)) / 2 and its density, each with absolute
/// error below 1.2e-7 (two roundings of 2^-24).
func normalDistribution(_ x: Lanes) -> (cumulative: Lanes, density: Lanes) {
  // The tail beyond |x| is exp(-x^2 / 2) times a polynomial in s = |x| / (|x| + 4) that is exactly 1/2 at 0, a relative
  // of Abramowitz and Stegun 7.1.26. Beyond 40 the tail is zero.
  let absolute = magnitude(x)
  let size = absolute.replacing(with: 40, where: absolute .> 40)
  let bell = exponential(size * size * -0.5)
  let s = size / (size + 4)
  var sum = Lanes(repeating: -0.268_940_09).addingProduct(s, Lanes(repeating: 0.070_003_197))
  sum = Lanes(repeating: 0.124_494_135).addingProduct(sum, s)
  sum = Lanes(repeating: 0.868_521_81).addingProduct(sum, s)
  sum = Lanes(repeating: -2.106_220).addingProduct(sum, s)
  sum = Lanes(repeating: 2.404_217_0).addingProduct(sum, s)
  sum = Lanes(repeating: -1.595_768_93).addingProduct(sum, s)
  sum = Lanes(repeating: 0.5).addingProduct(sum, s)
  let tail = bell * sum
  return ((1 - tail).replacing(with: tail, where: x .< 0), bell * 0.398_942_28)
}

/// |x|.
func magnitude(_ x: Lanes) -> Lanes {
  unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF, to: Lanes.self)
}

/// The activation of x and its derivative there.
func activated(_ x: Lanes, _ activation: Activation) -> (value: Lanes, derivative: Lanes) {
  switch activation {
  case .gelu:
    let (cumulative, density) = normalDistribution(x)
    return (x * cumulative, cumulative.addingProduct(x, density))
  case .geluTanh:
    let slope: Float = 0.797_884_56  // sqrt(2 / pi)
    let cubic: Float = 0.044_715
    let square = x * x
    let tanh = hyperbolicTangent(x * slope * (1 + square * cubic))
    let inner = slope * (1 + square * (3 * cubic))
    return (0.5 * x * (1 + tanh), 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner)
  case .relu:
    return (x.replacing(with: 0, where: x .< 0), Lanes(repeating: 1).replacing(with: 0, where: x .<= 0))
  case .silu:
    let share = 1 / (1 + exponential(-x))
    return (x * share, share * (1 + x * (1 - share)))
  }
}

extension Lanes {
  /// The sum of the eight lanes, halves first.
  var total: Float {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}

/// A row of floats in groups of eight, the last filled up with a number.
struct LaneRow {
  var groups: [Lanes]
  let count: Int

  init(_ values: [Float], filler: Float = 0) {
    count = values.count
    groups = stride(from: 0, to: count, by: 8).map { start in
      var lanes = Lanes(repeating: filler)
      for lane in 0..<min(8, values.count - start) { lanes[lane] = values[start + lane] }
      return lanes
    }
  }

  /// The numbers without the filler.
  var values: [Float] { (0..<count).map { groups[$0 / 8][$0 % 8] } }

  /// A row computed group by group.
  func map(_ body: (Lanes) -> Lanes) -> LaneRow {
    var row = self
    row.groups = groups.map(body)
    return row
  }

  /// A row computed from two, group by group.
  func with(_ other: LaneRow, _ body: (Lanes, Lanes) -> Lanes) -> LaneRow {
    var row = self
    row.groups = zip(groups, other.groups).map(body)
    return row
  }

  /// The sum, in eight lanes.
  var total: Float { groups.reduce(Lanes.zero, +).total }

  /// The sum of products, in eight lanes.
  func total(times other: LaneRow) -> Float {
    zip(groups, other.groups).reduce(Lanes.zero) { $0.addingProduct($1.0, $1.1) }.total
  }
}

/// The softmax of a row of scores.
func softmax(_ scores: [Float]) -> [Float] {
  let largest = scores.reduce(-Float.infinity) { $1 > $0 ? $1 : $0 }
  let powers = LaneRow(scores, filler: -.infinity).map { exponential($0 - largest) }
  let share = 1 / powers.total
  return powers.map { $0 * share }.values
}

/// p (g - sum(p g)) of a row.
func softmaxGradient(_ gradient: [Float], probabilities: [Float]) -> [Float] {
  let (row, shares) = (LaneRow(gradient), LaneRow(probabilities))
  let sum = row.total(times: shares)
  return row.with(shares) { ($0 - sum) * $1 }.values
}

/// A row normalized, and 1 / sqrt(variance + epsilon).
func normalized(_ values: [Float], epsilon: Float) -> (row: [Float], inverseDeviation: Float) {
  let row = LaneRow(values)
  let mean = row.total / Float(values.count)
  let distances = LaneRow(row.map { $0 - mean }.values)
  let inverse = 1 / (distances.total(times: distances) / Float(values.count) + epsilon).squareRoot()
  return (row.map { ($0 - mean) * inverse }.values, inverse)
}

/// With g = gradient gain: (g - mean(g) - normalized mean(g normalized)) / deviation of a row.
func normGradient(_ gradient: [Float], gain: [Float], normalized: [Float], inverseDeviation: Float) -> [Float] {
  let (row, normalized) = (LaneRow(gradient).with(LaneRow(gain), *), LaneRow(normalized))
  let (mean, slope) = (row.total / Float(gradient.count), row.total(times: normalized) / Float(gradient.count))
  return row.with(normalized) { ($0 - mean).addingProduct($1, Lanes(repeating: -slope)) * inverseDeviation }.values
}

/// The sum of squares in Double, in blocks of 4096 and sixteen lanes.
func squares(_ values: [Float]) -> Double {
  var total = 0.0
  for start in stride(from: 0, to: values.count, by: 4096) {
    let block: [Double] = values[start..<min(start + 4096, values.count)].map { Double($0) * Double($0) }
    let whole = block.count / 16 * 16
    var lanes = [Double](repeating: 0, count: 16)
    for index in 0..<whole { lanes[index % 16] += block[index] }
    var sum = 0.0
    for lane in 0..<8 { sum += lanes[lane] + lanes[lane + 8] }
    for index in whole..<block.count { sum += block[index] }
    total += sum
  }
  return total
}
