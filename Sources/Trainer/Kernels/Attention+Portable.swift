// Attention of the portable arithmetic: our own kernels take a whole sequence at a time, whose scores never leave the first
// cache where it is short. Their bits are those of products, masks and softmax one after the other.

import Architectures
import CAttention

extension AttentionShape {
  /// `attentionForward` of one sequence; `scratch` has `scratchCount` floats.
  func forwardPortably(
    _ sequence: Sequence, _ operands: AttentionOperands, probabilities: UnsafeMutablePointer<Float>,
    bias: AttentionBias?, dropout: DropoutMask?, into context: Rows, scratch: UnsafeMutablePointer<Float>
  ) {
    var (shape, operands) = (sizes(of: sequence, bias, dropout), operands.rows(of: sequence))
    cattention_forward(
      &shape, &operands, cattention_rows(bias?.table), probabilities + sequence.firstProbability, scratch,
      cattention_rows(context[rows: sequence.queries]))
  }

  /// `attentionBackward` of one sequence, which adds to its own table of bias gradients; both kinds of scratch memory have
  /// `scratchCount` floats.
  func backwardPortably(
    _ sequence: Sequence, _ operands: AttentionOperands, probabilities: UnsafeMutablePointer<Float>,
    dropout: DropoutMask?, contextGradient: Rows, into gradients: AttentionOperands, biasGradient: AttentionBias?,
    scratch: UnsafeMutablePointer<Float>, droppedScratch: UnsafeMutablePointer<Float>
  ) {
    var shape = sizes(of: sequence, biasGradient, dropout)
    var (operands, gradients) = (operands.rows(of: sequence), gradients.rows(of: sequence))
    cattention_backward(
      &shape, &operands, probabilities + sequence.firstProbability,
      cattention_rows(contextGradient[rows: sequence.queries]), &gradients, cattention_rows(biasGradient?.table),
      scratch, droppedScratch)
  }

  private func sizes(of sequence: Sequence, _ bias: AttentionBias?, _ dropout: DropoutMask?) -> cattention_shape {
    let (kind, reach) =
      switch mask {
      case .all: (cattention_all, 0)
      case .causal: (cattention_causal, 0)
      case .local(let reach): (cattention_local, reach)
      }
    return cattention_shape(
      query_count: sequence.queryCount, length: sequence.length, head_count: headCount, size: headSize,
      scale: 1 / Float(headSize).squareRoot(), mask: kind, reach: reach,
      tokens: chosen.map { $0.tokens + sequence.firstQuery }, first_token: sequence.firstToken,
      bias_reach: (bias?.table.columns ?? 1) / 2, marks: dropout.map { $0.marks + sequence.firstProbability },
      mark_scale: dropout?.scale ?? 1)
  }
}

extension AttentionOperands {
  /// One sequence's rows.
  fileprivate func rows(of sequence: AttentionShape.Sequence) -> cattention_operands {
    cattention_operands(
      query: cattention_rows(query[rows: sequence.queries]), key: cattention_rows(key[rows: sequence.tokens]),
      value: cattention_rows(value[rows: sequence.tokens]))
  }
}

extension cattention_rows {
  /// A view, or no rows.
  fileprivate init(_ rows: Rows?) {
    self.init(start: rows?.start, stride: rows?.stride ?? 0)
  }
}
