#!/usr/bin/env python3
"""Figures of a folder of results for a paper: every run's score over box plots, failure rates and means with their intervals,
performance profiles; and where their tables are, counterparts of arXiv 2006.04884's figures.

usage: scripts/figures.py DIR [--output FOLDER] [--width INCHES]

Reads the tables of DIR (a run's or an imported folder, with those of seedsweep analyze) and writes PDF and PNG:

  scores, failures         trials.csv, summary.csv                          its figures 1, 3, 5 and 9
  means, profiles          the same; recipes are labelled as in sweep.json
  superiority              comparisons.csv
  generalization           trials.csv, curves.csv                           its figure 8
  forgetting, failed_runs  forgetting.csv, failed_curves.csv                its figure 2
  gradients                gradient_norms.csv, gradient_statistics.csv      its figure 4
  correction               correction_factor.csv                            its figure 6
  surface                  surface.csv, surface_edges.csv                   its figure 7

Figures are as wide as a column of LaTeX's article with two columns, or as --width says (\\the\\columnwidth in a paper tells points,
72.27 an inch; ACL 3.03, ICML 3.25, IEEE 3.5), or as two columns, so that \\includegraphics needs no scaling and letters keep
their 7 points. Computes nothing that those tables do not hold, but the boxes; intervals are those of summary.csv. Needs
matplotlib and pandas; installs nothing.
"""

import argparse
import json
import pathlib
import sys
import textwrap

try:
    import matplotlib
    import numpy
    import pandas
except ImportError as error:
    sys.exit(f"figures.py: {error.name} is missing; it needs matplotlib and pandas (pip install matplotlib pandas)")

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (after the choice of a backend)

WIDTH = 3.17  # inches: one column of LaTeX's article with two
SMALLEST = 7  # points: what print still shows well
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
        variant = labels.get(row["configuration_id"], str(row["variant"]).replace("_", " ")) + ("," if settings else "")
        lines = (textwrap.wrap(variant, 26) if several else []) + textwrap.wrap(settings, 26)
        names[row["configuration_id"]] = "\n".join(lines)
    return names


def panels(summary, names, legend_height=0.0):
    """A panel a task, stacked, as high as its recipes need."""
    tasks = list(dict.fromkeys(summary["task"]))
    rows = [summary[summary["task"] == task] for task in tasks]
    lines = [sum(names[c].count("\n") + 1.6 for c in group["configuration_id"]) for group in rows]
    height = 0.17 * sum(lines) + 0.45 * len(tasks) + 0.25 + legend_height
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
    figure, rows = panels(summary, names, legend_height=0.2)
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
    failed = matplotlib.lines.Line2D([], [], linestyle="none", marker="x", markersize=3.5, color=FAILED, label="failed run")
    figure.legend(handles=[failed] + constant_line(summary), loc="outside lower center", ncols=2, frameon=False,
                  fontsize=SMALLEST, handlelength=1.6)
    return figure


def constant_line(summary):
    """The legend's entry of the line at the constant classifier's score, where one is drawn."""
    if summary["constant_score"].isna().all():
        return []
    return [matplotlib.lines.Line2D([], [], color="0.6", linewidth=0.8, linestyle=":", label="constant classifier")]


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

def optional(folder, name):
    """A table that only some folders hold; None where it is missing."""
    return read(folder, name) if (pathlib.Path(folder) / name).is_file() else None


def is_true(column):
    return column.astype(str).str.lower() == "true"


def clean(axis):
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def legend(axis, **options):
    axis.legend(frameon=False, fontsize=SMALLEST, handlelength=1.6, borderaxespad=0.2, **options)


def forgetting(curves):
    """Perplexity with the top k layers reset, a line a run: failed ones on the left, on a scale of their own."""
    figure, axes = plt.subplots(1, 2, figsize=(2 * WIDTH, 2.5), layout="constrained")
    partial = curves[~is_true(curves["embeddings_reset"])]
    reset = curves[is_true(curves["embeddings_reset"])]["perplexity"].iloc[0]
    for axis, failed in zip(axes, (True, False)):
        runs = partial[is_true(partial["failed"]) == failed]
        for place, (_, run) in enumerate(runs.groupby("trial_id", sort=False)):
            first = run.iloc[0]
            seeds = f"seed {first['seed_init']}" if first["seed_init"] == first["seed_order"] else \
                f"seeds {first['seed_init']}, {first['seed_order']}"
            axis.plot(run["layers_reset"], run["perplexity"], marker="osD^v"[place % 5], markersize=3, linewidth=1,
                      color=PALETTE[place % len(PALETTE)],
                      label=seeds)
        axis.axhline(reset, color="0.4", linewidth=0.9, linestyle="--", label="pre-trained")
        if runs["perplexity"].max() > 10 * reset:
            axis.set_yscale("log")
        axis.set_xlabel("top layers reset to pre-trained")
        axis.set_title("failed runs" if failed else "successful runs", fontsize=7.5)
        axis.xaxis.get_major_locator().set_params(integer=True)
        clean(axis)
        legend(axis, loc="upper center", bbox_to_anchor=(0.5, -0.27), ncols=2)
    axes[0].set_ylabel("perplexity of masked words")
    return figure


def failed_runs(curves):
    """Mean and standard deviation over a recipe's failed runs: training loss, and dev accuracy."""
    recipe = curves.groupby("configuration_id", sort=False)["n"].max().idxmax()
    curves = curves[curves["configuration_id"] == recipe]
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 2.8), sharex=True, layout="constrained")
    for axis, quantity, limit, name, color in zip(
            axes, ("loss", "accuracy"), ("chance_loss", "majority_share"), ("training loss", "dev accuracy"), PALETTE):
        rows = curves[curves["quantity"] == quantity]
        axis.axhline(rows[limit].iloc[0], color="0.4", linewidth=0.9, linestyle="--",
                     label="chance" if quantity == "loss" else "majority class")
        spread = rows["sd"].fillna(0)
        axis.fill_between(rows["step"], rows["mean"] - spread, rows["mean"] + spread, color=color, alpha=0.25, linewidth=0)
        axis.plot(rows["step"], rows["mean"], color=color, linewidth=1, marker="o", markersize=2.2,
                  label=f"mean and sd of {rows['n'].iloc[0]} failed runs")
        low, high = (rows["mean"] - spread).min(), (rows["mean"] + spread).max()
        margin = max(0.05, 0.25 * (high - low))
        axis.set_ylim(low - margin, high + margin)
        axis.set_ylabel(name)
        clean(axis)
        legend(axis)
    axes[1].set_xlabel("training step")
    return figure


def layer_of(tensor):
    prefix = "bert.encoder.layer."
    return int(tensor[len(prefix):].split(".")[0]) if tensor.startswith(prefix) else None


def norms_by_part(rows):
    """Steps by parts: the norm of each layer's, the pooler's and the classification layer's tensors together."""
    def part(tensor):
        layer = layer_of(tensor)
        return layer if layer is not None else 1000 if ".pooler." in tensor else 1001 if tensor.startswith("classifier.") else -1
    parts = rows["tensor"].map({tensor: part(tensor) for tensor in rows["tensor"].unique()})
    squares = (rows["norm"] ** 2).groupby([rows["step"], parts]).sum().unstack()
    return numpy.sqrt(squares.drop(columns=-1, errors="ignore"))


def gradients(folder, statistics, names):
    """Gradient norms of the first failed and the first successful run, a line a layer; and R of every run."""
    failed = is_true(statistics["failed"])
    chosen = [statistics[failed].head(1), statistics[~failed].head(1)]
    # A recipe that both ways of ending are known of tells more than two recipes.
    for _, group in statistics.groupby("configuration_id", sort=False):
        if is_true(group["failed"]).nunique() == 2:
            chosen = [group[is_true(group["failed"])].head(1), group[~is_true(group["failed"])].head(1)]
            break
    figure, axes = plt.subplots(1, 3, figsize=(2 * WIDTH, 2.5), layout="constrained", width_ratios=[1, 1, 0.62])
    for axis, run, name in zip(axes, chosen, ("failed", "successful")):
        recipe = names[run["configuration_id"].iloc[0]].replace("\n", " ") if len(run) else ""
        axis.set_title("\n".join(textwrap.wrap(f"a {name} run{': ' if recipe else ''}{recipe}", 40)), fontsize=7)
        clean(axis)
        axis.set_xlabel("training step")
        if not len(run):
            axis.annotate(f"no {name} run", (0.5, 0.5), xycoords="axes fraction", ha="center")
            continue
        norms = norms_by_part(read(pathlib.Path(folder) / "gradient_norms", run["trial_id"].iloc[0] + ".csv"))
        layers = [c for c in norms.columns if c < 1000]
        shown = sorted({layers[round(i * (len(layers) - 1) / min(5, max(1, len(layers) - 1)))] for i in range(min(6, len(layers)))})
        colors = plt.get_cmap("viridis")(numpy.linspace(0, 0.85, len(shown)))
        for layer, color in zip(shown, colors):
            axis.plot(norms.index, norms[layer], color=color, linewidth=0.9, label=f"layer {layer + 1}")
        for part, label, style in ((1000, "pooler", "--"), (1001, "classifier", ":")):
            if part in norms.columns:
                axis.plot(norms.index, norms[part], color="0.2", linewidth=0.9, linestyle=style, label=label)
        axis.axvline(run["warmup_steps"].iloc[0], color="0.7", linewidth=0.7, zorder=0)
        axis.set_yscale("log")
    limits = [axis.get_ylim() for axis, run in zip(axes, chosen) if len(run)]
    for axis in axes[:2]:
        axis.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    axes[0].set_ylabel("gradient norm before clipping")
    lines, labels = (axes[0] if len(chosen[0]) else axes[1]).get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=SMALLEST, handlelength=1.6)
    axis = axes[2]
    for place, (kind, rows) in enumerate((("failed", statistics[failed]), ("successful", statistics[~failed]))):
        offsets = [0.3 * ((7 * i) % 11 / 5 - 1) for i in range(len(rows))]
        axis.scatter([place + offset for offset in offsets], rows["ratio"], s=10,
                     marker="x" if kind == "failed" else "o", color=FAILED if kind == "failed" else PALETTE[0], linewidths=0.8)
    axis.axhline(1e-2, color="0.4", linewidth=0.9, linestyle="--")
    axis.set_yscale("log")
    axis.set_xlim(-0.6, 1.6)
    axis.set_xticks([0, 1], [f"failed\n{failed.sum()}", f"successful\n{(~failed).sum()}"])
    axis.set_title("every run: layer 1,\nlate over early", fontsize=7)
    clean(axis)
    return figure


def correction(factors):
    """By how much an update without bias correction is too large, over the steps, a line a pair of betas."""
    figure, axis = plt.subplots(figsize=(WIDTH, 2.1), layout="constrained")
    for place, ((beta1, beta2), rows) in enumerate(factors.groupby(["beta1", "beta2"], sort=False)):
        axis.plot(rows["step"], rows["overstep"], color=PALETTE[place % len(PALETTE)], linewidth=1.2,
                  linestyle=("-", "--", ":", "-.")[place % 4], label=f"$\\beta_1$ {beta1:g}, $\\beta_2$ {beta2:g}")
    axis.axhline(1, color="0.4", linewidth=0.8, linestyle=":")
    axis.set_xscale("log")
    axis.set_ylim(bottom=0)
    axis.set_xlabel("training step")
    axis.set_ylabel("uncorrected step\nover corrected")
    clean(axis)
    legend(axis)
    return figure


def surface(grid, edges):
    """The loss over the plane, its levels even in the logarithm, and along the edges between the three corners."""
    figure, (plane, lines) = plt.subplots(1, 2, figsize=(2 * WIDTH, 2.8), layout="constrained", width_ratios=[1.15, 1])
    losses = grid.pivot(index="b", columns="a", values="loss")
    values = losses.to_numpy()
    finite = values[numpy.isfinite(values)]
    levels = numpy.geomspace(max(finite.min(), 1e-6), finite.max(), 15)
    drawn = plane.contourf(losses.columns, losses.index, numpy.clip(values, levels[0], levels[-1]), levels=levels,
                           norm=matplotlib.colors.LogNorm(levels[0], levels[-1]), cmap="cividis")
    plane.contour(losses.columns, losses.index, values, levels=levels, colors="white", linewidths=0.3, alpha=0.6)
    bar = figure.colorbar(drawn, ax=plane, format="%.3g", ticks=levels[::2])
    bar.ax.minorticks_off()
    bar.set_label("training loss")
    for name, place, marker in (("pre-trained", (0, 0), "s"), ("failed", (1, 0), "X"), ("successful", (0, 1), "o")):
        plane.plot(*place, marker=marker, color="white", markeredgecolor="black", markersize=5.5, linestyle="none")
        plane.annotate(name, place, xytext=(4, 4), textcoords="offset points", fontsize=SMALLEST, color="black",
                       bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.8})
    plane.set_xlabel("towards the failed run")
    plane.set_ylabel("towards the successful run")
    for place, ((start, end), rows) in enumerate(edges.groupby(["from", "to"], sort=False)):
        lines.plot(rows["place"], rows["loss"], color=PALETTE[place], marker="osD"[place], markersize=2.4, linewidth=1,
                   label=f"{start} to {end}".replace("pretrained", "pre-trained"))
    lines.set_yscale("log")
    lines.set_xlabel("way from the first to the second")
    lines.set_ylabel("training loss")
    clean(lines)
    figure.legend(*lines.get_legend_handles_labels(), loc="outside lower right", ncols=3, frameon=False, fontsize=SMALLEST,
                  handlelength=1.6)
    return figure


def generalization(trials, curves, summary, names):
    """Dev scores of the successful runs of one recipe over training, and every run's score over its final training loss."""
    completed = trials[trials["status"] == "completed"]
    counts = completed[~is_true(completed["failed"])].groupby("configuration_id", sort=False).size()
    figure, (left, right) = plt.subplots(1, 2, figsize=(2 * WIDTH, 2.3), layout="constrained")
    metric = summary["metric"].iloc[0]
    score = metric.replace("_", " ")
    if len(counts):
        # The longest recipe's successful runs.
        steps = completed.groupby("configuration_id")["step_count"].max()
        recipe = max(counts.index, key=lambda c: (steps[c], counts[c]))
        runs = completed[(completed["configuration_id"] == recipe) & ~is_true(completed["failed"])]["trial_id"]
        dev = curves[(curves["split"] == "dev") & (curves["quantity"] == metric)]
        for place, trial in enumerate(runs):
            rows = dev[dev["trial_id"] == trial]
            left.plot(rows["step"], rows["value"], color=PALETTE[place % len(PALETTE)], linewidth=0.8, marker="o", markersize=1.6)
        left.set_title(names[recipe].replace("\n", " ") + f": {len(runs)} successful run{'s' if len(runs) > 1 else ''}", fontsize=7)
    left.set_xlabel("training step")
    left.set_ylabel(f"dev {score}")
    failed = is_true(completed["failed"])
    for chosen, style, label in (
            (~failed, {"marker": "o", "s": 9, "color": PALETTE[0], "linewidths": 0}, "successful"),
            (failed, {"marker": "x", "s": 11, "color": FAILED, "linewidths": 0.8}, "failed")):
        if chosen.any():
            right.scatter(completed.loc[chosen, "train_loss_full"], completed.loc[chosen, "value_final"], alpha=0.75,
                          label=f"{label}, {chosen.sum()} runs", **style)
    right.set_xscale("log")
    right.set_xlabel("final training loss, without dropout")
    right.set_ylabel(f"final dev {score}")
    legend(right)
    for axis in (left, right):
        clean(axis)
    return figure


def means(summary, names):
    """Means of all runs (open) and of those that did not fail (filled) with the intervals of summary.csv."""
    figure, rows = panels(summary, names, legend_height=0.2)
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
        axis.set_xlabel(f"{task}: mean {score_name(group)}, {100 * group['level'].iloc[0]:g}% interval")
    dots = [matplotlib.lines.Line2D([], [], linestyle="none", marker="o", markersize=3.6, markeredgewidth=0.9, color="0.3",
                                    markerfacecolor=face, label=label)
            for face, label in (("0.3", "successful runs"), ("white", "all runs"))]
    figure.legend(handles=dots, loc="outside lower center", ncols=2, frameon=False, fontsize=SMALLEST, handletextpad=0.1)
    return figure


def superiority(comparisons):
    """The probability that a run of the first recipe scores higher than one of the second, ties counted half (Mann and Whitney)."""
    figure, axis = plt.subplots(figsize=(WIDTH, 0.3 * len(comparisons) + 0.6), layout="constrained")
    places = range(len(comparisons))
    axis.barh(places, comparisons["secondary_p_a_greater"] - 0.5, left=0.5, height=0.5, color=PALETTE[0])
    axis.axvline(0.5, color="0.4", linewidth=0.8)
    names = [f"{row['task']}: {row['a']}\nover {row['b']}".replace("_", " ") for _, row in comparisons.iterrows()]
    axis.set_yticks(places, names)
    axis.set_ylim(len(comparisons) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    axis.set_xlim(-0.02, 1.02)
    axis.set_xlabel("P(a run scores higher)")
    clean(axis)
    axis.spines["left"].set_visible(False)
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
    handles = max((axis.get_legend_handles_labels()[0] for axis in axes[:, 0]), key=len) + constant_line(summary)
    figure.legend(handles=handles, loc="outside lower center", frameon=False, fontsize=SMALLEST, handlelength=1.6,
                  ncols=2 if max((len(line.get_label()) for line in handles), default=0) < 22 else 1)
    return figure


def column_width(text):
    """A --width: wide enough to letter, no wider than a sheet."""
    try:
        width = float(text)
    except ValueError:
        width = 0
    if not 2 <= width <= 12:
        raise argparse.ArgumentTypeError(f"found '{text}', expected inches from 2 to 12")
    return width


def main():
    global WIDTH
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="DIR", help="a folder of results")
    parser.add_argument("--output", metavar="FOLDER", help="where the figures go (default: DIR/figures)")
    parser.add_argument("--width", metavar="INCHES", type=column_width, default=WIDTH,
                        help="the width of a column (default: %(default)s); some figures span two")
    options = parser.parse_args()
    WIDTH = options.width
    # Type 42 fonts, which publishers ask for.
    plt.rcParams.update({"font.size": 7.5, "axes.linewidth": 0.6, "pdf.fonttype": 42, "xtick.labelsize": 7,
                         "ytick.labelsize": 7, "axes.labelsize": 7.5, "xtick.major.width": 0.6})
    folder = options.folder
    trials, summary = read(folder, "trials.csv"), read(folder, "summary.csv")
    names = recipe_names(summary, labels(folder))
    output = pathlib.Path(options.output or pathlib.Path(folder) / "figures")
    output.mkdir(parents=True, exist_ok=True)
    figures = [("scores", scores(trials, summary, names)), ("failures", failures(summary, names)),
               ("means", means(summary, names)), ("profiles", profiles(trials, summary, names))]
    tables = {name: optional(folder, name + ".csv") for name in (
        "comparisons", "curves", "forgetting", "failed_curves", "gradient_statistics", "correction_factor", "surface", "surface_edges")}
    if tables["comparisons"] is not None and tables["comparisons"]["secondary_p_a_greater"].notna().any():
        figures.append(("superiority", superiority(tables["comparisons"])))
    if tables["curves"] is not None and "train_loss_full" in trials and summary["task"].nunique() == 1:
        figures.append(("generalization", generalization(trials, tables["curves"], summary, names)))
    if tables["forgetting"] is not None:
        figures.append(("forgetting", forgetting(tables["forgetting"])))
    if tables["failed_curves"] is not None and len(tables["failed_curves"]):
        figures.append(("failed_runs", failed_runs(tables["failed_curves"])))
    if tables["gradient_statistics"] is not None:
        figures.append(("gradients", gradients(folder, tables["gradient_statistics"], names)))
    if tables["correction_factor"] is not None:
        figures.append(("correction", correction(tables["correction_factor"])))
    if tables["surface"] is not None and tables["surface_edges"] is not None:
        figures.append(("surface", surface(tables["surface"], tables["surface_edges"])))
    for name, figure in figures:
        for ending in ("pdf", "png"):
            figure.savefig(output / f"{name}.{ending}", dpi=300,
                           metadata={"CreationDate": None} if ending == "pdf" else None)
            print(output / f"{name}.{ending}")


if __name__ == "__main__":
    main()
