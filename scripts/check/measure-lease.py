#!/usr/bin/env python3
"""Measures how long a leader lets its lease wait in a folder with many results.

usage: scripts/check/measure-lease.py [--results N] [--folder DIR] [--program FILE]

Trains a few trials of a tiny model, writes their outcomes into the journal as those of N trials (300000 unless given), and runs
the sweep with one seed more: that reads the journal, trains one trial and writes every table. Meanwhile it looks at the lease
20 times a second and prints the longest times without a beat, each with the last line that the run had printed. Exits with 1
where the lease is not renewed for more than 3 s; other hosts take a folder over after 15 s. Without --program the release build
is made. No number in the tables means anything.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import zlib

SWEEP = """{
  name: "many results",
  model: { init: "random", config: { num_hidden_layers: 1, hidden_size: 4, num_attention_heads: 1, intermediate_size: 4, max_position_embeddings: 16 } },
  task: { name: "synthetic", train_size: 8, dev_size: 8, max_length: 16 },
  training: { max_steps: 1, batch_size: 1 },
  seeds: 4,
}
"""
LONGEST = 3.0
HEADER = re.compile(rb'\{"crc":"[0-9a-f]{8}","bytes":[0-9]+,')


def body(line):
    """What a journal line says, without its checksum and count."""
    return line[HEADER.match(line).end() : -1]


def line(body):
    return b'{"crc":"%08x","bytes":%d,%s}\n' % (zlib.crc32(body), len(body), body)


def identifiers(program, sweep, seeds):
    text = subprocess.run([program, "plan", sweep, f"seeds={seeds}", "--list"], check=True, capture_output=True).stdout
    return re.findall(rb"^  ([0-9a-f]{16})  ", text, re.MULTILINE)


def multiply(journal, trials):
    """Replaces the outcomes of a journal by as many as there are trials."""
    with open(journal, "rb") as file:
        bodies = [body(text.rstrip(b"\n")) for text in file]
    start = next(text for text in bodies if b'"kind":"start"' in text)
    outcomes = [text for text in bodies if b'"kind":"outcome"' in text]
    with open(journal, "wb") as file:
        file.write(line(start))
        for index, trial in enumerate(trials):
            outcome = outcomes[index % len(outcomes)]
            file.write(line(re.sub(rb'"trial":"[0-9a-f]{16}"', b'"trial":"' + trial + b'"', outcome, count=1)))


def lease(folder):
    """The number and the beat of the last leader's lease, and whether it was released."""
    names = [name for name in os.listdir(folder) if re.fullmatch(r"[0-9]+\.json", name)]
    last = max(names, key=lambda name: int(name[:-5]))
    with open(os.path.join(folder, last)) as file:
        text = file.read()
    return int(last[:-5]), int(re.search(r'"beat":([0-9]+)', text)[1]), '"released":true' in text


def built():
    """The release build of this checkout."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    build = ["swift", "build", "-c", "release", "--package-path", root, "--product", "seedsweep"]
    subprocess.run(build, check=True)
    return subprocess.run(build + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip() + "/seedsweep"


class Watch:
    """The beats of one leader's lease, with what the run had printed when each came."""

    def __init__(self, folder, number, log):
        self.folder, self.number, self.log = folder, number, log
        self.begin, self.beat, self.moment, self.gaps = time.monotonic(), None, None, []

    def look(self):
        number, beat, is_released = lease(self.folder)
        if number == self.number and not is_released and beat != self.beat:
            self.note()
            self.beat = beat

    def note(self):
        now = time.monotonic()
        if self.moment is not None:
            with open(self.log) as file:
                lines = file.read().split("\n")
            self.gaps.append((now - self.moment, now - self.begin, (lines[-2:] + [""])[0]))
        self.moment = now


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n")[2].removeprefix("usage: "))
    parser.add_argument("--results", type=int, default=300_000)
    parser.add_argument("--folder", help="where to work, on the disk that matters; a temporary folder unless given")
    parser.add_argument("--program")
    given = parser.parse_args()
    program = os.path.abspath(given.program or built())
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        sweep, output, log = folder + "/sweep.json5", folder + "/out", folder + "/log"
        with open(sweep, "w") as file:
            file.write(SWEEP)
        run = [program, "run", sweep, "--output", output, "--processes", "1"]
        subprocess.run(run, check=True, capture_output=True)
        multiply(output + "/journal.jsonl", identifiers(program, sweep, given.results))
        watch = Watch(output + "/.leases", lease(output + "/.leases")[0] + 1, log)
        with open(log, "w") as file:
            process = subprocess.Popen(run + [f"seeds={given.results + 1}"], stdout=file, stderr=file)
        while process.poll() is None:
            time.sleep(0.05)
            watch.look()
        watch.note()
        with open(log) as file:
            text = file.read()
        with open(output + "/trials.csv", "rb") as file:
            rows = sum(1 for _ in file) - 1
    print(f"{rows} rows in trials.csv, {time.monotonic() - watch.begin:.1f} s, {len(watch.gaps)} beats seen")
    for gap, moment, printed in sorted(watch.gaps, reverse=True)[:5]:
        print(f"no beat for {gap:.2f} s until second {moment:.1f}, after: {printed}")
    problems = []
    if process.returncode != 0 or f"{given.results} reused, 1 to run" not in text:
        problems.append(f"exit code {process.returncode}: {text[-500:]}")
    if rows != given.results + 1:
        problems.append("trials.csv lacks rows")
    if max(watch.gaps)[0] > LONGEST:
        problems.append(f"more than {LONGEST} s without a beat")
    for problem in problems:
        print("PROBLEM:", problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
