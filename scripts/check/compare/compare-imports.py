#!/usr/bin/env python3
"""Compares what `seedsweep import` makes of exports of other programs with what pandas computes from the same files.

usage: compare-imports.py SEEDSWEEP [--keep FOLDER] [--only KIND]

Makes at least ten inputs of each kind: tables of runs as wandb's page exports them, Optuna's trials_dataframe(), Ray Tune's
get_dataframe() and folders of Hugging Face's Trainer. Where optuna, ray, torch and transformers can be imported, some are
files that these programs write themselves; the others are made from their documentation. wandb's export comes from its
page, so that kind is always made. Every number of trials.csv, summary.csv, comparisons.csv and curves.csv that an import
fills from the source is compared; what is expected is computed here from the source, with pandas, SciPy and statsmodels,
and never read from seedsweep. Exits 1 if anything differs.
"""

import argparse
import contextlib
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

if __name__ == "__main__" and len(sys.argv) == 1:
    sys.exit("compare-imports.py: run scripts/check/compare/compare-imports.sh, which gives this program what it needs")

import numpy
import pandas
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

ROOT, SEEDSWEEP = "", ""
RESULTS = []  # (kind, name, numbers compared, differences)


# --- Running and comparing ---------------------------------------------------------------------------------------------


def imported(source, flags):
    """Runs the program; returns its output, its errors and its tables by their names."""
    output = tempfile.mkdtemp(dir=ROOT)
    done = subprocess.run(
        [SEEDSWEEP, "import", source, "--output", output] + flags, capture_output=True, text=True, cwd=ROOT)
    tables = {}
    for name in ("trials", "summary", "comparisons", "curves"):
        path = os.path.join(output, name + ".csv")
        if os.path.exists(path):
            tables[name] = pandas.read_csv(path, dtype={"variant": str, "a": str, "b": str}, keep_default_na=True)
    return done, tables


def close(one, other):
    if isinstance(one, str) or isinstance(other, str):
        try:
            one, other = float(one), float(other)
        except (TypeError, ValueError):
            return str(one) == str(other)
    one = math.nan if one is None else float(one)
    other = math.nan if other is None else float(other)
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return abs(one - other) <= 1e-11 * max(1, abs(one), abs(other))


class Check:
    def __init__(self, kind, name):
        self.kind, self.name, self.count, self.problems = kind, name, 0, []

    def equal(self, what, found, expected):
        self.count += 1
        if not close(found, expected):
            self.problems.append(f"{what}: found {found!r}, expected {expected!r}")

    def true(self, what, condition):
        self.count += 1
        if not condition:
            self.problems.append(what)

    def finish(self):
        RESULTS.append((self.kind, self.name, self.count, self.problems))
        print(f"{self.kind:12} {self.name:44} {self.count:5} numbers  {'ok' if not self.problems else 'DIFFERENT'}", flush=True)
        for problem in self.problems[:10]:
            print(f"    {problem}")


def paired(a, b, baseline, better):
    """What comparing two recipes gives: the common seeds, McNemar's exact p and the difference of the rates."""
    failed = lambda frame: {int(row.seed): not better(row.score, baseline) for row in frame.itertuples()}
    fa, fb = failed(a), failed(b)
    common = sorted(set(fa) & set(fb))
    if not common or 2 * len(common) < max(len(fa), len(fb)):
        return None
    only_a = sum(fa[s] and not fb[s] for s in common)
    only_b = sum(fb[s] and not fa[s] for s in common)
    p = stats.binomtest(only_a, only_a + only_b, 0.5).pvalue if only_a + only_b else 1.0
    whole = len(common) == len(fa) == len(fb)
    return "same_seeds" if whole else "common_seeds", p, (only_a - only_b) / len(common), len(common)


def compare(kind, name, source, flags, runs, missing=(), baseline=None, lower=False, curves=None, says=()):
    """Imports `source` and compares. `runs` has a row for each result: variant, seed, score, best and hyperparameters;
    `missing` the variant and seed of each run without a result."""
    check = Check(kind, name)
    runs = pandas.DataFrame(runs)
    if baseline is not None:
        flags = flags + ["--baseline", f"task={baseline}"]
    done, tables = imported(source, flags)
    if done.returncode != 0:
        check.true(f"exit code {done.returncode}: {done.stderr.strip()[:400]}", False)
        return check.finish()
    for words in says:
        check.true(f"the output lacks {words!r}: {done.stdout[-600:]!r} {done.stderr[-600:]!r}", words in done.stdout + done.stderr)
    tolerance = 1e-5
    def better(score, bound):
        if math.isnan(score):
            return False
        if bound is None:
            return True
        return score < bound - tolerance if lower else score > bound + tolerance
    trials, summary = tables["trials"], tables["summary"]
    check.equal("rows of trials.csv", len(trials), len(runs) + len(missing))
    hyperparameters = [c for c in runs.columns if c not in ("variant", "seed", "score", "best", "steps")]
    for row in runs.to_dict("records"):
        found = trials[(trials.variant == row["variant"]) & (trials.seed_init == row["seed"])]
        where = f"{row['variant']} seed {row['seed']}"
        check.equal(where + " rows", len(found), 1)
        if len(found) != 1:
            continue
        found = found.iloc[0]
        check.equal(where + " value_final", found.value_final, row["score"])
        check.true(where + " status", found.status == ("diverged" if math.isnan(row["score"]) else "completed"))
        check.true(where + " failed", str(found.failed).lower() == str(not better(row["score"], baseline)).lower())
        if "best" in row:
            check.equal(where + " value_best", found.value_best, row["best"])
        if "steps" in row:
            check.equal(where + " step_count", found.step_count, row["steps"])
        for column in hyperparameters:
            if not (isinstance(row[column], float) and math.isnan(row[column])):
                check.equal(f"{where} {column}", found[column], row[column])
    for variant, seed in missing:
        found = trials[(trials.variant == variant) & (trials.seed_init == seed)]
        check.true(f"{variant} seed {seed} is missing", len(found) == 1 and math.isnan(found.iloc[0].value_final)
                   and found.iloc[0].status not in ("completed", "diverged"))
    variants = list(dict.fromkeys(trials.variant))
    for variant in variants:
        group = runs[runs.variant == variant]
        row = summary[summary.variant == variant].iloc[0]
        scores = group.score.astype(float) if len(group) else pandas.Series(dtype=float)
        defined = scores.dropna()
        failed = sum(not better(s, baseline) for s in scores)
        ranked = scores.fillna(math.inf if lower else -math.inf)
        check.equal(f"{variant} n", row.n, len(scores))
        check.equal(f"{variant} n_missing", row.n_missing, sum(v == variant for v, _ in missing))
        check.equal(f"{variant} n_failed", row.n_failed, failed)
        check.equal(f"{variant} n_diverged", row.n_diverged, scores.isna().sum())
        if len(scores):
            low, high = proportion_confint(failed, len(scores), method="wilson")
            check.equal(f"{variant} failure_rate", row.failure_rate, failed / len(scores))
            check.equal(f"{variant} failure_low", row.failure_low, max(0, low))
            check.equal(f"{variant} failure_high", row.failure_high, min(1, high))
            median = ranked.median()
            check.equal(f"{variant} median", row["median"], median if math.isfinite(median) else math.nan)
        check.equal(f"{variant} mean", row["mean"], defined.mean() if len(defined) else math.nan)
        check.equal(f"{variant} sd", row["sd"], defined.std(ddof=1) if len(defined) > 1 else math.nan)
        check.equal(f"{variant} min", row["min"], defined.min() if len(defined) else math.nan)
        check.equal(f"{variant} max", row["max"], defined.max() if len(defined) else math.nan)
        good = scores[[better(s, baseline) for s in scores]] if len(scores) else scores
        check.equal(f"{variant} mean_successful", row.mean_successful, good.mean() if len(good) else math.nan)
        check.equal(f"{variant} sd_successful", row.sd_successful, good.std(ddof=1) if len(good) > 1 else math.nan)
    for variant in variants[1:]:
        rows = tables["comparisons"]
        row = rows[(rows.a == variant) & (rows.b == variants[0])].iloc[0]
        a, b = runs[runs.variant == variant], runs[runs.variant == variants[0]]
        if not len(a) or not len(b):
            check.true(f"{variant} no_runs", row.verdict == "no_runs")
            continue
        pair = paired(a, b, baseline, better)
        if pair:
            check.true(f"{variant} design {row.design}, expected {pair[0]}", row.design == pair[0])
            check.equal(f"{variant} primary_p", row.primary_p, pair[1])
            check.equal(f"{variant} difference", row.failure_rate_difference, pair[2])
            if pair[0] == "common_seeds":
                check.true(f"{variant} sentence", f"on the {pair[3]} seeds that both ran with" in row.sentence)
        else:
            check.true(f"{variant} design", row.design == "unpaired")
            fa = sum(not better(s, baseline) for s in a.score)
            fb = sum(not better(s, baseline) for s in b.score)
            table = [[fa, fb], [len(a) - fa, len(b) - fb]]
            check.equal(f"{variant} secondary_fisher_p", row.secondary_fisher_p, stats.fisher_exact(table)[1])
            p = 2 * min(stats.boschloo_exact(table, alternative=side, n=64).pvalue for side in ("less", "greater"))
            check.count += 1
            if abs(row.primary_p - min(1, p)) > 1e-6:
                check.problems.append(f"{variant} boschloo: found {row.primary_p}, expected {min(1, p)}")
    if curves is not None:
        found = tables["curves"].merge(trials[["trial_id", "seed_init"]], on="trial_id")
        keys = {}
        for row in found.itertuples():
            key = (row.variant, row.seed_init, row.step, row.split, row.quantity)
            check.true(f"curve {key} stands once", key not in keys)
            keys[key] = (row.value, row.epoch)
        check.equal("rows of curves.csv", len(keys), len(curves))
        for key, (value, epoch) in curves.items():
            got = keys.get(key, ("none", "none"))
            check.equal(f"curve {key}", got[0], value)
            check.equal(f"curve {key} epoch", got[1], epoch)
    check.finish()


def refused(kind, name, source, flags, words):
    """Imports what must be refused with all of `words`."""
    check = Check(kind, name)
    done, _ = imported(source, flags)
    check.true(f"exit code {done.returncode}, expected 2", done.returncode == 2)
    for word in words:
        check.true(f"the error lacks {word!r}: {done.stderr[:400]!r}", word in done.stderr)
    check.finish()


def path(name):
    return os.path.join(ROOT, name)


# --- wandb: the page's export of the table of runs ------------------------------------------------------------------------


def wandb_rows(rng, recipes, seeds, states=(), gaps=()):
    """A row for each run of recipes x seeds; `states` and `gaps` say which are not finished, and which have no score."""
    rows = []
    for index, (method, lr) in enumerate(recipes):
        for seed in seeds:
            state = dict(states).get((index, seed), "finished")
            score = round(rng.choice([0.5271, 0.6, 0.7]) + rng.random() / 20, 6)
            rows.append({
                "Name": f"run-{index}-{seed}", "State": state, "Notes": "", "User": "ada", "Tags": "a, \"b\"",
                "Created": "2026-11-01T10:00:00.000Z", "Runtime": rng.randrange(9999), "Sweep": "", "method": method,
                "seed": seed, "learning_rate": lr, "per_device_train_batch_size": 16, "num_train_epochs": 3, "max_steps": -1,
                "warmup_ratio": 0.1, "warmup_steps": 0, "weight_decay": 0.01,
                "eval/accuracy": "" if (index, seed) in gaps else score, "eval/loss": round(rng.random(), 6),
                "train/global_step": 468 if state == "finished" else 200, "train/learning_rate": 0, "train/epoch": 3,
            })
    return rows


def wandb_expected(rows, variant, score="eval/accuracy"):
    runs, missing = [], []
    for row in rows:
        if row["State"] != "finished":
            missing.append((variant(row), row["seed"]))
            continue
        runs.append({"variant": variant(row), "seed": row["seed"], "score": float(row[score]), "steps": 468,
                     "learning_rate": row["learning_rate"], "batch_size": row["per_device_train_batch_size"],
                     "epochs": 3, "warmup": 0.1, "weight_decay": 0.01})
    return runs, missing


def wandb():
    rng = random.Random(1)
    flags = ["--seed-column", "seed", "--final-column", "eval/accuracy"]
    two = [("base", 2e-5), ("new", 5e-5)]
    both = lambda row: f"method={row['method']}, learning_rate={row['learning_rate']}"
    method = lambda row: row["method"]
    def write(name, rows, quoting=1, separator=","):
        file = path(name)
        pandas.DataFrame(rows).to_csv(file, index=False, quoting=quoting, sep=separator)
        return file
    def one(name, rows, variant, more, baseline=0.55, **rest):
        runs, missing = wandb_expected(rows, variant)
        source = write(name.replace(" ", "-") + ".csv", rows)
        compare("wandb", name, source, flags + more, runs, missing, baseline, **rest)
    rows = wandb_rows(rng, two, range(1, 9))
    one("all finished", rows, method, ["--variant-column", "method"])
    rows = wandb_rows(rng, two, range(1, 9), [((0, 3), "crashed"), ((1, 5), "failed"), ((0, 7), "killed"), ((1, 8), "running")],
                      [(0, 3), (1, 5)])
    one("crashed, failed, killed and running", rows, method, ["--variant-column", "method"],
        says=["1 crashed (", "1 failed (", "1 killed (", "1 running ("])
    one("recipes of two columns", rows, both, ["--variant-column", "method,learning_rate"])
    one("two flags of columns", rows, both, ["--variant-column", "method", "--variant-column", "learning_rate"])
    rows = wandb_rows(rng, [("base", 2e-5)], range(10))
    one("no column of the recipe", rows, lambda row: "recipe", [])
    one("no baseline", rows, lambda row: "recipe", [], baseline=None, says=["only diverged runs count as failed"])
    rows = wandb_rows(rng, two, range(1, 7))
    for row in rows[::3]:
        row["eval/accuracy"] = "NaN"
    one("diverged runs", rows, method, ["--variant-column", "method"])
    rows = [row for row in wandb_rows(rng, two, range(1, 11)) if not (row["method"] == "new" and row["seed"] in (2, 9))]
    one("common seeds", rows, method, ["--variant-column", "method"])
    rows = [row for row in wandb_rows(rng, two, range(1, 11)) if (row["seed"] <= 6) == (row["method"] == "base")]
    one("other seeds", rows, method, ["--variant-column", "method"])
    rows = wandb_rows(rng, two, range(1, 7), [((1, seed), "crashed") for seed in range(1, 7)], [(1, 2)])
    one("a recipe that always crashed", rows, method, ["--variant-column", "method"])
    rows = wandb_rows(rng, two, range(1, 6))
    again = wandb_rows(rng, two, [2], [((0, 2), "crashed"), ((1, 2), "killed")], [(0, 2)])
    runs, missing = wandb_expected(rows, method)
    compare("wandb", "crashed runs that were run again", write("again.csv", again + rows), flags + ["--variant-column", "method"],
            runs, missing, 0.55, says=["1 crashed whose seed was run again", "1 killed whose seed was run again"])
    runs, missing = wandb_expected(rows, method, "eval/loss")
    compare("wandb", "a loss", write("loss.csv", rows),
            ["--variant-column", "method", "--seed-column", "seed", "--final-column", "eval/loss", "--lower-is-better"],
            runs, missing, 0.5, lower=True)
    refused("wandb", "a loss without its flag", path("loss.csv"),
            ["--variant-column", "method", "--seed-column", "seed", "--final-column", "eval/loss"], ["--lower-is-better"])
    file = path("chart.csv")
    pandas.DataFrame({"Step": [1, 2], "a - acc": [.5, .6], "a - acc__MIN": [.5, .6], "a - acc__MAX": [.5, .6]}).to_csv(file, index=False)
    refused("wandb", "a chart's export", file, flags, ["chart", "Runs table"])
    file = path("finished-empty.csv")
    pandas.DataFrame(wandb_rows(rng, two, [1, 2], gaps=[(0, 1)])).to_csv(file, index=False)
    refused("wandb", "finished without a score", file, flags + ["--variant-column", "method"], ["eval/accuracy", ":2", "nan"])


# --- Optuna -----------------------------------------------------------------------------------------------------------------


def optuna_compare(name, file, flags, recipe="params_lr", baseline=0.72, value="value", seed="params_seed", lines=None, **rest):
    """What pandas says of a table of trials."""
    frame = pandas.read_csv(file)
    runs, missing = [], []
    text = pandas.read_csv(file, dtype=str, keep_default_na=False)
    for row, words in zip(frame.to_dict("records"), text.to_dict("records")):
        variant = words[recipe] if recipe else "recipe"
        if row["state"] != "COMPLETE":
            if not any(m == (variant, int(row[seed])) for m in missing):
                missing.append((variant, int(row[seed])))
            continue
        run = {"variant": variant, "seed": int(row[seed]), "score": row[value]}
        for column, source in (("learning_rate", "params_lr"), ("batch_size", "user_attrs_batch_size"), ("weight_decay", "params_weight_decay")):
            if source in row:
                run[column] = row[source]
        runs.append(run)
    done = {(r["variant"], r["seed"]) for r in runs}
    missing = [m for m in missing if m not in done]
    more = ["--variant-column", recipe] if recipe else []
    compare("Optuna", name, lines or file, more + ["--seed-column", seed, "--final-column", value] + flags, runs, missing, baseline, **rest)


def optuna_made():
    for case in range(8):
        rng = random.Random(case)
        rows = []
        for number, (lr, seed) in enumerate((lr, seed) for lr in ("1e-05", "3e-05", "5e-05")[:1 + case % 3] for seed in range(1, 8)):
            state = rng.choice(["COMPLETE"] * 6 + ["FAIL", "PRUNED", "RUNNING", "WAITING"])
            value = round(0.69 + rng.random() / 10, 6)
            rows.append({"number": number, "value": "" if state not in ("COMPLETE", "PRUNED") else value,
                         "datetime_start": f"2026-11-29 04:{number:02}:33.709680", "datetime_complete": "",
                         "duration": "0 days 00:00:00.016977", "params_lr": lr, "params_seed": float(seed) if case % 2 else seed,
                         "params_weight_decay": 0.01, "user_attrs_batch_size": 16, "system_attrs_note": "{'a': [1, 2]}",
                         "state": state})
        rows[0].update(state="COMPLETE", value=0.7)
        file = path(f"optuna-made-{case}.csv")
        pandas.DataFrame(rows).to_csv(file, index=case % 2 == 0)
        optuna_compare(f"made from the documentation, {case}", file, [])


def optuna_genuine():
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    def objective(trial):
        lr = trial.suggest_categorical("lr", [1e-5, 2e-5])
        seed = trial.suggest_int("seed", 1, 6)
        trial.set_user_attr("batch_size", 16)
        for step in range(3):
            trial.report(0.5 + 0.1 * step, step)
            if seed == 3 and lr == 1e-5 and step == 1:
                raise optuna.TrialPruned()
        if seed == 4 and lr == 2e-5:
            raise ValueError("an error")
        if seed == 5 and lr == 2e-5:
            return float("nan")
        return 0.7 + random.Random(seed).random() / 20
    space = {"lr": [1e-5, 2e-5], "seed": list(range(1, 7))}
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.GridSampler(space, seed=1))
    study.optimize(objective, catch=(ValueError,))
    study.trials_dataframe().to_csv(path("optuna.csv"))
    optuna_compare("written by optuna " + optuna.__version__, path("optuna.csv"), [])
    study.trials_dataframe(attrs=("number", "value", "params", "state")).to_csv(path("optuna-few.csv"), index=False)
    optuna_compare("written by optuna, few attributes", path("optuna-few.csv"), [], baseline=None)
    several = optuna.create_study(directions=["maximize", "minimize"], sampler=optuna.samplers.GridSampler({"lr": [1e-5], "seed": [1, 2, 3]}))
    several.optimize(lambda t: (t.suggest_float("lr", 1e-6, 1e-4) + t.suggest_int("seed", 1, 3) / 10, t.params["seed"] * 0.1))
    several.trials_dataframe().to_csv(path("optuna-several.csv"))
    optuna_compare("written by optuna, two objectives", path("optuna-several.csv"), ["--lower-is-better"], recipe=None,
                   value="values_1", baseline=0.25, lower=True)
    study.trials_dataframe(attrs=("number", "value", "params", "user_attrs", "state")).to_json(
        path("optuna.jsonl"), orient="records", lines=True, double_precision=15)
    optuna_compare("JSON lines of pandas, null without a value", path("optuna.csv"), [], lines=path("optuna.jsonl"))


# --- Ray Tune ---------------------------------------------------------------------------------------------------------------


def ray_compare(name, file, baseline=0.6, recipe="config/lr"):
    frame = pandas.read_csv(file)
    text = pandas.read_csv(file, dtype=str, keep_default_na=False)
    most = frame.groupby(recipe).training_iteration.transform("max") if recipe else frame.training_iteration.max()
    ended = (frame.training_iteration >= most) | (frame.done.astype(str) == "True")
    runs, missing = [], []
    for row, words, is_ended in zip(frame.to_dict("records"), text.to_dict("records"), ended):
        variant = words[recipe] if recipe else "recipe"
        if not is_ended:
            missing.append((variant, row["config/seed"]))
            continue
        runs.append({"variant": variant, "seed": row["config/seed"], "score": row["accuracy"], "learning_rate": row["config/lr"],
                     "batch_size": row["config/batch_size"]})
    compare("Ray Tune", name, file,
            (["--variant-column", recipe] if recipe else []) + ["--seed-column", "config/seed", "--final-column", "accuracy"],
            runs, missing, baseline)


def ray_made():
    for case in range(9):
        rng = random.Random(case)
        rows = []
        for lr in (1e-5, 2e-5, 3e-5)[:1 + case % 3]:
            for seed in range(1, 7):
                ends_early = rng.random() < 0.2
                iteration = rng.choice([1, 2]) if ends_early else 3
                score = math.nan if rng.random() < 0.1 else 0.55 + rng.random() / 10
                rows.append({"accuracy": score, "loss": rng.random(), "timestamp": 1795926533, "checkpoint_dir_name": "",
                             "done": case % 3 == 1 and not ends_early, "training_iteration": iteration,
                             "trial_id": f"58c5e_{len(rows):05}", "date": "2026-11-29_04-28-53", "time_this_iter_s": 0.1,
                             "time_total_s": 0.5, "pid": 1, "hostname": "vm", "node_ip": "192.0.2.2",
                             "time_since_restore": 0.5, "iterations_since_restore": iteration, "config/lr": lr,
                             "config/seed": seed, "config/batch_size": 16, "logdir": f"58c5e_{len(rows):05}"})
        rows[0].update(training_iteration=3, accuracy=0.61)
        file = path(f"ray-made-{case}.csv")
        pandas.DataFrame(rows).to_csv(file, index=case % 2 == 0, na_rep="nan")
        ray_compare(f"made from the documentation, {case}", file)


def ray_genuine():
    import logging
    import ray
    from ray import tune
    logging.disable(logging.ERROR)  # of trials that fail on purpose
    def train(config):
        for step in range(3):
            if config["seed"] == 3 and step == 1:
                raise RuntimeError("an error")
            accuracy = 0.5 + 0.05 * step + config["seed"] * 0.01 + config["lr"] * 1000
            tune.report({"accuracy": math.nan if config["seed"] == 4 else accuracy, "loss": 1 - accuracy})
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        tuner = tune.Tuner(
            train, param_space={"lr": tune.grid_search([1e-5, 2e-5]), "seed": tune.grid_search([1, 2, 3, 4]), "batch_size": 16},
            run_config=tune.RunConfig(storage_path=path("ray"), name="trials", verbose=0))
        results = tuner.fit()
        ray.shutdown()
    results.get_dataframe().to_csv(path("ray.csv"), index=False, na_rep="nan")
    ray_compare("written by ray " + ray.__version__, path("ray.csv"))
    ray_compare("written by ray, one recipe for each rate", path("ray.csv"), baseline=None)
    results.get_dataframe().to_csv(path("ray-empty.csv"))
    refused("Ray Tune", "written by ray, NaN as empty fields", path("ray-empty.csv"),
            ["--variant-column", "config/lr", "--seed-column", "config/seed", "--final-column", "accuracy"], ["na_rep"])
    refused("Ray Tune", "the folder of trials", path("ray"), ["--path-pattern", "{variant}-{seed}"], ["get_dataframe"])


# --- Hugging Face's Trainer ---------------------------------------------------------------------------------------------------


def state(folder, steps, entries, **more):
    os.makedirs(path(folder), exist_ok=True)
    with open(os.path.join(path(folder), "trainer_state.json"), "w") as file:
        json.dump({"global_step": steps, **more, "log_history": entries}, file, indent=2)


def curve_of(entries, variant, seed, metric="eval_accuracy"):
    """The rows of curves.csv that a log makes, first ones first."""
    curves = {}
    costs = ("_runtime", "_per_second", "_time")
    for entry in entries:
        if "train_runtime" in entry:
            continue
        split = "dev" if any(key.startswith("eval_") for key in entry) else "train"
        for key, value in entry.items():
            if key in ("step", "epoch", "total_flos", "train_loss") or key.endswith(costs):
                continue
            quantity = "loss" if key == "eval_loss" and metric != "eval_loss" else key
            curves.setdefault((variant, seed, entry["step"], split, quantity), (value, entry.get("epoch", math.nan)))
    return curves


def trainer_made():
    def entries(scores, steps):
        result = []
        for step, score in zip(steps, scores):
            result.append({"epoch": step / 10, "grad_norm": 0.5, "learning_rate": 1e-5, "loss": 1 / step, "step": step})
            result.append({"epoch": step / 10, "eval_accuracy": score, "eval_loss": 0.5, "eval_runtime": 0.1, "step": step})
        return result
    for case in range(7):
        rng = random.Random(case)
        root, runs, missing, curves = f"trainer-{case}", [], [], {}
        for variant in ("base", "high"):
            for seed in range(1, 6):
                steps = [10, 20, 30]
                scores = [round(0.5 + rng.random() / 4, 6) for _ in steps]
                if rng.random() < 0.15:
                    scores[-1] = math.nan
                folder = f"{root}/rte/{variant}/seed-{seed}"
                log = entries(scores, steps)
                kind = rng.choice(["own", "checkpoints", "both", "linked", "killed", "best"])
                run = {"variant": variant, "seed": seed, "score": scores[-1], "steps": 30, "max_steps": 30, "epochs": 3, "batch_size": 8,
                       "best": max(s for s in scores if not math.isnan(s))}
                facts = {"max_steps": 30, "num_train_epochs": 3, "train_batch_size": 8}
                if kind in ("checkpoints", "both"):
                    for count in (1, 2, 3):
                        state(f"{folder}/checkpoint-{10 * count}", 10 * count, log[:2 * count], **facts)
                if kind in ("own", "both"):
                    state(folder, 30, log, **facts)
                if kind == "linked":
                    state(f"{root}-elsewhere/{variant}-{seed}", 30, log, **facts)
                    os.makedirs(path(os.path.dirname(folder)), exist_ok=True)
                    os.symlink(path(f"{root}-elsewhere/{variant}-{seed}"), path(folder))
                if kind == "killed":
                    state(f"{folder}/checkpoint-20", 20, log[:4], **facts)
                    missing.append((variant, seed))
                    continue
                if kind == "best":
                    closing = {"epoch": 3.0, "step": 30, "train_loss": 0.5, "train_runtime": 3.0}
                    again = {"epoch": 3.0, "eval_accuracy": run["best"], "step": 30}
                    state(folder, 30, log + [closing, again], best_model_checkpoint="x/checkpoint-10", **facts)
                curves.update(curve_of(log, variant, seed))
                runs.append(run)
        compare("Trainer", f"made from the documentation, {case}", path(root),
                ["--path-pattern", "{task}/{variant}/seed-{seed}"], [dict(r) for r in runs], missing, None, curves=curves)
    state("trainer-null/seed-1", 20, [{"eval_accuracy": 0.7, "step": 10}, {"eval_accuracy": None, "step": 20}])
    compare("Trainer", "a last score of null", path("trainer-null"), ["--path-pattern", "seed-{seed}"],
            [{"variant": "recipe", "seed": 1, "score": math.nan, "best": 0.7}], baseline=0.5)
    state("trainer-text/seed-1", 20, [{"eval_accuracy": 0.7, "step": 10}, {"eval_accuracy": "0.9", "step": 20}])
    refused("Trainer", "a last score that is a text", path("trainer-text"), ["--path-pattern", "seed-{seed}"],
            ["seed-1/trainer_state.json", "step 20", "\"0.9\""])


def trainer_genuine():
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import torch
    import transformers
    from transformers import BertConfig, BertForSequenceClassification, EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    def data(count, seed):
        tokens = torch.randint(5, 50, (count, 8), generator=torch.Generator().manual_seed(seed))
        return [dict(input_ids=t, attention_mask=torch.ones_like(t), labels=(t[0] > 27).long()) for t in tokens]
    train, dev = data(64, 1), data(40, 2)
    class Kill(TrainerCallback):
        def __init__(self, step):
            self.step = step
        def on_step_end(self, arguments, state, control, **more):
            if state.global_step == self.step:
                raise RuntimeError("killed")
    def run(folder, seed, kill=None, callbacks=(), saves=True, **more):
        torch.manual_seed(seed)
        model = BertForSequenceClassification(BertConfig(
            vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
            max_position_embeddings=16))
        settings = dict(
            output_dir=path(folder), seed=seed, learning_rate=1e-3, max_steps=12, per_device_train_batch_size=8,
            eval_strategy="steps", eval_steps=4, save_strategy="steps", save_steps=4, logging_steps=2, report_to=[], use_cpu=True,
            disable_tqdm=True)
        settings.update(more)
        trainer = Trainer(
            model=model, args=TrainingArguments(**settings), train_dataset=train, eval_dataset=dev,
            compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())},
            callbacks=[Kill(kill)] + list(callbacks))
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            try:
                trainer.train()
            except RuntimeError:
                return trainer
            if saves:
                trainer.save_state()
        return trainer
    def quiet(function, *words):
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
            return function(*words)
    def log(folder):
        with open(os.path.join(path(folder), "trainer_state.json")) as file:
            return json.load(file)["log_history"]
    def scores(entries):
        return [e["eval_accuracy"] for e in entries if "eval_accuracy" in e]
    name = "written by transformers " + transformers.__version__
    pattern = ["--path-pattern", "{task}/{variant}-s{seed}"]
    runs, curves = [], {}
    for seed in (1, 2, 3):
        for variant, rate in (("base", 1e-3), ("high", 1e-2)):
            folder = f"hf/rte/{variant}-s{seed}"
            run(folder, seed, learning_rate=rate, saves=variant == "base")
            entries = log(folder if variant == "base" else folder + "/checkpoint-12")
            found = scores(entries)
            runs.append({"variant": variant, "seed": seed, "score": found[-1], "best": max(found), "steps": 12, "max_steps": 12,
                         "batch_size": 8, "epochs": 2})
            curves.update(curve_of(entries, variant, seed))
    run("hf/rte/high-s4", 4, kill=10)
    compare("Trainer", name, path("hf"), pattern, runs, [("high", 4)], None, curves=curves, says=["1 unfinished (", "step 8 of 12"])
    loss = [{"variant": r["variant"], "seed": r["seed"]} for r in runs]
    for row in loss:
        folder = f"hf/rte/{row['variant']}-s{row['seed']}" + ("" if row["variant"] == "base" else "/checkpoint-12")
        found = [e["eval_loss"] for e in log(folder) if "eval_loss" in e]
        row.update(score=found[-1], best=min(found))
    compare("Trainer", "the loss as the score", path("hf"), pattern + ["--metric-key", "eval_loss", "--lower-is-better"], loss,
            [("high", 4)], None, lower=True)
    refused("Trainer", "a key that no log has", path("hf"), pattern + ["--metric-key", "eval_acc"],
            ["eval_accuracy", "and 5 more like it"])
    trainer = run("best/rte/base-s1", 1, learning_rate=5e-2, load_best_model_at_end=True, metric_for_best_model="accuracy")
    before = scores(log("best/rte/base-s1"))
    quiet(trainer.evaluate)
    quiet(trainer.save_state)
    compare("Trainer", "evaluated again with the best model", path("best"), pattern,
            [{"variant": "base", "seed": 1, "score": before[-1], "best": max(before)}], (), None)
    run("stop/rte/base-s1", 1, learning_rate=1e-5, max_steps=40, load_best_model_at_end=True, metric_for_best_model="accuracy",
        callbacks=[EarlyStoppingCallback(2)])
    found = scores(log("stop/rte/base-s1"))
    compare("Trainer", "early stopping", path("stop"), pattern,
            [{"variant": "base", "seed": 1, "score": found[-1], "best": max(found), "steps": 4 * len(found), "max_steps": 40}],
            (), None, says=["stopped before max_steps"])
    trainer = run("late/rte/base-s1", 1, eval_strategy="no")
    metrics = quiet(trainer.evaluate)
    trainer.save_metrics("eval", metrics)
    compare("Trainer", "evaluated at the end only", path("late"), pattern,
            [{"variant": "base", "seed": 1, "score": metrics["eval_accuracy"], "best": metrics["eval_accuracy"]}], (), None)
    trainer = run("card/rte/base-s1", 1, warmup_steps=2, lr_scheduler_type="cosine", gradient_accumulation_steps=2)
    quiet(trainer.create_model_card)
    found = scores(log("card/rte/base-s1"))
    compare("Trainer", "hyperparameters of a model card", path("card"), pattern,
            [{"variant": "base", "seed": 1, "score": found[-1], "learning_rate": 1e-3, "batch_size": 16, "warmup": 2,
              "schedule": "cosine", "max_steps": 12}], (), None)


# --- All of them --------------------------------------------------------------------------------------------------------------

KINDS = {
    "wandb": [wandb], "optuna": [optuna_made, optuna_genuine], "ray": [ray_made, ray_genuine],
    "trainer": [trainer_made, trainer_genuine],
}


def main():
    global ROOT, SEEDSWEEP
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seedsweep", help="the built program")
    parser.add_argument("--keep", metavar="FOLDER", help="make the inputs in this new folder and keep it")
    parser.add_argument("--only", choices=sorted(KINDS), action="append", help="this kind only")
    arguments = parser.parse_args()
    SEEDSWEEP = os.path.abspath(arguments.seedsweep)
    ROOT = os.path.abspath(arguments.keep) if arguments.keep else tempfile.mkdtemp(prefix="compare-imports-")
    os.makedirs(ROOT, exist_ok=True)
    left_out = []
    try:
        for kind in arguments.only or KINDS:
            for function in KINDS[kind]:
                try:
                    function()
                except ImportError as error:
                    left_out.append(f"{function.__name__} ({error})")
    finally:
        if not arguments.keep:
            shutil.rmtree(ROOT, ignore_errors=True)
    for reason in left_out:
        print(f"left out: {reason}")
    different = sum(bool(problems) for *_, problems in RESULTS)
    counts = ", ".join(f"{sum(r[0] == kind for r in RESULTS)} {kind}" for kind in dict.fromkeys(r[0] for r in RESULTS))
    print(f"{len(RESULTS)} inputs ({counts}), {sum(r[2] for r in RESULTS)} numbers compared, {different} inputs different")
    return 1 if different or not RESULTS else 0


sys.exit(main())
