"""Trains a tiny Hugging Face model for 20 steps and writes what happened, for the tests of Training.

    python make_training_goldens.py MODEL_FOLDER OUTPUT_FOLDER

MODEL_FOLDER is Tests/Trainer/TransformerTests/Goldens/classification. The output is train.tsv, dev.tsv and training.json: the
loss and the gradient norm of every step and the final dev logits, with dropout 0, file order, batches of 4, clipping at
norm 1, warm-up 0.1 and linear decay, once with torch.optim.AdamW and once with the AdamW of transformers 3 without
bias correction (written out below). Float64 values are written; how far float32 is from them is printed.
Written with torch 2.13 and transformers 5.23.
"""
import json
import pathlib
import sys

import torch
from transformers import BertForSequenceClassification, get_linear_schedule_with_warmup

STEPS, BATCH, RATE, DECAY, EPSILON = 20, 4, 2e-3, 0.01, 1e-6
SPECIAL, LABELS = 5, ["entailment", "neutral", "contradiction"]


class ClassicAdamW(torch.optim.Optimizer):
    """transformers 3.0 `AdamW(correct_bias=False)`."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["m"], state["v"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
                state["m"].mul_(0.9).add_(parameter.grad, alpha=1 - 0.9)
                state["v"].mul_(0.999).addcmul_(parameter.grad, parameter.grad, value=1 - 0.999)
                parameter.addcdiv_(state["m"], state["v"].sqrt().add_(EPSILON), value=-group["lr"])
                if group["weight_decay"] > 0:
                    parameter.add_(parameter, alpha=-group["lr"] * group["weight_decay"])


def make_texts(count, generator):
    """Pairs of one to five words; the label is a rule of the first words, so that there is something to learn."""
    rows = []
    for _ in range(count):
        lengths = torch.randint(1, 6, (2,), generator=generator).tolist()
        words = [torch.randint(0, 45, (length,), generator=generator).tolist() for length in lengths]
        rows.append((words[0], words[1], (words[0][0] + words[1][0]) % 3))
    return rows


def batch_of(rows, dtype):
    ids = [[2] + [w + SPECIAL for w in a] + [3] + [w + SPECIAL for w in b] + [3] for a, b, _ in rows]
    types = [[0] * (len(a) + 2) + [1] * (len(b) + 1) for a, b, _ in rows]
    length = max(map(len, ids))
    pad = lambda lists: torch.tensor([row + [0] * (length - len(row)) for row in lists])
    return {
        "input_ids": pad(ids), "token_type_ids": pad(types), "attention_mask": pad([[1] * len(row) for row in ids]),
        "labels": torch.tensor([label for _, _, label in rows]),
    }


def train(folder, algorithm, train_rows, dev_rows, dtype):
    model = BertForSequenceClassification.from_pretrained(folder, attn_implementation="eager", dtype=dtype)
    model.eval()  # dropout off
    named = list(model.named_parameters())
    decays = lambda name: not ("bias" in name or "LayerNorm.weight" in name)
    groups = [
        {"params": [p for n, p in named if decays(n)], "weight_decay": DECAY},
        {"params": [p for n, p in named if not decays(n)], "weight_decay": 0.0},
    ]
    if algorithm == "torch":
        optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=EPSILON)
    else:
        optimizer = ClassicAdamW(groups, {"lr": RATE})
    schedule = get_linear_schedule_with_warmup(optimizer, int(0.1 * STEPS), STEPS)
    losses, norms = [], []
    for step in range(STEPS):
        start = step * BATCH % len(train_rows)
        loss = model(**batch_of(train_rows[start:start + BATCH], dtype)).loss
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    with torch.no_grad():
        logits = model(**batch_of(dev_rows, dtype)).logits
    return {"losses": losses, "norms": norms, "logits": logits.flatten().tolist()}


def main(folder, output):
    generator = torch.Generator().manual_seed(1)
    splits = {"train": make_texts(32, generator), "dev": make_texts(6, generator)}
    text = lambda words: " ".join(f"word{w}" for w in words)
    for name, rows in splits.items():
        lines = ["first\tsecond\tlabel"] + [f"{text(a)}\t{text(b)}\t{LABELS[label]}" for a, b, label in rows]
        (output / f"{name}.tsv").write_text("\n".join(lines) + "\n")
    golden = {}
    for algorithm in ["torch", "hf"]:
        exact, single = (train(folder, algorithm, splits["train"], splits["dev"], t) for t in (torch.float64, torch.float32))
        golden[algorithm] = exact
        for key in exact:
            worst = max(abs(a - b) / max(abs(a), 1e-30) for a, b in zip(exact[key], single[key]))
            print(f"{algorithm} {key}: float32 differs from float64 by {worst:.1e} of the value at most")
    (output / "training.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
