"""Writes macro_f1.json: confusion matrices of labels and predictions with scikit-learn's macro-averaged F1.

    python make_macro_f1.py macro_f1.json

f1_score(labels, predictions, average="macro", zero_division=0), of two to six classes, among them matrices with classes
that have no label, no prediction or neither. scikit-learn 1.9 made the committed file.
"""

import json
import random
import sys

from sklearn.metrics import f1_score

random.seed(20061129)
cases = []
for case in range(80):
    classes = 2 + case % 5
    examples = random.randint(1, 60)
    known = range(classes) if case % 3 else random.sample(range(classes), random.randint(1, classes))
    guessed = range(classes) if case % 4 else random.sample(range(classes), random.randint(1, classes))
    labels = [random.choice(list(known)) for _ in range(examples)]
    predictions = [label if random.random() < 0.6 and label in guessed else random.choice(list(guessed)) for label in labels]
    confusion = [[0] * classes for _ in range(classes)]
    for label, prediction in zip(labels, predictions):
        confusion[label][prediction] += 1
    score = f1_score(labels, predictions, average="macro", zero_division=0)
    cases.append({"confusion": confusion, "macroF1": float(score)})
with open(sys.argv[1], "w") as file:
    json.dump(cases, file)
    file.write("\n")
