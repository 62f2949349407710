"""Writes statistics.json: inputs and what SciPy, scikit-learn and statsmodels make of them.

    python make_goldens.py statistics.json

Numbers that are not finite are written as null. SciPy 1.17, scikit-learn 1.9 and statsmodels 0.15 made the committed file.
"""

import json
import math
import sys
import warnings

import numpy as np
from scipy import special, stats
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")
random = np.random.default_rng(20060488)


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def classifications():
    cases = []
    for index in range(90):
        classes = int(random.integers(2, 6)) if index % 3 else 2
        n = int(random.integers(1, 60)) if index % 10 else 2
        labels = random.integers(0, classes, n)
        predictions = np.where(random.random(n) < 0.6, labels, random.integers(0, classes, n))
        if index % 9 == 4:
            predictions[:] = random.integers(0, classes)  # constant predictions
        if index % 9 == 7:
            labels[:] = random.integers(0, classes)  # constant labels
        cases.append((classes, labels, predictions))
    cases.append((2, np.repeat([0, 1], 5000), np.repeat([0, 1], 5000)))
    cases.append((2, np.repeat([0, 1], 5000), np.repeat([1, 0], 5000)))
    result = []
    for classes, labels, predictions in cases:
        confusion = metrics.confusion_matrix(labels, predictions, labels=range(classes))
        if classes == 2:
            f1 = metrics.f1_score(labels, predictions, pos_label=1, average="binary", zero_division=0)
        else:
            f1 = metrics.f1_score(labels, predictions, average="macro", zero_division=0)
        short = len(labels) <= 60
        result.append({
            "classes": classes,
            "labels": labels.tolist() if short else None,
            "predictions": predictions.tolist() if short else None,
            "confusion": confusion.tolist(),
            "accuracy": number(metrics.accuracy_score(labels, predictions)),
            "f1": number(f1),
            "matthews": number(metrics.matthews_corrcoef(labels, predictions)),
        })
    return result


def correlations():
    cases = []
    for index in range(80):
        n = int(random.integers(2, 40)) if index % 8 else 2
        x = random.normal(size=n)
        y = random.normal() * x + random.normal(size=n)
        if index % 4 == 1:  # ties
            x, y = np.round(x), np.round(y)
        if index % 4 == 2:  # far from zero, where a one-pass formula loses its digits
            x, y = 1e6 + x, -1e6 + 1e-2 * y
        if index % 11 == 5:
            x[:] = 3.25
        cases.append((x, y))
    cases.append((np.arange(5.0), 2 * np.arange(5.0) - 7))
    cases.append((np.arange(5.0), -np.arange(5.0)))
    return [{
        "x": x.tolist(), "y": y.tolist(),
        "pearson": number(stats.pearsonr(x, y)[0]), "spearman": number(stats.spearmanr(x, y)[0]),
        "ranks": stats.rankdata(x).tolist(),
    } for x, y in cases]


def samples():
    result = []
    for index in range(70):
        n = [1, 2, 3, 4][index] if index < 4 else int(random.integers(1, 40))
        x = random.normal(0.5, 0.2, n)
        if index % 5 == 1:
            x = np.round(x, 1)
        if index % 7 == 3:
            x[:] = x[0]
        probabilities = [0.0, 0.25, 0.5, 0.9, 1.0, float(random.random())]
        result.append({
            "x": x.tolist(), "mean": number(np.mean(x)), "sd0": number(np.std(x)),
            "sd1": number(np.std(x, ddof=1)) if n > 1 else None, "median": number(np.median(x)),
            "minimum": number(np.min(x)), "maximum": number(np.max(x)),
            "interquartileMean": number(stats.trim_mean(x, 0.25)), "probabilities": probabilities,
            "quantiles": [number(q) for q in np.quantile(x, probabilities, method="linear")],
        })
    return result


def entropies():
    cases = [random.integers(0, 500, int(random.integers(1, 6))).tolist() for _ in range(48)]
    cases += [[146, 131], [7], [0, 9], [1, 1, 1]]
    return [{"counts": c, "entropy": number(stats.entropy(c))} for c in cases if sum(c) > 0]


def betas():
    result = []
    for index in range(80):
        a, b = (10 ** random.uniform(-1, 3, 2)).tolist()
        x = float(stats.beta.ppf(random.uniform(0.001, 0.999), a, b)) if index % 4 else float(random.random())
        result.append({"a": a, "b": b, "x": x, "cumulative": number(special.betainc(a, b, x))})
    for a, b, x in [(1, 1, 0.3), (0.5, 0.5, 0.25), (3000.5, 4000.25, 0.43), (2, 5, 0.0), (2, 5, 1.0)]:
        result.append({"a": a, "b": b, "x": x, "cumulative": number(special.betainc(a, b, x))})
    return result


def proportions():
    cases = [(0, 25), (6, 25), (25, 25), (0, 1), (1, 1), (1, 2), (500, 1000), (1, 5000), (146, 277)]
    while len(cases) < 60:
        total = int(random.integers(1, 300))
        cases.append((int(random.integers(0, total + 1)), total))
    result = []
    for index, (count, total) in enumerate(cases):
        level = 0.95 if index % 3 else [0.8, 0.9, 0.99][index // 3 % 3]
        rate = float(random.random())
        tail = stats.binomtest(count, total, rate, alternative="greater").pvalue
        result.append({
            "count": count, "total": total, "level": level, "rate": rate, "upperTail": number(tail),
            "wilson": [number(x) for x in proportion_confint(count, total, 1 - level, "wilson")],
            "clopperPearson": [number(x) for x in proportion_confint(count, total, 1 - level, "beta")],
        })
    return result


def boschloo(a, n, b, m):
    """SciPy's test with more samples of the nuisance parameter than its default of 32."""
    table = [[a, b], [n - a, m - b]]
    value = stats.boschloo_exact(table, alternative="two-sided", n=256).pvalue
    return float(value)


def tables():
    cases = [(5, 25, 0, 25), (0, 25, 6, 25), (0, 10, 0, 10), (10, 10, 0, 10), (1, 2, 0, 2), (3, 10, 3, 10), (1, 1, 0, 1)]
    while len(cases) < 70:
        n, m = (int(v) for v in random.integers(1, 45, 2))
        if len(cases) % 3 == 0:
            m = n
        cases.append((int(random.integers(0, n + 1)), n, int(random.integers(0, m + 1)), m))
    cases += [(4, 120, 17, 110), (60, 150, 45, 150)]
    return [{
        "table": [a, n, b, m], "boschloo": boschloo(a, n, b, m),
        "fisher": number(stats.fisher_exact([[a, b], [n - a, m - b]])[1]),
    } for a, n, b, m in cases]


with open(sys.argv[1], "w") as file:
    goldens = {
        "classifications": classifications(), "correlations": correlations(), "samples": samples(),
        "entropies": entropies(), "betas": betas(), "proportions": proportions(), "tables": tables(),
    }
    rows = [json.dumps(name) + ": [\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]"
            for name, cases in goldens.items()]
    file.write("{\n" + ",\n".join(rows) + "\n}\n")
