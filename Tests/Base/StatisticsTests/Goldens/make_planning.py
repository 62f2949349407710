"""Writes planning.json: confidence sequences, sample sizes and powers, and what SciPy and statsmodels make of them.

    python make_planning.py planning.json

Confidence sequences as the roots (scipy.optimize.brentq) of log(n + 1) + scipy.stats.binom.logpmf(k, n, p) = log(1 - level);
half widths by statsmodels.stats.proportion.proportion_confint(count, nobs, method="wilson"); powers by adding up
scipy.stats.binom.pmf over every outcome that scipy.stats.binomtest (McNemar) or twice the smaller one-sided p-value of
scipy.stats.boschloo_exact rejects. Large groups, whose tables boschloo_exact would take hours for, by Boschloo's definition:
the largest bound on Fisher's one-sided p-value (scipy.stats.hypergeom.cdf) whose probability stays below half of the
significance on a fine grid of common rates. statsmodels 0.15 and SciPy 1.17 made the committed file.
"""

import functools
import json
import math
import sys

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom, binomtest, boschloo_exact, hypergeom
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
for width in [0.05, 0.08, 0.1, 0.15, 0.2, 0.3, *np.random.default_rng(20060497).uniform(0.03, 0.45, 50)]:
    n = 1
    # The middle of a rate of one half is the widest; with an odd number of runs no count is in the middle.
    while True:
        low, high = proportion_confint(n / 2, n, method="wilson")
        if (high - low) / 2 <= width:
            break
        n += 1
    widths.append({"width": float(width), "count": n})


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


@functools.cache
def boschloo_values(n):
    """The two-sided p-value of every table of two groups of n."""
    values = np.empty((n + 1, n + 1))
    for first in range(n + 1):
        for second in range(n + 1):
            table = [[first, second], [n - first, n - second]]
            tails = [boschloo_exact(table, alternative=side, n=64).pvalue for side in ("less", "greater")]
            values[first, second] = 2 * min(tails)
    return values


def boschloo(p, q, n, significance):
    values = boschloo_values(n)
    assert np.abs(values - significance).min() > 1e-5, "what SciPy stops at must not decide"
    chances = np.outer(binom.pmf(np.arange(n + 1), n, p), binom.pmf(np.arange(n + 1), n, q))
    return chances[values < significance].sum()


def boschloo_by_definition(p, q, n, significance):
    counts = np.arange(n + 1)
    sums = counts[:, None] + counts
    tails = hypergeom.cdf(counts[:, None], 2 * n, n, sums)
    rates = np.sin(np.linspace(0, np.pi / 2, 8001)) ** 2
    chances = binom.pmf(np.arange(2 * n + 1), 2 * n, rates[:, None])

    def size(bound):
        # Given the sum, the p-values that are no larger than the bound have the probability of the largest of them.
        shares = np.zeros(2 * n + 1)
        np.maximum.at(shares, sums.ravel(), np.where(tails <= bound * (1 + 1e-9), tails, 0).ravel())
        return (chances @ shares).max()

    candidates = np.unique(tails)
    low, high = -1, len(candidates)
    while high - low > 1:
        middle = (low + high) // 2
        if 2 * size(candidates[middle]) < significance:
            low = middle
        else:
            high = middle
    if low < 0:
        return 0.0
    rejected = tails <= candidates[low] * (1 + 1e-9)
    both = np.outer(binom.pmf(counts, n, p), binom.pmf(counts, n, q))
    return both[rejected | rejected.T].sum()


powers = []
for case in range(56):
    n = int(random.integers(1, 14))
    p, q = random.choice([0, 0.1, 0.4, 0.55, 0.9, 1], 2, replace=False)
    significance = float(random.choice([0.05, 0.05 / 3, 0.2]))
    powers.append({"rates": [float(p), float(q)], "total": n, "significance": significance,
                   "mcnemar": float(mcnemar(p, q, n, significance)), "boschloo": float(boschloo(p, q, n, significance))})

large = []
for n, p, q, significance in [
        (40, 0.4, 0.1, 0.05), (75, 0.2, 0.02, 0.05 / 3), (120, 0.05, 0.2, 0.05), (256, 0.1, 0.05, 0.05),
        (300, 0.3, 0.2, 0.01), (440, 0.1, 0.05, 0.05), (441, 0.1, 0.05, 0.05), (600, 0.5, 0.42, 0.05)]:
    large.append({"rates": [p, q], "total": n, "significance": significance,
                  "boschloo": float(boschloo_by_definition(p, q, n, significance))})

with open(sys.argv[1], "w") as file:
    json.dump({"sequences": sequences, "widths": widths, "powers": powers, "large": large}, file, separators=(",", ":"))
    file.write("\n")
