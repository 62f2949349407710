"""Computes the tests of REGISTRATION.md from the trials of both trainers, with SciPy and nothing of seedsweep.

usage: compare.py OURS HUGGINGFACE

Both are tables of trials, such as ours-trials.csv and huggingface-trials.csv beside this file. Needs SciPy.
"""

import csv
import sys

try:
    from scipy import stats
except ModuleNotFoundError as error:
    sys.exit(f"compare.py: {error}; install it with `python3 -m pip install scipy`")

RECIPES = {"uncorrected": "no bias correction", "corrected": "bias correction"}
DEV, MAJORITY = 1821, 912


def read(path):
    """The score of every run, by recipe and seed; a run that diverged has none."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            missing = [name for name in ("variant", "seed", "value_final") if name not in (table.fieldnames or [])]
            rows = list(table)
    except OSError as error:
        sys.exit(f"compare.py: {path}: {error.strerror}; give the trials.csv of a run folder")
    if missing:
        sys.exit(f"compare.py: {path} has no column {missing[0]}; give the trials.csv of a run folder")
    for recipe in RECIPES:
        if not any(row["variant"] == recipe for row in rows):
            sys.exit(f"compare.py: {path} has no run of the recipe {recipe}; give the table of ours.json5 or huggingface.json5")
    return {
        recipe: {row["seed"]: float(row["value_final"] or "nan") for row in rows if row["variant"] == recipe} for recipe in RECIPES}


def failed(score):
    """Judged by the number of correct predictions; NaN has failed."""
    return not score * DEV > MAJORITY + 0.5


def failures(runs):
    return sum(map(failed, runs.values()))


def newcombe(first, second):
    """Newcombe's interval of the difference of two rates."""
    rates, ends = [], []
    for runs in (first, second):
        interval = stats.binomtest(failures(runs), len(runs)).proportion_ci(method="wilson")
        rates.append(failures(runs) / len(runs))
        ends.append(interval)
    (a, b), (x, y) = rates, ends
    return (a - b - ((a - x.low) ** 2 + (y.high - b) ** 2) ** 0.5, a - b + ((x.high - a) ** 2 + (b - y.low) ** 2) ** 0.5)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    trainers = {"ours": read(sys.argv[1]), "Trainer": read(sys.argv[2])}
    fisher = {}
    for recipe, label in RECIPES.items():
        one, other = trainers["ours"][recipe], trainers["Trainer"][recipe]
        table = [[failures(runs), len(runs) - failures(runs)] for runs in (one, other)]
        fisher[recipe] = stats.fisher_exact(table).pvalue
        low, high = newcombe(one, other)
        print(f"{label}: failed {table[0][0]} of {len(one)} (ours), {table[1][0]} of {len(other)} (Trainer); "
              f"Fisher's p = {fisher[recipe]:.3g}, difference of rates {low:.2f} to {high:.2f}")
    smaller, larger = sorted(fisher.values())
    print(f"adjusted by Holm: {min(1, 2 * smaller):.3g} and {max(min(1, 2 * smaller), larger):.3g}")
    for name, runs in trainers.items():
        pairs = [(failed(runs["uncorrected"][seed]), failed(runs["corrected"][seed])) for seed in runs["corrected"]]
        only = (pairs.count((True, False)), pairs.count((False, True)))
        p = stats.binomtest(only[0], sum(only)).pvalue if sum(only) else 1
        print(f"{name}: {only[0]} seeds fail only without correction, {only[1]} only with it; McNemar's p = {p:.2g}")
    for recipe, label in RECIPES.items():
        good = [[score for score in runs[recipe].values() if not failed(score)] for runs in trainers.values()]
        print(f"{label}, successful runs: " + ", ".join(
            f"{name} mean {stats.tmean(scores):.4f}, sd {stats.tstd(scores):.4f}, n {len(scores)}"
            for name, scores in zip(trainers, good) if len(scores) > 1))
        if min(map(len, good)) > 1:
            interval = stats.ttest_ind(*good, equal_var=False).confidence_interval()
            print(f"{label}: difference of their means {interval.low:.4f} to {interval.high:.4f}")


if __name__ == "__main__":
    main()
