"""Compares seedsweep's binaries with Hugging Face transformers on a model folder of any family and real RTE pairs.

Called by compare-huggingface.sh. Both sides start from one folder: the given encoder with a head drawn here. Each line of
the output is one comparison with the largest difference found and the one allowed; the exit code is 1 if any is exceeded.
"""

import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

if __name__ == "__main__" and len(sys.argv) == 1:
    sys.exit("compare-huggingface.py: run scripts/check/compare/compare-huggingface.sh, which gives this program what it needs")

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

LABELS = ["entailment", "not_entailment"]
MAXIMUM_LENGTH = 128
BATCH_SIZE = 16
STEPS = 20
LEARNING_RATE = 5e-5
# Written out in the sweep file and in `optimizer_step`.
RECIPES = {
    "torch": {"algorithm": "torch", "bias_correction": True, "epsilon": 1e-8},
    "hf": {"algorithm": "hf", "bias_correction": True, "epsilon": 1e-6},
    "uncorrected": {"algorithm": "hf", "bias_correction": False, "epsilon": 1e-6},
}

# What was compared: (what, found, allowed).
comparisons = []


def report(what, found, allowed):
    """Prints one comparison; NaN is a failure."""
    comparisons.append((what, found, allowed))
    print(f"{'ok  ' if found <= allowed else 'FAIL'}  {what}: {found:.2e}, allowed {allowed:.0e}", flush=True)


def read_pairs(path):
    """The pairs and class numbers of a GLUE RTE file, quotes taken literally."""
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]
    rows = [line.split("\t") for line in lines]
    return [(row[1], row[2], LABELS.index(row[3])) for row in rows]


def encode(tokenizer, pairs):
    """Ragged token ids and types, truncated longest first."""
    encoded = tokenizer(
        [first for first, _, _ in pairs], [second for _, second, _ in pairs], truncation="longest_first",
        max_length=MAXIMUM_LENGTH)
    ids = encoded["input_ids"]
    return {"input_ids": ids, "token_type_ids": encoded.get("token_type_ids", [[0] * len(row) for row in ids])}


def padded(tokenizer, pairs):
    return tokenizer(
        [first for first, _, _ in pairs], [second for _, second, _ in pairs], truncation="longest_first",
        max_length=MAXIMUM_LENGTH, padding=True, return_tensors="pt")


def batches(pairs):
    return [pairs[start:start + BATCH_SIZE] for start in range(0, len(pairs), BATCH_SIZE)]


@torch.no_grad()
def logits_of(model, tokenizer, pairs):
    return torch.cat([model(**padded(tokenizer, batch)).logits for batch in batches(pairs)])


def prepare(source, folder):
    """The encoder of a model folder with a head drawn here, saved by transformers. Its deviation is ten times BERT's, so
    that logits and losses are of order one and the comparison is not one of numbers near zero."""
    torch.manual_seed(1)
    model = AutoModelForSequenceClassification.from_pretrained(source, num_labels=len(LABELS), dtype=torch.float32).eval()
    model.config.id2label = dict(enumerate(LABELS))
    model.config.label2id = {label: index for index, label in enumerate(LABELS)}
    model.config.problem_type = "single_label_classification"
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith(model.base_model_prefix + "."):
                parameter.normal_(0, 0.2)
    model.save_pretrained(folder)
    for path in source.iterdir():
        if path.is_file() and path.name != "config.json" and path.suffix in (".json", ".txt", ".model"):
            if not path.name.endswith(".index.json"):
                shutil.copyfile(path, folder / path.name)


def load(folder):
    return AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()


def run(arguments):
    """Runs one of seedsweep's programs and shows its output if it fails."""
    result = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}\nended with {result.returncode}:\n{result.stdout}{result.stderr}")


def dump(binaries, folder, batch, work):
    """What seedsweep-parity computes on a batch."""
    (work / "batch.json").write_text(json.dumps(batch))
    run([binaries / "seedsweep-parity", folder, work / "batch.json", work / "dump.safetensors"])
    return load_file(work / "dump.safetensors")


def compare_logits(binaries, folder, model, tokenizer, pairs, work):
    expected = logits_of(model, tokenizer, pairs)
    found = dump(binaries, folder, encode(tokenizer, pairs), work)["logits"]
    report(f"logits of {len(pairs)} RTE pairs, largest difference", (found - expected).abs().max().item(), 1e-4)


def compare_gradients(binaries, folder, model, tokenizer, pairs, work):
    """The loss of a batch and its gradients."""
    model.zero_grad()
    output = model(**padded(tokenizer, pairs), labels=torch.tensor([label for _, _, label in pairs]))
    output.loss.backward()
    expected = {name: parameter.grad for name, parameter in model.named_parameters()}
    found = dump(binaries, folder, encode(tokenizer, pairs) | {"labels": [label for _, _, label in pairs]}, work)
    report("loss of a batch, relative difference", abs(found["loss"].item() / output.loss.item() - 1), 1e-5)
    report_gradients("gradients", found, expected)


def report_gradients(what, found, expected):
    """Every tensor's gradient: the difference's norm against 1e-3 of the tensor's plus 1e-6 of the global norm."""
    total = torch.sqrt(sum(gradient.norm() ** 2 for gradient in expected.values()))
    shares = {
        name: ((found["gradient." + name] - gradient).norm() / (1e-3 * gradient.norm() + 1e-6 * total)).item()
        for name, gradient in expected.items()}
    worst = max(shares, key=shares.get)
    report(f"{what} of {len(shares)} tensors, the worst ({worst}) as a share of what is allowed", shares[worst], 1)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_logits(path):
    """The logits and labels of a predictions file."""
    table = rows(path)
    logits = torch.tensor([[float(row[f"logit_{index}"]) for index in range(len(LABELS))] for row in table])
    return logits, [row["label"] for row in table]


def compare_evaluation(binaries, folder, model, tokenizer, data, pairs, work):
    """The product's own path: its file reader, its tokenizer, its packed batches."""
    predictions = work / "predictions.csv"
    run([binaries / "seedsweep", "evaluate", "--model", folder, "--task", "rte", "--data", data, "--predictions",
         predictions])
    found, labels = read_logits(predictions)
    if labels != [str(label) for _, _, label in pairs] and labels != [LABELS[label] for _, _, label in pairs]:
        sys.exit(f"{predictions}: the labels are not those of dev.tsv")
    report(f"seedsweep evaluate, logits of all {len(pairs)} dev pairs",
           (found - logits_of(model, tokenizer, pairs)).abs().max().item(), 1e-4)


class HuggingFaceAdamW(torch.optim.Optimizer):
    """The AdamW of transformers before version 5: epsilon beside the uncorrected root, decay after the step."""

    def __init__(self, groups, correction):
        super().__init__(groups, {"lr": LEARNING_RATE})
        self.correction = correction

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state.update(step=0, first=torch.zeros_like(parameter), second=torch.zeros_like(parameter))
                state["step"] += 1
                state["first"].lerp_(parameter.grad, 0.1)
                state["second"].mul_(0.999).addcmul_(parameter.grad, parameter.grad, value=0.001)
                size = group["lr"]
                if self.correction:
                    size *= (1 - 0.999 ** state["step"]) ** 0.5 / (1 - 0.9 ** state["step"])
                parameter.addcdiv_(state["first"], state["second"].sqrt() + 1e-6, value=-size)
                parameter.mul_(1 - group["lr"] * group["weight_decay"])


def make_optimizer(model, recipe):
    """Decay of 0.01 on all but biases and layer norms."""
    norms = {p for module in model.modules() if isinstance(module, torch.nn.LayerNorm) for p in module.parameters()}
    spared = {p for name, p in model.named_parameters() if name.endswith("bias") or p in norms}
    groups = [
        {"params": [p for p in model.parameters() if p not in spared], "weight_decay": 0.01},
        {"params": [p for p in model.parameters() if p in spared], "weight_decay": 0.0}]
    if recipe["algorithm"] == "torch":
        return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8)
    return HuggingFaceAdamW(groups, recipe["bias_correction"])


def train(folder, tokenizer, pairs, recipe):
    """The losses of 20 steps in file order, dropout off, and the trained model."""
    model = load(folder)
    optimizer = make_optimizer(model, recipe)
    schedule = get_linear_schedule_with_warmup(optimizer, STEPS // 10, STEPS)
    losses = []
    for batch in batches(pairs)[:STEPS]:
        optimizer.zero_grad()
        loss = model(**padded(tokenizer, batch), labels=torch.tensor([label for _, _, label in batch])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses, model


def sweep(folder, data):
    return {
        "name": "parity",
        "model": {"path": str(folder), "head": "keep"},
        "task": {"name": "rte", "data": str(data), "max_length": MAXIMUM_LENGTH},
        "training": {"max_steps": STEPS, "batch_size": BATCH_SIZE, "shuffle": False, "dropout": 0},
        "optimizer": {"learning_rate": LEARNING_RATE, "weight_decay": 0.01, "clip": "global", "max_grad_norm": 1.0},
        "schedule": {"kind": "linear", "warmup": 0.1},
        "seeds": [1],
        "variants": {
            name: {f"optimizer.{key}": value for key, value in recipe.items()} for name, recipe in RECIPES.items()},
        "record": {"curves_every": 1, "predictions": "final"},
    }


def compare_training(binaries, folder, tokenizer, data, work):
    """Every step's loss, and what the weights it kept compute when transformers opens them."""
    (work / "sweep.json5").write_text(json.dumps(sweep(folder, data)))
    output = work / "out"
    run([binaries / "seedsweep", "run", work / "sweep.json5", "--output", output, "--keep-weights", "all"])
    trials = {row["variant"]: row["trial_id"] for row in rows(output / "trials.csv")}
    curves = rows(output / "curves.csv")
    train_pairs, dev_pairs = read_pairs(data / "train.tsv"), read_pairs(data / "dev.tsv")
    for name, recipe in RECIPES.items():
        expected, trained = train(folder, tokenizer, train_pairs, recipe)
        found = [float(row["value"]) for row in curves
                 if (row["trial_id"], row["split"], row["quantity"]) == (trials[name], "train", "loss")]
        if len(found) != STEPS:
            sys.exit(f"{output}/curves.csv holds {len(found)} training losses of {name}, not {STEPS}")
        report(f"losses of {STEPS} steps, {name}, relative difference",
               max(abs(a / b - 1) for a, b in zip(found, expected)), 1e-3)
        compare_kept(output, trials[name], name, trained.eval(), tokenizer, dev_pairs)


def compare_kept(output, trial, name, trained, tokenizer, pairs):
    kept = output / "weights" / trial
    model = AutoModelForSequenceClassification.from_pretrained(kept).eval()
    if not isinstance(model, type(trained)) or model.config.id2label != dict(enumerate(LABELS)):
        sys.exit(f"{kept} opens as {type(model).__name__} with labels {model.config.id2label}")
    own_tokenizer = AutoTokenizer.from_pretrained(kept)
    if encode(own_tokenizer, pairs) != encode(tokenizer, pairs):
        sys.exit(f"{kept}: its tokenizer differs from the model folder's")
    found, _ = read_logits(output / "predictions" / trial[:2] / f"{trial}.csv")
    report(f"kept checkpoint, {name}: logits in transformers and in seedsweep",
           (logits_of(model, own_tokenizer, pairs) - found).abs().max().item(), 1e-4)
    drift = (logits_of(trained, tokenizer, pairs) - found).abs().max().item()
    print(f"      {name}: dev logits differ by {drift:.2e} from those of the model that transformers trained")


def compare(binaries, source, data):
    """Every comparison of a model folder."""
    with tempfile.TemporaryDirectory(prefix="seedsweep-parity-") as name:
        work = pathlib.Path(name)
        folder = work / "model"
        prepare(source, folder)
        model, tokenizer = load(folder), AutoTokenizer.from_pretrained(folder)
        pairs = read_pairs(data / "dev.tsv")
        compare_logits(binaries, folder, model, tokenizer, pairs[:200], work)
        compare_gradients(binaries, folder, model, tokenizer, read_pairs(data / "train.tsv")[:BATCH_SIZE], work)
        compare_evaluation(binaries, folder, model, tokenizer, data, pairs, work)
        compare_training(binaries, folder, tokenizer, data, work)


def failures():
    return sum(not found <= allowed for _, found, allowed in comparisons)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, help_text in [("binaries", "the folder of seedsweep's programs"), ("model", "a model folder"),
                            ("data", "GLUE's RTE folder")]:
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path, help=help_text)
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    compare(arguments.binaries, arguments.model, arguments.data)
    sys.exit(1 if failures() else 0)


if __name__ == "__main__":
    main()
