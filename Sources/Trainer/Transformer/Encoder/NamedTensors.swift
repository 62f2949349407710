// The tensors of a classifier by their names alone: for files that hold names, such as recorded gradient norms, while the model
// folder may be gone. Sizes and ranges are `ParameterLayout`'s.

import Architectures

/// What the tensors of a classifier are for, by their names.
package struct NamedTensors: Sendable {
  private let tensors: [String: (role: TensorRole, layer: Int?)]

  /// The classifier, of whichever family, that has all of some names; nil where no family has them.
  package init?(_ names: Set<String>) {
    // Names count layers from 0, and a classifier has more tensors than layers.
    let largest = names.lazy.flatMap { $0.split(separator: ".") }.compactMap { Int($0) }.max() ?? 0
    guard largest <= names.count else { return nil }
    let found = Architecture.all.lazy.map { Self.tensors(of: $0, layerCount: largest + 1) }
      .first { tensors in names.allSatisfy { tensors[$0] != nil } }
    guard let found else { return nil }
    tensors = found
  }

  private static func tensors(of family: Architecture, layerCount: Int) -> [String: (role: TensorRole, layer: Int?)] {
    let roles = family.roles(layerCount: layerCount, head: .classification(labelCount: 1))
    return Dictionary(
      uniqueKeysWithValues: roles.map { role in
        (family.name(of: role, layerCount: layerCount), (role, family.layer(of: role, layerCount: layerCount)))
      })
  }

  /// The role of a tensor, and the transformer layer, from 0, that it lies in, if it does; nil for a name that the classifier lacks.
  package subscript(name: String) -> (role: TensorRole, layer: Int?)? { tensors[name] }
}
