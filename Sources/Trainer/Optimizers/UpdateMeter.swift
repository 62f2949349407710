// How far each update moves the weights, for trials that record it. It keeps a copy of the weights before an update and reads the
// weights after it; it changes neither. Sums run over fixed pieces and in Double, so they are the same for any thread count.

import Kernels
import Transformer

/// Measures the l2 norm of each update of a run, over all weights.
package struct UpdateMeter {
  /// The weights after the last update that was measured, in memory that somebody else keeps.
  private let previous: UnsafeMutableBufferPointer<Float>

  /// A meter that keeps its copy in `room`, which is as long as the parameters.
  package init(in room: UnsafeMutableBufferPointer<Float>) { previous = room }

  /// Starts from the present weights, which must be settled.
  package func start(from parameters: UnsafeMutableBufferPointer<Float>) {
    _ = previous.update(fromContentsOf: parameters)
  }

  /// The l2 norm of the difference between `parameters`, which must be settled, and those of the last call, which they replace.
  package func norm(of parameters: UnsafeMutableBufferPointer<Float>, on team: ThreadTeam) -> Double {
    guard let own = previous.baseAddress, let other = parameters.baseAddress else { return 0 }
    let (count, pieceSize) = (previous.count, 1 << 16)
    let pieceCount = (count + pieceSize - 1) / pieceSize
    let squares = [Double](unsafeUninitializedCapacity: pieceCount) { squares, initialized in
      initialized = pieceCount
      guard let sums = squares.baseAddress else { return }
      team.run(pieceCount) { piece, _ in
        let start = piece * pieceSize
        let size = min(pieceSize, count - start)
        let (before, after) = (own + start, other + start)
        for index in 0..<size { before[index] = after[index] - before[index] }
        sums[piece] = sumOfSquares(UnsafeBufferPointer(start: before, count: size))
        before.update(from: after, count: size)
      }
    }
    return squares.reduce(0, +).squareRoot()
  }
}
