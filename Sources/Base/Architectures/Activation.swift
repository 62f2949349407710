// The nonlinearities of encoders and the names that `hidden_act` has for them.

/// The nonlinearity of a feed-forward part.
package enum Activation: CaseIterable, Sendable {
  /// x P(X <= x) for a standard normal X (Hendrycks and Gimpel 2016, the erf form). Absolute error below
  /// 1.2e-7 max(1, |x|).
  case gelu
  /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, the approximation of the same paper.
  case geluTanh
  /// max(0, x).
  case relu
  /// x / (1 + exp(-x)) (Elfwing et al. 2018).
  case silu
}

extension Activation {
  /// Every name of a `config.json`, the usual one of each activation first.
  package static let names: [(name: String, activation: Activation)] = [
    ("gelu", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh), ("relu", .relu), ("silu", .silu),
    ("swish", .silu), ("gelu_python", .gelu),
  ]

  /// The activation of a name; nil for a name that no `config.json` has.
  package init?(named name: String) {
    guard let found = Self.names.first(where: { $0.name == name }) else { return nil }
    self = found.activation
  }

  /// Its usual name.
  package var name: String {
    switch self {
    case .gelu: "gelu"
    case .geluTanh: "gelu_new"
    case .relu: "relu"
    case .silu: "silu"
    }
  }
}
