"""Writes comparisons.json: inputs and what SciPy, statsmodels or naive code make of them.

    python make_comparisons.py comparisons.json

Where a key's value comes from a library, the call stands beside it; what no library has (the paired Newcombe interval, the
expected maximum, selection, Bonett's interval) is computed here from its definition, by enumeration where that is possible.
Numbers that are not finite are written as null. SciPy 1.17 and statsmodels 0.15 made the committed file.
"""

import itertools
import json
import math
import sys
import warnings
from fractions import Fraction

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

warnings.simplefilter("ignore")
random, late = np.random.default_rng(20060489), np.random.default_rng(20060496)


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def numbers(values):
    return [number(v) for v in values]


def sample(index, n, random=random):
    """Scores of n runs: a mixture with failures, ties, a constant, or numbers far from zero."""
    x = random.normal(0.7, 0.03, n)
    if index % 5 == 1:
        x[random.random(n) < 0.4] = 0.473
    if index % 5 == 2:
        x = np.round(x * 64) / 64  # ties whose sums are exact
    if index % 5 == 3:
        x = 100 + 5 * x
    if index % 13 == 6:
        x[:] = x[0]
    return x


def two_samples():
    result = []
    for index in range(90):
        n, m = (int(v) for v in random.integers(2, 30, 2))
        if index % 6 == 0:
            n, m = int(random.integers(2, 8)), int(random.integers(2, 8))
        if index % 17 == 3:
            n = m = 2
        a, b = sample(index, n), sample(index, m)
        if index % 7 == 5:
            b = b + 0.03
        welch = stats.ttest_ind(a, b, equal_var=False)
        interval = welch.confidence_interval(0.95)
        u = stats.mannwhitneyu(a, b, use_continuity=True, method="auto")
        # Of a constant group SciPy's deviations from the mean may be rounding errors, which it compares all the same.
        constant = len(set(a)) == 1 or len(set(b)) == 1 or n == 2 and m == 2
        levene = {c: stats.levene(a, b, center=c) for c in ("mean", "median")}
        result.append({
            "a": a.tolist(), "b": b.tolist(),
            "welch": numbers([welch.statistic, welch.df, welch.pvalue, interval.low, interval.high]),
            "mannWhitney": numbers([u.statistic, u.pvalue]),
            "leveneMean": None if constant else numbers(levene["mean"]),
            "leveneMedian": None if constant else numbers(levene["median"]),
        })
    return result


def permutations():
    """Every arrangement of two small groups, by stats.permutation_test(..., n_resamples=np.inf)."""
    result = []
    for index in range(64):
        n, m = (int(v) for v in late.integers(2, 7, 2))
        if index % 8 == 0:
            n = m = 2
        a, b = (late.choice([0.473, *(0.7 + 0.03 * late.normal(size=4))], size) if index % 3 == 1 else
                0.7 + 0.03 * late.normal(size=size) for size in (n, m))
        if index % 11 == 5:
            b[:] = b[0]
        if index % 23 == 7:
            a[:] = b[:] = 0.5
        p = stats.permutation_test(
            (a, b), lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis), vectorized=True,
            permutation_type="independent", n_resamples=np.inf).pvalue
        result.append({"a": a.tolist(), "b": b.tolist(), "p": number(p)})
    return result


def distributions():
    result = []
    for _ in range(60):
        t, degrees = float(random.normal() * 3), float(10 ** random.uniform(-0.3, 3))
        f, above, below = float(10 ** random.uniform(-2, 2)), int(random.integers(1, 6)), int(random.integers(1, 200))
        z, level = float(random.normal() * 3), float(random.uniform(0.5, 0.999))
        result.append({
            "t": t, "degrees": degrees, "student": number(2 * stats.t.sf(abs(t), degrees)), "level": level,
            "halfWidth": number(stats.t.ppf((1 + level) / 2, degrees)),
            "f": f, "above": above, "below": below, "fisher": number(stats.f.sf(f, above, below)),
            "z": z, "normal": number(stats.norm.cdf(z)), "normalQuantile": number(stats.norm.ppf(level)),
        })
    return result


def bootstraps():
    """The few replicates that SciPy drew and the BCa interval it makes of them and of the estimate; and the mean and the standard deviation, over
    20 seeds, of the interval's bounds from 5,000 replicates."""
    result = []
    kinds = {
        "mean": lambda x, axis=-1: np.mean(x, axis=axis),
        "sd": lambda x, axis=-1: np.std(x, axis=axis, ddof=1),
        "ratio": lambda x, y, axis=-1: np.std(x, axis=axis, ddof=1) / np.std(y, axis=axis, ddof=1),
        "covariance": lambda x, y, axis=-1: np.sum(
            (x - x.mean(axis=axis, keepdims=True)) * (y - y.mean(axis=axis, keepdims=True)), axis=axis)
        / (x.shape[axis] - 1),
    }
    for index in range(208):
        kind = list(kinds)[index % 4]
        n, m = (int(v) for v in late.integers(6, 25, 2))
        if kind == "ratio":
            data = (sample(0, n, late), sample(0, m, late))
        elif kind == "covariance":
            quality = sample(index // 4 % 2, n, late)
            data = (quality + late.normal(0, 0.02, n), quality + late.normal(0, 0.02, n))
        else:
            data = (sample(index // 4 % 5, n, late),)
        if index >= 200 and len(data) == 1:
            data = (np.full(n, 0.5),)

        def found(count, seed):
            return stats.bootstrap(
                data, kinds[kind], n_resamples=count, vectorized=True, method="BCa", confidence_level=0.95,
                paired=kind == "covariance", random_state=seed)

        few = found(49, index)
        bounds = np.array([found(5000, seed).confidence_interval for seed in range(20)])
        result.append({
            "kind": kind, "samples": [x.tolist() for x in data], "estimate": number(kinds[kind](*data)),
            "replicates": numbers(few.bootstrap_distribution), "interval": numbers(few.confidence_interval),
            "bounds": numbers(bounds.mean(axis=0)), "deviations": numbers(bounds.std(axis=0, ddof=1)),
        })
    return result


def students():
    """Intervals of a mean by stats.t.interval, of a median by stats.quantile_test, of an sd by Bonett's formula."""
    result = []
    for index in range(70):
        n = [1, 2, 3, 4, 5, 6][index] if index < 6 else int(random.integers(2, 60))
        x = sample(index, n)
        mean = stats.t.interval(0.95, n - 1, np.mean(x), stats.sem(x)) if n > 1 else (math.nan, math.nan)
        if n > 1 and len(set(x)) == 1:
            mean = (x[0], x[0])
        median = stats.quantile_test(x, q=0, p=0.5).confidence_interval(0.95)
        result.append({
            "x": x.tolist(), "mean": numbers(mean), "median": numbers(median), "bonett": numbers(bonett(x, 0.95))})
    return result


def bonett(x, level):
    n, z = len(x), stats.norm.ppf((1 + level) / 2)
    if n < 4 or len(set(x)) == 1:
        return math.nan, math.nan
    share = 1 / (2 * math.sqrt(n - 4)) if n > 4 else 0.5
    m = np.median(x) if share >= 0.5 else stats.trim_mean(x, share)
    kurtosis = n * sum((v - m) ** 4 for v in x) / sum((v - np.mean(x)) ** 2 for v in x) ** 2
    c = n / (n - z)
    error = c * math.sqrt(max(0, kurtosis - (n - 3) / n) / (n - 1))
    center = math.log(c * np.var(x, ddof=1))
    return math.exp((center - z * error) / 2), math.exp((center + z * error) / 2)


def barnard(a, n, b, m):
    """The definition with statistics compared as fractions, maximized over a fine grid and then by golden section."""
    total = n + m

    def statistic(x, y):
        d = x * m - y * n
        return Fraction(0) if d == 0 else Fraction(d * d, (x + y) * (total - x - y))

    bound = statistic(a, b)
    ways = np.zeros(total + 1)
    for x in range(n + 1):
        for y in range(m + 1):
            if statistic(x, y) >= bound:
                ways[x + y] += math.comb(n, x) * math.comb(m, y)
    successes = np.arange(total + 1)

    def probability(rate):
        return float(np.sum(ways * rate ** successes * (1 - rate) ** (total - successes)))

    grid = np.linspace(0, 1, 4001)
    values = [probability(rate) for rate in grid]
    best = max(values)
    for i in [i for i in range(len(grid)) if values[i] > 0.98 * best]:
        low, high = grid[max(0, i - 1)], grid[min(len(grid) - 1, i + 1)]
        for _ in range(60):
            left, right = high - 0.6180339887 * (high - low), low + 0.6180339887 * (high - low)
            if probability(left) > probability(right):
                high = right
            else:
                low = left
        best = max(best, probability((low + high) / 2))
    return min(1.0, best)


def rates():
    """Newcombe's interval by confint_proportions_2indep, Barnard's test by barnard_exact and by its definition."""
    cases = [(5, 25, 0, 25), (0, 25, 6, 25), (0, 10, 0, 10), (10, 10, 0, 10), (1, 2, 0, 2), (3, 10, 3, 10), (1, 1, 0, 1)]
    while len(cases) < 60:
        n, m = (int(v) for v in random.integers(1, 40, 2))
        if len(cases) % 3 == 0:
            m = n
        cases.append((int(random.integers(0, n + 1)), n, int(random.integers(0, m + 1)), m))
    result = []
    for a, n, b, m in cases:
        scipy = number(stats.barnard_exact([[a, b], [n - a, m - b]], alternative="two-sided", pooled=True, n=256).pvalue)
        result.append({
            "table": [a, n, b, m], "barnard": barnard(a, n, b, m), "barnardSciPy": scipy,
            "newcombe": numbers(confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=0.05)),
        })
    return result


def newcombe_paired(both, first, second, neither):
    n = both + first + second + neither
    p1, p2 = (both + first) / n, (both + second) / n
    l1, u1 = proportion_confint(both + first, n, 0.05, "wilson")
    l2, u2 = proportion_confint(both + second, n, 0.05, "wilson")
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    b = both * neither - first * second
    c = b - n / 2 if b > n / 2 else 0 if b >= 0 else b
    phi = c / math.sqrt(margins) if margins else 0
    low = math.sqrt(max(0, (p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2))
    high = math.sqrt(max(0, (u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2))
    return p1 - p2 - low, p1 - p2 + high


def pairs():
    """McNemar's test by statsmodels' mcnemar(table, exact=True)."""
    cases = [(0, 34, 0, 16), (0, 0, 0, 50), (50, 0, 0, 0), (0, 1, 0, 0), (1, 1, 7, 12), (36, 12, 2, 0), (20, 12, 2, 16)]
    while len(cases) < 60:
        cases.append(tuple(int(v) for v in random.integers(0, int(random.choice([2, 5, 30])), 4)))
        if sum(cases[-1]) == 0:
            cases.pop()
    return [{
        "table": list(c), "mcNemar": number(mcnemar([[c[0], c[1]], [c[2], c[3]]], exact=True).pvalue),
        "newcombe": numbers(newcombe_paired(*c)),
    } for c in cases]


def families():
    result = []
    for index in range(55):
        p = random.random(int(random.integers(1, 12))) ** 3
        if index % 4 == 1:
            p = np.round(p, 1)
        result.append({"p": p.tolist(), "holm": multipletests(p, method="holm")[1].tolist()})
    return result


def maxima():
    """Expected maxima and selections by going through every draw."""
    result = []
    for index in range(60):
        n = int(random.integers(1, 7))
        draws = int(random.integers(1, min(n, 4) + 1))
        a, b = sample(index, n), sample(index + 1, n)
        tuples = list(itertools.product(range(n), repeat=draws))
        subsets = list(itertools.combinations(range(n), draws))
        largest = np.array([max(a[i] for i in t) for t in tuples])
        on_a, on_b = [], []
        for chosen in subsets:
            top = max(a[i] for i in chosen)
            on_a.append(top)
            on_b.append(np.mean([b[i] for i in chosen if a[i] == top]))
        result.append({
            "a": a.tolist(), "b": b.tolist(), "draws": draws, "withReplacement": number(largest.mean()),
            "deviation": number(largest.std()), "withoutReplacement": number(np.mean(on_a)),
            "onSecond": number(np.mean(on_b)),
            "optimism": number(np.mean(on_a) - np.mean(a) - np.mean(on_b) + np.mean(b)),
        })
    return result


def halves():
    """The covariance by numpy.cov, the correlation's p-value by stats.pearsonr."""
    result = []
    for index in range(55):
        n = int(random.integers(3, 40))
        quality = random.normal(0.7, 0.02, n)
        a, b = quality + random.normal(0, 0.02, n), quality + random.normal(0, 0.02, n)
        if index % 4 == 1:
            a, b = np.round(a, 2), np.round(b, 2)
        if index % 11 == 5:
            a[:] = 0.5
        r = stats.pearsonr(a, b)
        result.append({
            "a": a.tolist(), "b": b.tolist(), "covariance": number(np.cov(a, b)[0, 1]),
            "correlation": number(r.statistic), "p": number(r.pvalue)})
    return result


with open(sys.argv[1], "w") as file:
    goldens = {
        "twoSamples": two_samples(), "distributions": distributions(), "intervals": students(),
        "rates": rates(), "pairs": pairs(), "families": families(), "maxima": maxima(), "halves": halves(), "permutations": permutations(), "bootstraps": bootstraps(),
    }
    rows = [json.dumps(name) + ": [\n" + ",\n".join(json.dumps(case, allow_nan=False) for case in cases) + "\n]"
            for name, cases in goldens.items()]
    file.write("{\n" + ",\n".join(rows) + "\n}\n")
