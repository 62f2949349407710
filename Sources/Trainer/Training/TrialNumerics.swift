// What decides the last bits of a trial besides its inputs, as journals and checkpoints hold it: for OpenBLAS's arithmetic what the
// process computes with, for the portable one its revision alone.

import Arithmetics
import Kernels
import Trials

extension Trainer {
  /// Raised by every version whose trials of the portable arithmetic round differently from those of the one before.
  package static let portableRevision = 1
}

extension TrialConfiguration {
  /// What decides the last bits of its trials besides their inputs, in a process whose own numerics fingerprint is
  /// `fingerprint`.
  package func numerics(of fingerprint: String) -> String {
    switch training.arithmetic {
    case .openblas: fingerprint
    case .portable: PortableNumerics(roundsOperands: training.precision == .bfloat16).description
    }
  }
}

/// The fingerprint of the portable arithmetic, the same on every processor.
package struct PortableNumerics: CustomStringConvertible {
  /// Whether products of linear layers round their operands to bfloat16.
  let roundsOperands: Bool

  package init(roundsOperands: Bool) { self.roundsOperands = roundsOperands }

  /// `portable/REVISION`, and behind it the kind of bfloat16 products where there are any.
  package var description: String {
    "\(Arithmetic.portable.rawValue)/\(Trainer.portableRevision)"
      + (roundsOperands ? "+bf16/\(ProductPrecision.bfloat16Kind)" : "")
  }
}
