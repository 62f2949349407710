// The two arithmetics that a trial can be computed with, under the names that sweep files give them. It holds the names, the two
// defaults and the functions of `Double`; the products are in `Kernels`.

import CElementary
import Glibc

/// Which products and elementary functions compute a trial: a choice of the sweep, never of the machine.
package enum Arithmetic: String, CaseIterable, Codable, Sendable {
  /// Products of OpenBLAS and functions of the C library: their last bits depend on the processor and on both libraries.
  case openblas
  /// Products and functions of our own: every bit is the same on every processor, at any number of threads and rows.
  case portable

  /// What identifiers leave out, and what a plan, a journal or a message without the key means. It never changes: another
  /// value would give every result on disk another meaning.
  package static let ofIdentifiers = Arithmetic.openblas

  /// What a sweep file without the key means. It may change from version to version, because identifiers name what is not
  /// `ofIdentifiers`.
  package static let ofSweepFiles = Arithmetic.portable
}

extension Arithmetic {
  /// e to the power `x`.
  package func exp(_ x: Double) -> Double {
    switch self {
    case .openblas: Glibc.exp(x)
    case .portable: celementary_exp(x)
    }
  }

  /// The natural logarithm of `x`.
  package func log(_ x: Double) -> Double {
    switch self {
    case .openblas: Glibc.log(x)
    case .portable: celementary_log(x)
    }
  }

  /// The sine of `x` in radians.
  package func sin(_ x: Double) -> Double {
    switch self {
    case .openblas: Glibc.sin(x)
    case .portable: celementary_sin(x)
    }
  }

  /// The cosine of `x` in radians.
  package func cos(_ x: Double) -> Double {
    switch self {
    case .openblas: Glibc.cos(x)
    case .portable: celementary_cos(x)
    }
  }
}
