// exp, tanh and the normal distribution for eight floats at a time, by polynomials fitted here (weighted minimax, then
// rounded to float). NaN in gives NaN out everywhere, so a diverged network stays visible. Domains and errors are
// stated at each function and tested over dense grids.

/// e^x with relative error below 1.5e-7 (two units in the last place) where e^x is a normal number; 0 below -87.3,
/// infinity above 88.37.
@inline(__always)
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
@inline(__always)
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
@inline(__always)
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
@inline(__always)
func magnitude(_ x: Lanes) -> Lanes {
  unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt32>.self) & 0x7FFF_FFFF, to: Lanes.self)
}
