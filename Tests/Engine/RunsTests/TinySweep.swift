// The sweep of two steps on a model of one layer that the tests of whole runs train.

enum TinySweep {
  /// The sweep with further keys, each with its comma.
  static func text(_ others: String) -> String {
    """
    {
      name: "tiny",
      model: {
        init: "random",
        config: {
          num_hidden_layers: 1, hidden_size: 8, num_attention_heads: 2, intermediate_size: 16,
          max_position_embeddings: 32,
        },
      },
      task: { name: "synthetic", train_size: 16, dev_size: 8, max_length: 16 },
      training: { max_steps: 2, batch_size: 4 },
      \(others)
    }
    """
  }
}
