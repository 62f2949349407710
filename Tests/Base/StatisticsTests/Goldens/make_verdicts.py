"""Writes verdicts.json: what verdicts need beside pooling.json.

    python make_verdicts.py verdicts.json

The noncentral t by scipy.stats.nct; Hartung and Knapp's error as metafor's test="adhoc" has it, with tau^2 by SciPy's minimizer; means of
crossed draws from statsmodels' two-way analysis of variance; permutation p-values by going through every arrangement. NumPy 2.4, SciPy
1.17 and statsmodels 0.15 made the committed file.
"""

import itertools
import json
import math
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.formula.api import ols

random = np.random.default_rng(20060492)


def noncentral():
    return [
        {"t": t, "shift": shift, "degrees": degrees, "tail": float(stats.nct.sf(t, degrees, shift))}
        for t in (-1.0, 0.5, 2.3, 4.3) for shift in (-2.0, 0.0, 0.7, 3.0, 6.0) for degrees in (1, 2, 3, 8, 40)
    ]


def reml(y, v):
    """tau^2 by the root of the restricted likelihood's derivative, 0 where it falls from the start."""

    def slope(t):
        w = 1 / (v + t)
        mean = (w * y).sum() / w.sum()
        return (w**2 * (y - mean) ** 2).sum() - w.sum() + (w**2).sum() / w.sum()

    return 0.0 if slope(0) <= 0 else optimize.brentq(slope, 0, 10, xtol=1e-15)


def guarded():
    cases = []
    for draws in (2, 3, 5, 9):
        for spread in (0.0, 0.001, 0.3):
            y = 0.2 + spread * random.standard_normal(draws)
            v = random.uniform(0.01, 0.05, draws)
            t = reml(y, v)
            w = 1 / (v + t)
            mean = (w * y).sum() / w.sum()
            q = (w * (y - mean) ** 2).sum() / (draws - 1)
            error = math.sqrt(max(1, q) / w.sum())
            half = stats.t.ppf(0.975, draws - 1) * error
            cases.append({
                "y": y.tolist(), "v": v.tolist(), "error": error, "interval": [mean - half, mean + half],
                "p": float(2 * stats.t.sf(abs(mean / error), draws - 1)),
            })
    return cases


def crossed():
    cases = []
    for rows, columns in ((3, 3), (2, 4), (3, 2), (5, 4)):
        table = (random.standard_normal((rows, 1)) + random.standard_normal((1, columns)) * 0.5
                 + random.standard_normal((rows, columns)) * 0.7)
        frame = pd.DataFrame([{"y": table[r, c], "r": r, "c": c} for r in range(rows) for c in range(columns)])
        squares = sm.stats.anova_lm(ols("y ~ C(r) + C(c)", frame).fit())["mean_sq"]
        r, c, e = squares["C(r)"], squares["C(c)"], squares["Residual"]
        combined = r + c - e
        degrees = combined**2 / (r**2 / (rows - 1) + c**2 / (columns - 1) + e**2 / ((rows - 1) * (columns - 1)))
        degrees = max(min(rows, columns) - 1, degrees)
        error = math.sqrt(max(combined, r, c) / (rows * columns))
        half = stats.t.ppf(0.975, degrees) * error
        cases.append({
            "table": table.tolist(), "mean": float(table.mean()), "error": error, "degrees": float(degrees),
            "interval": [float(table.mean() - half), float(table.mean() + half)],
        })
    return cases


def permutations():
    """Every arrangement of 4 runs' right answers on 5 examples, and every pairing of two strata's halves."""
    correct = [[1, 1, 1, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 0, 0], [0, 1, 0, 0, 0]]
    matrix = np.array(correct)
    columns = [sorted(set(itertools.permutations(column))) for column in matrix.T]
    observed = (matrix.sum(1) ** 2).sum()
    squares = [(np.array(choice).sum(0) ** 2).sum() for choice in itertools.product(*columns)]
    strata = [[[0.5, 0.7, 0.6, 0.9], [0.4, 0.8, 0.5, 0.7]], [[0.1, 0.3, 0.2], [0.3, 0.5, 0.1]]]

    def product(first, second):
        return float((np.array(first) - np.mean(first)) @ np.array(second))

    wanted = sum(product(*s) for s in strata)
    found = [
        sum(product(s[0], order) for s, order in zip(strata, orders))
        for orders in itertools.product(*[itertools.permutations(s[1]) for s in strata])
    ]
    return {
        "correct": [[bool(x) for x in row] for row in correct],
        "p": float(np.mean(np.array(squares) >= observed)), "strata": strata,
        "halvesP": float(np.mean(np.array(found) >= wanted - 1e-12)),
    }


json.dump(
    {"noncentral": noncentral(), "guarded": guarded(), "crossed": crossed(), "permutations": permutations()},
    open(sys.argv[1], "w"), indent=1)
