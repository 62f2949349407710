// Where a number stands on an axis, and which numbers the axis shows. It draws nothing.

import Foundation

/// A range of numbers on an axis.
package struct Scale: Equatable, Sendable {
  /// How numbers become positions.
  package enum Kind: Sendable {
    /// Equal differences are equally long.
    case linear
    /// Equal ratios are equally long; only numbers above 0 have a position.
    case logarithmic
  }

  /// A number that an axis shows.
  package struct Tick: Equatable, Sendable {
    /// The number.
    package var value: Double
    /// Its text.
    package var label: String
  }

  /// How numbers become positions.
  package let kind: Kind
  /// The number at the beginning.
  package let low: Double
  /// The number at the end.
  package let high: Double

  /// The largest number with a position of its own, the larger ones standing where it does; and the largest share of an axis, for
  /// numbers outside it. Neither differences and ratios of numbers nor positions overflow so.
  private static let (largest, farthest) = (1e100, 1e4)

  /// A scale with given ends, `low` below `high`.
  package init(_ kind: Kind = .linear, from low: Double, to high: Double) {
    self.kind = kind
    self.low = Self.bounded(low, kind)
    self.high = Self.bounded(high, kind)
  }

  private static func bounded(_ value: Double, _ kind: Kind) -> Double {
    min(max(value, kind == .logarithmic ? 1 / largest : -largest), largest)
  }

  /// A scale that covers numbers with some room around them; those that have no position are passed over. Room is made around the
  /// only number where all are equal, and the range is 0 to 1 (1 to 10 where it is logarithmic) where there is none.
  package init(_ kind: Kind = .linear, covering values: some Sequence<Double>, room: Double = 0.04) {
    let isLogarithmic = kind == .logarithmic
    let placed = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }.map { Self.bounded($0, kind) }
    guard let least = placed.min(), let most = placed.max() else {
      self.init(kind, from: isLogarithmic ? 1 : 0, to: isLogarithmic ? 10 : 1)
      return
    }
    if isLogarithmic {
      let margin = max(room * log(most / least), 0.05)
      self.init(kind, from: least * exp(-margin), to: most * exp(margin))
    } else {
      let isOne = most - least < 1e-9 * max(1, abs(most))
      let margin = isOne ? max(0.05 * abs(most), 0.05) : room * (most - least)
      self.init(kind, from: least - margin, to: most + margin)
    }
  }

  /// The share of the axis before a number: 0 at `low`, 1 at `high`; nil for one without a position.
  package func share(of value: Double) -> Double? {
    guard value.isFinite, kind == .linear || value > 0 else { return nil }
    let value = Self.bounded(value, kind)
    let share =
      switch kind {
      case .linear: (value - low) / (high - low)
      case .logarithmic: log(value / low) / log(high / low)
      }
    return share.isNaN ? nil : min(max(share, -Self.farthest), Self.farthest)
  }

  /// The numbers that an axis shows: about `count` round ones between its ends.
  package func ticks(about count: Int) -> [Tick] {
    // Not so either where an end is NaN.
    guard low < high else { return [] }
    return switch kind {
    case .linear: linearTicks(about: count)
    case .logarithmic: logarithmicTicks(about: count)
    }
  }

  private func linearTicks(about count: Int) -> [Tick] {
    let step = Self.roundStep((high - low) / Double(max(1, count)))
    guard step > 0 else { return [] }
    let decimals = max(0, Int(ceil(-log10(step) - 1e-9)))
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 1000 else { return [] }
    let values = stride(from: first, through: last, by: 1).map { $0 * step }
    let largest = values.map(\.magnitude).max() ?? 0
    // From the first digit of the largest number to the one in which neighbours differ.
    let digits = largest > 0 ? Int(floor(log10(largest) + 1e-9) - floor(log10(step) + 1e-9)) + 1 : 1
    return values.map { Tick(value: $0, label: Self.label($0, decimals: decimals, digits: digits)) }
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not much smaller than `least`.
  private static func roundStep(_ least: Double) -> Double {
    let power = pow(10, floor(log10(least)))
    return ([1, 2, 5, 10].first { $0 * power >= least * 0.75 } ?? 10) * power
  }

  /// The most decimals, and the number from which on, a label with more than three digits has an exponent.
  private static let (mostDecimals, leastWithExponent) = (8, 1e9)

  /// The text of a tick whose neighbours differ from it in the last of `decimals` decimals, which is the last of `digits` digits.
  private static func label(_ value: Double, decimals: Int, digits: Int) -> String {
    let number = value == 0 ? 0 : value
    guard decimals > 4 || abs(number) >= 1e6 else { return String(format: "%.\(decimals)f", number) }
    guard digits > 3 else { return shortNumber(number) }
    return decimals > mostDecimals || abs(number) >= leastWithExponent
      ? shortNumber(number, digits: digits) : String(format: "%.\(decimals)f", number)
  }

  private func logarithmicTicks(about count: Int) -> [Tick] {
    let (first, last) = (Int(floor(log10(low))), Int(ceil(log10(high))))
    let powers = last - first
    // Powers of ten where there are enough, else 1, 2 and 5 times them.
    let span = log10(high / low)
    let factors: [Double] = span > 3 ? [1] : span > 1.5 ? [1, 3] : [1, 2, 5]
    let stride = max(1, (powers * factors.count) / max(1, 2 * count))
    var values: [Double] = []
    for exponent in Swift.stride(from: first, through: last, by: stride) {
      values += factors.map { $0 * pow(10, Double(exponent)) }
    }
    let ticks = values.filter { $0 >= low * (1 - 1e-9) && $0 <= high * (1 + 1e-9) }.map {
      Tick(value: $0, label: Self.shortNumber($0))
    }
    // Over less than a decade there may be one of these numbers or none; there an axis looks nearly linear.
    guard ticks.count < 3, span < 1 else { return ticks }
    let linear = linearTicks(about: count).filter { $0.value > 0 }
    return linear.count > ticks.count ? linear : ticks
  }

  /// A number in few letters: 0.001, 1e-5, 200, 3e+6.
  package static func shortNumber(_ value: Double, digits: Int = 3) -> String {
    String(format: "%.\(digits)g", value).replacing("e-0", with: "e-").replacing("e+0", with: "e+")
  }
}
