// What a training step says to whoever watches it, for measurements. A watcher sees the batch and the loss and can change
// nothing; who does not watch pays nothing.

import Transformer

/// A point that a training step passes, in this order.
package enum StepEvent {
  /// The batch is put together; the forward pass begins.
  case batch(PackedSequences, Targets)
  /// The forward pass gave this sum of losses over the batch; the backward pass begins.
  case loss(Double)
  /// The gradients are there; they are measured next.
  case gradients
  /// The norms are there; clipping and the update come next.
  case norms
  /// The weights are updated; what remains is recording.
  case update
}
