// Our exp, log, sin and cos of a Double against mpmath (Goldens/make_elementary.py), against the C library's long doubles over
// dense grids, and at their ends.

import CElementary
import Foundation
import XCTest

private typealias Function = (Double) -> Double

final class DoubleFunctionTests: XCTestCase {
  private let functions: [String: Function] = [
    "exp": celementary_exp, "log": celementary_log, "sin": celementary_sin, "cos": celementary_cos,
  ]

  /// What the header promises, in units in the last place, and 1 where a result is subnormal.
  private func bound(_ value: Double) -> Double { value.isNormal || value == 0 ? 0.51 : 1 }

  func testValuesOfMpmath() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Goldens/elementary.json")
    let goldens = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as! [String: [[Any]]]
    XCTAssertEqual(Set(goldens.keys), Set(functions.keys))
    for (name, cases) in goldens {
      XCTAssertGreaterThan(cases.count, 100)
      for entry in cases {
        let argument = Double(entry[0] as! String)!
        let nearest = Double(entry[1] as! String)!
        let above = (entry[2] as! NSNumber).doubleValue
        let value = functions[name]!(argument)
        let error = abs((value - nearest) / nearest.ulp - above)
        XCTAssertLessThan(error, bound(nearest), "\(name)(\(argument)) is \(value), not \(nearest)")
      }
    }
  }

  #if arch(x86_64)
    /// Long doubles have eleven bits more, so their own error is below 0.001 units of a double.
    private func assertWithinBound(
      _ name: String, _ from: Double, _ to: Double, _ reference: (Float80) -> Float80, line: UInt = #line
    ) {
      let function = functions[name]!
      let step = (to - from) / 20_011
      var worst = (error: 0.0, at: from)
      for index in 0...20_011 {
        let argument = from + Double(index) * step
        let expected = reference(Float80(argument))
        let error = abs(Double((Float80(function(argument)) - expected) / Float80(Double(expected).ulp)))
        if !(error <= worst.error) { worst = (error, argument) }
      }
      XCTAssertLessThan(worst.error, 0.51, "\(name)(\(worst.at))", line: line)
    }

    func testDenseGridsAgainstLongDoubles() {
      assertWithinBound("exp", -708, 709.7, exp)
      assertWithinBound("exp", -1, 1, exp)
      assertWithinBound("log", 1e-9, 2, log)
      assertWithinBound("log", 0.99, 1.01, log)
      assertWithinBound("log", 1, 1e9, log)
      assertWithinBound("sin", 0, 2 * .pi, sin)
      assertWithinBound("cos", 0, 2 * .pi, cos)
      assertWithinBound("sin", -100, 100, sin)
      assertWithinBound("cos", -100, 100, cos)
    }
  #endif

  func testEnds() {
    XCTAssertEqual(celementary_exp(0), 1)
    XCTAssertEqual(celementary_exp(.infinity), .infinity)
    XCTAssertEqual(celementary_exp(709.79), .infinity)
    XCTAssertEqual(celementary_exp(1e300), .infinity)
    XCTAssertEqual(celementary_exp(-.infinity), 0)
    XCTAssertEqual(celementary_exp(-745.15), 0)
    XCTAssertEqual(celementary_exp(-745.1), 0x1p-1074)
    XCTAssertEqual(celementary_log(1).bitPattern, 0)
    XCTAssertEqual(celementary_log(0), -.infinity)
    XCTAssertEqual(celementary_log(-0.0), -.infinity)
    XCTAssertEqual(celementary_log(.infinity), .infinity)
    XCTAssertEqual(celementary_sin(-0.0).bitPattern, (-0.0).bitPattern)
    XCTAssertEqual(celementary_sin(0x1p-1074), 0x1p-1074)
    XCTAssertEqual(celementary_cos(0), 1)
  }

  func testNotANumberIsTheSameQuietOne() {
    let arguments: [String: [Double]] = [
      "exp": [.nan, -.nan, .signalingNaN], "log": [.nan, -.nan, -1, -.infinity, -0x1p-1074],
      "sin": [.nan, -.nan, .infinity, -.infinity, 0x1.00001p20], "cos": [-.nan, .infinity, -0x1.00001p20],
    ]
    for (name, values) in arguments {
      for value in values {
        XCTAssertEqual(functions[name]!(value).bitPattern, 0x7FF8_0000_0000_0000, "\(name)(\(value))")
      }
    }
  }

  func testSymmetry() {
    for index in 0..<10_000 {
      let angle = Double(index) * 0.37
      XCTAssertEqual(celementary_sin(-angle), -celementary_sin(angle))
      XCTAssertEqual(celementary_cos(-angle), celementary_cos(angle))
    }
  }
}
