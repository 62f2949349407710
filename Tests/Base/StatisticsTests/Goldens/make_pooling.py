"""Writes pooling.json: effects pooled over draws, rates and samples in strata, and dose-response curves.

    python make_pooling.py pooling.json

Random effects by the formulas of metafor's rma.uni(method="REML", test="knha"): tau^2 where SciPy's bounded minimizer finds the
largest restricted likelihood, from every cell of a grid; intervals with scipy.stats.t. Mantel and Haenszel's difference and Sato's
variance in fractions. Van Elteren's statistic with its variance from every allocation of the ranks. Equal spread by going through
every reallocation. Logistic fits by statsmodels' GLM; intervals of doses where scipy.optimize.brentq finds the profile likelihood at
the bound, each profile by scipy.optimize.minimize_scalar. NumPy 2.4, SciPy 1.17 and statsmodels 0.15 made the committed file.
"""

import itertools
import json
import math
import sys
import warnings
from fractions import Fraction

import numpy as np
import statsmodels.api as sm
from scipy import optimize, stats

warnings.simplefilter("ignore")
random = np.random.default_rng(20060491)


def reml(y, v):
    def minus(t):
        w = 1 / (v + t)
        mean = (w * y).sum() / w.sum()
        return 0.5 * (np.log(v + t).sum() + math.log(w.sum()) + (w * (y - mean) ** 2).sum())

    grid = np.concatenate([[0], np.geomspace(v.min() * 1e-7, max(np.ptp(y) ** 2, v.max()), 300)])
    best = (minus(0), 0.0)
    for low, high in zip(grid[:-1], grid[2:]):
        found = optimize.minimize_scalar(minus, bounds=(low, high), method="bounded", options={"xatol": 1e-14 * max(high, 1e-3)})
        best = min(best, (found.fun, found.x))
    return best[1] if best[0] < minus(0) else 0.0


def random_effects(y, v):
    t = reml(y, v)
    w = 1 / (v + t)
    k = len(y)
    mean = (w * y).sum() / w.sum()
    error = math.sqrt((w * (y - mean) ** 2).sum() / ((k - 1) * w.sum()))
    half = stats.t.ppf(0.975, k - 1)
    u = 1 / v
    fixed = (u * y).sum() / u.sum()
    q = (u * (y - fixed) ** 2).sum()
    return {
        "y": y.tolist(), "v": v.tolist(), "tau2": t, "mean": mean, "error": error,
        "interval": [mean - half * error, mean + half * error],
        "prediction": [mean - half * math.hypot(error, math.sqrt(t)), mean + half * math.hypot(error, math.sqrt(t))],
        "p": 2 * stats.t.sf(abs(mean / error), k - 1), "q": q, "qp": stats.chi2.sf(q, k - 1),
    }


effects = []
for index in range(40):
    k = int(random.integers(2, 12))
    v = random.uniform(0.002, 0.02, k)
    spread = [0, 0.05, 0.15, 0.4][index % 4]
    effects.append(random_effects(0.3 + random.normal(0, spread, k) + random.normal(0, np.sqrt(v)), v))

rates = []
for index in range(40):
    strata = []
    for _ in range(int(random.integers(1, 8))):
        m, n = (int(x) for x in random.integers(1, 26, 2))
        strata.append([int(random.binomial(m, 0.6)), m, int(random.binomial(n, 0.2)), n])
    weights = sum(Fraction(m * n, m + n) for a, m, b, n in strata)
    difference = sum(Fraction(m * n, m + n) * (Fraction(a, m) - Fraction(b, n)) for a, m, b, n in strata) / weights
    p = sum((m * m * b - n * n * a + Fraction(m * n * (n - m), 2)) / (m + n) ** 2 for a, m, b, n in strata)
    q = sum(Fraction(a * (n - b) + b * (m - a), 2 * (m + n)) for a, m, b, n in strata)
    rates.append({"strata": strata, "difference": float(difference), "variance": float(max(0, difference * p + q) / weights**2)})


def van_elteren(strata):
    excess, variance = 0.0, 0.0
    for x, y in strata:
        ranks = stats.rankdata(x + y)
        sums = [sum(chosen) for chosen in itertools.combinations(ranks, len(x))]
        weight = 1 / (len(ranks) + 1)
        excess += weight * (sum(ranks[: len(x)]) - np.mean(sums))
        variance += weight**2 * np.var(sums)
    z = excess / math.sqrt(variance)
    return z, 2 * stats.norm.sf(abs(z))


def log_ratio(strata):
    def pooled(groups):
        return sum(np.sum(np.square(g)) for g in groups) / sum(len(g) - 1 for g in groups)

    return 0.5 * math.log(pooled([a for a, _ in strata]) / pooled([b for _, b in strata]))


def spread_p(strata):
    scaled = [
        tuple((np.array(g) - np.mean(g)) / math.sqrt(1 - 1 / len(g)) for g in pair) for pair in strata]
    observed = abs(log_ratio(scaled))
    options = []
    for a, b in scaled:
        pool = np.concatenate([a, b])
        options.append([
            (pool[list(c)], pool[[i for i in range(len(pool)) if i not in c]])
            for c in itertools.combinations(range(len(pool)), len(a))])
    ratios = [abs(log_ratio(choice)) for choice in itertools.product(*options)]
    return float(np.mean(np.array(ratios) >= observed - 1e-12))


samples = []
for index in range(24):
    strata = []
    for _ in range(int(random.integers(1, 5))):
        m, n = (int(x) for x in random.integers(2, 7, 2))
        x, y = random.normal(0.4, 1, m), random.normal(0, 1, n)
        if index % 3 == 1:
            x, y = np.round(x), np.round(y)
        strata.append([x.tolist(), y.tolist()])
    if all(len(set(x + y)) == 1 for x, y in strata):
        continue
    z, p = van_elteren(strata)
    samples.append({"strata": strata, "z": z, "p": p})
spreads = []
for index in range(8):
    strata = [[random.normal(0, 1.5, 3 + s).tolist(), random.normal(5 * s, 1, 4).tolist()] for s in range(2)]
    deviations = [tuple(np.array(g) - np.mean(g) for g in pair) for pair in strata]
    spreads.append({"strata": strata, "ratio": log_ratio(deviations), "p": spread_p(strata)})


def terms(logit, cells):
    return sum(k * -np.logaddexp(0, -logit(x)) + (n - k) * -np.logaddexp(0, logit(x)) for x, k, n in cells)


def saturated(cells):
    return sum(k * math.log(k / n) for _, k, n in cells if k) + sum((n - k) * math.log((n - k) / n) for _, k, n in cells if k < n)


def profile(cells, m, rate):
    shift = math.log(rate / (1 - rate))
    found = optimize.minimize_scalar(
        lambda b: -terms(lambda x: shift + math.exp(b) * (x - m), cells), bounds=(-12, 12), method="bounded",
        options={"xatol": 1e-13})
    return max(-found.fun, terms(lambda x: shift, cells)) - saturated(cells)


def ends(loss, center):
    bound = stats.chi2.ppf(0.95, 1) / 2
    found = []
    for sign in (-1, 1):
        reach = 0.02
        while loss(center + sign * reach) < bound:
            reach *= 2
            if reach > 50:
                break
        found.append(None if reach > 50 else float(
            optimize.brentq(lambda s: loss(center + sign * s) - bound, 0, reach, xtol=1e-12) * sign + center))
    return found


doses, ratios, fits = [], [], []
while len(doses) < 20:
    slope, middle = random.uniform(3, 12), random.uniform(-0.1, 0.1)
    cells = [
        [float(x), int(random.binomial(15, 1 / (1 + math.exp(-slope * (x - middle))))), 15]
        for x in np.log([0.7, 0.85, 1, 1.2, 1.4])]
    fit = sm.GLM(
        np.array([[k, n - k] for _, k, n in cells]), sm.add_constant(np.array([x for x, _, _ in cells])),
        family=sm.families.Binomial()).fit(tol=1e-14, maxiter=200)
    a, b = fit.params
    if not 0.5 < b < 40:
        continue
    top = -fit.deviance / 2
    doses.append({
        "cells": cells, "slope": b, "middle": -a / b, "deviance": fit.deviance,
        "half": ends(lambda m: top - profile(cells, m, 0.5), -a / b),
        "tenth": ends(lambda m: top - profile(cells, m, 0.1), (math.log(1 / 9) - a) / b)})
for one, two in zip(doses[::2][:6], doses[1::2]):
    top = -(one["deviance"] + two["deviance"]) / 2

    def loss(r):
        def minus(m):
            return -(profile(one["cells"], m + r, 0.5) + profile(two["cells"], m, 0.5))

        low, high = sorted([one["middle"] - r, two["middle"]])
        found = min(
            (optimize.minimize_scalar(minus, bounds=(s, e), method="bounded", options={"xatol": 1e-12})
             for s, e in itertools.pairwise(np.linspace(low, high, 5))), key=lambda f: f.fun)
        return top + min(found.fun, minus(low), minus(high))

    ratios.append({
        "one": one["cells"], "two": two["cells"], "interval": ends(loss, one["middle"] - two["middle"])})
for index in range(12):
    rows = int(random.integers(8, 20))
    x = np.column_stack([np.ones(rows), random.normal(size=(rows, 1 + index % 3))])
    n = random.integers(1, 20, rows)
    k = random.binomial(n, 1 / (1 + np.exp(-x @ random.normal(0, 0.7, x.shape[1]))))
    fit = sm.GLM(np.column_stack([k, n - k]), x, family=sm.families.Binomial()).fit(tol=1e-14, maxiter=200)
    fits.append({
        "x": x.tolist(), "k": k.tolist(), "n": n.tolist(), "coefficients": fit.params.tolist(), "deviance": fit.deviance})

with open(sys.argv[1], "w") as file:
    json.dump({
        "effects": effects, "rates": rates, "samples": samples, "spreads": spreads, "doses": doses, "ratios": ratios,
        "fits": fits}, file, allow_nan=False)
    file.write("\n")
