"""Compares seedsweep with Hugging Face's models on published checkpoints of chemical reactions.

Called by compare-reactions.sh with the folder of seedsweep's programs, a table of reactions and the names of folders in models. Both
sides read the checkpoint's own tensors. Each line of the output is one comparison with the largest difference found and the one
allowed; the exit code is 1 if any is exceeded.
"""
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

if __name__ == "__main__" and len(sys.argv) < 3:
    sys.exit("compare-reactions.py: run scripts/check/compare/compare-reactions.sh, which gives this program what it needs")

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForMaskedLM, AutoModelForSequenceClassification

MODELS = pathlib.Path(__file__).resolve().parents[3] / "models"
COUNT = 200
LONGEST = 128
CLASSES = 10
ALLOWED = 1e-4
MASKED_SHARE = 0.15

failures = 0


def report(what, found, allowed):
    """Prints one comparison; NaN is a failure."""
    global failures
    good = found <= allowed
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'}  {what}: {found:.2e}, allowed {allowed:.0e}", flush=True)


def read_reactions(path):
    """The first reactions whose tokens, [CLS] and [SEP] included, are few enough."""
    with open(path, encoding="utf-8", newline="") as file:
        texts = [row["reaction"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return [text for text in texts if len(text.split()) + 2 <= LONGEST][:COUNT]


def identifiers(folder, texts):
    """The tokens that blanks separate, by the lines of vocab.txt."""
    lines = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    numbers = {line: number for number, line in enumerate(lines) if line}
    tokens = [["[CLS]", *text.split(), "[SEP]"] for text in texts]
    return [[numbers.get(token, numbers["[UNK]"]) for token in own] for own in tokens], numbers["[MASK]"]


def padded(rows, filler):
    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])


@torch.no_grad()
def outputs(model, tokens):
    """The logits of sequences, padded to the longest of all, 50 at a time."""
    inputs, attention = padded(tokens, 0), padded([[1] * len(row) for row in tokens], 0)
    return torch.cat([model(input_ids=inputs[start:start + 50], attention_mask=attention[start:start + 50]).logits
                      for start in range(0, len(tokens), 50)])


def call(program, *words):
    """Runs one of seedsweep's programs and shows its output if it fails."""
    done = subprocess.run([str(word) for word in (program, *words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")


def computed(binaries, folder, batch, work):
    """What seedsweep computes on a batch."""
    (work / "batch.json").write_text(json.dumps(batch))
    call(binaries / "seedsweep-parity", folder, work / "batch.json", work / "output.safetensors")
    return load_file(work / "output.safetensors")


def opened(automatic, configuration, state):
    """A model with a checkpoint's tensors, all of which it must have. A checkpoint may lack the prefix of its encoder."""
    model = automatic.from_config(configuration)
    own = model.state_dict()
    prefix = model.base_model_prefix + "."
    named = {name if name in own else prefix + name: tensor for name, tensor in state.items()}
    missing = model.load_state_dict(named, strict=False).missing_keys
    model.tie_weights()
    tied = {name for name in missing if "decoder" in name or "position_ids" in name}
    if set(missing) != tied:
        sys.exit(f"{configuration.name_or_path}: the checkpoint lacks {sorted(set(missing) - tied)}")
    return model.eval()


def compare_tokens(binaries, folder, kind, texts, tokens, work):
    """The folder's own tokenizer against the lines of its vocabulary."""
    lines = [json.dumps({"text": text, "pair": None, "length": LONGEST}) + "\n" for text in texts]
    (work / "texts.jsonl").write_text("".join(lines), encoding="utf-8")
    call(binaries / "seedsweep-parity", "tokenize", folder, kind, work / "texts.jsonl", work / "tokens.txt")
    found = [line.split("|")[0] for line in (work / "tokens.txt").read_text().splitlines()]
    wrong = sum(own != " ".join(map(str, row)) for own, row in zip(found, tokens, strict=True))
    report(f"{folder.name}: sequences of {len(texts)} that are tokenized otherwise", wrong, 0)


def compare_logits(binaries, source, configuration, state, tokens, work):
    """Logits of the checkpoint's head, or of one that is drawn here; its deviation is 15 times BERT's, so that logits are of order one."""
    folder = work / "model"
    shutil.copytree(source, folder)
    if "classifier.weight" in state:
        configuration.num_labels = len(state["classifier.bias"])
    else:
        configuration.num_labels = CLASSES
        generator = torch.Generator().manual_seed(1)
        state = state | {"classifier.weight": torch.randn(CLASSES, configuration.hidden_size, generator=generator) * 0.3,
                         "classifier.bias": torch.randn(CLASSES, generator=generator) * 0.3}
        torch.save(state, folder / "pytorch_model.bin")
    expected = outputs(opened(AutoModelForSequenceClassification, configuration, state), tokens)
    types = [[0] * len(row) for row in tokens]
    found = computed(binaries, folder, {"input_ids": tokens, "token_type_ids": types}, work)["logits"]
    report(f"{source.name}: logits of {configuration.num_labels} classes, up to {expected.abs().max():.1f}, largest difference",
           (found - expected).abs().max().item(), ALLOWED)


def compare_losses(binaries, source, configuration, state, tokens, mask, work):
    """The loss of every masked token."""
    generator = torch.Generator().manual_seed(2)
    seen, labels = [], []
    for row in tokens:
        chosen = torch.rand(len(row), generator=generator) < MASKED_SHARE
        chosen[0] = chosen[-1] = False
        seen.append([mask if is_chosen else token for token, is_chosen in zip(row, chosen)])
        labels.append([token if is_chosen else -100 for token, is_chosen in zip(row, chosen)])
    logits = outputs(opened(AutoModelForMaskedLM, configuration, state), seen)
    targets = padded(labels, -100)
    expected = torch.nn.functional.cross_entropy(logits[targets != -100], targets[targets != -100], reduction="none")
    batch = {"input_ids": seen, "token_type_ids": [[0] * len(row) for row in seen], "masked_labels": labels}
    found = computed(binaries, source, batch, work)["losses"]
    report(f"{source.name}: losses of {len(expected)} masked tokens, largest difference",
           (found - expected).abs().max().item(), ALLOWED)
    print(f"      perplexity {found.mean().exp():.4f} here, {expected.mean().exp():.4f} in transformers", flush=True)


def kept_weights(binaries, folder, texts, output):
    """The weights that a trial keeps after one step of a warm-up, whose rate is 0."""
    output.mkdir()
    rows = [f"{text}\t{'ab'[index % 2]}\n" for index, text in enumerate(texts[:32])]
    (output / "data.tsv").write_text("reaction\tclass\n" + "".join(rows), encoding="utf-8")
    (output / "sweep.json5").write_text(json.dumps({
        "model": {"path": str(folder)},
        "task": {"name": "reactions", "train": "data.tsv", "dev": "data.tsv", "text": "reaction", "label": "class",
                 "max_length": LONGEST},
        "training": {"max_steps": 1, "batch_size": 16}, "schedule": {"warmup": 1}, "seeds": [1]}))
    call(binaries / "seedsweep", "run", output / "sweep.json5", "--output", output / "out", "--keep-weights", "all")
    return load_file(next((output / "out" / "weights").glob("*/model.safetensors")))


def compare_bits(binaries, source, configuration, state, texts, work):
    """The checkpoint's tensors, read from its own file and from a safetensors file of the same ones, and written again."""
    twin = work / "twin"
    shutil.copytree(source, twin, ignore=shutil.ignore_patterns("*.bin"))
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, twin / "model.safetensors")
    prefix = AutoModelForSequenceClassification.from_config(configuration).base_model_prefix + "."
    named = {name if name.startswith(prefix) else prefix + name: tensor for name, tensor in state.items()}
    for folder, file in ((source, "pytorch_model.bin"), (twin, "a safetensors file")):
        kept = kept_weights(binaries, folder, texts, work / f"kept-{folder.name}")
        encoder = [name for name in kept if not name.startswith("classifier.")]
        wrong = sum(name not in named or not torch.equal(kept[name].view(torch.int32), named[name].view(torch.int32))
                    for name in encoder)
        report(f"{source.name}: tensors of {len(encoder)} read from {file} that a step of rate 0 leaves with other bits", wrong, 0)


def compare(binaries, name, texts):
    source = MODELS / name
    # The configurations of rxnfp are older than the key model_type.
    kind = json.loads((source / "config.json").read_text()).get("model_type", "bert")
    state = torch.load(source / "pytorch_model.bin", weights_only=True, map_location="cpu")
    state = {key: tensor for key, tensor in state.items() if not key.endswith("position_ids")}

    def configuration():
        return AutoConfig.for_model(kind).from_pretrained(source)

    tokens, mask = identifiers(source, texts)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        compare_tokens(binaries, source, kind, texts, tokens, work)
        compare_logits(binaries, source, configuration(), state, tokens, work)
        if any("predictions." in key for key in state):
            compare_losses(binaries, source, configuration(), state, tokens, mask, work)
        compare_bits(binaries, source, configuration(), state, texts, work)


def main():
    binaries, reactions, *names = sys.argv[1:]
    binaries = pathlib.Path(binaries)
    texts = read_reactions(reactions)
    print(f"{len(texts)} reactions of at most {LONGEST} tokens", flush=True)
    for name in names:
        compare(binaries, name, texts)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
