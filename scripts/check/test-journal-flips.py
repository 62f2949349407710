#!/usr/bin/env python3
"""Damages single bytes of a journal and resumes it with `run`: what is whole is reused, what was lost is trained again and said.

usage: scripts/check/test-journal-flips.py [--flips N] [--program FILE]

A sweep of 20 trials of three steps runs once. Then N copies of its folder (300 by default) each get one byte of the journal
changed: by 0x01, by 0x80, or to a line end. In each copy `run` must say what it skipped, reuse every outcome whose line is
whole (checked here with zlib's CRC-32), train the others, and end with the tables of the undamaged run; `status --exit-code`
must call a journal that lost an outcome unfinished before, and the folder complete after. The bytes are spread evenly over the
journal, and the first ones are those of the start of the run. Without --program the release build is made. Exits with 1 after
a problem.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

SWEEP = """
{
  name: "flips",
  model: { init: "random", config: { num_hidden_layers: 1, hidden_size: 8, num_attention_heads: 2, intermediate_size: 16 } },
  task: { name: "synthetic", train_size: 16, dev_size: 8, max_length: 16 },
  training: { max_steps: 3, batch_size: 4 },
  optimizer: { learning_rate: 1e-3 },
  seeds: 20,
}
"""
LINE = re.compile(rb'\{"crc":"([0-9a-f]{8})","bytes":([0-9]+),("epoch":[0-9]+,"kind":"([a-z_]+)".*)\}')
TABLES = ["trials.csv", "curves.csv", "summary.csv"]


def outcomes(journal):
    """The trials whose outcome stands on a line of its own that is whole."""
    found = set()
    for line in journal.split(b"\n"):
        match = LINE.search(line)
        if match and match[4] == b"outcome" and int(match[2]) == len(match[3]) and int(match[1], 16) == zlib.crc32(match[3]):
            found.add(re.search(rb'"trial":"([0-9a-f]+)"', match[3])[1])
    return found


def offsets(journal, count):
    """Bytes to damage: every seventh of the first line, and the rest evenly spread over the journal."""
    start = list(range(0, journal.index(b"\n") + 1, 7))[: count // 10]
    rest = count - len(start)
    return start + [(2 * index + 1) * len(journal) // (2 * rest) for index in range(rest)]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n")[2].removeprefix("usage: "))
    parser.add_argument("--flips", type=int, default=300)
    parser.add_argument("--program")
    given = parser.parse_args()
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    program = given.program
    if program is None:
        build = ["swift", "build", "-c", "release"]
        subprocess.run(build + ["--product", "seedsweep"], check=True)
        bin_path = subprocess.run(build + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
        program = bin_path + "/seedsweep"
    program = os.path.abspath(program)
    folder = tempfile.mkdtemp(prefix="seedsweep-flips-")

    def call(*words):
        environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
        return subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, env=environment)

    with open(folder + "/sweep.json5", "w") as file:
        file.write(SWEEP)
    first = call("run", "sweep.json5", "--output", "whole")
    if first.returncode != 0:
        sys.exit(first.stdout + first.stderr)
    with open(folder + "/whole/journal.jsonl", "rb") as file:
        journal = file.read()
    tables = {name: open(f"{folder}/whole/{name}", "rb").read() for name in TABLES}
    problems, lost_counts = 0, {}

    def problem(what, result):
        nonlocal problems
        problems += 1
        print(f"PROBLEM: {what}\n{result.stdout}{result.stderr}", file=sys.stderr)

    for number, offset in enumerate(offsets(journal, given.flips)):
        old = journal[offset]
        new = [old ^ 0x01, old ^ 0x80, 0x0A if old != 0x0A else 0x20][number % 3]
        name = f"byte {offset}, {old:#04x} now {new:#04x}"
        damaged = journal[:offset] + bytes([new]) + journal[offset + 1 :]
        shutil.rmtree(folder + "/copy", ignore_errors=True)
        shutil.copytree(folder + "/whole", folder + "/copy")
        with open(folder + "/copy/journal.jsonl", "wb") as file:
            file.write(damaged)
        whole = outcomes(damaged)
        lost_counts[20 - len(whole)] = lost_counts.get(20 - len(whole), 0) + 1
        before = call("status", "copy", "--exit-code")
        if before.returncode != (0 if len(whole) == 20 else 75) or ": skipped " not in before.stdout:
            problem(f"{name}: status exits with {before.returncode} for {len(whole)} whole outcomes", before)
        run = call("run", "sweep.json5", "--output", "copy")
        if run.returncode != 0:
            problem(f"{name}: run exits with {run.returncode}", run)
        if f"20 trials: {len(whole)} reused, {20 - len(whole)} to run" not in run.stdout:
            problem(f"{name}: run does not reuse the {len(whole)} whole outcomes", run)
        if "copy/journal.jsonl: skipped " not in run.stdout:
            problem(f"{name}: run does not say what it skipped", run)
        for table in TABLES:
            if open(f"{folder}/copy/{table}", "rb").read() != tables[table]:
                problem(f"{name}: {table} differs", run)
        after = call("status", "copy", "--exit-code")
        if after.returncode != 0:
            problem(f"{name}: status exits with {after.returncode} after the run", after)
    shutil.rmtree(folder)
    lost = ", ".join(f"{count} lost {number}" for number, count in sorted(lost_counts.items()))
    print(f"{given.flips} damaged journals of {len(journal)} bytes (outcomes: {lost}): {problems} problems")
    sys.exit(1 if problems else 0)


main()
