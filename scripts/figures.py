#!/usr/bin/env python3
"""Figures of a folder of results for a paper: every run's score over box plots, failure rates and means with their intervals,
performance profiles; and where their tables are, counterparts of arXiv 2006.04884's figures.

usage: scripts/figures.py DIR [DIR ...] [--output FOLDER] [--width INCHES]

Reads the tables of DIR (a run's or an imported folder, with those of seedsweep analyze) and writes PDF and PNG:

  scores, failures         trials.csv, summary.csv                          its figures 1, 3, 5 and 9
  means, profiles          the same; recipes are labelled as in sweep.json
  superiority              comparisons.csv
  generalization           trials.csv, curves.csv                           its figure 8
  forgetting, failed_runs  forgetting.csv, failed_curves.csv                its figure 2
  gradients                gradient_norms/, gradient_statistics.csv         its figure 4
  correction               correction_factor.csv                            its figure 6
  surface                  surface.csv, surface_edges.csv                   its figure 7

Several folders, such as those of sweeps/size.json5 and size-full.json5, share the first four, which go into the first one's
folder figures-joint.

Figures are as wide as a column of LaTeX's article with two columns, or as --width says (\\the\\columnwidth in a paper tells points,
72.27 an inch; ACL 3.03, ICML 3.25, IEEE 3.5), or as two columns, so that \\includegraphics needs no scaling and letters keep
their 7 points. Computes nothing that those tables do not hold, but the boxes (quartiles, whiskers to the last run within 1.5 times
their distance; from five runs on); intervals are those of summary.csv. Needs matplotlib 3.7 and pandas; installs nothing.
"""

import argparse
import collections
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
if tuple(int(part) for part in matplotlib.__version__.split(".")[:2]) < (3, 7):
    sys.exit(f"figures.py: matplotlib is {matplotlib.__version__}; it needs 3.7 or newer (pip install --upgrade matplotlib)")

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (after the choice of a backend)

WIDTH = 3.17  # inches: one column of LaTeX's article with two
SMALLEST = 7  # points: what print still shows well
LINE = 0.16  # inches: a line of letters of that size
# Okabe and Ito's palette, told apart by colour-blind readers, but its yellow, which white paper swallows; its vermilion is
# for failed runs.
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#000000"]
FAILED = "#D55E00"
STYLES = ["-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (3, 3))]
MARKERS = "osD^v"
NOT_HYPERPARAMETERS = {"configuration_id", "variant", "task", "metric", "score", "failure_rule"}
# What makes a table that a folder may lack.
ORIGINS = {
    "comparisons": "seedsweep compare", "curves": "seedsweep run", "forgetting": "seedsweep analyze forgetting",
    "failed_curves": "seedsweep analyze forgetting", "gradient_statistics": "seedsweep analyze gradients",
    "correction_factor": "seedsweep analyze correction", "surface": "seedsweep analyze surface",
    "surface_edges": "seedsweep analyze surface"}

# variant: what the sweep calls it, nothing where all recipes have one; settings and values: the hyperparameters that vary
# beside it, with and without their names.
Recipe = collections.namedtuple("Recipe", "variant settings values")


def read(folder, name, columns=()):
    path = pathlib.Path(folder) / name
    if not path.is_file():
        sys.exit(f"figures.py: {path}: no such file; DIR is a folder that seedsweep run, summarize or import wrote")
    try:
        table = pandas.read_csv(path, dtype={"configuration_id": str, "trial_id": str})
    except (OSError, ValueError) as error:  # of pandas's errors, those of parsing are ValueErrors
        sys.exit(f"figures.py: {path}: {error}")
    missing = [column for column in columns if column not in table]
    if missing:
        sys.exit(f"figures.py: {path}: no column {missing[0]}; seedsweep summarize writes a run's tables anew")
    return table


def optional(folder, name):
    """A table that only some folders hold, with rows; None where there is none."""
    table = read(folder, name) if (pathlib.Path(folder) / name).is_file() else None
    return table if table is not None and len(table) else None


def labels(folder):
    """What the sweep calls each configuration's variant; nothing for imported runs."""
    path = pathlib.Path(folder) / "sweep.json"
    if not path.is_file():
        return {}
    return {c["configuration_id"]: c["label"] for c in json.loads(path.read_text())["configurations"]}


def plain(text):
    """A text as it is: no underscores, and no dollar signs that begin a formula."""
    return str(text).replace("_", " ").replace("$", r"\$")


def number(value):
    if pandas.isna(value):
        return "none"
    if isinstance(value, (bool, numpy.bool_)):
        return str(value).lower()
    return plain(value) if isinstance(value, str) else f"{value:g}"


def recipes_of(summary, labels):
    """The recipe of each configuration_id, and the names of the hyperparameters that vary."""
    columns = list(summary.columns)
    hyperparameters = [c for c in columns[: columns.index("metric")] if c not in NOT_HYPERPARAMETERS]
    # What follows from the variant or the task alone needs no mention.
    varying = [c for c in hyperparameters if summary.groupby(["task", "variant"])[c].nunique(dropna=False).max() > 1]
    several = summary["variant"].nunique() > 1 or not varying
    recipes = {}
    for row in summary[["configuration_id", "variant"] + varying].itertuples(index=False):
        values = [number(value) for value in row[2:]]
        recipes[row[0]] = Recipe(
            plain(labels.get(row[0], row[1])) if several else "",
            ", ".join(f"{plain(column)} {value}" for column, value in zip(varying, values)), ", ".join(values))
    return recipes, ", ".join(plain(column) for column in varying)


def name(recipe):
    return ", ".join(part for part in (recipe.variant, recipe.settings) if part)


def wrapped(text, inches):
    """The text in lines of `inches` inches, at the smallest letters' usual width."""
    return textwrap.wrap(text, max(8, round(18 * inches)), break_on_hyphens=False) or [""]


def is_true(column):
    return column.astype(str).str.lower() == "true"


def clean(axis, *others):
    for side in ("top", "right") + others:
        axis.spines[side].set_visible(False)


def name_axis(axis, text):
    """The name of what runs to the right; it ends with the axis, and so is not cut where labels leave the axis little room."""
    axis.set_xlabel("\n".join(wrapped(text, 0.9 * WIDTH)), loc="right", multialignment="right")


def log_scale(axis, along, low, high):
    """A logarithmic scale along x or y whose numbers do not run into one another."""
    axis.set(**{f"{along}scale": "log"})
    scale = {"x": axis.xaxis, "y": axis.yaxis}[along]
    if high < 100 * low:
        scale.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
        scale.set_major_formatter(lambda value, _: f"{value:g}")
    scale.set_minor_formatter(matplotlib.ticker.NullFormatter())


def legend_below(figure, handles, inches):
    """One legend below all panels, in as many columns as fit."""
    widest = max((len(handle.get_label()) for handle in handles), default=0)
    rows = -(-len(handles) // max(1, int(inches / (0.055 * widest + 0.42))))
    figure.legend(handles=handles, loc="outside lower center", ncols=-(-len(handles) // max(1, rows)), frameon=False,
                  fontsize=SMALLEST, handlelength=1.8, columnspacing=1.2)


def fit(figure, axes, inches):
    """The figure as high as titles, names and legend need beside axes, one above the other, of `inches` inches together."""
    for _ in range(2):
        figure.draw_without_rendering()
        figure.set_figheight(figure.get_figheight() + inches - sum(axis.get_window_extent().height for axis in axes) / figure.dpi)
    return figure


def entry(label, **style):
    return matplotlib.lines.Line2D([], [], label=label, **style)


def point_entry(label, marker, color, **style):
    return entry(label, linestyle="none", marker=marker, markersize=3.6, color=color, **style)


def colors_of(recipes):
    """A colour for each variant, the same on every task."""
    variants = dict.fromkeys(recipe.variant for recipe in recipes.values())
    return {variant: PALETTE[index % len(PALETTE)] for index, variant in enumerate(variants)}


def layout(items, header):
    """Rows (heading, text) below their headings, in lines from the top: the middles of the rows, (middle, text, style) of every
    label, and the height of all. A row that is alone below its heading is labelled by that."""
    counts = collections.Counter(heading for heading, _ in items)
    positions, beside, top = [], [], 0.0

    def add(lines, height, style):
        nonlocal top
        beside.append((top + height / 2, "\n".join(lines), style))
        top += height

    if header and any(text and (counts[heading] > 1 or not heading) for heading, text in items):
        lines = wrapped(header, 0.45 * WIDTH)
        add(lines, len(lines) + 0.3, {"color": "0.4", "fontstyle": "italic"})
    last, grouped = None, max(counts.values()) > 1
    for heading, text in items:
        alone = heading and (counts[heading] == 1 or not text)
        if grouped and heading and heading != last:
            top += 0.3 if positions else 0
        if heading and not alone and heading != last:
            lines = wrapped(heading, 0.45 * WIDTH)
            add(lines, len(lines), {"fontweight": "bold"})
        last = heading
        lines = wrapped(heading if alone else text, 0.45 * WIDTH)
        add(lines, max(len(lines) + 0.3, 1.4), {"fontweight": "bold"} if alone and grouped else {})
        positions.append(beside[-1][0])
    return positions, beside, top


def label_rows(axis, beside, height):
    axis.set_yticks([position for position, _, _ in beside], [text for _, text, _ in beside])
    for tick, (_, _, style) in zip(axis.get_yticklabels(), beside):
        tick.set(**style)
    axis.set_ylim(height, 0)
    axis.tick_params(axis="y", length=0)
    clean(axis, "left")


def panels(summary, recipes, header):
    """One panel for each task, stacked: (task, [(position, row)], axis) each; and the inches that their recipes need."""
    tasks = list(dict.fromkeys(summary["task"]))
    groups, layouts = [], []
    variants = list(dict.fromkeys(recipe.variant for recipe in recipes.values()))
    for task in tasks:
        group = summary[summary["task"] == task]
        # Recipes of a variant together.
        order = group["configuration_id"].map(lambda c: variants.index(recipes[c].variant))
        groups.append(group.loc[order.sort_values(kind="stable").index])
        layouts.append(layout([(recipes[c].variant, recipes[c].values) for c in groups[-1]["configuration_id"]], header))
    heights = [height for _, _, height in layouts]
    figure, axes = plt.subplots(len(tasks), 1, figsize=(WIDTH, LINE * sum(heights) + len(tasks) + 1), squeeze=False,
                                height_ratios=heights, layout="constrained")
    result = []
    for task, group, (positions, beside, height), axis in zip(tasks, groups, layouts, axes[:, 0]):
        label_rows(axis, beside, height)
        result.append((task, list(zip(positions, (row for _, row in group.iterrows()))), axis))
    return figure, result, LINE * sum(heights)


def beside_row(axis, position, text, **style):
    axis.annotate(text, (1.03, position), xycoords=("axes fraction", "data"), fontsize=SMALLEST, va="center", **style)


def failure_count(row):
    missing = f"\n{row['n_missing']:.0f} to come" if row["n_missing"] > 0 and row["n"] > 0 else ""
    return f"{row['n_failed']:.0f}/{row['n']:.0f}{missing}" if row["n"] > 0 else "no runs"


def count_failures(axis, rows):
    """How many runs failed of how many, at the right."""
    beside_row(axis, min(0.65, rows[0][0] - 1.4), "failed", color="0.4", fontstyle="italic")
    for position, row in rows:
        beside_row(axis, position, failure_count(row))


def spread(values, reach):
    """Offsets that keep sorted scores apart that are closer than reach, in lines, the same every time."""
    offsets, first = [], 0
    for index in range(1, len(values) + 1):
        if index == len(values) or values[index] - values[first] > reach:
            count = index - first
            step = min(0.3, 1.1 / max(1, count - 1))
            offsets += sorted(((i - (count - 1) / 2) * step for i in range(count)), key=abs)
            first = index
    return offsets


def box(axis, values, position):
    """Quartiles, median, and whiskers to the last scores within 1.5 times the quartiles' distance."""
    low, median, high = numpy.percentile(values, [25, 50, 75])
    inside = [value for value in values if low - 1.5 * (high - low) <= value <= high + 1.5 * (high - low)]
    style = {"color": "0.35", "linewidth": 0.7, "zorder": 1}
    axis.add_patch(matplotlib.patches.Rectangle((low, position - 0.6), high - low, 1.2, facecolor="none", edgecolor="0.35",
                                                linewidth=0.7, zorder=1))
    axis.plot([median, median], [position - 0.6, position + 0.6], color="0.1", linewidth=1.3, zorder=2, solid_capstyle="butt")
    for start, end in ((low, min([low] + inside)), (high, max([high] + inside))):
        axis.plot([start, end], [position, position], **style)
        axis.plot([end, end], [position - 0.3, position + 0.3], **style)


def score_column(summary):
    return "value_best" if (summary["score"] == "best").all() else "value_final"


def runs_of(trials, row):
    """The runs that ended, and the scores among them: diverged runs have none."""
    runs = trials[(trials["configuration_id"] == row["configuration_id"]) & trials["status"].isin(["completed", "diverged"])]
    return runs, runs["status"] == "completed"


def constant_line(summary):
    """The legend's entry of the line at the constant classifier's score, where one is drawn."""
    if summary["constant_score"].isna().all():
        return []
    return [entry("constant classifier", color="0.5", linewidth=0.9, linestyle=":")]


def draw_constant(axis, group, along="x"):
    for value in group["constant_score"].dropna().iloc[:1]:
        draw = axis.axvline if along == "x" else axis.axhline
        draw(value, color="0.5", linewidth=0.9, linestyle=":", zorder=0)


def score_name(row):
    return row["metric"].replace("_", " ") + (", best evaluation" if row["score"] == "best" else "")


def scores(trials, summary, recipes, header):
    """Every run's score over its recipe's box: failed runs are crosses, those without a score triangles at the edge."""
    figure, rows, inches = panels(summary, recipes, header)
    column, colors = score_column(summary), colors_of(recipes)
    drawn = set()
    for task, positions, axis in rows:
        draw_constant(axis, summary[summary["task"] == task])
        ended = [runs_of(trials, row) for _, row in positions]
        every = pandas.concat([runs.loc[completed, column] for runs, completed in ended]).dropna()
        reach = (every.max() - every.min()) / 45 if len(every) else 0
        for (position, row), (runs, completed) in zip(positions, ended):
            values = runs[completed & runs[column].notna()].sort_values(column, kind="stable")
            if len(values) >= 5:
                box(axis, list(values[column]), position)
            offsets = numpy.array(spread(list(values[column]), reach))
            failed = is_true(values["failed"]).to_numpy()
            color = colors[recipes[row["configuration_id"]].variant]
            for kind, chosen, style in (("successful", ~failed, {"marker": "o", "s": 7, "color": color, "linewidths": 0}),
                                        ("failed", failed, {"marker": "x", "s": 9, "color": FAILED, "linewidths": 0.7})):
                if chosen.any():
                    axis.scatter(values[column][chosen], position + offsets[chosen], alpha=0.75, zorder=3, **style)
                    drawn.add(kind)
            unscored = len(runs) - len(values)
            if unscored:
                axis.scatter([0.012] * unscored, position + numpy.array(spread([0.0] * unscored, 0)), marker="<", s=9, color=FAILED,
                             linewidths=0, alpha=0.75, transform=axis.get_yaxis_transform(), zorder=3)
                drawn.add("unscored")
        if any(runs.loc[completed, column].notna().sum() < len(runs) for runs, completed in ended):
            low, high = axis.get_xlim()
            axis.set_xlim(low - 0.07 * (high - low), high)  # no score lies where those without one are
        count_failures(axis, positions)
        name_axis(axis, f"{plain(task)}: {score_name(positions[0][1])}")
    handles = [point_entry(label, marker, color) for kind, label, marker, color in (
        ("successful", "successful run", "o", "0.3"), ("failed", "failed run", "x", FAILED),
        ("unscored", "no score (diverged)", "<", FAILED)) if kind in drawn]
    legend_below(figure, handles + constant_line(summary), WIDTH)
    return fit(figure, [axis for _, _, axis in rows], inches)


def failures(summary, recipes, header):
    """Failure rates with the intervals of summary.csv."""
    figure, rows, inches = panels(summary, recipes, header)
    colors = colors_of(recipes)
    for task, positions, axis in rows:
        for position, row in positions:
            if row["n"] == 0:
                continue
            color = colors[recipes[row["configuration_id"]].variant]
            axis.plot([row["failure_low"], row["failure_high"]], [position, position], color=color, linewidth=1.6,
                      solid_capstyle="butt")
            axis.plot([row["failure_rate"]], [position], marker="o", markersize=4, color=color)
        count_failures(axis, positions)
        axis.set_xlim(-0.04, 1.04)
        row = positions[0][1]
        name_axis(axis, f"{plain(task)}: failure rate, {100 * row['level']:g}% interval ({row['interval_method'].capitalize()})")
    return fit(figure, [axis for _, _, axis in rows], inches)


def means(summary, recipes, header):
    """Means of all runs (open) and of those that did not fail (filled) with the intervals of summary.csv."""
    figure, rows, inches = panels(summary, recipes, header)
    colors = colors_of(recipes)
    for task, positions, axis in rows:
        for position, row in positions:
            color = colors[recipes[row["configuration_id"]].variant]
            shift = 0 if row["n_failed"] == 0 or row["n_failed"] == row["n"] else 0.25
            for part, shift, face in (("mean", shift, "white"), ("mean_successful", -shift, color)):
                if part == "mean" and row["n_failed"] == 0:
                    continue
                axis.plot([row[f"{part}_low"], row[f"{part}_high"]], [position + shift] * 2, color=color, linewidth=1.4,
                          solid_capstyle="butt")
                axis.plot([row[part]], [position + shift], marker="o", markersize=3.6, markeredgewidth=0.9, color=color,
                          markerfacecolor=face)
        name_axis(axis, f"{plain(task)}: mean {score_name(positions[0][1])}, {100 * positions[0][1]['level']:g}% interval")
    legend_below(figure, [point_entry("successful runs", "o", "0.3"),
                          point_entry("all runs", "o", "0.3", markerfacecolor="white")], WIDTH)
    return fit(figure, [axis for _, _, axis in rows], inches)


def profiles(trials, summary, recipes, header):
    """Performance profiles (Dolan and More 2002; Agarwal et al. 2021): for each score the share of runs that reach it. Diverged
    runs score nothing, so a curve begins at the share of the others."""
    # Lines are variants, panels what varies beside them; or lines are recipes, where all are of one variant and few.
    few = len({recipe.variant for recipe in recipes.values()}) == 1 and len(recipes) <= len(PALETTE)
    counts = collections.Counter((row["task"], recipes[row["configuration_id"]].variant) for _, row in summary.iterrows())
    keys = {}
    for _, row in summary.iterrows():
        recipe = recipes[row["configuration_id"]]
        keys[row["configuration_id"]] = (name(recipe), "") if few or not recipe.variant else (
            recipe.variant, recipe.settings if counts[row["task"], recipe.variant] > 1 else "")
    lines = list(dict.fromkeys(line for line, _ in keys.values()))
    tasks = list(dict.fromkeys(summary["task"]))
    panels = list(dict.fromkeys((row["task"], keys[row["configuration_id"]][1]) for _, row in summary.iterrows()))
    across = min(3, max(sum(task == other for task, _ in panels) for other in tasks))
    width = WIDTH if across == 1 else 2 * WIDTH
    # Tasks begin rows of their own.
    cells, used = {}, 0
    for task in tasks:
        own = [panel for panel in panels if panel[0] == task]
        cells.update({panel: used + i for i, panel in enumerate(own)})
        used += -(-len(own) // across) * across
    figure, axes = plt.subplots(used // across, across, figsize=(width, 2 * (used // across) + 2), squeeze=False,
                                layout="constrained")
    axes = axes.flatten()
    for spare in set(range(used)) - set(cells.values()):
        axes[spare].set_visible(False)
    column = score_column(summary)
    styles = {line: {"color": PALETTE[i % len(PALETTE)], "linestyle": STYLES[i % len(STYLES)]} for i, line in enumerate(lines)}
    for (task, settings), cell in cells.items():
        axis = axes[cell]
        group = summary[(summary["task"] == task) & (summary["configuration_id"].map(lambda c: keys[c][1]) == settings)]
        for _, row in group.iterrows():
            runs, completed = runs_of(trials, row)
            values = sorted(runs.loc[completed, column].dropna())
            if not values:
                continue
            shares = [(len(values) - rank) / len(runs) for rank in range(len(values))]
            axis.step([values[0]] + values + [values[-1]], [shares[0]] + shares + [0], where="pre", linewidth=1.2,
                      **styles[keys[row["configuration_id"]][0]])
        draw_constant(axis, group)
        axis.set_ylim(-0.02, 1.02)
        if cell % across == 0:
            axis.set_ylabel("share of runs")
        if settings:
            axis.set_title("\n".join(wrapped(settings, 0.9 * width / across)), fontsize=SMALLEST)
        axis.set_xlabel("\n".join(wrapped(f"{plain(task)}: {score_name(group.iloc[0])} of at least", 0.9 * width / across)))
        clean(axis)
    handles = [entry("\n".join(wrapped(line, 0.8 * width)), linewidth=1.2, **styles[line]) for line in lines]
    handles += constant_line(summary)
    legend_below(figure, handles, width)
    return fit(figure, axes[::across], 1.15 * (used // across))


def superiority(comparisons, recipes, header):
    """The probability that a run of the first recipe scores higher than one of the second, ties counted half (Mann and Whitney)."""
    items = []
    several = comparisons["task"].nunique() > 1
    for _, row in comparisons.iterrows():
        a, b = (recipes.get(row[f"{side}_configuration_id"]) or Recipe(plain(row[side]), "", "") for side in "ab")
        same = a.settings == b.settings and a.variant
        heading = f"{a.variant} over {b.variant}" if same else f"{name(a)} over {name(b)}"
        items.append(((f"{plain(row['task'])}: " if several else "") + heading, a.values if same else ""))
    positions, beside, height = layout(items, header)
    figure, axis = plt.subplots(figsize=(WIDTH, LINE * height + 1), layout="constrained")
    label_rows(axis, beside, height)
    axis.axvline(0.5, color="0.5", linewidth=0.9, linestyle=":")
    for position, value in zip(positions, comparisons["secondary_p_a_greater"]):
        if pandas.isna(value):
            beside_row(axis, position, "no scores")
            continue
        axis.plot([0.5, value], [position, position], color=PALETTE[0], linewidth=1.6, solid_capstyle="butt")
        axis.plot([value], [position], marker="o", markersize=4, color=PALETTE[0])
        beside_row(axis, position, f"{value:.2f}")
    axis.set_xlim(-0.04, 1.04)
    name_axis(axis, "P(a run of the first scores higher)")
    return fit(figure, [axis], LINE * height)


def generalization(trials, curves, summary, recipes):
    """One row for each task: dev scores of the successful runs of one recipe over training, and every run's score over its final training
    loss."""
    tasks = list(dict.fromkeys(summary["task"]))
    figure, axes = plt.subplots(len(tasks), 2, figsize=(2 * WIDTH, 2.4 * len(tasks) + 0.5), squeeze=False, layout="constrained")
    handles = []
    for task, (left, right) in zip(tasks, axes):
        group = summary[summary["task"] == task]
        runs = trials[trials["configuration_id"].isin(group["configuration_id"]) & trials["status"].isin(["completed", "diverged"])]
        score = f"dev {group['metric'].iloc[0].replace('_', ' ')}"
        draw_training(left, runs, curves, group["metric"].iloc[0], recipes)
        left.set_ylabel(f"{plain(task)}: {score}")
        shown = numpy.isfinite(runs["train_loss_full"]) & (runs["train_loss_full"] > 0) & runs["value_final"].notna()
        failed = is_true(runs["failed"])
        for chosen, style, label in (
                (~failed & shown, {"marker": "o", "s": 9, "color": PALETTE[0], "linewidths": 0}, "successful run"),
                (failed & shown, {"marker": "x", "s": 11, "color": FAILED, "linewidths": 0.8}, "failed run")):
            if chosen.any():
                right.scatter(runs.loc[chosen, "train_loss_full"], runs.loc[chosen, "value_final"], alpha=0.75, **style)
                handles.append(point_entry(label, style["marker"], style["color"]))
        draw_constant(right, group, along="y")
        losses = runs.loc[shown, "train_loss_full"]
        log_scale(right, "x", losses.min(), losses.max())
        counts = f"{(~failed & shown).sum()} successful and {(failed & shown).sum()} failed runs"
        hidden = "" if shown.all() else f", {(~shown).sum()} without loss or score"
        right.set_title("\n".join(wrapped(counts + hidden, 0.8 * WIDTH)), fontsize=SMALLEST)
        right.set_xlabel("final training loss, without dropout")
        right.set_ylabel(f"{plain(task)}: final {score}")
        clean(left)
        clean(right)
    handles = list({handle.get_label(): handle for handle in handles}.values())
    legend_below(figure, handles + constant_line(summary), 2 * WIDTH)
    return fit(figure, axes[:, 0], 1.6 * len(tasks))


def draw_training(axis, runs, curves, metric, recipes):
    """The longest recipe's successful runs, of the recipe with most of them."""
    successful = runs[(runs["status"] == "completed") & ~is_true(runs["failed"])]
    axis.set_xlabel("training step")
    if not len(successful):
        axis.annotate("no successful run", (0.5, 0.5), xycoords="axes fraction", ha="center")
        axis.set_xticks([])
        axis.set_yticks([])
        return
    counts = successful.groupby("configuration_id", sort=False).size()
    steps = successful.groupby("configuration_id")["step_count"].max()
    recipe = max(counts.index, key=lambda c: (steps[c], counts[c]))
    dev = curves[(curves["split"] == "dev") & (curves["quantity"] == metric)]
    for index, trial in enumerate(successful.loc[successful["configuration_id"] == recipe, "trial_id"]):
        rows = dev[dev["trial_id"] == trial]
        axis.plot(rows["step"], rows["value"], color=PALETTE[index % len(PALETTE)], linewidth=0.8, marker="o", markersize=1.6,
                  alpha=0.8)
    count = f"{counts[recipe]} successful run{'s' if counts[recipe] > 1 else ''}"
    axis.set_title("\n".join(wrapped(f"{count}: {name(recipes[recipe])}", 0.8 * WIDTH)), fontsize=SMALLEST)
    axis.xaxis.get_major_locator().set_params(integer=True)


def forgetting(curves, recipes):
    """Perplexity with the top k layers reset, one line for each run: failed ones on the left, on the same scale."""
    figure, axes = plt.subplots(1, 2, figsize=(2 * WIDTH, 5), sharey=True, layout="constrained")
    partial = curves[~is_true(curves["embeddings_reset"])]
    reset = curves[is_true(curves["embeddings_reset"])]["perplexity"].iloc[0]
    several = curves["configuration_id"].nunique() > 1
    for axis, failed in zip(axes, (True, False)):
        runs = partial[is_true(partial["failed"]) == failed]
        for index, (_, run) in enumerate(runs.groupby("trial_id", sort=False)):
            first = run.iloc[0]
            seeds = f"seed {first['seed_init']}" if first["seed_init"] == first["seed_order"] else \
                f"seeds {first['seed_init']}, {first['seed_order']}"
            recipe = f", {name(recipes[first['configuration_id']])}" if several else ""
            axis.plot(run["layers_reset"], run["perplexity"], marker=MARKERS[index % len(MARKERS)], markersize=3, linewidth=1,
                      color=PALETTE[index % len(PALETTE)], label="\n".join(wrapped(seeds + recipe, 0.8 * WIDTH)))
        axis.axhline(reset, color="0.4", linewidth=0.9, linestyle="--", label="pre-trained")
        axis.set_xlabel("top layers reset to pre-trained")
        kind = "failed" if failed else "successful"
        axis.set_title(f"{kind} runs" if len(runs) else f"no {kind} runs", fontsize=SMALLEST)
        axis.xaxis.get_major_locator().set_params(integer=True)
        clean(axis)
        axis.legend(frameon=False, fontsize=SMALLEST, handlelength=1.8, loc="upper center", bbox_to_anchor=(0.5, -0.25),
                    ncols=1 if several else 2 if runs["trial_id"].nunique() < 4 else 3)
    if partial["perplexity"].max() > 10 * reset:
        log_scale(axes[0], "y", reset, partial["perplexity"].max())
    axes[0].set_ylabel("perplexity of masked words")
    return fit(figure, axes[:1], 1.6)


def failed_runs(curves, recipes):
    """Mean and standard deviation over a recipe's failed runs: training loss, and dev accuracy."""
    recipe = curves.groupby("configuration_id", sort=False)["n"].max().idxmax()
    several = curves["configuration_id"].nunique() > 1
    curves = curves[curves["configuration_id"] == recipe]
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 3), sharex=True, layout="constrained")
    for axis, quantity, limit, text in zip(
            axes, ("loss", "accuracy"), ("chance_loss", "majority_share"), ("training loss", "dev accuracy")):
        rows = curves[curves["quantity"] == quantity]
        axis.axhline(rows[limit].iloc[0], color="0.4", linewidth=0.9, linestyle="--")
        spread = rows["sd"].fillna(0)
        axis.fill_between(rows["step"], rows["mean"] - spread, rows["mean"] + spread, color=PALETTE[0], alpha=0.25, linewidth=0)
        axis.plot(rows["step"], rows["mean"], color=PALETTE[0], linewidth=1, marker="o", markersize=2.2)
        low, high = (rows["mean"] - spread).min(), (rows["mean"] + spread).max()
        margin = max(0.02, 0.1 * (high - low))
        axis.set_ylim(min(low, rows[limit].iloc[0]) - margin, max(high, rows[limit].iloc[0]) + margin)
        axis.set_ylabel(text)
        clean(axis)
    axes[1].set_xlabel("training step")
    if several:
        axes[0].set_title("\n".join(wrapped(name(recipes[recipe]), 0.8 * WIDTH)), fontsize=SMALLEST)
    count = curves["n"].max()
    legend_below(figure, [
        entry(f"mean and sd of {count} failed runs" if count > 1 else "the failed run", color=PALETTE[0], linewidth=1, marker="o",
              markersize=2.2),
        entry("chance, majority class", color="0.4", linewidth=0.9, linestyle="--")], WIDTH)
    return fit(figure, axes, 2)


def layer_of(tensor):
    prefix = "bert.encoder.layer."
    return int(tensor[len(prefix):].split(".")[0]) if tensor.startswith(prefix) else None


def norms_by_part(rows):
    """Steps by parts: the norm of each layer's, the pooler's and the classification layer's tensors together."""
    def part(tensor):
        layer = layer_of(tensor)
        return layer if layer is not None else 1000 if ".pooler." in tensor else 1001 if tensor.startswith("classifier.") else -1
    parts = rows["tensor"].map({tensor: part(tensor) for tensor in rows["tensor"].unique()})
    squares = (rows["norm"] ** 2).groupby([rows["step"], parts]).sum(min_count=1).unstack()
    return numpy.sqrt(squares.drop(columns=-1, errors="ignore"))


def gradients(folder, statistics, recipes):
    """Gradient norms of the first failed and the first successful run, one line for each layer; and R of every run: at or below the limit
    they vanished, if the loss stayed at chance, too."""
    failed = is_true(statistics["failed"])
    chosen = [statistics[failed].head(1), statistics[~failed].head(1)]
    # A recipe that both ways of ending are known of tells more than two recipes.
    for _, group in statistics.groupby("configuration_id", sort=False):
        if is_true(group["failed"]).nunique() == 2:
            chosen = [group[is_true(group["failed"])].head(1), group[~is_true(group["failed"])].head(1)]
            break
    figure, axes = plt.subplots(1, 3, figsize=(2 * WIDTH, 2.7), layout="constrained", width_ratios=[1, 1, 0.7])
    handles = {}
    for axis, run, kind in zip(axes, chosen, ("failed", "successful")):
        clean(axis)
        axis.set_xlabel("training step")
        if not len(run):
            axis.annotate(f"no {kind} run", (0.5, 0.5), xycoords="axes fraction", ha="center")
            axis.set_xticks([])
            continue
        run = run.iloc[0]
        axis.set_title("\n".join([f"{kind} run, seed {run['seed_init']}"]
                                 + wrapped(name(recipes[run["configuration_id"]]), 0.65 * WIDTH)), fontsize=SMALLEST)
        kept = pathlib.Path(folder) / "gradient_norms"
        if not (kept / (run["trial_id"] + ".csv")).is_file():  # where 0.1.0 put it
            kept = kept / run["trial_id"][:2]
        norms = norms_by_part(read(kept, run["trial_id"] + ".csv", ("step", "tensor", "norm")))
        layers = [c for c in norms.columns if c < 1000]
        shown = sorted({layers[round(i * (len(layers) - 1) / min(5, max(1, len(layers) - 1)))] for i in range(min(6, len(layers)))})
        colors = plt.get_cmap("viridis")(numpy.linspace(0, 0.85, len(shown)))
        lines = [(layer, f"layer {layer + 1}", {"color": color}) for layer, color in zip(shown, colors)]
        lines += [(1000, "pooler", {"color": "0.2", "linestyle": "--"}), (1001, "classifier", {"color": "0.2", "linestyle": ":"})]
        for index, (part, label, style) in enumerate(lines):
            if part in norms.columns:
                # Few markers, at other steps on every line, for readers without colours.
                marked = {"marker": "osD^v<"[index], "markersize": 2.4,
                          "markevery": (index * max(1, len(norms) // 30), max(1, len(norms) // 5))} if part < 1000 else {}
                handles[label], = axis.plot(norms.index, norms[part], linewidth=0.9, label=label, **style, **marked)
        handles["end of warm-up"] = axis.axvline(run["warmup_steps"], color="0.7", linewidth=0.7, zorder=0, label="end of warm-up")
    limits = [axis.dataLim.intervaly for axis, run in zip(axes, chosen) if len(run)]
    low, high = min(low for low, _ in limits), max(high for _, high in limits)
    for axis, run in zip(axes, chosen):
        log_scale(axis, "y", low, high)
        axis.set_ylim(low / 2, high * 2)
    axes[0].set_ylabel("gradient norm before clipping")
    axis = axes[2]
    finite = numpy.isfinite(statistics["ratio"]) & (statistics["ratio"] > 0)
    ticks = []
    for index, (kind, group) in enumerate((("failed", failed), ("successful", ~failed))):
        rows = statistics.loc[group & finite, "ratio"].sort_values()
        offsets = numpy.array(spread(list(numpy.log(rows)), 0.5))
        axis.scatter(index + 0.5 * offsets, rows, s=10, marker="x" if kind == "failed" else "o",
                     color=FAILED if kind == "failed" else PALETTE[0], linewidths=0.8 if kind == "failed" else 0, alpha=0.75)
        hidden = (group & ~finite).sum()
        ticks.append(f"{group.sum()}\n{kind}" + (f",\n{hidden} not\nfinite" if hidden else ""))
    handles["limit"] = axis.axhline(1e-2, color="0.4", linewidth=0.9, linestyle="--", label="limit, .01")
    ratios = statistics.loc[finite, "ratio"]
    log_scale(axis, "y", min(ratios.min(), 1e-2), max(ratios.max(), 1))
    axis.set_xlim(-0.6, 1.6)
    axis.set_xticks([0, 1], ticks)
    tensors = statistics["tensor_set"].iloc[0]
    axis.set_title("\n".join(wrapped("every run: norm of layer 1, late over early", 0.43 * WIDTH)
                             + ([] if tensors == "all" else [tensors])), fontsize=SMALLEST)
    clean(axis)
    legend_below(figure, list(handles.values()), 2 * WIDTH)
    return fit(figure, axes[:1], 1.7)


def correction(factors):
    """By how much an update without bias correction is too large, over the steps, one line for each pair of betas."""
    figure, axis = plt.subplots(figsize=(WIDTH, 2.1), layout="constrained")
    for index, ((beta1, beta2), rows) in enumerate(factors.groupby(["beta1", "beta2"], sort=False)):
        axis.plot(rows["step"], rows["overstep"], color=PALETTE[index % len(PALETTE)], linewidth=1.2,
                  linestyle=STYLES[index % len(STYLES)], label=f"$\\beta_1$ {beta1:g}, $\\beta_2$ {beta2:g}")
    axis.axhline(1, color="0.5", linewidth=0.8, linestyle=":")
    axis.set_xscale("log")
    axis.set_ylim(bottom=0)
    axis.set_xlabel("training step")
    axis.set_ylabel("uncorrected step\nover corrected")
    clean(axis)
    axis.legend(frameon=False, fontsize=SMALLEST, handlelength=1.8)
    return figure


def surface(grid, edges):
    """The loss over the plane, its levels even in the logarithm, and along the edges between the three corners."""
    figure, (plane, lines) = plt.subplots(1, 2, figsize=(2 * WIDTH, 2.8), layout="constrained", width_ratios=[1.15, 1])
    losses = grid.pivot(index="b", columns="a", values="loss")
    values = losses.to_numpy()
    finite = values[numpy.isfinite(values)]
    levels = numpy.geomspace(max(finite.min(), 1e-6), finite.max(), 15)
    shown = numpy.where(numpy.isfinite(values), numpy.clip(values, levels[0], levels[-1]), numpy.nan)
    drawn = plane.contourf(losses.columns, losses.index, shown, levels=levels,
                           norm=matplotlib.colors.LogNorm(levels[0], levels[-1]), cmap="cividis")
    plane.contour(losses.columns, losses.index, shown, levels=levels, colors="white", linewidths=0.3, alpha=0.6)
    if len(finite) < values.size:
        plane.patch.set(hatch="////", edgecolor="0.6")
        plane.set_title("hatched: the loss is not finite", fontsize=SMALLEST)
    bar = figure.colorbar(drawn, ax=plane, format="%.2g", ticks=levels[::2])
    bar.ax.minorticks_off()
    bar.ax.set_title("training loss", fontsize=SMALLEST)
    for text, point, marker in (("pre-trained", (0, 0), "s"), ("failed", (1, 0), "X"), ("successful", (0, 1), "o")):
        plane.plot(*point, marker=marker, color="white", markeredgecolor="black", markersize=5.5, linestyle="none")
        plane.annotate(text, point, xytext=(4, 4), textcoords="offset points", fontsize=SMALLEST, color="black",
                       bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.8})
    plane.set_xlabel("towards the failed run")
    plane.set_ylabel("towards the successful run")
    for index, ((start, end), rows) in enumerate(edges.groupby(["from", "to"], sort=False)):
        lines.plot(rows["place"], rows["loss"], color=PALETTE[index], linestyle=STYLES[index], marker=MARKERS[index],
                   markersize=2.6, markevery=5, linewidth=1, label=f"{start} to {end}".replace("pretrained", "pre-trained"))
    along = edges["loss"][numpy.isfinite(edges["loss"])]
    log_scale(lines, "y", along.min(), along.max())
    lines.set_xlabel("share of the way")
    lines.set_ylabel("training loss")
    clean(lines)
    legend_below(figure, lines.get_legend_handles_labels()[0], 2 * WIDTH)
    return fit(figure, [plane], 2.1)


def column_width(text):
    """A --width: wide enough to letter, no wider than a sheet."""
    try:
        width = float(text)
    except ValueError:
        width = 0
    if not 2 <= width <= 12:
        raise argparse.ArgumentTypeError(f"found '{text}', expected inches from 2 to 12")
    return width


def analyses(folder, trials, summary, recipes, header):
    """The figures of the tables that the folder holds, (name, figure) each; and what is not drawn, and why."""
    wanted = (
        ("superiority", ["comparisons"], lambda table: superiority(table, recipes, header)),
        ("generalization", ["curves"], lambda table: generalization(trials, table, summary, recipes)),
        ("forgetting", ["forgetting"], lambda table: forgetting(table, recipes)),
        ("failed_runs", ["failed_curves"], lambda table: failed_runs(table, recipes)),
        ("gradients", ["gradient_statistics"], lambda table: gradients(folder, table, recipes)),
        ("correction", ["correction_factor"], correction),
        ("surface", ["surface", "surface_edges"], surface))
    figures, without = [], []
    for title, names, draw in wanted:
        tables = {table: optional(folder, table + ".csv") for table in names}
        missing = [table for table, rows in tables.items() if rows is None]
        if missing:
            without.append(f"{title} ({missing[0]}.csv: {ORIGINS[missing[0]]})")
        else:
            figures.append((title, draw(*tables.values())))
    return figures, without


def main():
    global WIDTH
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folders", metavar="DIR", nargs="+", help="a folder of results; several share their figures")
    parser.add_argument("--output", metavar="FOLDER", help="where the figures go (default: DIR/figures)")
    parser.add_argument("--width", metavar="INCHES", type=column_width, default=WIDTH,
                        help="the width of a column (default: %(default)s); some figures span two")
    options = parser.parse_args()
    WIDTH = options.width
    # Type 42 fonts, which publishers ask for.
    plt.rcParams.update({"font.size": 7.5, "axes.linewidth": 0.6, "pdf.fonttype": 42, "xtick.labelsize": SMALLEST,
                         "ytick.labelsize": SMALLEST, "axes.labelsize": 7.5, "xtick.major.width": 0.6,
                         "axes.formatter.useoffset": False})
    folders = options.folders
    trials = pandas.concat([read(folder, "trials.csv", ("trial_id", "configuration_id", "status", "failed", "value_final"))
                            for folder in folders], ignore_index=True)
    for column in trials.columns.intersection(["value_final", "value_best", "train_loss_full"]):
        trials[column] = pandas.to_numeric(trials[column])  # of no runs, they would be texts
    summary = pandas.concat([read(folder, "summary.csv", ("configuration_id", "variant", "task", "metric", "score", "n"))
                             for folder in folders], ignore_index=True)
    if not len(summary):
        sys.exit(f"figures.py: {pathlib.Path(folders[0]) / 'summary.csv'}: no recipe")
    twice = summary.loc[summary["configuration_id"].duplicated(), "configuration_id"]
    if len(twice):
        sys.exit(f"figures.py: recipe {twice.iloc[0]} is in several rows of summary.csv; "
                 "seedsweep merge joins folders of one recipe")
    recipes, header = recipes_of(summary, {c: label for folder in folders for c, label in labels(folder).items()})
    output = pathlib.Path(options.output or pathlib.Path(folders[0]) / ("figures" if len(folders) == 1 else "figures-joint"))
    figures = [("scores", scores(trials, summary, recipes, header)), ("failures", failures(summary, recipes, header)),
               ("means", means(summary, recipes, header)), ("profiles", profiles(trials, summary, recipes, header))]
    without = []
    if len(folders) == 1:
        more, without = analyses(folders[0], trials, summary, recipes, header)
        figures += more
    try:
        output.mkdir(parents=True, exist_ok=True)
        for title, figure in figures:
            for ending in ("pdf", "png"):
                figure.savefig(output / f"{title}.{ending}", dpi=300,
                               metadata={"CreationDate": None} if ending == "pdf" else None)
                print(output / f"{title}.{ending}")
    except OSError as error:
        sys.exit(f"figures.py: {error}")
    if without:
        print("not drawn, for want of a table with rows: " + ", ".join(without))


if __name__ == "__main__":
    main()
