"""Writes planning.json: confidence sequences, sample sizes and powers, and what SciPy and statsmodels make of them.

    python make_planning.py planning.json

Confidence sequences as the roots (scipy.optimize.brentq) of log(n + 1) + scipy.stats.binom.logpmf(k, n, p) = log(1 - level);
half widths by statsmodels.stats.proportion.proportion_confint(count, nobs, method="wilson"); powers by adding up
scipy.stats.binom.pmf over every outcome that scipy.stats.binomtest (McNemar) or twice the smaller one-sided p-value of
scipy.stats.boschloo_exact rejects. statsmodels 0.15 and SciPy 1.17 made the committed file.
"""

import json
import math
import sys

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom, binomtest, boschloo_exact
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(20060494)


def sequence(k, n, level):
    def excess(p):
        return math.log(n + 1) + binom.logpmf(k, n, p) - math.log(1 - level)

    tiny = 1e-300
    low = 0 if k == 0 or n == 0 else brentq(excess, tiny, k / n, xtol=1e-15, rtol=1e-14)
    high = 1 if k == n else brentq(excess, max(k / n, tiny), 1 - 1e-16, xtol=1e-15, rtol=1e-14)
    return [low, high]


sequences = []
for case in range(70):
    n = int(random.integers(1, [10, 50, 400][case % 3]))
    k = [0, n, int(random.integers(0, n + 1))][min(2, case % 5)]
    level = [0.95, 0.9, 0.99][case % 3]
    sequences.append({"count": k, "total": n, "level": level, "interval": sequence(k, n, level)})

widths = []
for width in [0.05, 0.08, 0.1, 0.15, 0.2, 0.3]:
    n = 1
    # The middle of a rate of one half is the widest; with an odd number of runs no count is in the middle.
    while True:
        low, high = proportion_confint(n / 2, n, method="wilson")
        if (high - low) / 2 <= width:
            break
        n += 1
    widths.append({"width": width, "count": n})


def mcnemar(p, q, n, significance):
    one, other = p * (1 - q), q * (1 - p)
    power = 0
    for first in range(n + 1):
        for second in range(n + 1 - first):
            discordant = first + second
            if discordant == 0 or not binomtest(first, discordant).pvalue < significance:
                continue
            chance = binom.pmf(first, n, one)
            if first < n:
                chance *= binom.pmf(second, n - first, other / (1 - one)) if one < 1 else float(second == 0)
            else:
                chance *= float(second == 0)
            power += chance
    return power


def boschloo(p, q, n, significance):
    power = 0
    for first in range(n + 1):
        for second in range(n + 1):
            table = [[first, second], [n - first, n - second]]
            tails = [boschloo_exact(table, alternative=side, n=64).pvalue for side in ("less", "greater")]
            if 2 * min(tails) < significance:
                power += binom.pmf(first, n, p) * binom.pmf(second, n, q)
    return power


powers = []
for case in range(50):
    n = int(random.integers(1, 14))
    p, q = random.choice([0, 0.1, 0.4, 0.55, 0.9, 1], 2, replace=False)
    significance = float(random.choice([0.05, 0.05 / 3, 0.2]))
    entry = {"rates": [float(p), float(q)], "total": n, "significance": significance,
             "mcnemar": float(mcnemar(p, q, n, significance)), "boschloo": None}
    if case < 12:
        entry["total"] = n = min(n, 8)
        entry["mcnemar"] = float(mcnemar(p, q, n, significance))
        entry["boschloo"] = float(boschloo(p, q, n, significance))
    powers.append(entry)

with open(sys.argv[1], "w") as file:
    json.dump({"sequences": sequences, "widths": widths, "powers": powers}, file, separators=(",", ":"))
    file.write("\n")
