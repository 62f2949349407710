// A view of a matrix in memory that someone else owns. Every kernel takes its matrices as `Rows`, so a shape is written
// once, where a buffer is cut, and not at every call. It owns nothing and frees nothing.

/// Rows of floats, `stride` floats from the start of one to the start of the next.
package struct Rows {
  /// The first number of the first row.
  package let start: UnsafeMutablePointer<Float>
  /// Rows.
  package let count: Int
  /// Numbers of a row.
  package let columns: Int
  /// Floats from a row's start to the next one's; `columns` where nothing lies between the rows.
  package let stride: Int

  /// A view; without a stride the rows follow each other.
  @inlinable
  package init(_ start: UnsafeMutablePointer<Float>, count: Int, columns: Int, stride: Int? = nil) {
    let stride = stride ?? columns
    precondition(
      count >= 0 && columns >= 0 && stride >= columns, "no matrix has \(count) rows of \(columns) at stride \(stride)")
    self.start = start
    self.count = count
    self.columns = columns
    self.stride = stride
  }

  /// The start of a row.
  @inlinable
  package subscript(row: Int) -> UnsafeMutablePointer<Float> { start + row &* stride }

  /// A range of the rows.
  @inlinable
  package subscript(rows range: Range<Int>) -> Rows {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
    return Rows(self[range.lowerBound], count: range.count, columns: columns, stride: stride)
  }

  /// A range of the columns of every row.
  @inlinable
  package subscript(columns range: Range<Int>) -> Rows {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
    return Rows(start + range.lowerBound, count: count, columns: range.count, stride: stride)
  }

  /// Whether nothing lies between the rows: what elementwise kernels ask for.
  @inlinable
  package var isDense: Bool { stride == columns }

  /// Numbers of all rows.
  @inlinable
  package var elementCount: Int { count &* columns }

  /// Fills every row with a number.
  package func update(repeating value: Float) {
    for row in 0..<count { self[row].update(repeating: value, count: columns) }
  }

  /// Copies every row from a matrix of the same shape.
  package func update(from other: Rows) {
    requireShape(of: other)
    for row in 0..<count { self[row].update(from: other[row], count: columns) }
  }

  /// Refuses a matrix of another shape, and rows with gaps between them, which elementwise kernels do not read.
  @inline(__always)
  func requireShape(of other: Rows) {
    precondition(
      count == other.count && columns == other.columns && isDense && other.isDense,
      "(\(count), \(columns)) at stride \(stride) and (\(other.count), \(other.columns)) at stride \(other.stride) "
        + "must be dense and of one shape")
  }

  /// Refuses rows with gaps between them.
  @inline(__always)
  func requireDense() {
    precondition(isDense, "rows of \(columns) at stride \(stride) must be dense")
  }
}
