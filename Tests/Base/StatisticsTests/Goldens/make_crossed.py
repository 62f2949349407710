"""Writes crossed.json: crossed designs and what statsmodels and SciPy make of them.

    python make_crossed.py crossed.json

Mean squares and the F test by statsmodels' anova_lm(ols("y ~ C(row) + C(column)")), what three factors leave by
anova_lm(ols("y ~ C(a) + C(b) + C(c)")), the best row against the worst by scipy.stats.f_oneway, Williams and Tukey's interval
with scipy.stats.f.ppf and chi2.ppf, the permutation test by going through every arrangement. Pandas 2 and up, statsmodels 0.15
and SciPy 1.17 made the committed file.
"""

import itertools
import json
import math
import sys
import warnings

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

warnings.simplefilter("ignore")
random = np.random.default_rng(20060490)


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


cases = []
for index in range(55):
    r, c = (int(v) for v in random.integers(2, 9, 2)) if index % 7 else (2, 2)
    y = 0.7 + random.normal(0, 0.02, (r, 1)) * (index % 3) + random.normal(0, 0.02, (1, c)) + random.normal(0, 0.02, (r, c))
    if index % 5 == 2:
        y[random.random((r, c)) < 0.25] = 0.473  # failed runs, tied
    if index % 5 == 3:
        y = np.round(y * 64) / 64
    frame = pd.DataFrame([(i, j, y[i, j]) for i in range(r) for j in range(c)], columns=["row", "column", "y"])
    table = anova_lm(ols("y ~ C(row) + C(column)", frame).fit())
    means = y.mean(axis=1)
    best = stats.f_oneway(y[means.argmax()], y[means.argmin()])
    rest = table["mean_sq"]["Residual"]
    cases.append({
        "scores": y.tolist(), "rows": number(table["mean_sq"]["C(row)"]), "columns": number(table["mean_sq"]["C(column)"]),
        "rest": number(rest), "f": number(table["F"]["C(row)"]) if rest > 1e-25 else None,
        "p": number(table["PR(>F)"]["C(row)"]) if rest > 1e-25 else None, "best": [number(v) for v in best],
    })
for case in cases:
    r, c = len(case["scores"]), len(case["scores"][0])
    d, e = r - 1, (r - 1) * (c - 1)
    case["interval"] = [
        max(0, d * (case["rows"] - case["rest"] * stats.f.ppf(p, d, e)) / (c * stats.chi2.ppf(p, d))) for p in (0.975, 0.025)]
    case["chi2"] = [0.025 + 0.95 * float(random.random()), float(random.integers(1, 200))]
    case["chi2"].append(float(stats.chi2.ppf(*case["chi2"])))

three = []
for index in range(52):
    sizes = [int(v) for v in random.integers(2, 4, 3)] if index % 6 else [2, 2, 2]
    levels = list(itertools.product(*map(range, sizes)))
    effects = [random.normal(0, 0.02, size) for size in sizes]
    y = np.array([0.7 + sum(e[level] for e, level in zip(effects, key)) for key in levels]) + random.normal(0, 0.02, len(levels))
    if index % 5 == 2:
        y[random.random(len(y)) < 0.25] = 0.473
    if index % 13 == 4:
        y[:] = 0.5
    frame = pd.DataFrame([(*key, v) for key, v in zip(levels, y)], columns=["a", "b", "c", "y"])
    table = anova_lm(ols("y ~ C(a) + C(b) + C(c)", frame).fit())
    three.append({"sizes": sizes, "scores": y.tolist(), "rest": number(table["mean_sq"]["Residual"])})

permutations = []
for index in range(54):
    r, c = [(2, 2), (2, 3), (3, 2)][index % 3]
    y = random.normal(0.7, 0.02, r * c)
    if index % 5 == 2:
        y[random.random(r * c) < 0.4] = 0.473
    if index % 17 == 6:
        y[:] = 0.5
    ranges = [np.ptp(np.reshape(order, (r, c)).mean(axis=1)) for order in itertools.permutations(y)]
    permutations.append({"scores": y.reshape(r, c).tolist(), "p": float(np.mean(np.array(ranges) >= ranges[0] - 1e-12))})

goldens = {"designs": cases, "three": three, "permutations": permutations}
with open(sys.argv[1], "w") as file:
    rows = [json.dumps(name) + ": [\n" + ",\n".join(json.dumps(case, allow_nan=False) for case in group) + "\n]"
            for name, group in goldens.items()]
    file.write("{\n" + ",\n".join(rows) + "\n}\n")
