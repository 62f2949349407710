// The names that `hidden_act` has for the activations.

import Kernels

extension Activation {
  /// Every name of a `config.json`, the usual one of each activation first.
  static let names: [(name: String, activation: Activation)] = [
    ("gelu", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh), ("relu", .relu), ("silu", .silu),
    ("swish", .silu), ("gelu_python", .gelu),
  ]

  init?(named name: String) {
    guard let found = Self.names.first(where: { $0.name == name }) else { return nil }
    self = found.activation
  }

  var name: String {
    switch self {
    case .gelu: "gelu"
    case .geluTanh: "gelu_new"
    case .relu: "relu"
    case .silu: "silu"
    }
  }
}
