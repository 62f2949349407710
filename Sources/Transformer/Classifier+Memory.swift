// What a batch needs beside the parameter arena, known before anything is allocated.

import Kernels

extension Classifier {
  /// Bytes of every buffer between a batch's tokens and its logits and, in training, its gradients, on one thread.
  ///
  /// - Parameter lengths: the tokens of each sequence of the batch.
  public static func workspaceByteCount(
    _ configuration: EncoderConfiguration, labelCount: Int, lengths: some Sequence<Int>, training: Bool
  ) -> Int {
    var offsets = [0]
    for length in lengths { offsets.append(offsets[offsets.count - 1] + length) }
    let tokens: [Int32] = [0]  // sizes depend on no token
    return offsets.withUnsafeBufferPointer { offsets in
      tokens.withUnsafeBufferPointer { tokens in
        guard let starts = offsets.baseAddress, let token = tokens.baseAddress else { return 0 }
        let packed = PackedTokens(words: token, types: token, offsets: starts, sequenceCount: offsets.count - 1)
        let firstTokens = ChosenTokens(tokens: starts, offsets: starts, count: packed.sequenceCount)
        return Workspace(configuration, threadCount: 1)
          .byteCount(packed, firstTokens, training: training) { cutter in
            _ = HeadActivations(
              &cutter, sequences: packed.sequenceCount, hiddenSize: configuration.hiddenSize, labelCount: labelCount)
          }
      }
    }
  }
}
