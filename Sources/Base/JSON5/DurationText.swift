// Durations as people write them: what the command line takes, and the seconds that an error names where it takes nothing else.

extension String {
  /// The seconds of a number of seconds, or of hours, minutes and seconds between colons; nil for any other text.
  package var clockSeconds: Double? {
    let parts = split(separator: ":", omittingEmptySubsequences: false).map { $0.decimalNumber ?? .nan }
    let seconds = parts.reduce(0.0) { $0 * 60 + $1 }
    return parts.count <= 3 && seconds.isFinite && parts.allSatisfy { $0 >= 0 } ? seconds : nil
  }

  /// The seconds of a number with a unit of time behind it, such as `2h` and `1.5 min`, or of `clockSeconds`; nil for any other text.
  package var secondsWithUnit: Double? {
    if let seconds = clockSeconds { return seconds }
    let number = prefix { $0.isNumber || $0 == "." }
    let unit = dropFirst(number.count).drop { $0 == " " }.lowercased()
    guard let factor = Self.secondsByUnit[unit], let count = number.decimalNumber else { return nil }
    return count * factor
  }

  private static let secondsByUnit: [String: Double] = {
    let units: [(seconds: Double, names: [String])] = [
      (1, ["s", "sec", "secs", "second", "seconds"]), (60, ["m", "min", "mins", "minute", "minutes"]),
      (3600, ["h", "hr", "hrs", "hour", "hours"]), (86_400, ["d", "day", "days"]),
    ]
    return Dictionary(uniqueKeysWithValues: units.flatMap { unit in unit.names.map { ($0, unit.seconds) } })
  }()
}
