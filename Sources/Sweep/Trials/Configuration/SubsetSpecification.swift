// The section `train_subset`: a seeded choice among the training examples, with its keys beside the fields.

/// A seeded subset of the training examples.
package struct SubsetSpecification: Hashable, Sendable {
  /// The number of examples.
  package var size: Int
  /// The seed of the choice, apart from the trial's seeds.
  package var seed: UInt64

  /// A subset of `size` examples chosen with `seed`.
  package init(size: Int, seed: UInt64) {
    self.size = size
    self.seed = seed
  }
}

extension SubsetSpecification {
  static let keys: [ConfigurationKey] = [
    ConfigurationKey(
      path: "train_subset.size", column: "train_subset_size", kind: .integer(minimum: 1),
      documentation: "Train on this number of examples, which `train_subset.seed` chooses.",
      get: { $0.trainSubset.map { .integer($0.size) } ?? .null },
      set: { configuration, value in
        if case .integer(let size) = value {
          configuration.trainSubset = SubsetSpecification(size: size, seed: configuration.trainSubset?.seed ?? 1)
        } else {
          configuration.trainSubset = nil
        }
      }
    ).whenMissing("all training examples").inTransformers("max_train_samples"),
    ConfigurationKey(
      path: "train_subset.seed", column: "train_subset_seed", kind: .seed,
      documentation: "The seed that chooses the examples, apart from the trial's seeds.",
      get: { $0.trainSubset.map { .seed($0.seed) } ?? .null },
      set: { configuration, value in
        if case .seed(let seed) = value { configuration.trainSubset?.seed = seed }
      }
    ).whenMissing("`1`").implies { _ in .seed(1) }
      .used(where: "`train_subset.size` is set", unless: "train_subset.size", .isNotSet) { $0.trainSubset != nil }
      .drawingData(),
  ]
}
