"""Writes optimizers.json: what the four update rules make of a few weights, for the tests of Training.

    python make_goldens.py FOLDER

torch.optim.AdamW is run in float64; the other rules are written out in float64 from the published code (Hugging Face
transformers 3 `AdamW`, google-research/bert `AdamWeightDecayOptimizer`). Nothing here is read by the Swift code but the
file it writes.
"""
import json
import math
import sys

import torch

STEPS, COUNT = 40, 6
BETA1, BETA2, EPSILON, DECAY = 0.9, 0.999, 1e-6, 0.01


def float32(values):
    return torch.tensor(values, dtype=torch.float32).tolist()


def rates():
    peak, warmup = 1e-2, 4
    return [peak * (s / warmup if s < warmup else (STEPS - s) / (STEPS - warmup)) for s in range(STEPS)]


def hugging_face(weights, gradients, corrected):
    weights = list(weights)
    m, v = [0.0] * COUNT, [0.0] * COUNT
    for t, (gradient, rate) in enumerate(zip(gradients, rates()), start=1):
        for i, g in enumerate(gradient):
            m[i] = BETA1 * m[i] + (1 - BETA1) * g
            v[i] = BETA2 * v[i] + (1 - BETA2) * g * g
            step = rate * math.sqrt(1 - BETA2**t) / (1 - BETA1**t) if corrected else rate
            weights[i] += -step * m[i] / (math.sqrt(v[i]) + EPSILON)
            weights[i] += -rate * DECAY * weights[i]
    return weights


def google(weights, gradients):
    weights = list(weights)
    m, v = [0.0] * COUNT, [0.0] * COUNT
    for gradient, rate in zip(gradients, rates()):
        for i, g in enumerate(gradient):
            m[i] = BETA1 * m[i] + (1 - BETA1) * g
            v[i] = BETA2 * v[i] + (1 - BETA2) * g * g
            update = m[i] / (math.sqrt(v[i]) + EPSILON) + DECAY * weights[i]
            weights[i] -= rate * update
    return weights


def torch_adamw(weights, gradients):
    parameter = torch.nn.Parameter(torch.tensor(weights, dtype=torch.float64))
    optimizer = torch.optim.AdamW([parameter], lr=1.0, betas=(BETA1, BETA2), eps=EPSILON, weight_decay=DECAY)
    for gradient, rate in zip(gradients, rates()):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
    return parameter.tolist()


def main(folder):
    torch.manual_seed(1)
    weights = float32(torch.randn(COUNT).tolist())
    gradients = [float32((torch.randn(COUNT) * 10.0 ** torch.arange(-3, 3)).tolist()) for _ in range(STEPS)]
    golden = {
        "weights": weights, "gradients": gradients, "rates": rates(),
        "hf": hugging_face(weights, gradients, corrected=False),
        "hfCorrected": hugging_face(weights, gradients, corrected=True),
        "google": google(weights, gradients), "torch": torch_adamw(weights, gradients),
    }
    clipped = torch.nn.Parameter(torch.zeros(3))
    clipped.grad = torch.tensor([3.0, -4.0, 12.0])
    golden["clipNorm"] = torch.nn.utils.clip_grad_norm_([clipped], 1.0).item()
    golden["clipped"] = clipped.grad.tolist()
    with open(f"{folder}/optimizers.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
