// What several tests at once do to their p-values. Which tests are a family is declared by the sweep, not here.

/// Adjustments for several tests.
package enum Multiplicity {
  /// Holm's step-down adjustment (1979) of a family's p-values, in their order; a NaN stays one and counts for nothing.
  package static func holm(_ values: [Double]) -> [Double] {
    var adjusted = values
    let order = values.indices.filter { !values[$0].isNaN }.sorted { (values[$0], $0) < (values[$1], $1) }
    var largest = 0.0
    for (rank, place) in order.enumerated() {
      largest = max(largest, min(1, Double(order.count - rank) * values[place]))
      adjusted[place] = largest
    }
    return adjusted
  }
}
