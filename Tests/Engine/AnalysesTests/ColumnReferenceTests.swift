// The reference of all tables: it has every table that commands derive, and each column once with a sentence.

import Analyses
import Storage
import Tables
import Trials
import XCTest

final class ColumnReferenceTests: XCTestCase {
  func testEveryDerivedTableIsThere() {
    let files = Set(ColumnReference.tables.map(\.file))
    XCTAssertEqual(files.count, ColumnReference.tables.count)
    for table in DerivedTable.ofReports + AnalysisRegistry.tables {
      XCTAssertTrue(files.contains(table.name + ".csv"), table.name)
    }
    for name in ["trials", "curves", "summary", "timings", "gradient_norms", "metrics"] {
      XCTAssertTrue(files.contains(name + ".csv"), name)
    }
  }

  func testEveryColumnHasOneNameAndASentence() {
    for table in ColumnReference.tables {
      XCTAssertEqual(Set(table.columns.map(\.name)).count, table.columns.count, table.file)
      for column in table.columns {
        XCTAssertTrue(column.documentation.hasSuffix("."), "\(table.file) \(column.name)")
        XCTAssertTrue(
          column.documentation.first.map { $0.isUppercase || "\"`".contains($0) } ?? false,
          "\(table.file) \(column.name)")
      }
      XCTAssertTrue(table.documentation.hasSuffix("."), table.file)
    }
  }

  /// Also those of sweeps that set what few set: a key's column, those of a further set and those of a program's parameter.
  func testColumnsOfSomeSweepsAreThere() throws {
    func table(_ name: String) throws -> TableReference {
      try XCTUnwrap(ColumnReference.tables.first { $0.file == name })
    }
    let (trials, summary) = (try table("trials.csv"), try table("summary.csv"))
    XCTAssertGreaterThan(ConfigurationSchema.rareKeys.count, 10)
    for name in ConfigurationSchema.rareKeys.compactMap(\.column) + ["parameter_width"] {
      XCTAssertTrue(trials.mayHave(name) && summary.mayHave(name), name)
    }
    XCTAssertTrue(trials.mayHave("value_dev_hard") && summary.mayHave("mean_successful_dev_hard"))
    for name in ["value_dev_", "parameter_", "value_dev", "seeds", ""] { XCTAssertFalse(trials.mayHave(name), name) }
    XCTAssertTrue(try table("metrics.csv").mayHave("pair_accuracy"))
  }

  /// An interval has both bounds, one behind the other, by one method.
  func testIntervalsHaveTwoBounds() {
    for table in ColumnReference.tables {
      for (index, column) in table.columns.enumerated() {
        guard case .lowerBound(let name) = column.role else { continue }
        let next = table.columns[index + 1]
        XCTAssertEqual(next.role, .upperBound(of: name), "\(table.file) \(column.name)")
        XCTAssertEqual(next.conventions, column.conventions, "\(table.file) \(column.name)")
        XCTAssertEqual(column.name.replacing("_low", with: "_high"), next.name)
      }
    }
  }
}
