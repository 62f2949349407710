// The tensors of a classifier by their names alone: for files that hold names, such as recorded gradient norms, while the model
// folder may be gone. Sizes and ranges are `ParameterLayout`'s.

import Architectures

/// What the tensors of a classifier are for, by their names.
package struct NamedTensors: Sendable {
  /// What a tensor is for, and the transformer layer, from 0, that it lies in, if it does.
  package typealias Tensor = (role: TensorRole, layer: Int?)

  private let tensors: [String: Tensor]

  /// The classifier, of whichever family, that has all of some names; nil where no family has them.
  package init?(_ names: Set<String>) {
    // Names count layers from 0, and a classifier has more tensors than layers.
    let largest = names.lazy.flatMap { $0.split { $0 == "." || $0 == "#" } }.compactMap { Int($0) }.max() ?? 0
    guard largest <= names.count else { return nil }
    let found = Architecture.all.lazy.map { Self.tensors(of: $0, layerCount: largest + 1) }
      .first { tensors in names.allSatisfy { tensors[$0] != nil } }
    guard let found else { return nil }
    tensors = found
  }

  private static func tensors(of family: Architecture, layerCount: Int) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    let roles = family.roles(
      layerCount: layerCount, head: .classification(labelCount: 1),
      projectsEmbeddings: family.embeddingProjection != .never)
    for role in roles {
      let name = family.name(of: role, layerCount: layerCount)
      tensors[name] = (role, family.layer(of: role, layerCount: layerCount))
      guard family.group(of: role, layerCount: layerCount) == .sharedLayer else { continue }
      for layer in 0..<layerCount { tensors[Architecture.name(of: name, asLayer: layer)] = (role, layer) }
    }
    return tensors
  }

  /// The tensor of a name; nil for one that the classifier lacks. A shared layer's tensor lies in a layer only in one of its
  /// applications.
  package subscript(name: String) -> Tensor? { tensors[name] }
}
