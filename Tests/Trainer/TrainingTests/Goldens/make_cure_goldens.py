"""Trains a tiny Hugging Face model with what papers propose against unstable runs, for the tests of Training.

    python make_cure_goldens.py MODEL_FOLDER OUTPUT_FOLDER

MODEL_FOLDER is Tests/Trainer/TransformerTests/Goldens/classification, OUTPUT_FOLDER the one of make_training_goldens.py, whose
train.tsv and dev.tsv are read. The output is cures.json: for each cure the loss of the labels, the gradient norm of every step and
the final dev logits of 20 steps of torch.optim.AdamW, with dropout 0, file order, batches of 4, clipping at norm 1, warm-up 0.1 and
linear decay. Frozen parameters have requires_grad = False and are in no group, so that clipping sees the others alone; layer decay
makes groups as the program of Zhang et al. (arXiv 2006.05987) does; smoothed labels are torch's cross_entropy's; averages are
torch.optim.swa_utils'. Float64 values are written; how far float32 is from them is printed.
Written with torch 2.13 and transformers 5.24.
"""
import csv
import json
import pathlib
import sys

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import BertForSequenceClassification, get_linear_schedule_with_warmup

STEPS, BATCH, RATE, DECAY, EPSILON = 20, 4, 2e-3, 0.01, 1e-6
LABELS = ["entailment", "neutral", "contradiction"]
# The words of the model's vocabulary file follow its special tokens.
SPECIAL = 5


def read(path):
    with open(path) as file:
        return [(r["first"], r["second"], LABELS.index(r["label"])) for r in csv.DictReader(file, delimiter="\t")]


def batch_of(rows):
    number = lambda text: [int(word.removeprefix("word")) + SPECIAL for word in text.split()]
    firsts = [[2] + number(a) + [3] for a, _, _ in rows]
    seconds = [number(b) + [3] for _, b, _ in rows]
    length = max(len(a) + len(b) for a, b in zip(firsts, seconds))
    padded = lambda rows: torch.tensor([row + [0] * (length - len(row)) for row in rows])
    return {
        "input_ids": padded([a + b for a, b in zip(firsts, seconds)]),
        "token_type_ids": padded([[0] * len(a) + [1] * len(b) for a, b in zip(firsts, seconds)]),
        "attention_mask": padded([[1] * (len(a) + len(b)) for a, b in zip(firsts, seconds)]),
    }


def freeze(model, what):
    """Turns gradients off as the papers' programs do, by modules or names."""
    if what == "encoder":
        modules = [model.bert]
    elif what == "embeddings":
        modules = [model.bert.embeddings]
    elif what == "layers":
        modules = [model.bert.embeddings, model.bert.encoder.layer[0], model.bert.encoder.layer[1]]
    else:
        modules = []
    for module in modules:
        for parameter in module.parameters():
            parameter.requires_grad = False
    if what == "all_but_biases":
        for name, parameter in model.named_parameters():
            parameter.requires_grad = "bias" in name or name.startswith("classifier")


def groups(model, layer_decay):
    """Parameter groups with a learning rate for each layer: head and pooler first, then the layers from the top, then the embeddings."""
    parts = [([("classifier", model.classifier), ("pooler", model.bert.pooler)], RATE)]
    rate = RATE
    for index in reversed(range(len(model.bert.encoder.layer))):
        rate *= layer_decay
        parts.append(([(f"layer{index}", model.bert.encoder.layer[index])], rate))
    parts.append(([("embeddings", model.bert.embeddings)], rate * layer_decay))
    found = []
    for modules, rate in parts:
        named = [(n, p) for _, module in modules for n, p in module.named_parameters() if p.requires_grad]
        plain = lambda name: "bias" in name or "LayerNorm.weight" in name
        for decay, members in [
            (DECAY, [p for n, p in named if not plain(n)]), (0.0, [p for n, p in named if plain(n)])
        ]:
            if members:
                found.append({"params": members, "weight_decay": decay, "lr": rate})
    return found


def train(folder, rows, dev_rows, dtype, frozen=None, layer_decay=1.0, smoothing=0.0, average=None):
    model = BertForSequenceClassification.from_pretrained(folder, attn_implementation="eager", dtype=dtype)
    model.eval()  # dropout off
    freeze(model, frozen)
    optimizer = torch.optim.AdamW(groups(model, layer_decay), lr=RATE, betas=(0.9, 0.999), eps=EPSILON)
    schedule = get_linear_schedule_with_warmup(optimizer, int(0.1 * STEPS), STEPS)
    averaged = None
    if average == "swa":
        averaged = AveragedModel(model)
    elif average == "ema":
        averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    losses, norms = [], []
    for step in range(STEPS):
        start = step * BATCH % len(rows)
        batch = rows[start:start + BATCH]
        labels = torch.tensor([label for _, _, label in batch])
        logits = model(**batch_of(batch)).logits
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing).backward()
        trained = [p for p in model.parameters() if p.requires_grad]
        norms.append(torch.nn.utils.clip_grad_norm_(trained, 1.0).item())
        optimizer.step()
        schedule.step()
        losses.append(torch.nn.functional.cross_entropy(logits, labels).item())
        done = step + 1
        # The mean takes the weights after steps 11, 13, ... 19.
        if average == "ema" or average == "swa" and done > STEPS // 2 and (done - STEPS // 2) % 2 == 1:
            averaged.update_parameters(model)
    with torch.no_grad():
        logits = (averaged or model)(**batch_of(dev_rows)).logits
    return {"losses": losses, "norms": norms, "logits": logits.flatten().tolist()}


def main(folder, output):
    rows, dev_rows = read(output / "train.tsv"), read(output / "dev.tsv")
    cures = {
        "layer_decay": {"layer_decay": 0.7}, "label_smoothing": {"smoothing": 0.2},
        "freeze_embeddings": {"frozen": "embeddings"}, "freeze_layers": {"frozen": "layers"},
        "freeze_encoder": {"frozen": "encoder"}, "freeze_all_but_biases": {"frozen": "all_but_biases"},
        "swa": {"average": "swa"}, "ema": {"average": "ema"},
        "all": {"layer_decay": 0.8, "smoothing": 0.1, "frozen": "embeddings", "average": "ema"},
    }
    golden = {}
    for name, cure in cures.items():
        exact, single = (train(folder, rows, dev_rows, t, **cure) for t in (torch.float64, torch.float32))
        golden[name] = exact
        for key in exact:
            worst = max(abs(a - b) / max(abs(a), 0.1) for a, b in zip(exact[key], single[key]))
            print(f"{name} {key}: float32 differs from float64 by {worst:.1e} of the value, or of 0.1, at most")
    (output / "cures.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
