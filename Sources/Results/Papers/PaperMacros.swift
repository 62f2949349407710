// A macro for every number of summary.csv, so that a paper's text quotes results by name. Names are made of letters only:
// task, variant and grid values, then the column, every word capitalised and digits spelled out.

import Trials

/// The numbers of a folder as macros.
package struct PaperMacros {
  private let source: PaperSource
  private let digits: Int
  private let prefix: String

  /// The macros of a folder.
  ///
  /// - Parameters:
  ///   - digits: The decimals of numbers that are not whole.
  ///   - prefix: Letters before every name.
  package init(_ source: PaperSource, digits: Int, prefix: String) {
    self.source = source
    self.digits = digits
    self.prefix = prefix
  }

  /// The definitions between their marks, ending in a line end. A number that summary.csv leaves empty has no macro, so that a
  /// paper which quotes it does not compile.
  ///
  /// - Parameter command: The flags of `seedsweep table` that make them again.
  package func text(command: String) -> String {
    let lines =
      source.header(command) + [
        Self.definition("\(prefix)SeedsweepResults", source.shortDigest),
        Self.definition("\(prefix)SeedsweepMethods", PaperCaption(source: source).methods),
      ] + numbers().map { Self.definition($0.name, $0.value) } + [PaperText.end]
    return lines.map { $0 + "\n" }.joined()
  }

  private static func definition(_ name: String, _ value: String) -> String { "\\newcommand{\\\(name)}{\(value)}" }

  /// The names and values. Recipes that would give two numbers the same name carry their identifier's digits as letters.
  func numbers() -> [(name: String, value: String)] {
    let fields = SummaryFields.all(source.rows, options: source.options)
    let columns = namedColumns
    let values = fields.map { row in
      columns.compactMap { name, column in row.text(column, digits: digits).map { (column: name, value: $0) } }
    }
    var distinguished: Set<Int> = []
    while true {
      var owners: [String: Int] = [:]
      var clashing: Set<Int> = []
      var result: [(name: String, value: String)] = []
      for (index, row) in values.enumerated() {
        let recipe = name(of: index, isDistinguished: distinguished.contains(index))
        for (column, value) in row {
          if let other = owners.updateValue(index, forKey: recipe + column) { clashing.formUnion([other, index]) }
          result.append((recipe + column, value))
        }
      }
      if clashing.isSubset(of: distinguished) { return result }
      distinguished.formUnion(clashing)
    }
  }

  /// The columns with numbers, and behind them those of further sets, with what names of macros call them. Where two columns would have
  /// one name, such as those of the sets `far1` and `far_1`, the underscores of the sets' columns are spelled out.
  private var namedColumns: [(name: String, column: PaperStatistic.SummaryColumn)] {
    var result = PaperStatistic.columns.map { (name: LaTeX.letters($0.name), column: $0) }
    let ofSets = PaperStatistic.devSetColumns(of: source.rows)
    let names = result.map { $0.name } + ofSets.map { LaTeX.letters($0.name) }
    let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    for column in ofSets {
      let name = LaTeX.letters(column.name)
      let spelled = LaTeX.letters(column.name.replacing("_", with: "_underscore_"))
      result.append((name: counts[name] == 1 ? name : spelled, column: column))
    }
    return result
  }

  private func name(of index: Int, isDistinguished: Bool) -> String {
    let identifier = source.rows[index].configurationIdentifier
    return prefix + source.words[index].map { LaTeX.letters($0) }.joined()
      + (isDistinguished ? LaTeX.letters(LaTeX.letters(hexadecimal: identifier)) : "")
  }
}
