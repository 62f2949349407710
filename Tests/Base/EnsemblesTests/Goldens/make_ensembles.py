"""Writes ensembles.json: what ensembles of every size score, over sets of members and draws of halves.

    python make_ensembles.py ensembles.json

The draws are those of the program's generator, Philox4x32-10 (Salmon et al. 2011) keyed by SplitMix64, written again from the papers
with Lemire's (2019) bounded integers and Durstenfeld's (1964) shuffle; everything else is NumPy. NumPy 2.4 made the committed file.
"""

import itertools
import json
import math
import sys

import numpy as np

MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1
BOOTSTRAP = 8  # the purpose of streams that resample
MOST_SETS = 200


def mix(value):
    """SplitMix64's output for a state."""
    value = (value + 0x9E3779B97F4A7C15) & MASK64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK64
    return value ^ (value >> 31)


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        one, two = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(two >> 32) ^ c[1] ^ k[0], two & MASK32, (one >> 32) ^ c[3] ^ k[1], one & MASK32]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return c


class Stream:
    """Integers below a bound, one 32-bit word of the stream at a time."""

    def __init__(self, seed, site):
        mixed = mix(mix(seed) ^ (BOOTSTRAP * 0x9E3779B97F4A7C15 & MASK64))
        self.key, self.site = (mixed & MASK32, mixed >> 32), site
        self.words = self.all_words()

    def all_words(self):
        for block in itertools.count():
            yield from philox((block & MASK32, block >> 32, self.site, 0), self.key)

    def below(self, bound):
        while True:
            product = next(self.words) * bound
            if product & MASK32 >= (1 << 32) % bound:
                return product >> 32

    def permutation(self, count):
        order = list(range(count))
        for i in range(count - 1):
            j = i + self.below(count - i)
            order[i], order[j] = order[j], order[i]
        return order


def halves(strata, stream):
    first, second = [], []
    for group in strata:
        order = [group[i] for i in stream.permutation(len(group))]
        first += order[: len(group) // 2]
        second += order[len(group) // 2 :]
    return sorted(first), sorted(second)


class Classes:
    """Logits, `(models, examples, classes)`, and labels."""

    rules = ["logits", "probabilities", "votes"]

    def __init__(self, labels, logits, metric):
        self.labels, self.logits, self.metric = np.array(labels), np.array(logits), metric
        self.count = len(self.logits)
        classes = self.logits.shape[2]
        self.strata = [[i for i, l in enumerate(labels) if l == c] for c in range(classes)]

    def answers(self, rule, members):
        logits = self.logits[list(members)]
        shares = np.exp(logits - logits.max(axis=2, keepdims=True))
        shares /= shares.sum(axis=2, keepdims=True)
        if rule == "logits":
            return logits.mean(axis=0).argmax(axis=1)
        if rule == "probabilities":
            return shares.mean(axis=0).argmax(axis=1)
        votes = np.eye(logits.shape[2])[logits.argmax(axis=2)].sum(axis=0)
        # Of classes with equally many votes the most probable one.
        return np.where(votes == votes.max(axis=1, keepdims=True), shares.mean(axis=0), -1).argmax(axis=1)

    def score(self, answers, examples):
        answers, labels = answers[examples], self.labels[examples]
        if self.metric == "accuracy":
            return float(np.mean(answers == labels))
        # Matthews' correlation of two classes is Pearson's of zeros and ones.
        return correlation(answers.astype(float), labels.astype(float))

    def disagreement(self, members):
        answers = self.logits[list(members)].argmax(axis=2)
        pairs = list(itertools.combinations(answers, 2))
        return float(np.mean([np.mean(a != b) for a, b in pairs])) if pairs else math.nan


class Numbers:
    """Predictions, `(models, examples)`, and labels."""

    rules = ["predictions"]

    def __init__(self, labels, predictions, metric):
        self.labels, self.predictions, self.metric = np.array(labels), np.array(predictions), metric
        self.count = len(self.predictions)
        order = sorted(range(len(labels)), key=lambda i: (labels[i], i))
        self.strata = [order[i : i + 2] for i in range(0, len(order), 2)]

    def answers(self, rule, members):
        return self.predictions[list(members)].mean(axis=0)

    def score(self, answers, examples):
        answers, labels = answers[examples], self.labels[examples]
        if self.metric == "spearman":
            answers, labels = ranks(answers), ranks(labels)
        return correlation(answers, labels)

    def disagreement(self, members):
        pairs = list(itertools.combinations(self.predictions[list(members)], 2))
        return float(np.sqrt(np.mean([np.mean((a - b) ** 2) for a, b in pairs]))) if pairs else math.nan


def correlation(one, other):
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def ranks(values):
    """Ranks from 1, equal numbers sharing the mean of theirs."""
    return np.array([np.mean(values < v) * len(values) + (np.sum(values == v) + 1) / 2 for v in values])


def middle(draws):
    numbers = np.concatenate([np.atleast_1d(d) for d in draws])
    return [float(np.mean([np.mean(d) for d in draws])), *map(float, np.quantile(numbers, [0.025, 0.975]))]


def curves(pool, draw_count, seed):
    """Rows: members, rule, size, score with bounds, gain with bounds, disagreement (null for one), whether all sets were used."""
    models, cuts = Stream(seed, 0), Stream(seed, 1)
    draws = []
    for _ in range(draw_count):
        order = models.permutation(pool.count)
        first, second = halves(pool.strata, cuts)
        # A single model answers the same by every rule. Rounded, so that equal scores are equal however they were summed.
        single = [pool.answers(pool.rules[0], [m]) for m in range(pool.count)]
        on_first = [round(pool.score(a, first), 12) for a in single]
        ranked = sorted(order, key=lambda m: (-on_first[m], order.index(m)))
        draws.append((order, ranked, second, float(np.mean([pool.score(a, second) for a in single]))))
    rows = []
    for kind in ["random", "selected"]:
        for rule in pool.rules:
            for size in range(1, pool.count + 1):
                all_sets = kind == "random" and math.comb(pool.count, size) <= MOST_SETS
                scores, gains, differences = [], [], []
                for order, ranked, second, mean in draws:
                    if all_sets:
                        sets = list(itertools.combinations(range(pool.count), size))
                    else:
                        sets = [(order if kind == "random" else ranked)[:size]]
                    found = np.array([pool.score(pool.answers(rule, s), second) for s in sets])
                    scores.append(found)
                    gains.append(found - mean)
                    differences.append(np.mean([pool.disagreement(s) for s in sets]))
                difference = float(np.mean(differences))
                rows.append(
                    [kind, rule, size, *middle(scores), *middle(gains), None if math.isnan(difference) else difference, all_sets])
    return rows


def main(path):
    random = np.random.default_rng(1412)
    golden = []
    for classes, models, examples, metric, draw_count in [(2, 5, 24, "accuracy", 9), (3, 4, 21, "accuracy", 6), (2, 11, 17, "matthews", 5)]:
        labels = random.integers(0, classes, examples)
        logits = (random.normal(size=(models, examples, classes)) + 0.9 * np.eye(classes)[labels]).round(3)
        rows = curves(Classes(labels.tolist(), logits, metric), draw_count, 3)
        golden.append({"labels": labels.tolist(), "classes": classes, "metric": metric, "draws": draw_count, "seed": 3,
                       "members": logits.reshape(models, -1).tolist(), "rows": rows})
    for models, examples, metric, draw_count in [(4, 25, "pearson", 7), (5, 22, "spearman", 4)]:
        labels = random.normal(size=examples).round(1)
        predictions = (labels + random.normal(size=(models, examples))).round(3)
        rows = curves(Numbers(labels.tolist(), predictions, metric), draw_count, 5)
        golden.append({"labels": labels.tolist(), "classes": 1, "metric": metric, "draws": draw_count, "seed": 5,
                       "members": predictions.tolist(), "rows": rows})
    with open(path, "w") as file:
        file.write(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
