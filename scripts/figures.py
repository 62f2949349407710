#!/usr/bin/env python3
"""Figures of a folder of results for a paper: every run's score over box plots, failure rates and means with their intervals,
and performance profiles.

usage: scripts/figures.py DIR [--output FOLDER]

Reads trials.csv, summary.csv and, for the recipes' labels, sweep.json of DIR (a run's or an imported folder) and writes scores,
failures, means and profiles as PDF and PNG, for one column of a paper. Intervals are those of summary.csv. Needs matplotlib and
pandas; installs nothing.
"""

import argparse
import json
import pathlib
import sys
import textwrap

try:
    import matplotlib
    import pandas
except ImportError as error:
    sys.exit(f"figures.py: {error.name} is missing; it needs matplotlib and pandas (pip install matplotlib pandas)")

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (after the choice of a backend)

WIDTH = 3.3  # inches: one column of a two-column page
# Okabe and Ito's palette, told apart by colour-blind readers.
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442"]
FAILED = "#D55E00"
STYLES = ["-", "--", "-.", ":"]
NOT_HYPERPARAMETERS = {"configuration_id", "variant", "task", "metric", "score", "failure_rule"}


def read(folder, name):
    path = pathlib.Path(folder) / name
    if not path.is_file():
        sys.exit(f"figures.py: {path}: no such file; DIR is a folder that seedsweep run, summarize or import wrote")
    return pandas.read_csv(path, dtype={"configuration_id": str, "trial_id": str})


def labels(folder):
    """What the sweep calls each configuration's variant; nothing for imported runs."""
    path = pathlib.Path(folder) / "sweep.json"
    if not path.is_file():
        return {}
    return {c["configuration_id"]: c["label"] for c in json.loads(path.read_text())["configurations"]}


def recipe_names(summary, labels):
    """What each configuration is called: its variant's label and the hyperparameters that vary beside it."""
    columns = list(summary.columns)
    hyperparameters = [c for c in columns[: columns.index("metric")] if c not in NOT_HYPERPARAMETERS]
    # What follows from the variant or the task alone needs no mention.
    varying = [c for c in hyperparameters if summary.groupby(["task", "variant"])[c].nunique(dropna=False).max() > 1]
    several = summary["variant"].nunique() > 1 or not varying
    names = {}
    for _, row in summary.iterrows():
        settings = ", ".join(f"{c.replace('_', ' ')} {row[c]:g}" if isinstance(row[c], (int, float)) else f"{c} {row[c]}"
                             for c in varying)
        variant = labels.get(row["configuration_id"], str(row["variant"]).replace("_", " "))
        lines = (textwrap.wrap(variant, 26) if several else []) + textwrap.wrap(settings, 26)
        names[row["configuration_id"]] = "\n".join(lines)
    return names


def panels(summary, names):
    """A panel a task, stacked, as high as its recipes need."""
    tasks = list(dict.fromkeys(summary["task"]))
    rows = [summary[summary["task"] == task] for task in tasks]
    lines = [sum(names[c].count("\n") + 1.6 for c in group["configuration_id"]) for group in rows]
    height = 0.17 * sum(lines) + 0.45 * len(tasks) + 0.25
    figure, axes = plt.subplots(
        len(tasks), 1, figsize=(WIDTH, height), squeeze=False, gridspec_kw={"height_ratios": lines},
        layout="constrained")
    return figure, zip(tasks, rows, axes[:, 0])


def label_recipes(axis, group, names):
    axis.set_yticks(range(len(group)), [names[c] for c in group["configuration_id"]])
    axis.set_ylim(len(group) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)


def scores(trials, summary, names):
    """Every run's score over its recipe's box; failed runs are crosses, diverged ones are counted at the edge."""
    figure, rows = panels(summary, names)
    column = "value_best" if (summary["score"] == "best").all() else "value_final"
    for task, group, axis in rows:
        constant = group["constant_score"].dropna()
        if len(constant):
            axis.axvline(constant.iloc[0], color="0.6", linewidth=0.8, linestyle=":", zorder=0)
        for place, (_, row) in enumerate(group.iterrows()):
            runs = trials[(trials["configuration_id"] == row["configuration_id"])
                          & trials["status"].isin(["completed", "diverged"])]
            values = runs[runs[column].notna() & (runs["status"] == "completed")].sort_values(column)
            color = PALETTE[place % len(PALETTE)]
            if len(values):
                axis.boxplot(
                    [values[column]], positions=[place], orientation="horizontal", widths=0.62, showfliers=False,
                    manage_ticks=False, patch_artist=True, boxprops={"facecolor": "none", "edgecolor": "0.35", "linewidth": 0.7},
                    medianprops={"color": "0.1", "linewidth": 1.1}, whiskerprops={"color": "0.35", "linewidth": 0.7},
                    capprops={"color": "0.35", "linewidth": 0.7})
            # Spread by rank, so that equal scores stay apart and a figure is the same every time.
            offsets = pandas.Series([0.22 * ((7 * i) % 11 / 5 - 1) for i in range(len(values))], index=values.index)
            failed = values["failed"].astype(str).str.lower() == "true"
            for chosen, style in ((~failed, {"marker": "o", "s": 7, "color": color, "linewidths": 0}),
                                  (failed, {"marker": "x", "s": 9, "color": FAILED, "linewidths": 0.7})):
                axis.scatter(values.loc[chosen, column], place + offsets[chosen], alpha=0.75, zorder=3, **style)
            diverged = int((runs["status"] == "diverged").sum())
            if diverged:
                axis.annotate(f"{diverged} diverged", (0, place), xycoords=("axes fraction", "data"), fontsize=7,
                              color=FAILED, va="bottom")
        label_recipes(axis, group, names)
        axis.set_xlabel(f"{task}: {score_name(group)}")
    return figure


def score_name(group):
    place = ", best evaluation" if (group["score"] == "best").all() else ""
    return f"{group['metric'].iloc[0].replace('_', ' ')}{place}"


def failures(summary, names):
    """Failure rates with the intervals of summary.csv."""
    figure, rows = panels(summary, names)
    for task, group, axis in rows:
        for place, (_, row) in enumerate(group.iterrows()):
            if row["n"] == 0:
                continue
            color = PALETTE[place % len(PALETTE)]
            axis.plot([row["failure_low"], row["failure_high"]], [place, place], color=color, linewidth=1.6,
                      solid_capstyle="butt")
            axis.plot([row["failure_rate"]], [place], marker="o", markersize=4, color=color)
            axis.annotate(f"{row['n_failed']:.0f}/{row['n']:.0f}", (1.01, place), xycoords=("axes fraction", "data"),
                          fontsize=7, va="center")
        label_recipes(axis, group, names)
        axis.set_xlim(-0.02, 1.02)
        axis.set_xlabel(f"{task}: failure rate, {100 * group['level'].iloc[0]:g}% interval ({group['interval_method'].iloc[0].capitalize()})")
    return figure


def means(summary, names):
    """Means of all runs (open) and of those that did not fail (filled) with the intervals of summary.csv."""
    figure, rows = panels(summary, names)
    for task, group, axis in rows:
        for place, (_, row) in enumerate(group.iterrows()):
            color = PALETTE[place % len(PALETTE)]
            for part, shift, face in (("mean", 0.14, "white"), ("mean_successful", -0.14, color)):
                if part == "mean" and row["n_failed"] == 0:
                    continue
                axis.plot([row[f"{part}_low"], row[f"{part}_high"]], [place + shift] * 2, color=color, linewidth=1.4,
                          solid_capstyle="butt")
                axis.plot([row[part]], [place + shift], marker="o", markersize=3.6, markeredgewidth=0.9, color=color,
                          markerfacecolor=face)
        label_recipes(axis, group, names)
        axis.set_xlabel(f"{task}: mean {score_name(group)}, {100 * group['level'].iloc[0]:g}% interval\n"
                        "filled: successful runs; open: all runs")
    return figure


def profiles(trials, summary, names):
    """Performance profiles (Dolan and More 2002; Agarwal et al. 2021): the share of runs that score at least so much. Diverged
    runs score nothing, so a curve begins at the share of the others."""
    tasks = list(dict.fromkeys(summary["task"]))
    figure, axes = plt.subplots(
        len(tasks), 1, figsize=(WIDTH, 1.75 * len(tasks) + 0.14 * summary.groupby("task").size().max() + 0.2),
        squeeze=False, layout="constrained")
    column = "value_best" if (summary["score"] == "best").all() else "value_final"
    for task, axis in zip(tasks, axes[:, 0]):
        group = summary[summary["task"] == task]
        for place, (_, row) in enumerate(group.iterrows()):
            runs = trials[(trials["configuration_id"] == row["configuration_id"])
                          & trials["status"].isin(["completed", "diverged"])]
            values = sorted(runs.loc[runs["status"] == "completed", column].dropna())
            if not values:
                continue
            shares = [(len(values) - rank) / len(runs) for rank in range(len(values))]
            axis.step([values[0]] + values + [values[-1]], [shares[0]] + shares + [0], where="pre",
                      color=PALETTE[place % len(PALETTE)], linestyle=STYLES[place // len(PALETTE) % len(STYLES)],
                      linewidth=1.2, label=names[row["configuration_id"]].replace("\n", " "))
        constant = group["constant_score"].dropna()
        if len(constant):
            axis.axvline(constant.iloc[0], color="0.6", linewidth=0.8, linestyle=":", zorder=0)
        axis.set_ylim(-0.02, 1.02)
        axis.set_ylabel("share of runs")
        axis.set_xlabel(f"{task}: {score_name(group)} of at least")
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    # One legend below all panels: recipes have the same places and colours on every task.
    lines = max((axis.get_legend_handles_labels() for axis in axes[:, 0]), key=lambda found: len(found[0]))
    figure.legend(*lines, loc="outside lower center", frameon=False, fontsize=7, handlelength=1.6,
                  ncols=2 if max(map(len, lines[1]), default=0) < 22 else 1)
    return figure


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="DIR", help="a folder of results")
    parser.add_argument("--output", metavar="FOLDER", help="where the figures go (default: DIR/figures)")
    options = parser.parse_args()
    # Type 42 fonts, which publishers ask for.
    plt.rcParams.update({"font.size": 7.5, "axes.linewidth": 0.6, "pdf.fonttype": 42, "xtick.labelsize": 7,
                         "ytick.labelsize": 7, "axes.labelsize": 7.5, "xtick.major.width": 0.6})
    trials, summary = read(options.folder, "trials.csv"), read(options.folder, "summary.csv")
    names = recipe_names(summary, labels(options.folder))
    output = pathlib.Path(options.output or pathlib.Path(options.folder) / "figures")
    output.mkdir(parents=True, exist_ok=True)
    figures = {"scores": scores(trials, summary, names), "failures": failures(summary, names),
               "means": means(summary, names), "profiles": profiles(trials, summary, names)}
    for name, figure in figures.items():
        for ending in ("pdf", "png"):
            figure.savefig(output / f"{name}.{ending}", dpi=300,
                           metadata={"CreationDate": None} if ending == "pdf" else None)
            print(output / f"{name}.{ending}")


if __name__ == "__main__":
    main()
