"""Writes averaging.json: what ensembles, picks, soups and barriers of the runs of sweep.json5 come to.

    python make_averaging.py SEEDSWEEP averaging.json

SEEDSWEEP trains the runs, whose bits are the same on every processor; it computes nothing else here. Ensembles are those of
make_ensembles.py, the best of n runs comes from every choice of n runs, and averaged weights are scored by PyTorch's BERT on the texts
as the Transformers library cuts them into tokens. NumPy 2.4, PyTorch 2.13 and Transformers 5.24 made the committed file.
"""

import csv
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from transformers import BertForSequenceClassification, BertTokenizer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[3] / "Base/EnsemblesTests/Goldens"))
import make_ensembles  # noqa: E402

POINTS = 11


def rows(path, delimiter=","):
    with open(path) as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def predictions(folder, trial):
    return rows(folder / "predictions" / trial[:2] / f"{trial}.csv")


def ensembles(folder, trials, draw_count, seed):
    files = [predictions(folder, t) for t in trials]
    if "logit_1" in files[0][0]:
        logits = [[[float(r["logit_0"]), float(r["logit_1"])] for r in file] for file in files]
        pool = make_ensembles.Classes([["no", "yes"].index(r["label"]) for r in files[0]], logits, "accuracy")
    else:
        pool = make_ensembles.Numbers(
            [float(r["label"]) for r in files[0]], [[float(r["logit_0"]) for r in file] for file in files], "pearson")
    return make_ensembles.curves(pool, draw_count, seed)


def picks(trials):
    """For every n: the expected best score, its standard deviation, and the scores on both halves of the run that is best on A."""
    found = []
    for n in range(1, len(trials) + 1):
        best, kept = [], []
        for chosen in itertools.combinations(trials, n):
            best.append(max(float(t["value_final"]) for t in chosen))
            top = max(float(t["value_final_a"]) for t in chosen)
            # Runs that are equally good on A are kept equally often.
            on_b = [float(t["value_final_b"]) for t in chosen if float(t["value_final_a"]) == top]
            kept.append([top, np.mean(on_b)])
        found.append([float(np.mean(best)), float(np.std(best)), *map(float, np.mean(kept, axis=0))])
    return found


class Kitchen:
    """The runs that started from one head, and PyTorch's model to put their weights into."""

    def __init__(self, folder, trials):
        paths = [folder / "weights" / t for t in trials]
        self.model = BertForSequenceClassification.from_pretrained(paths[0]).eval()
        self.states = [BertForSequenceClassification.from_pretrained(p).state_dict() for p in paths]
        self.tokenizer = BertTokenizer.from_pretrained(paths[0])

    def mix(self, weights):
        first = self.states[0]
        mixed = {
            name: sum(w * state[name].double() for w, state in zip(weights, self.states)).float()
            if value.is_floating_point() else value
            for name, value in first.items()
        }
        self.model.load_state_dict(mixed)

    @torch.no_grad()
    def score(self, file):
        examples = rows(file, "\t")
        labels = torch.tensor([["no", "yes"].index(r["label"]) for r in examples])
        logits = torch.cat(
            [self.model(**self.tokenizer(r["sentence"], truncation=True, max_length=16, return_tensors="pt")).logits
             for r in examples])
        loss = torch.nn.functional.cross_entropy(logits.double(), labels)
        return float(loss), float((logits.argmax(dim=1) == labels).double().mean())


def connected(count, edges):
    """The connected components, from 1, by powers of the adjacency matrix."""
    reach = np.eye(count, dtype=int)
    for one, other in edges:
        reach[one, other] = reach[other, one] = 1
    reach = np.linalg.matrix_power(reach, count) > 0
    firsts = [int(np.argmax(row)) for row in reach]
    return [sorted(set(firsts)).index(f) + 1 for f in firsts]


def soups(folder, trials):
    """The dev accuracy of the mean of every set of runs, the losses between every two, and the basins at a barrier between theirs."""
    kitchen = Kitchen(folder, trials)
    accuracies = {}
    for size in range(1, len(trials) + 1):
        for chosen in itertools.combinations(range(len(trials)), size):
            kitchen.mix([1 / size if i in chosen else 0 for i in range(len(trials))])
            accuracies["".join(map(str, chosen))] = kitchen.score(HERE / "dev.tsv")[1]
    lines = []
    for second in range(len(trials)):
        for first in range(second):
            losses = []
            for point in range(POINTS):
                t = point / (POINTS - 1)
                kitchen.mix([(1 - t) * (i == first) + t * (i == second) for i in range(len(trials))])
                losses.append(kitchen.score(HERE / "train.tsv")[0])
            rises = [x - losses[0] - (losses[-1] - losses[0]) * i / (POINTS - 1) for i, x in enumerate(losses)]
            peak = int(np.argmax(rises))
            lines.append({"first": first, "second": second, "loss_a": losses[0], "loss_b": losses[-1],
                          "loss_mean": losses[POINTS // 2], "barrier": rises[peak], "barrier_at": peak / (POINTS - 1)})
    return accuracies, lines


def run(program, folder, *words):
    subprocess.run([program, "run", HERE / "sweep.json5", *words, "--output", folder], check=True, stdout=subprocess.DEVNULL)
    trials = rows(folder / "trials.csv")
    return {v: [t for t in trials if t["variant"] == v] for v in dict.fromkeys(t["variant"] for t in trials)}


def main(program, path):
    torch.set_num_threads(1)
    golden = {"classes": {}, "numbers": {}, "pots": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for variant, trials in run(program, folder / "out", "--keep-weights", "all").items():
            names = [t["trial_id"] for t in trials]
            golden["classes"][variant] = {"ensembles": ensembles(folder / "out", names, 20, 4), "picks": picks(trials)}
            for head in dict.fromkeys(t["seed_init"] for t in trials):
                members = [t["trial_id"] for t in trials if t["seed_init"] == head]
                accuracies, lines = soups(folder / "out", members)
                golden["pots"].append({"variant": variant, "seed_init": head, "trials": members, "accuracies": accuracies, "lines": lines})
        # A threshold in the widest gap between the barriers, so that no rounding decides who is whose neighbour.
        heights = sorted(line["barrier"] for pot in golden["pots"] for line in pot["lines"])
        gap = max(range(len(heights) - 1), key=lambda i: (heights[i + 1] - heights[i]) if 0 < heights[i] else 0)
        golden["basin_barrier"] = round((heights[gap] + heights[gap + 1]) / 2, 6)
        for pot in golden["pots"]:
            edges = [(l["first"], l["second"]) for l in pot["lines"] if l["barrier"] <= golden["basin_barrier"]]
            pot["basins"] = connected(len(pot["trials"]), edges)
        numbers = run(program, folder / "numbers", "task.regression=true", "task.label=value", "seeds=3")
        for variant, trials in numbers.items():
            golden["numbers"][variant] = {"ensembles": ensembles(folder / "numbers", [t["trial_id"] for t in trials], 20, 4)}
    with open(path, "w") as file:
        file.write(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
