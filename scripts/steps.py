#!/usr/bin/env python3
"""Counts the training steps behind run folders: all of them, those that were made once, and those that were made again.

usage: scripts/steps.py FOLDER ...

Each FOLDER is a run folder or holds run folders at any depth. Prints a line for each run folder and one for all. Steps do not count
twice where a trial was reused from another of the folders (`run --reuse`) or took its first steps from a longer trial
(`run --share-steps`). They were made again where two trials that were trained apart ended with the same weights after the same
number of steps.

Needs nothing but Python.
"""

import csv
import pathlib
import sys


def rows(path, *columns):
    """The rows of a table, which must have these columns."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            missing = [name for name in columns if name not in (table.fieldnames or [])]
            if missing:
                sys.exit(f"steps.py: {path} has no column {missing[0]}; write the tables again with `seedsweep summarize {path.parent}`")
            return list(table)
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"steps.py: {path} cannot be read ({error}); write the tables again with `seedsweep summarize {path.parent}`")


def folders(words):
    """The run folders below the given ones, in order."""
    found = []
    for word in words:
        if not pathlib.Path(word).is_dir():
            sys.exit(f"steps.py: {word} is no folder; FOLDER is a run folder, or holds run folders")
        found += sorted(path.parent for path in pathlib.Path(word).rglob("timings.csv") if (path.parent / "trials.csv").exists())
    if not found:
        sys.exit(f"steps.py: there is no run folder with trials.csv and timings.csv in {', '.join(words)}; "
                 "`seedsweep run` and `seedsweep summarize` write these tables")
    return found


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        sys.exit(0 if len(sys.argv) > 1 else 2)
    trainings = set()
    weights = set()
    total = made = again = 0
    for folder in folders(sys.argv[1:]):
        timings = {row["trial_id"]: row for row in rows(folder / "timings.csv", "trial_id", "training_s", "total_s", "host")}
        own = own_made = own_again = 0
        for trial in rows(folder / "trials.csv", "trial_id", "step_count", "weights_digest"):
            timing = timings.get(trial["trial_id"])
            if timing is None or not trial["step_count"]:
                continue
            steps = int(trial["step_count"])
            own += steps
            # A result that was taken from another folder has the times of its training there.
            training = (trial["trial_id"], timing["training_s"], timing["total_s"], timing["host"])
            if training in trainings:
                continue
            trainings.add(training)
            steps -= int(timing.get("taken_steps") or 0)
            own_made += steps
            key = (trial["weights_digest"], trial["step_count"])
            if trial["weights_digest"] and key in weights:
                own_again += steps
            weights.add(key)
        print(f"{folder}: {own} steps behind its results, {own_made} made for them, {own_again} of those made again")
        total, made, again = total + own, made + own_made, again + own_again
    print(f"all: {total} steps behind the results, {made} made for them, {again} of those made again")


if __name__ == "__main__":
    main()
