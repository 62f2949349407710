// How the frozen Unicode tables are written: words between blanks, numbers in hexadecimal. The scripts that write them are
// scripts/develop/make-unicode-tables.py.

/// The parts of a table.
enum TableText {
  /// The combining classes of a table of spans, each with its class in decimal, by scalar.
  static func classes(_ table: String) -> [(scalar: UInt32, number: UInt8)] {
    var classes: [(scalar: UInt32, number: UInt8)] = []
    for word in words(table) {
      let parts = word.split(separator: UInt8(ascii: ":"))
      let number = parts[1].reduce(UInt8(0)) { $0 * 10 + ($1 - 48) }
      for scalar in span(parts[0]) { classes.append((scalar, number)) }
    }
    return classes.sorted { $0.scalar < $1.scalar }
  }

  /// The replacements of a table of runs, by scalar.
  static func folds(_ table: String) -> [(key: UInt32, replacement: [UInt32])] {
    var folds: [(key: UInt32, replacement: [UInt32])] = []
    for word in words(table) {
      let sides = word.split(separator: UInt8(ascii: ">"))
      let run = sides[0].split(separator: UInt8(ascii: "*"))
      let first = number(run[0])
      guard run.count == 2 else {
        folds.append((first, sides[1].split(separator: UInt8(ascii: "_")).map(number)))
        continue
      }
      let extent = run[1].split(separator: UInt8(ascii: "/"))
      let stride = extent.count == 2 ? number(extent[1]) : 1
      for index in 0..<number(extent[0]) {
        folds.append((first + index * stride, [number(sides[1]) + index * stride]))
      }
    }
    return folds.sorted { $0.key < $1.key }
  }

  static func words(_ table: String) -> [ArraySlice<UInt8>] {
    Array(table.utf8).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
  }

  static func span(_ word: ArraySlice<UInt8>) -> ClosedRange<UInt32> {
    let ends = word.split(separator: UInt8(ascii: "-")).map(number)
    return ends[0]...ends[ends.count - 1]
  }

  static func number(_ digits: ArraySlice<UInt8>) -> UInt32 {
    digits.reduce(0) { $0 << 4 | UInt32($1 >= 65 ? $1 - 55 : $1 - 48) }
  }

  /// The position of a key that is in an ascending list.
  static func position(of key: UInt32, in keys: [UInt32]) -> Int {
    var low = 0
    var high = keys.count - 1
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
