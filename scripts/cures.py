#!/usr/bin/env python3
"""Judges the cures of sweeps/CURES.md by the tables of their runs, as the protocol there says.

usage: scripts/cures.py rates OUT
       scripts/cures.py table OUT [--figure FILE.svg]

OUT holds the folders that `scripts/reproduce.sh cures` makes.

  rates   finds the rate at which the failing recipe makes steps as large as each cure's, prints the rates as a list for
          optimizer.learning_rate= together with those of the failing recipe itself, and writes OUT/cures-search/matched.csv. Reads
          OUT/cures-search: cures, factor and ladder.
  table   prints the tables of CURES.md, writes OUT/cures.csv, and draws the figure. Reads matched.csv, OUT/cures-search/factor, and
          OUT/cures, cures-few and cures-matched.

Needs nothing but Python.
"""

import argparse
import collections
import csv
import json
import math
import pathlib
import sys

RATES = [3e-4, 6e-4, 1.2e-3]
FACTORS = [1, 3, 10]
FEW = ["head", "bitfit"]
UNJUDGED = ("under-trained", "too large")
PLAIN, CORRECTED, SAME_WEIGHTS = "plain", "corrected", "ema"
NORM_STEPS = {30, 40, 50, 60}  # the points whose means cover the updates 21 to 60
ALPHA = 0.05
LARGEST_MISS = 0.1

Run = collections.namedtuple("Run", "failed score norm")


# Reading


def table(path, *columns):
    """The rows of a table, which must have these columns."""
    if not path.exists():
        sys.exit(f"cures.py: {path} is missing; run scripts/reproduce.sh cures")
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        missing = [name for name in columns if name not in (rows.fieldnames or [])]
        if missing:
            sys.exit(f"cures.py: {path} has no column {missing[0]}; write the tables again with `seedsweep summarize {path.parent}`")
        yield from rows


def cells(folder):
    """The runs of each cell of a run folder, {(variant, rate): {seed: Run}}, and the labels of the variants."""
    points = collections.defaultdict(dict)
    for row in table(folder / "curves.csv", "trial_id", "step", "quantity", "value"):
        if row["quantity"] == "update_norm" and int(row["step"]) in NORM_STEPS:
            points[row["trial_id"]][int(row["step"])] = float(row["value"])
    found = collections.defaultdict(dict)
    for row in table(folder / "trials.csv", "trial_id", "variant", "learning_rate", "seed", "status", "failed", "value_final"):
        if row["status"] not in ("completed", "diverged"):
            sys.exit(f"cures.py: {folder}: trial {row['trial_id']} has no result yet; run scripts/reproduce.sh cures again")
        norms = points[row["trial_id"]]
        norm = math.fsum(norms.values()) / len(norms) if set(norms) == NORM_STEPS else None
        score = 0.0 if row["status"] == "diverged" else float(row["value_final"])
        seed, rate = int(row["seed"]), float(row["learning_rate"])
        found[row["variant"], rate][seed] = Run(row["failed"] == "true", score, norm)
    sweep = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    return found, {planned["variant"]: planned["label"] for planned in sweep["configurations"]}


def scaled(rate, factor):
    """A multiple of a rate as the sweep file writes it."""
    return float(f"{rate * factor:.6g}")


# Statistics


def mean_norm(runs):
    """The mean update norm of some runs; None where none has one."""
    norms = [run.norm for run in runs.values() if run.norm is not None]
    return math.fsum(norms) / len(norms) if norms else None


def matched_rate(norm, ladder):
    """The smallest rate, to two digits, at which the norm is `norm`, by the line between its neighbours in `ladder`, [(rate, norm)],
    in logarithms; None outside."""
    for (low, small), (high, large) in zip(ladder, ladder[1:]):
        if small <= norm <= large:
            share = math.log(norm / small) / math.log(large / small) if large > small else 0.0
            return float(f"{math.exp(math.log(low) + share * math.log(high / low)):.1e}")
    return None


def discordant(runs, others):
    """The seeds of which only `runs` failed, and those of which only `others` did."""
    if runs.keys() != others.keys():
        sys.exit("cures.py: the cells that are compared have other seeds; run scripts/reproduce.sh cures again")
    pairs = [(runs[seed].failed, others[seed].failed) for seed in runs]
    return pairs.count((True, False)), pairs.count((False, True))


def mcnemar(first, second):
    """The exact two-sided p-value of McNemar's test of two counts of discordant pairs."""
    count = first + second
    return min(1.0, 2 * sum(math.comb(count, k) for k in range(min(first, second) + 1)) / 2**count)


def holm(values):
    """Holm's adjusted p-values, in the order of `values`."""
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=lambda index: values[index])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return adjusted


def wilson(failed, count):
    """Wilson's 95 % interval of a rate."""
    z = 1.959963984540054
    middle = (failed + z * z / 2) / (count + z * z)
    half = z / (count + z * z) * math.sqrt(failed * (count - failed) / count + z * z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


# The matched rates


def judged_factors(search):
    """For each cure that trains few numbers and each rate, the factor that is judged, and whether any of its runs learned."""
    found, _ = cells(search / "factor")
    chosen = {}
    for variant in FEW:
        for base in RATES:
            runs = {factor: found[variant, scaled(base, factor)] for factor in FACTORS}
            if not all(runs.values()):
                sys.exit(f"cures.py: {search}/factor has no runs of {variant} at {base:g}; run scripts/reproduce.sh cures again")
            means = {factor: math.fsum(run.score for run in runs[factor].values()) / len(runs[factor]) for factor in FACTORS}
            factor = max(FACTORS, key=lambda factor: (means[factor], -factor))
            chosen[variant, base] = factor, not all(run.failed for run in runs[factor].values())
    return chosen


def find_rates(out):
    search = out / "cures-search"
    ladder, _ = cells(search / "ladder")
    steps = sorted((rate, mean_norm(runs)) for (_, rate), runs in ladder.items())
    steps = [(rate, norm) for rate, norm in steps if norm is not None]
    rows = []
    judged = {(variant, scaled(base, factor)) for (variant, base), (factor, _) in judged_factors(search).items()}
    for name in ("cures", "factor"):
        found, _ = cells(search / name)
        for (variant, rate), runs in found.items():
            if variant in (PLAIN, SAME_WEIGHTS) or variant in FEW and (variant, rate) not in judged:
                continue
            norm = mean_norm(runs)
            matched = None if norm is None else matched_rate(norm, steps)
            rows.append((variant, rate, "" if norm is None else norm, "" if matched is None else matched))
    with open(search / "matched.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["variant", "learning_rate", "update_norm", "matched_rate"])
        writer.writerows(rows)
    print("[" + ", ".join(f"{rate:g}" for rate in sorted({row[3] for row in rows if row[3] != ""} | set(RATES))) + "]")


# The judgement


class Cell:
    """A cure at a rate, with what it is compared with."""

    def __init__(self, variant, label, base, factor, runs):
        self.variant, self.label, self.base, self.factor, self.runs = variant, label, base, factor, runs
        self.rate = scaled(base, factor)
        self.remark = ""  # why it is not tested; empty for a cell that is
        self.others = {}  # the runs that "a", "b" and "c" compare with
        self.matched = None  # the matched rate
        self.tests = {}  # {"a": (only this one failed, only the other one failed, Holm's p)}

    @property
    def failed(self):
        return sum(run.failed for run in self.runs.values())

    @property
    def mean(self):
        scores = [run.score for run in self.runs.values() if not run.failed]
        return math.fsum(scores) / len(scores) if scores else None

    @property
    def miss(self):
        """The factor by which the matched runs miss the cure's norm."""
        norm, other = mean_norm(self.runs), mean_norm(self.others["c"]) if "c" in self.others else None
        return other / norm if norm and other else None


def judge(out):
    """Every cell in the order of the sweep files, tested as the protocol says."""
    full, labels = cells(out / "cures")
    few, few_labels = cells(out / "cures-few")
    matched, _ = cells(out / "cures-matched")
    factors = judged_factors(out / "cures-search")
    rates = {
        (row["variant"], float(row["learning_rate"])): float(row["matched_rate"])
        for row in table(out / "cures-search" / "matched.csv", "variant", "learning_rate", "matched_rate") if row["matched_rate"]
    }
    result = []
    for variant in [name for name in labels if name != PLAIN] + FEW:
        for base in RATES:
            for factor in FACTORS if variant in FEW else [1]:
                source = few if variant in FEW else full
                cell = Cell(variant, (labels | few_labels)[variant], base, factor, source[variant, scaled(base, factor)])
                if variant in FEW:
                    judged, learns = factors[variant, base]
                    if factor != judged:
                        cell.remark = UNJUDGED[factor > judged]
                    elif not learns:
                        cell.remark = "learns nothing"
                cell.others["a"] = full[PLAIN, base]
                if variant != CORRECTED:
                    cell.others["b"] = full[CORRECTED, base]
                cell.matched = None if cell.remark in UNJUDGED else rates.get((variant, cell.rate))
                if cell.matched is not None:
                    cell.others["c"] = matched[PLAIN, cell.matched]
                    if not cell.others["c"]:
                        sys.exit(f"cures.py: {out}/cures-matched has no runs at {cell.matched:g}; run scripts/reproduce.sh cures again")
                result.append(cell)
    for family in "abc":
        tested = [cell for cell in result if not cell.remark and family in cell.others]
        counts = [discordant(cell.runs, cell.others[family]) for cell in tested]
        for cell, pair, p in zip(tested, counts, holm([mcnemar(*pair) for pair in counts])):
            cell.tests[family] = (*pair, p)
    return full, result


def p_text(p):
    return "1" if p > 0.995 else f"{p:.2f}" if p >= 0.1 else f"{p:.1g}"


def test_text(cell, family):
    """What a comparison came to: pairs of which only the cure failed, only the other one, and Holm's p, bold for a finding."""
    if family not in cell.tests:
        return cell.remark or "-"
    only, other, p = cell.tests[family]
    text = f"{only} : {other}, {p_text(p)}"
    return f"**{text}**" if p <= ALPHA else text


def print_tables(full, result):
    for base in RATES:
        print(f"\nRate {base:g}\n")
        print("| cure | failed | mean of the others | (a) failing recipe | (b) bias correction | matched rate: failed | (c) |")
        print("|---|---|---|---|---|---|---|")
        plain = Cell(PLAIN, "the failing recipe", base, 1, full[PLAIN, base])
        for cell in [plain] + [cell for cell in result if cell.base == base]:
            label = cell.label + (f", {cell.factor} x the rate" if cell.variant in FEW else "")
            mean = "-" if cell.mean is None else f"{cell.mean:.3f}"
            other = "-"
            if "c" in cell.others:
                other = f"{cell.matched:g}: {sum(run.failed for run in cell.others['c'].values())}"
                if cell.miss is None or abs(cell.miss - 1) > LARGEST_MISS:
                    other += " (norm not known)" if cell.miss is None else f" (norm x {cell.miss:.2f})"
            tests = [test_text(cell, family) for family in "abc"] if cell is not plain else ["-"] * 3
            print(f"| {label} | {cell.failed} | {mean} | {tests[0]} | {tests[1]} | {other} | {tests[2]} |")


def write_cells(result, path):
    names = ["variant", "learning_rate", "factor", "remark", "n", "failed", "mean_successful", "update_norm", "matched_rate",
             "matched_failed", "matched_norm_ratio"]
    names += [f"{family}_{what}" for family in "abc" for what in ("only_cure_failed", "only_other_failed", "p_holm")]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for cell in result:
            other = cell.others.get("c")
            row = [cell.variant, cell.rate, cell.factor, cell.remark, len(cell.runs), cell.failed, cell.mean, mean_norm(cell.runs),
                   cell.matched, None if other is None else sum(run.failed for run in other.values()), cell.miss]
            for family in "abc":
                row += cell.tests.get(family, (None, None, None))
            writer.writerow(["" if value is None else value for value in row])


# The figure

ROW, PANEL, LEFT, TOP = 20, 190, 170, 40
INK, CURE, OTHER = "#222222", "#0072B2", "#D55E00"


def svg_text(x, y, text, anchor="start", weight="normal"):
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}">{text}</text>'


def draw(full, result, path):
    """A row for each cure, a panel for each rate: the failure rate with Wilson's interval beside that at the matched rate."""
    rows = list(dict.fromkeys((cell.variant, cell.label) for cell in result))
    height, width = TOP + ROW * len(rows) + 70, LEFT + len(RATES) * (PANEL + 20)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="11" fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    bottom = TOP + ROW * len(rows)
    for index, (_, label) in enumerate(rows):
        parts.append(svg_text(LEFT - 10, TOP + ROW * index + 14, label, "end"))
    for panel, base in enumerate(RATES):
        left = LEFT + panel * (PANEL + 20)
        at = lambda share, left=left: left + share * PANEL  # noqa: E731
        parts.append(svg_text(at(0.5), TOP - 18, f"rate {base:g}", "middle", "bold"))
        parts.append(f'<path d="M{at(0):g} {TOP - 6}V{bottom}H{at(1):g}" fill="none" stroke="{INK}"/>')
        for tick in (0, 0.5, 1):
            parts.append(svg_text(at(tick), bottom + 14, f"{tick:g}", "middle"))
        for variant, dashes in ((PLAIN, "6 3"), (CORRECTED, "2 3")):
            runs = full[variant, base]
            x = at(sum(run.failed for run in runs.values()) / len(runs))
            parts.append(
                f'<line x1="{x:g}" x2="{x:g}" y1="{TOP - 6}" y2="{bottom}" stroke="{INK}" stroke-dasharray="{dashes}"/>')
        for cell in result:
            if cell.base != base or cell.remark in UNJUDGED:
                continue
            y = TOP + ROW * rows.index((cell.variant, cell.label)) + 10
            low, high = wilson(cell.failed, len(cell.runs))
            x = at(cell.failed / len(cell.runs))
            parts.append(f'<line x1="{at(low):g}" x2="{at(high):g}" y1="{y}" y2="{y}" stroke="{CURE}" stroke-width="2"/>')
            parts.append(f'<circle cx="{x:g}" cy="{y}" r="4" fill="{CURE if not cell.remark else "white"}" stroke="{CURE}"/>')
            if "c" in cell.others:
                x = at(sum(run.failed for run in cell.others["c"].values()) / len(cell.others["c"]))
                parts.append(f'<path d="M{x:g} {y - 5}l5 5l-5 5l-5 -5z" fill="none" stroke="{OTHER}" stroke-width="1.5"/>')
    y = bottom + 38
    parts.append(svg_text(LEFT, y - 8, "share of 25 runs that failed"))
    parts.append(f'<circle cx="{LEFT + 4}" cy="{y + 8}" r="4" fill="{CURE}"/>')
    parts.append(svg_text(LEFT + 14, y + 12, "the cure, with its 95 % interval (hollow: learns nothing)"))
    parts.append(f'<path d="M{LEFT + 350} {y + 3}l5 5l-5 5l-5 -5z" fill="none" stroke="{OTHER}" stroke-width="1.5"/>')
    parts.append(svg_text(LEFT + 360, y + 12, "failing recipe, matched rate"))
    parts.append(svg_text(LEFT + 14, y + 28, "dashed: the failing recipe at the same rate; dotted: bias correction"))
    parts.append("</svg>")
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rates", "table"])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--figure", type=pathlib.Path, help="where the figure goes; OUT/cures.svg unless given")
    given = parser.parse_args()
    try:
        if given.what == "rates":
            return find_rates(given.out)
        full, result = judge(given.out)
        print_tables(full, result)
        write_cells(result, given.out / "cures.csv")
        draw(full, result, given.figure or given.out / "cures.svg")
    except OSError as error:
        sys.exit(f"cures.py: {error.filename}: {error.strerror}; OUT is the folder that scripts/reproduce.sh cures writes into")


if __name__ == "__main__":
    main()
