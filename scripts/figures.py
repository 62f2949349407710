#!/usr/bin/env python3
"""Figures of a folder of results for a paper: every run's score over box plots, failure rates and means with their intervals,
performance profiles; and where their tables are, counterparts of arXiv 2006.04884's figures.

usage: scripts/figures.py DIR [DIR ...] [--output FOLDER] [--width INCHES]

Reads the tables of DIR (a run's or an imported folder, with those of seedsweep analyze) and writes PDF and PNG:

  scores, failures         trials.csv, summary.csv                          its figures 1, 3, 5 and 9
  means, profiles          the same; recipes are labelled as in sweep.json
  learning                 trials.csv, curves.csv: every run over training
  generalization           the same                                         its figure 8
  failed_runs              the same                                         its figure 2c
  superiority              comparisons.csv
  forgetting               forgetting.csv                                   its figure 2
  gradients                gradient_norms/, gradient_statistics.csv         its figure 4
  correction               correction_factor.csv                            its figure 6
  surface                  surface_edges.csv, surface.csv if there          its figure 7

A figure that it drew before and whose table is gone, or was made by another failure rule or score, is removed.

Several folders, such as those of sweeps/size.json5 and size-full.json5, share the first four, which go into the first one's
folder figures-joint.

Figures are as wide as a column of LaTeX's article with two columns, or as --width says (\\the\\columnwidth in a paper tells points,
72.27 an inch; ACL 3.03, ICML 3.25, IEEE 3.5), or as two columns, so that \\includegraphics needs no scaling and letters keep
their 7 points. Computes nothing that those tables do not hold, but the boxes (quartiles, whiskers to the last run within 1.5 times
their distance; from five runs on) and the mean curves of failed_runs; intervals are those of the tables. Needs matplotlib 3.7 and pandas; installs nothing.
"""

import argparse
import collections
import json
import pathlib
import re
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
# for failed runs, and the orange near it comes late.
PALETTE = ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
FAILED = "#D55E00"
STYLES = ["-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (3, 3))]
MARKERS = "osD^v"
NOT_HYPERPARAMETERS = {"configuration_id", "variant", "task", "metric", "score", "failure_rule"}
LARGEST_COUNT = 24  # recipes: the panels of learning and failed_runs
# What the methods of intervals are called.
METHODS = {"wilson": "Wilson", "bca": "BCa bootstrap", "student_hall": "Student and Hall", "normal": "normal",
           "mover_student_hall": "Student and Hall"}
# What makes a table that a folder may lack.
ORIGINS = {
    "comparisons": "seedsweep compare", "curves": "seedsweep run", "forgetting": "seedsweep analyze forgetting",
    "gradient_statistics": "seedsweep analyze gradients",
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
        # A recipe or a task may be called NA, None or nan. Elsewhere a and b are numbers.
        texts = ("configuration_id", "trial_id", "variant", "task", "metric") + (("a", "b") if name == "comparisons.csv" else ())
        table = pandas.read_csv(
            path, keep_default_na=False, na_values=["", "nan"],
            converters=dict.fromkeys(texts, str))
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
    return {c["configuration_id"]: c["label"] for c in json.loads(path.read_text(encoding="utf-8"))["configurations"]}


def lower_is_better(folder):
    """Whether a lower score is the better one, which only a program's and imported runs may have."""
    for file in ("sweep.json", "import.json"):
        path = pathlib.Path(folder) / file
        if not path.is_file():
            continue
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.get("lower-is-better") == "true":
            return True
        for planned in content.get("configurations", []):
            if planned["configuration"].get("program", {}).get("results", {}).get("best") == "min":
                return True
    return False


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
    hyperparameters += [c for c in columns if c.startswith("parameter_")]  # a program's own
    # What follows from the variant or the task alone needs no mention.
    varying = [c for c in hyperparameters if summary.groupby(["task", "variant"])[c].nunique(dropna=False).max() > 1]
    several = summary["variant"].nunique() > 1 or not varying
    recipes = {}
    for row in summary[["configuration_id", "variant"] + varying].itertuples(index=False):
        values = [number(value) for value in row[2:]]
        recipes[row[0]] = Recipe(
            plain(labels.get(row[0], row[1])) if several else "",
            ", ".join(f"{heading(column)} {value}" for column, value in zip(varying, values)), ", ".join(values))
    return recipes, ", ".join(heading(column) for column in varying)


def heading(column):
    """A hyperparameter as figures call it."""
    return plain(column.removeprefix("parameter_"))


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


def widen(axis, values, along="x"):
    """Room around the only value where all are equal; an axis would otherwise show digits that nothing has."""
    values = numpy.asarray([value for value in values if numpy.isfinite(value)], dtype=float)
    if len(values) and values.max() - values.min() < 1e-9 * max(1, abs(values.max())):
        axis.set(**{f"{along}lim": (values.min() - 0.05, values.max() + 0.05)})


def method(name):
    return METHODS.get(name, plain(name))


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
    # Beyond the box, so that it shows where it is a quartile as well.
    axis.plot([median, median], [position - 0.66, position + 0.66], color="0.1", linewidth=1.3, zorder=2, solid_capstyle="butt")
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
        widen(axis, list(every) + list(summary.loc[summary["task"] == task, "constant_score"].dropna().iloc[:1]))
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
        name_axis(axis, f"{plain(task)}: failure rate, {100 * row['level']:g}% interval ({method(row['interval_method'])})")
    return fit(figure, [axis for _, _, axis in rows], inches)


def means(summary, recipes, header):
    """Means of all runs (open) and of those that did not fail (filled) with the intervals of summary.csv."""
    figure, rows, inches = panels(summary, recipes, header)
    colors = colors_of(recipes)
    methods = {"mean": [], "mean_successful": []}
    for task, positions, axis in rows:
        ends = []
        for position, row in positions:
            color = colors[recipes[row["configuration_id"]].variant]
            shift = 0 if row["n_failed"] == 0 or row["n_failed"] == row["n"] else 0.25
            for part, shift, face in (("mean", shift, "white"), ("mean_successful", -shift, color)):
                if part == "mean" and row["n_failed"] == 0:
                    continue
                bounds = [row[f"{part}_low"], row[f"{part}_high"]]
                axis.plot(bounds, [position + shift] * 2, color=color, linewidth=1.4, solid_capstyle="butt")
                axis.plot([row[part]], [position + shift], marker="o", markersize=3.6, markeredgewidth=0.9, color=color,
                          markerfacecolor=face)
                ends += bounds + [row[part]]
                name_of = row["overall_interval_method" if part == "mean" else "mean_successful_interval_method"]
                if numpy.isfinite(bounds[0]) and not pandas.isna(name_of):
                    methods[part].append(method(name_of))
        widen(axis, ends)
        name_axis(axis, f"{plain(task)}: mean {score_name(positions[0][1])}, {100 * positions[0][1]['level']:g}% interval")

    def label(text, part):
        kinds = " or ".join(dict.fromkeys(methods[part]))
        return f"{text} ({kinds})" if kinds else text
    handles = [point_entry(label("successful runs", "mean_successful"), "o", "0.3")]
    if summary["n_failed"].sum():
        handles.append(point_entry(label("all runs", "mean"), "o", "0.3", markerfacecolor="white"))
    legend_below(figure, handles, WIDTH)
    return fit(figure, [axis for _, _, axis in rows], inches)


def profiles(trials, summary, recipes, header, lower):
    """Performance profiles (Dolan and More 2002; Agarwal et al. 2021): for each score the share of runs that reach it, from above
    where lower is better. Diverged runs score nothing, so a curve has the share of the others at its better end."""
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
            style = styles[keys[row["configuration_id"]][0]]
            if lower:
                shares = [(rank + 1) / len(runs) for rank in range(len(values))]
                axis.step([values[0]] + values, [0] + shares, where="post", linewidth=1.2, **style)
                continue
            shares = [(len(values) - rank) / len(runs) for rank in range(len(values))]
            axis.step([values[0]] + values + [values[-1]], [shares[0]] + shares + [0], where="pre", linewidth=1.2, **style)
        draw_constant(axis, group)
        axis.set_ylim(-0.02, 1.02)
        values = [value for _, row in group.iterrows() for value in trials.loc[
            trials["configuration_id"] == row["configuration_id"], column].dropna()]
        widen(axis, values + list(group["constant_score"].dropna().iloc[:1]))
        if cell % across == 0:
            axis.set_ylabel("share of runs")
        if settings:
            axis.set_title("\n".join(wrapped(settings, 0.9 * width / across)), fontsize=SMALLEST)
        axis.set_xlabel("\n".join(wrapped(f"{plain(task)}: {score_name(group.iloc[0])} {'≤' if lower else '≥'} x", 0.9 * width / across)))
        clean(axis)
    handles = [entry("\n".join(wrapped(line, 0.8 * width)), linewidth=1.2, **styles[line]) for line in lines]
    handles += constant_line(summary)
    legend_below(figure, handles, width)
    return fit(figure, axes[::across], 1.15 * (used // across))


def superiority(comparisons, recipes, header):
    """The probability that a run of the first recipe scores higher than one of the second, ties counted half (Mann and Whitney):
    points, since comparisons.csv has no interval of it."""
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
        axis.plot([value], [position], marker="o", markersize=4, color=PALETTE[0])
        beside_row(axis, position, f"{value:.2f}")
    axis.set_xlim(-0.04, 1.04)
    name_axis(axis, "P(a run of the first scores higher)")
    return fit(figure, [axis], LINE * height)


def curves_of(folder):
    """The rows of curves.csv that figures read: losses, and the metrics of whole dev sets."""
    table = optional(folder, "curves.csv")
    if table is None:
        return None
    halves = table["quantity"].str.endswith(("_a", "_b"))
    return table[((table["split"] == "train") & (table["quantity"] == "loss")) | ((table["split"] == "dev") & ~halves)]


def curves_by_run(curves, metric):
    """The training losses and the dev scores of each run: steps and values by trial_id."""
    chosen = curves[((curves["split"] == "train") & (curves["quantity"] == "loss"))
                    | ((curves["split"] == "dev") & (curves["quantity"] == metric))]
    return {key: (rows["step"].to_numpy(), pandas.to_numeric(rows["value"]).to_numpy())
            for key, rows in chosen.groupby(["trial_id", "split"], sort=False)}


def run_style(failed, color):
    return {"color": FAILED if failed else color, "linewidth": 0.6, "alpha": 0.7, "zorder": 3 if failed else 2}


def draw_run(axis, curve, failed, diverged, color):
    """A run's line over its steps. A run that diverged ends with a cross at its last number."""
    steps, values = curve
    finite = numpy.isfinite(values)
    marker = {"marker": "o", "markersize": 1.6} if len(steps) < 3 else {}
    axis.plot(steps[finite], values[finite], **run_style(failed, color), **marker)
    if diverged and finite.any():
        axis.plot(steps[finite][-1], values[finite][-1], marker="x", markersize=3, color=FAILED, zorder=4)


def recipe_panels(shown, recipes, counts):
    """A column of two panels, loss above dev score, for each recipe, at most three columns beside each other, below its name and
    what `counts` says of its row of summary.csv: the figure, its axes, (row, upper axis, lower axis) each, and the width."""
    across = min(3, len(shown))
    width = WIDTH if across == 1 else 2 * WIDTH
    pairs = -(-len(shown) // across)
    figure, axes = plt.subplots(2 * pairs, across, figsize=(width, 2.6 * pairs + 0.4), squeeze=False, layout="constrained",
                                sharex="col" if pairs == 1 else False)
    result = []
    for index, (_, row) in enumerate(shown.iterrows()):
        upper, lower = (axes[2 * (index // across) + part, index % across] for part in (0, 1))
        title = (f"{plain(row['task'])}: " if shown["task"].nunique() > 1 else "") + name(recipes[row["configuration_id"]])
        upper.set_title("\n".join(wrapped(title, 0.85 * width / across) + [counts(row)]), fontsize=SMALLEST)
        if index % across == 0:
            upper.set_ylabel("training loss")
            lower.set_ylabel(f"dev {plain(row['metric'])}" if shown["metric"].nunique() == 1 else "dev score")
        lower.set_xlabel("training step")
        for axis in (upper, lower):
            axis.xaxis.get_major_locator().set_params(integer=True)
            clean(axis)
        result.append((row, upper, lower))
    for spare in range(len(shown), pairs * across):
        for part in (0, 1):
            axes[2 * (spare // across) + part, spare % across].set_visible(False)
    return figure, axes, result, width


def share_scales(shown):
    """One scale for the losses of all panels, one for the scores of each task, and one for the steps of each recipe."""
    for _, *axes in shown:
        limits = [axis.get_xlim() for axis in axes if axis.lines]
        if limits:
            for axis in axes:
                axis.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))
    groups = collections.defaultdict(list)
    for row, upper, lower in shown:
        groups["loss"].append(upper)
        groups[row["task"]].append(lower)
    for axes in groups.values():
        limits = [axis.get_ylim() for axis in axes if axis.lines]
        if limits:
            for axis in axes:
                axis.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def chance_lines(row, runs, upper, lower):
    """The losses and scores of a constant classifier."""
    for value in runs["chance_loss"].dropna().iloc[:1]:
        upper.axhline(value, color="0.4", linewidth=0.8, linestyle=":", zorder=1)
    if not pandas.isna(row["constant_score"]):
        lower.axhline(row["constant_score"], color="0.4", linewidth=0.8, linestyle=":", zorder=1)


def learning(trials, curves, summary, recipes):
    """Training loss and dev score over the steps: a panel for each recipe, a thin line for each run, failed ones red."""
    shown = summary[summary["n"] > 0].head(LARGEST_COUNT)
    if not len(shown):
        return None
    figure, axes, panels, width = recipe_panels(
        shown, recipes, lambda row: f"{row['n_failed']:.0f} of {row['n']:.0f} failed")
    colors = colors_of(recipes)
    for row, upper, lower in panels:
        runs, _ = runs_of(trials, row)
        lines = curves_by_run(curves[curves["trial_id"].isin(runs["trial_id"])], row["metric"])
        color = colors[recipes[row["configuration_id"]].variant]
        for run in runs.assign(failed=is_true(runs["failed"])).itertuples(index=False):
            for axis, split in ((upper, "train"), (lower, "dev")):
                if (run.trial_id, split) in lines:
                    draw_run(axis, lines[run.trial_id, split], run.failed, run.status == "diverged", color)
    share_scales(panels)
    for row, upper, lower in panels:
        chance_lines(row, runs_of(trials, row)[0], upper, lower)
    handles = [entry("successful run", color=colors[variant], linewidth=1) for variant in list(colors)[:1]] if len(colors) == 1 \
        else [entry(f"successful, {variant}", color=color, linewidth=1) for variant, color in colors.items()]
    if shown["n_failed"].sum():
        handles.append(entry("failed run", color=FAILED, linewidth=1))
    legend_below(figure, handles + [entry("constant classifier", color="0.4", linewidth=0.9, linestyle=":")], width)
    left_out = (summary["n"] > 0).sum() - len(shown)
    if left_out:
        print(f"learning: the first {len(shown)} recipes; {left_out} more have no panel")
    return fit(figure, axes[:, 0], 0.95 * len(axes))


def mean_curve(lines, runs, split):
    """Steps that all of some runs recorded, with the mean and the sample standard deviation there."""
    values = collections.defaultdict(list)
    present = [lines[trial, split] for trial in runs if (trial, split) in lines]
    for steps, numbers in present:
        for step, number_ in zip(steps, numbers):
            values[step].append(number_)
    steps = sorted(step for step, found in values.items() if len(found) == len(present))
    means = numpy.array([numpy.mean(values[step]) for step in steps])
    spreads = numpy.array([numpy.std(values[step], ddof=1) if len(present) > 1 else 0 for step in steps])
    return numpy.array(steps), means, spreads


def failed_runs(trials, curves, summary, recipes):
    """Mean and standard deviation of training loss and dev score over the failed runs of each recipe that has some, beside those
    over its successful runs; diverged runs apart."""
    shown = summary[summary["n_failed"] - summary["n_diverged"] > 0].head(LARGEST_COUNT)
    if not len(shown):
        return None
    figure, axes, panels, width = recipe_panels(
        shown, recipes, lambda row: f"{row['n_failed'] - row['n_diverged']:.0f} failed, {row['n_successful']:.0f} successful")
    colors = colors_of(recipes)
    for row, upper, lower in panels:
        runs, completed = runs_of(trials, row)
        runs = runs[completed]
        lines = curves_by_run(curves[curves["trial_id"].isin(runs["trial_id"])], row["metric"])
        failed = is_true(runs["failed"])
        for chosen, color, style in ((failed, FAILED, "-"), (~failed, colors[recipes[row["configuration_id"]].variant], "--")):
            for axis, split in ((upper, "train"), (lower, "dev")):
                steps, mean, sd = mean_curve(lines, list(runs.loc[chosen, "trial_id"]), split)
                if not len(steps):
                    continue
                if len(steps) < 3:
                    axis.errorbar(steps, mean, sd, color=color, linestyle=style, linewidth=1, marker="o", markersize=2)
                    continue
                axis.fill_between(steps, mean - sd, mean + sd, color=color, alpha=0.2, linewidth=0)
                axis.plot(steps, mean, color=color, linestyle=style, linewidth=1)
    share_scales(panels)
    for row, upper, lower in panels:
        chance_lines(row, runs_of(trials, row)[0], upper, lower)
    legend_below(figure, [
        entry("mean and sd of failed runs", color=FAILED, linewidth=1),
        entry("of successful runs", color="0.3", linewidth=1, linestyle="--"),
        entry("constant classifier", color="0.4", linewidth=0.9, linestyle=":")], width)
    return fit(figure, axes[:, 0], 0.95 * len(axes))


def generalization(trials, curves, summary, recipes):
    """One row for each task: dev scores of every recipe's runs over training, and every run's score over its final training loss;
    recipes by colour, failed runs red."""
    tasks = list(dict.fromkeys(summary["task"]))
    figure, axes = plt.subplots(len(tasks), 2, figsize=(2 * WIDTH, 2.4 * len(tasks) + 0.5), squeeze=False, layout="constrained")
    colors = colors_of(recipes)
    drawn = set()
    for task, (left, right) in zip(tasks, axes):
        group = summary[summary["task"] == task]
        runs = trials[trials["configuration_id"].isin(group["configuration_id"]) & trials["status"].isin(["completed", "diverged"])]
        metric = group["metric"].iloc[0]
        score = f"dev {plain(metric)}"
        lines = curves_by_run(curves[curves["trial_id"].isin(runs["trial_id"])], metric)
        # Without dropout, where every run that ended recorded it.
        full = runs.loc[runs["status"] == "completed", "train_loss_full"].notna().all()
        losses = pandas.to_numeric(runs["train_loss_full" if full else "train_loss_final"])
        values = pandas.to_numeric(runs["value_final"])
        shown = numpy.isfinite(losses) & (losses > 0) & values.notna()
        failed = is_true(runs["failed"])
        variants = runs["configuration_id"].map(lambda c: recipes[c].variant)
        for run, run_failed, variant in zip(runs.itertuples(index=False), failed, variants):
            if (run.trial_id, "dev") in lines:
                draw_run(left, lines[run.trial_id, "dev"], run_failed, run.status == "diverged", colors[variant])
        for variant, color in colors.items():
            chosen = shown & ~failed & (variants == variant)
            if (~failed & (variants == variant)).any():
                drawn.add(variant)
            right.scatter(losses[chosen], values[chosen], marker="o", s=9, color=color, linewidths=0, alpha=0.75)
        right.scatter(losses[shown & failed], values[shown & failed], marker="x", s=11, color=FAILED, linewidths=0.8, alpha=0.75)
        draw_constant(left, group, along="y")
        draw_constant(right, group, along="y")
        if shown.any():
            log_scale(right, "x", losses[shown].min(), losses[shown].max())
        counts = f"{(~failed & shown).sum()} successful and {(failed & shown).sum()} failed runs"
        hidden = "" if shown.all() else f", {(~shown).sum()} without loss or score"
        right.set_title("\n".join(wrapped(counts + hidden, 0.8 * WIDTH)), fontsize=SMALLEST)
        left.set_xlabel("training step")
        left.xaxis.get_major_locator().set_params(integer=True)
        left.set_ylabel(f"{plain(task)}: {score}")
        right.set_xlabel("final training loss, without dropout" if full else "final training loss, with dropout")
        right.set_ylabel(f"{plain(task)}: final {score}")
        clean(left)
        clean(right)
    label = "successful run" if len(colors) == 1 else "successful, {}"
    handles = [entry(label.format(variant), color=color, marker="o", markersize=3, linewidth=0.8)
               for variant, color in colors.items() if variant in drawn]
    if is_true(trials["failed"]).any():
        handles.append(entry("failed run", color=FAILED, marker="x", markersize=3.6, linewidth=0.8))
    legend_below(figure, handles + constant_line(summary), 2 * WIDTH)
    return fit(figure, axes[:, 0], 1.6 * len(tasks))


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


def layer_of(tensor):
    """The layer of a tensor, as all families name it, or the application of a shared layer behind a "#"; None outside the layers."""
    found = re.search(r"#(\d+)$|\.(?:layer|h)\.(\d+)\.", tensor)
    return int(found[1] or found[2]) if found else None


def norms_by_part(rows):
    """Steps by parts: the norm of each layer's, the pooler's and the classification layer's tensors together."""
    def part(tensor):
        layer = layer_of(tensor)
        head = tensor.startswith(("classifier.", "score."))
        return layer if layer is not None else 1000 if ".pooler." in tensor else 1001 if head else -1
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


def draw_plane(figure, plane, grid):
    """The loss over the plane of a surface, its levels even in the logarithm."""
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


def surface(edges, grid=None):
    """The loss along the edges between the corners of a surface, of every pair of runs; beside the plane, where there is one."""
    if grid is None:
        width, (figure, lines) = WIDTH, plt.subplots(figsize=(WIDTH, 2.8), layout="constrained")
    else:
        width, (figure, (plane, lines)) = 2 * WIDTH, plt.subplots(
            1, 2, figsize=(2 * WIDTH, 2.8), layout="constrained", width_ratios=[1.15, 1])
        draw_plane(figure, plane, grid)
    for index, ((start, end), rows) in enumerate(edges.groupby(["from", "to"], sort=False)):
        label = f"{start} to {end}".replace("pretrained", "pre-trained")
        for _, line in rows.groupby(["trial_failed", "trial_successful"], sort=False):
            lines.plot(line["place"], line["loss"], color=PALETTE[index], linestyle=STYLES[index], marker=MARKERS[index],
                       markersize=2.6, markevery=5, linewidth=1, label=label)
            label = None
    along = edges["loss"][numpy.isfinite(edges["loss"])]
    log_scale(lines, "y", along.min(), along.max())
    lines.set_xlabel("share of the way")
    lines.set_ylabel("training loss")
    clean(lines)
    legend_below(figure, lines.get_legend_handles_labels()[0], width)
    return fit(figure, [lines if grid is None else plane], 2.1)


def column_width(text):
    """A --width: wide enough to letter, no wider than a sheet."""
    try:
        width = float(text)
    except ValueError:
        width = 0
    if not 2 <= width <= 12:
        raise argparse.ArgumentTypeError(f"found '{text}', expected inches from 2 to 12")
    return width


def other_judgement(table, summary):
    """The rule and the score that a table names, where they are not those of summary.csv."""
    for column in ("failure_rule", "score"):
        if column in table and not set(table[column].dropna().astype(str)) <= set(summary[column].dropna().astype(str)):
            return f"made by {column.replace('_', ' ')} {table[column].iloc[0]}, summary.csv by {summary[column].iloc[0]}"
    return None


def analyses(folder, trials, summary, recipes, header):
    """The figures of the tables that the folder holds, (name, figure) each; and of each other one, (name, why it is not drawn)."""
    # With --all-pairs there are edges without a plane.
    has_plane = optional(folder, "surface.csv") is not None or optional(folder, "surface_edges.csv") is None
    wanted = (
        ("learning", ["curves"], lambda table: learning(trials, table, summary, recipes)),
        ("generalization", ["curves"], lambda table: generalization(trials, table, summary, recipes)),
        ("failed_runs", ["curves"], lambda table: failed_runs(trials, table, summary, recipes)),
        ("superiority", ["comparisons"], lambda table: superiority(table, recipes, header)),
        ("forgetting", ["forgetting"], lambda table: forgetting(table, recipes)),
        ("gradients", ["gradient_statistics"], lambda table: gradients(folder, table, recipes)),
        ("correction", ["correction_factor"], correction),
        ("surface", ["surface", "surface_edges"] if has_plane else ["surface_edges"],
         (lambda grid, edges: surface(edges, grid)) if has_plane else surface))
    tables = {}
    figures, without = [], []
    for title, names, draw in wanted:
        for table in names:
            if table not in tables:
                tables[table] = curves_of(folder) if table == "curves" else optional(folder, table + ".csv")
        missing = [table for table in names if tables[table] is None]
        stale = [table for table in names if tables[table] is not None and other_judgement(tables[table], summary)]
        if missing:
            without.append((title, f"no {missing[0]}.csv with rows -> run `{ORIGINS[missing[0]]} {folder}`"))
        elif stale:
            without.append((title, f"{stale[0]}.csv is stale ({other_judgement(tables[stale[0]], summary)}) -> run "
                                   f"`{ORIGINS[stale[0]]} {folder}`"))
        else:
            figure = draw(*(tables[table] for table in names))
            if figure is None:
                without.append((title, "no run failed" if title == "failed_runs" else "no run has ended"))
            else:
                figures.append((title, figure))
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
    for column in trials.columns.intersection(["value_final", "value_best", "train_loss_full", "train_loss_final", "chance_loss"]):
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
    lower = any(lower_is_better(folder) for folder in folders)
    output = pathlib.Path(options.output or pathlib.Path(folders[0]) / ("figures" if len(folders) == 1 else "figures-joint"))
    figures = [("scores", scores(trials, summary, recipes, header)), ("failures", failures(summary, recipes, header)),
               ("means", means(summary, recipes, header)), ("profiles", profiles(trials, summary, recipes, header, lower))]
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
    for title, why in without:
        print(f"Skipped {title}: {why}")
        for ending in ("pdf", "png"):
            old = output / f"{title}.{ending}"
            if old.is_file():
                old.unlink()
                print(f"Removed {old}, which showed what was")


if __name__ == "__main__":
    main()
