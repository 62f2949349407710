// PyTorch's AdamW.

import CElementwise

/// `torch.optim.AdamW`: w -= lr wd (w - target), then w -= a m / (sqrt v / sqrt(1 - b2^t) + eps) with a = lr / (1 - b1^t).
package enum TorchAdamW: AdamRule {
  package static let name = "torch"
  package static let documentation = "torch.optim.AdamW: decay before the step, epsilon added to the corrected root"

  package static func factors(_ constants: UpdateConstants, _ request: UpdateRequest) -> UpdateFactors {
    var factors = UpdateFactors(constants, request)
    if constants.biasCorrection {
      factors.stepSize = Float(request.learningRate / (1 - Adam.power(constants.beta1, request.update)))
      factors.rootScale = Float(1 / (1 - Adam.power(constants.beta2, request.update)).squareRoot())
    }
    return factors
  }

  static var pass: celementwise_rule { celementwise_torch }
}
