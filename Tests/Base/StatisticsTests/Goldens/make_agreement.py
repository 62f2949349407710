"""Writes agreement.json: predictions of several models and what statsmodels and SciPy make of them.

    python make_agreement.py agreement.json

Fleiss' kappa by statsmodels.stats.inter_rater.fleiss_kappa(aggregate_raters(predictions)[0]), Jensen-Shannon divergences
by scipy.spatial.distance.jensenshannon(softmax(a), softmax(b), axis=1) ** 2 over every pair, disagreement and the
variance of being right by NumPy over every pair and example. statsmodels 0.15 and SciPy 1.17 made the committed file.
"""

import json
import math
import sys
import warnings
from itertools import combinations, product

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

warnings.simplefilter("ignore")
random = np.random.default_rng(20060493)


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def mean(values):
    values = list(values)
    return number(np.mean(values)) if values else None


cases = []
for case in range(60):
    models = [2, 2, 3, 5, 8][case % 5]
    examples = int(random.integers(1, 12))
    classes = 2 + case % 3
    scale = [0.1, 1, 5, 40][case % 4]
    logits = random.normal(0, scale, (models, examples, classes))
    if case % 7 == 0:  # models that agree in part
        logits[:, : examples // 2] = logits[0, : examples // 2]
    if case % 11 == 0:  # one class only
        logits[:, :, 0] += 1000
    if case % 13 == 0:  # ties, of which the first class wins
        logits = np.round(logits / scale)
    labels = random.integers(0, classes, examples)
    failed = (random.random(models) < 0.4).tolist()
    predictions = logits.argmax(axis=2)
    probabilities = softmax(logits, axis=2)
    correct = predictions == labels

    def pairs(kind):
        bad = [m for m in range(models) if failed[m]]
        good = [m for m in range(models) if not failed[m]]
        if kind == "all":
            return list(combinations(range(models), 2))
        if kind == "successful":
            return list(combinations(good, 2))
        if kind == "failed":
            return list(combinations(bad, 2))
        return list(product(bad, good))

    groups = {}
    for kind in ["all", "successful", "failed_successful", "failed"]:
        chosen = pairs(kind)
        groups[kind] = {
            "disagreement": mean((predictions[a] != predictions[b]).mean() for a, b in chosen),
            "divergence": mean((jensenshannon(probabilities[a], probabilities[b], axis=1) ** 2).mean() for a, b in chosen),
        }
    table, _ = aggregate_raters(predictions.T, n_cat=classes)
    cases.append({
        "logits": logits.tolist(), "labels": labels.tolist(), "failed": failed, "groups": groups,
        "kappa": number(fleiss_kappa(table)) if len(set(predictions.ravel())) > 1 else None,
        "point_variance": number(correct.var(axis=0, ddof=1).mean()),
        "accuracy_variance": number(correct.mean(axis=1).var(ddof=1)),
    })

with open(sys.argv[1], "w") as file:
    json.dump(cases, file, separators=(",", ":"))
    file.write("\n")
