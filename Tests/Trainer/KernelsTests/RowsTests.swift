import XCTest

@testable import Kernels

final class RowsTests: XCTestCase {
  let values: [Float] = (0..<15).map(Float.init)

  func testRangesOfRowsAndColumnsAreViewsOfTheSameNumbers() {
    let all = matrix(values, columns: 3)
    XCTAssertEqual([all.count, all.columns, all.stride, all.elementCount], [5, 3, 3, 15])
    XCTAssertTrue(all.isDense)
    let inner = all[rows: 1..<4][columns: 1..<3]
    XCTAssertEqual([inner.count, inner.columns, inner.stride, inner.elementCount], [3, 2, 3, 6])
    XCTAssertFalse(inner.isDense)
    XCTAssertEqual((0..<3).map { inner[$0][1] }, [5, 8, 11])
    inner.update(repeating: -1)
    XCTAssertEqual(all.values, [0, 1, 2, 3, -1, -1, 6, -1, -1, 9, -1, -1, 12, 13, 14])
  }

  func testAnEmptyRangeAtTheEndIsAView() {
    let all = matrix(values, columns: 3)
    XCTAssertEqual(all[rows: 5..<5].count, 0)
    XCTAssertEqual(all[columns: 3..<3].columns, 0)
  }

  func testRowsAreCopied() {
    let copy = Rows.unset(5, 3)
    copy.update(from: matrix(values, columns: 3))
    XCTAssertEqual(copy.values, values)
  }
}
