// Adjusts p-values for the number of tests. The sweep declares which tests form a family.

/// Adjustments for several tests.
package enum Multiplicity {
  /// Holm's step-down adjustment (1979) of a family's p-values, in their order; a NaN stays NaN and does not count as a test.
  package static func holm(_ values: [Double]) -> [Double] {
    var adjusted = values
    let order = values.indices.filter { !values[$0].isNaN }.sorted { (values[$0], $0) < (values[$1], $1) }
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(order.count - rank) * values[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
