"""Writes choosing.json: the best of n runs, e-values of paired comparisons, betting sequences and stopped runs.

    python make_choosing.py choosing.json

The expected best from every choice of n runs in fractions; its band by integrating the moved distribution on a fine list of
breakpoints with mpmath. E-values with mpmath's beta function; how a stopping comparison goes by walking through every sequence of
pairs. Betting sequences: the capital of both bettors on a grid of means, as the paper writes it, narrowed around its edges by
scipy.optimize.brentq. Stopped runs from the formulas of double sampling in plain Python. NumPy 2.4, SciPy 1.17 and mpmath 1.3 made the committed file.
"""

import itertools
import json
import math
import sys
from fractions import Fraction

import mpmath
import numpy as np
from scipy import optimize, stats

random = np.random.default_rng(20210491)


def best(scores, n):
    """Mean and standard deviation of the best over every choice of n scores."""
    found = [max(c) for c in itertools.combinations([Fraction(s) for s in scores], n)]
    mean = sum(found) / len(found)
    return float(mean), math.sqrt(sum((f - mean) ** 2 for f in found) / len(found))


def band(scores, n, low, high, level):
    reach = mpmath.sqrt(mpmath.log(2 / (1 - mpmath.mpf(level))) / (2 * len(scores)))
    points = sorted({low, high} | {min(max(s, low), high) for s in scores})
    def integral(shift):
        total = mpmath.mpf(0)
        for a, b in zip(points[:-1], points[1:]):
            middle = (a + b) / 2
            share = mpmath.mpf(sum(1 for s in scores if min(max(s, low), high) <= middle)) / len(scores) + shift
            total += (mpmath.mpf(b) - mpmath.mpf(a)) * min(mpmath.mpf(1), max(mpmath.mpf(0), share)) ** n
        return total
    return [float(high - integral(reach)), float(high - integral(-reach))]


def e_value(k, d):
    half = mpmath.mpf(1) / 2
    return mpmath.mpf(2) ** d * mpmath.beta(k + half, d - k + half) / mpmath.beta(half, half)


def course(pairs, threshold, every, futility, one, other):
    """Every sequence of pairs, one after another."""
    power = mean = 0.0
    def possible(k, d, rest):
        return e_value(max(k, d - k) + rest, d + rest) >= threshold
    def go(k, l, n, chance):
        nonlocal power, mean
        if chance == 0:
            return
        if n > 0 and (n % every == 0 or n == pairs):
            if e_value(k, k + l) >= threshold:
                power += chance
                mean += chance * n
                return
            if n == pairs or futility and not possible(k, k + l, pairs - n):
                mean += chance * n
                return
        go(k + 1, l, n + 1, chance * one)
        go(k, l + 1, n + 1, chance * other)
        go(k, l, n + 1, chance * (1 - one - other))
    go(0, 0, 0, 1.0)
    return power, mean


def betting(values, low, high, level):
    x = [(v - low) / (high - low) for v in values]
    alpha = 1 - level
    def log_capital(m, sign):
        total = 0.0
        for t in range(1, len(x) + 1):
            means = [(0.5 + sum(x[:i])) / (i + 1) for i in range(1, t)]
            variance = (0.25 + sum((a - b) ** 2 for a, b in zip(x, means))) / t
            bet = math.sqrt(2 * math.log(2 / alpha) / (variance * t * math.log(t + 1)))
            bet = min(bet, 0.5 / (m if sign > 0 else 1 - m))
            total += math.log(1 + sign * bet * (x[t - 1] - m))
        return total
    limit = math.log(2 / alpha)
    grid = np.linspace(1e-9, 1 - 1e-9, 4001)
    up = [log_capital(m, 1) < limit for m in grid]
    down = [log_capital(m, -1) < limit for m in grid]
    bounds = [0.0, 1.0]
    if not up[0]:
        first = up.index(True)
        bounds[0] = optimize.brentq(lambda m: log_capital(m, 1) - limit, grid[first - 1], grid[first], xtol=1e-15)
    if not down[-1]:
        last = len(down) - 1 - down[::-1].index(True)
        bounds[1] = optimize.brentq(lambda m: log_capital(m, -1) - limit, grid[last], grid[last + 1], xtol=1e-15)
    return [low + (high - low) * b for b in bounds]


def stopped(n_c, k_c, n_s, m, k_s, level):
    n = n_c + n_s
    rate = (k_c + (n_s * k_s / m if n_s else 0)) / n
    z = stats.norm.ppf(0.5 + level / 2)
    total = n
    if m < n_s:
        p_s = (k_s + 0.5) / (m + 1)
        smooth = k_c / n + n_s / n * p_s
        sampled = smooth * (1 - smooth) / n
        total = n * sampled / (sampled + (n_s / n) ** 2 * (1 - m / n_s) * p_s * (1 - p_s) / m)
    # Wilson: the rates p with |rate - p| = z sqrt(p (1 - p) / total), as roots of the quadratic.
    a, b, c = 1 + z * z / total, -(2 * rate + z * z / total), rate * rate
    root = math.sqrt(max(0, b * b - 4 * a * c))
    bounds = [(-b - root) / (2 * a), (-b + root) / (2 * a)]
    return rate, bounds


def main(path):
    golden = {"best": [], "band": [], "e": [], "course": [], "betting": [], "stopped": []}
    published = [0.473, 0.527, 0.61, 0.69, 0.71]
    for scores in [published] + [[float(s) for s in random.choice([0.5, 0.6, 0.625, 0.7, 0.75], size)] for size in (1, 4, 7, 10)]:
        golden["best"].append({"scores": scores, "best": [best(scores, n) for n in range(1, len(scores) + 1)]})
        for n in sorted({1, 2, len(scores)}):
            golden["band"].append(
                {"scores": scores, "n": n, "range": [0.45, 1.0], "level": 0.9, "band": band(scores, n, 0.45, 1.0, 0.9)})
    for d in [0, 1, 2, 5, 6, 7, 13, 40, 300]:
        for k in sorted({0, d // 3, d // 2, d}):
            golden["e"].append([k, d, float(mpmath.log(e_value(k, d)))])
    for pairs, threshold, every, futility, one, other in [
        (9, 20, 1, True, 0.56, 0.0), (9, 20, 1, False, 0.7, 0.1), (10, 5, 3, True, 0.5, 0.12), (8, 40, 2, True, 0.9, 0.0),
        (8, 4, 1, True, 0.2, 0.2),
    ]:
        golden["course"].append([pairs, threshold, every, futility, one, other, *course(pairs, threshold, every, futility, one, other)])
    for size, low, high, level in [(1, 0, 1, 0.95), (3, -1, 1, 0.9), (25, -1, 1, 0.95), (60, 0, 1, 0.95), (40, -0.5, 2, 0.99)]:
        for draw in [lambda: random.uniform(low, high, size), lambda: low + (high - low) * random.beta(2, 9, size)]:
            values = [round(float(v), 4) for v in draw()]
            golden["betting"].append({"values": values, "range": [low, high], "level": level, "interval": betting(values, low, high, level)})
    constant = [0.25] * 30
    golden["betting"].append({"values": constant, "range": [0, 1], "level": 0.95, "interval": betting(constant, 0, 1, 0.95)})
    for n_c, k_c, n_s, m, k_s in [
        (20, 2, 5, 5, 5), (15, 1, 35, 9, 8), (60, 0, 40, 10, 10), (90, 9, 110, 28, 20), (25, 3, 0, 0, 0), (0, 0, 30, 8, 4),
        (40, 0, 20, 5, 0),
    ]:
        rate, bounds = stopped(n_c, k_c, n_s, m, k_s, 0.95)
        golden["stopped"].append({"counts": [n_c, k_c, n_s, m, k_s], "rate": rate, "interval": bounds})
    with open(path, "w") as file:
        file.write(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
