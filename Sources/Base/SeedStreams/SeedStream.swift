// The program's only randomness: a counter-based generator whose output is a pure function of
// (seed, purpose, site, step, index). It keeps no global state, never reads the clock, and is not for cryptography.

import Arithmetics

/// What a stream of random numbers is for, so that one seed never gives two purposes the same bits.
package enum StreamPurpose: UInt32, CaseIterable, Sendable {
  /// The new classification head's initial weights.
  case headInitialization = 1
  /// Every other tensor's initial weights when a model starts from a configuration.
  case parameterInitialization = 2
  /// The order of the training examples in an epoch.
  case dataOrder = 3
  /// Dropout masks, one site for each place that drops.
  case dropout = 4
  /// Mixout masks.
  case mixout = 5
  /// Masked-language-model masks.
  case languageModelMask = 6
  /// The choice of a training subset.
  case subsample = 7
  /// Bootstrap resampling.
  case bootstrap = 8
  /// The sentences of the built-in synthetic language.
  case synthesis = 9
  /// The fixed stratified halves of an evaluation set.
  case evaluationHalves = 10
  /// Training labels dealt out anew, for a control.
  case labelShuffle = 11
  /// Faults that a user asks for, to see that a run survives them.
  case faultInjection = 12
  /// Spoilt inputs for parsers.
  case fuzzing = 13
  /// Training labels that are replaced by wrong ones.
  case labelNoise = 14
}

/// A random stream: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC'11)
/// keyed by (seed, purpose), with (site, step, index) as its counter.
package struct SeedStream: RandomNumberGenerator, Sendable {
  /// The two words of the Philox key.
  package let key: SIMD2<UInt32>
  /// The place that draws, such as a dropout site or an epoch.
  package let site: UInt32
  /// The training step or epoch that draws.
  package let step: UInt32
  private var nextBlock: UInt64 = 0
  private var pending: SIMD4<UInt32> = .zero
  private var pendingCount = 0
  private var spareNormal: Double?

  /// A stream at its beginning.
  package init(seed: UInt64, purpose: StreamPurpose, site: UInt32 = 0, step: UInt32 = 0) {
    let mixed = Self.mix(Self.mix(seed) ^ UInt64(purpose.rawValue) &* 0x9E37_79B9_7F4A_7C15)
    key = SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    self.site = site
    self.step = step
  }

  /// The four words at a block index, whatever was drawn before: words 4 i to 4 i + 3 of the stream.
  package func block(at index: UInt64) -> SIMD4<UInt32> {
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), site, step)
    return Self.philox(counter: counter, key: key)
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    if pendingCount < 2 {
      pending = block(at: nextBlock)
      nextBlock += 1
      pendingCount = 4
    }
    let low = pending[4 - pendingCount]
    let high = pending[5 - pendingCount]
    pendingCount -= 2
    return UInt64(high) << 32 | UInt64(low)
  }

  /// A number uniform in [0, 1) with 53 random bits.
  package mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A standard normal number by the Box-Muller transform, whose functions are those of an arithmetic.
  package mutating func normal(_ arithmetic: Arithmetic = .ofIdentifiers) -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let radius = (-2 * arithmetic.log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spareNormal = radius * arithmetic.sin(angle)
    return radius * arithmetic.cos(angle)
  }

  /// An integer uniform in 0 ..< bound, without bias (Lemire 2019). The bound must be positive.
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a random integer needs a positive bound, not \(bound)")
    let range = UInt64(bound)
    let threshold = (0 &- range) % range
    while true {
      let product = next().multipliedFullWidth(by: range)
      if product.low >= threshold { return Int(product.high) }
    }
  }

  /// The numbers 0 ..< count in a random order (Fisher-Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    var last = count - 1
    while last > 0 {
      order.swapAt(last, below(last + 1))
      last -= 1
    }
    return order
  }

  /// Philox4x32 with ten rounds.
  static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for _ in 0..<10 {
      let first = UInt64(counter[0]) &* 0xD251_1F53
      let second = UInt64(counter[2]) &* 0xCD9E_8D57
      counter = SIMD4(
        UInt32(truncatingIfNeeded: second >> 32) ^ counter[1] ^ key[0],
        UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ counter[3] ^ key[1],
        UInt32(truncatingIfNeeded: first))
      key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return counter
  }

  /// SplitMix64's finalizer (Steele, Lea and Flood 2014), a bijection that spreads neighbouring seeds.
  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
