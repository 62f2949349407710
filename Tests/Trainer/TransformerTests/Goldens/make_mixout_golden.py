"""Makes mixout.safetensors beside this script: the loss and the gradients of Hugging Face's BertForSequenceClassification
in the folder "classification", on its batch, with every linear weight below the head replaced by mixout's

    ((1 - M) u + M w - p u) / (1 - p)        (Lee et al. 2019)

as published, one mark of M an input column, p = 28672 / 65536. It holds the pre-trained weights u as "anchor." + name, the
masks as "mask." + name, the loss, and torch's own derivative of the loss by every trained w as "gradient." + name.

    python make_mixout_golden.py GOLDENS_FOLDER
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import BertForSequenceClassification

from make_goldens import padded

PROBABILITY = 28672 / 65536


def main(folder):
    model = BertForSequenceClassification.from_pretrained(folder / "classification", attn_implementation="eager").eval()
    batch = json.loads((folder / "classification.json").read_text())
    generator = torch.Generator().manual_seed(2)
    weights = {name: value.detach().clone().requires_grad_() for name, value in model.named_parameters()}
    used, results = dict(weights), {}
    for name, w in weights.items():
        if w.dim() != 2 or "embeddings" in name or name.startswith("classifier."):
            continue
        u = w.detach() + 0.2 * torch.randn(w.shape, generator=generator)
        mask = (torch.rand(w.shape[1], generator=generator) >= PROBABILITY).float()
        used[name] = ((1 - mask) * u + mask * w - PROBABILITY * u) / (1 - PROBABILITY)
        results |= {"anchor." + name: u, "mask." + name: mask}
    loss = torch.func.functional_call(model, used, (), padded(batch, torch.float32)).loss
    loss.backward()
    results |= {"loss": loss.detach()}
    results |= {"gradient." + name: w.grad for name, w in weights.items()}
    save_file({name: value.detach().clone() for name, value in results.items()}, folder / "mixout.safetensors")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python make_mixout_golden.py GOLDENS_FOLDER")
    torch.set_num_threads(1)
    main(pathlib.Path(sys.argv[1]))
