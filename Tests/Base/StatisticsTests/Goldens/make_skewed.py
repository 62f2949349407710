"""Writes skewed.json: intervals of means and standard deviations of skewed samples, from their definitions.

    python make_skewed.py skewed.json

Hall's bound (1992) by scipy.optimize.brentq of T + a T^2 + a^2 T^3 / 3 + a / 2 - t, a = skew / (3 sqrt(n)), with
scipy.stats.skew(x, bias=False) and t = scipy.stats.t.ppf(1 - (1 - level) / 2, n - 1); Student's by scipy.stats.t.interval;
the jackknife of log numpy.std(x, ddof=1) by numpy.delete. SciPy 1.17 made the committed file.
"""

import json
import math
import sys
import warnings

import numpy as np
from scipy import stats
from scipy.optimize import brentq

warnings.simplefilter("ignore")
random = np.random.default_rng(20060495)


def mean_interval(x, level):
    n = len(x)
    if n < 2:
        return [None, None]
    error = np.std(x, ddof=1) / math.sqrt(n)
    if error == 0:
        return [x[0], x[0]]
    low, high = stats.t.interval(level, n - 1, np.mean(x), error)
    g = stats.skew(x, bias=False) if n > 2 else 0
    if g != 0 and math.isfinite(g):
        a = g / (3 * math.sqrt(n))
        t = stats.t.ppf(1 - (1 - level) / 2, n - 1)

        def root(q):
            return brentq(lambda v: v + a * v * v + a * a * v**3 / 3 + a / 2 - q, -1e6, 1e6, xtol=1e-13, rtol=1e-14)

        low, high = min(low, np.mean(x) - root(t) * error), max(high, np.mean(x) - root(-t) * error)
    return [float(low), float(high)]


def deviation_interval(x, level):
    n = len(x)
    if n < 4:
        return [None, None]
    left = [np.std(np.delete(x, i), ddof=1) for i in range(n)]
    if np.std(x) < 1e-12 or min(left) <= 1e-6 * np.std(x):
        return [None, None]
    pseudo = [n * math.log(np.std(x, ddof=1)) - (n - 1) * math.log(s) for s in left]
    return [math.exp(v) for v in mean_interval(np.array(pseudo), level)]


cases = []
for case in range(72):
    n = [1, 2, 3, 4, 5, 8, 16, 40][case % 8]
    x = [
        lambda: random.normal(0.7, 0.03, n),
        lambda: 0.75 - random.gamma(2, 0.02, n),
        lambda: np.round(random.uniform(0.5, 0.8, n) * 138) / 138,
        lambda: np.where(random.random(n) < 0.2, 0.5, 0.7),
        lambda: random.exponential(3, n) - 5,
    ][case % 5]()
    y = random.normal(0.6, 0.05, max(2, n // 2))
    level = [0.95, 0.9][case % 2]
    one, other = mean_interval(x, level), mean_interval(y, level)
    difference = [None, None]
    if one[0] is not None:
        d = np.mean(x) - np.mean(y)
        difference = [
            float(d - math.hypot(np.mean(x) - one[0], other[1] - np.mean(y))),
            float(d + math.hypot(one[1] - np.mean(x), np.mean(y) - other[0])),
        ]
    cases.append({"x": x.tolist(), "y": y.tolist(), "level": level, "mean": one,
                  "deviation": deviation_interval(x, level), "difference": difference})

with open(sys.argv[1], "w") as file:
    json.dump(cases, file, separators=(",", ":"))
    file.write("\n")
