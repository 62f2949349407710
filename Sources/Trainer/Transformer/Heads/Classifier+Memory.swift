// What a batch needs beside the parameter arena, known before anything is allocated.

import Kernels

extension Classifier {
  /// Bytes of every buffer between a batch's tokens and its logits and, in training, its gradients, on one thread.
  ///
  /// - Parameter lengths: the tokens of each sequence of the batch.
  package static func workspaceByteCount(
    _ configuration: EncoderConfiguration, labelCount: Int, lengths: some Sequence<Int>, training: Bool
  ) -> Int {
    let lengths = Array(lengths)
    return Workspace.byteCount(
      configuration, lengths: lengths, chosenCounts: lengths.map { _ in 1 }, training: training
    ) { cutter, sequences in
      _ = HeadActivations(&cutter, sequences: sequences, configuration, labelCount: labelCount)
    }
  }
}

extension Workspace {
  /// Bytes of a batch's buffers, of which the head reads `chosenCounts` tokens a sequence and cuts its own.
  static func byteCount(
    _ configuration: EncoderConfiguration, lengths: [Int], chosenCounts: [Int], training: Bool,
    head: (inout ArenaCutter, _ chosenCount: Int) -> Void
  ) -> Int {
    func offsets(_ counts: [Int]) -> [Int] { counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) } }
    let (starts, chosenStarts) = (offsets(lengths), offsets(chosenCounts))
    let tokens: [Int32] = [0]  // sizes depend on no token
    return starts.withUnsafeBufferPointer { starts in
      chosenStarts.withUnsafeBufferPointer { chosenStarts in
        tokens.withUnsafeBufferPointer { tokens in
          guard let start = starts.baseAddress, let chosenStart = chosenStarts.baseAddress,
            let token = tokens.baseAddress
          else { return 0 }
          let packed = PackedTokens(words: token, types: token, offsets: start, sequenceCount: lengths.count)
          let chosen = ChosenTokens(
            tokens: chosenStart, offsets: chosenStart, count: chosenStarts[chosenStarts.count - 1])
          let residual = EncoderModel.residual(configuration, on: .alone)
          return Workspace(configuration, residual, threadCount: 1)
            .byteCount(packed, chosen, training: training) { head(&$0, chosen.count) }
        }
      }
    }
  }
}
