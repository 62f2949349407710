// Numbers as a person reads them: counted things, bytes and durations. Tables and files hold plain numbers instead.

import Foundation

/// A number of things: "1 trial", "2 trials".
package func counted(_ count: Int, _ noun: String) -> String { "\(count) \(plural(noun, count))" }

/// A noun as it stands behind `count`: "trial", "trials".
package func plural(_ noun: String, _ count: Int) -> String { count == 1 ? noun : noun + "s" }

/// A number of things whose plural does not only add an s: "1 process", "2 processes".
package func counted(_ count: Int, _ noun: String, plural: String) -> String {
  "\(count) \(count == 1 ? noun : plural)"
}

/// The name of a signal, such as SIGTERM.
package func signalName(_ number: Int32) -> String {
  switch number {
  case SIGHUP: "SIGHUP"
  case SIGINT: "SIGINT"
  case SIGTERM: "SIGTERM"
  case SIGUSR1: "SIGUSR1"
  case SIGUSR2: "SIGUSR2"
  default: "signal \(number)"
  }
}

/// A duration in the two units that matter: "45 s", "12 min", "3 h 05 min", "2 d 4 h", "317 years".
package func readable(seconds: Double) -> String {
  guard seconds.isFinite else { return "years without end" }
  if seconds >= 3.2e9 { return String(format: "%.3g years", seconds / (365.25 * 86_400)) }
  let whole = Int(max(0, seconds).rounded())
  let minutes = (whole + 30) / 60
  if whole < 90 { return "\(whole) s" }
  if minutes < 90 { return "\(minutes) min" }
  let (hours, rest) = (minutes / 60, minutes % 60)
  if hours < 48 { return "\(hours) h \(rest < 10 ? "0" : "")\(rest) min" }
  return "\(hours / 24) d \(hours % 24) h"
}

/// A duration that was estimated: "about 12 min", or "years without end" for one that is not finite.
package func readable(aboutSeconds seconds: Double) -> String {
  (seconds.isFinite ? "about " : "") + readable(seconds: seconds)
}

/// A number with a fixed number of decimals, or in three digits where it would fill a line; "nan" for NaN.
package func decimal(_ value: Double, digits: Int = 3) -> String {
  value.isNaN ? "nan" : String(format: abs(value) < 1e9 ? "%.\(digits)f" : "%.3g", value)
}

/// Bytes as a person reads them, such as `1.5 GiB`.
package func readable(bytes: Int) -> String {
  let units = ["B", "KiB", "MiB", "GiB", "TiB"]
  var value = Double(bytes)
  var unit = 0
  while value >= 1024 && unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  return unit == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[unit])
}
