#!/usr/bin/env python3
"""Runs the commands of the reported cases and prints a line for each: what was expected, and whether it came.

usage: scripts/check/cases.py CASES [PROGRAM]

CASES is a folder with one folder for each case, named NN-title, with its inputs. PROGRAM is .build/release/seedsweep
unless named. The exit code is 1 if a case did not go as expected.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

if len(sys.argv) not in (2, 3) or sys.argv[1] in ("-h", "--help"):
    print(__doc__.strip())
    sys.exit(0 if len(sys.argv) == 2 else 2)

root = Path(sys.argv[1]).resolve()
program = Path(sys.argv[2] if len(sys.argv) == 3 else Path(__file__).parents[2] / ".build/release/seedsweep").resolve()
if not any(root.glob("[0-9][0-9]-*")):
    sys.exit(f"cases.py: {root} has no folder named like 01-title; CASES is the folder with one folder for each case")
if not program.is_file():
    sys.exit(f"cases.py: there is no program {program}; run `swift build -c release`, or name it as PROGRAM")
work = Path(tempfile.mkdtemp(prefix="seedsweep-cases-"))
counts = {True: 0, False: 0}


class Result:
    """What a command came to."""

    def __init__(self, code, text, output):
        self.code, self.text, self.output = code, text, output

    def rows(self, name="trials.csv"):
        path = self.output / name
        return list(csv.DictReader(path.open())) if path.exists() else []

    def column(self, name):
        return [row[name] for row in self.rows()]

    def logits(self):
        """The logits of each text at the end of training, by line."""
        files = sorted((self.output / "predictions").rglob("*.csv"))
        return files[0].read_text().splitlines()[1:] if files else []


def restore_links(folder):
    """Makes links of the files that hold a path which is there, as git writes links where a file system has none."""
    for path in [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]:
        target = path.read_bytes()
        if 0 < len(target) < 200 and not set(target) & set(b"\n\0") and os.path.exists(path.parent / os.fsdecode(target)):
            path.unlink()
            path.symlink_to(os.fsdecode(target))


def run(case, *words, environment=None, needs_output=True):
    """Runs a command in a copy of the case's folder."""
    folder = work / f"{case}-{len(list(work.iterdir()))}"
    source = next(root.glob(f"{case}-*"), None)
    if source is None:
        sys.exit(f"cases.py: {root} has no folder of the case {case}, whose name begins with {case}-")
    shutil.copytree(source, folder, symlinks=True)
    for path in [folder, *(path for path in folder.rglob("*") if not path.is_symlink())]:
        path.chmod(path.stat().st_mode | 0o200)
    restore_links(folder)
    output = folder / "OUT"
    command = [str(program), *words] + (["--output", "OUT"] if needs_output else [])
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, timeout=300)
    return Result(done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"), output)


def check(case, title, holds, result):
    """Prints the line of a case."""
    counts[bool(holds)] += 1
    first = next((line for line in result.text.splitlines() if line.strip()), "")
    print(f"{'ok  ' if holds else 'NOT '} {case} {title} (exit {result.code}{'' if holds else ': ' + first[:160]})")


def has(result, *words):
    return all(re.search(word, result.text) for word in words)


def trees(case, folder, *words):
    return run(case, "import", folder, "--path-pattern", "seed-{seed}", *words)


def table(case, file, *words):
    return run(case, "import", file, "--variant-column", "variant", "--seed-column", "seed", "--final-column", "acc", *words)


base = ("--baseline", "task=0.5")

for folder in ("runs", "link"):
    r = trees("01", folder, *base)
    check("01", f"linked run folders are followed ({folder})", sorted(r.column("value_final")) == ["0.6", "0.8"], r)

r = trees("02", "runs", *base)
check("02", "the state at the run's root counts", r.column("value_final") == ["0.5"] and r.column("failed") == ["true"], r)
r = trees("02", "two-runs", *base)
check("02", "two runs of one seed are refused, and both are named", r.code == 2 and has(r, "monday", "tuesday"), r)

r = trees("03", "null", *base)
check("03", "null is a run that diverged", r.column("status") == ["diverged"], r)
for folder in ("text", "mixed", "object"):
    r = trees("03", folder, *base)
    check("03", f"a score that is no number is refused with its file ({folder})", r.code == 2 and has(r, "trainer_state.json", "eval_accuracy"), r)

r = trees("04", "runs", *base)
check("04", "final is the end of training, best is best", r.column("value_final") == ["0.5"] and r.column("value_best") == ["0.9"], r)

r = trees("05", "runs", *base)
check("05", "the score of eval_results.json is read", r.code == 0 and len(r.rows()) == 1 and r.column("value_final") != [""], r)

r = trees("06", "runs", "--metric-key", "eval_loss", "--baseline", "task=0.69")
check("06", "a loss is refused without a word that lower is better", r.code == 2 and has(r, "--lower-is-better"), r)
r = trees("06", "runs", "--metric-key", "eval_loss", "--lower-is-better", "--baseline", "task=0.69")
check("06", "with that word the lowest is the best", r.column("value_best") == ["0.3"] and r.column("failed") == ["false"], r)

for name in ("special", "added"):
    r = run("07", "run", f"{name}.json5")
    lines = [line.split(",") for line in r.logits()]
    values = [tuple(line[-2:]) for line in lines]
    check("07", f"an added token is one token ({name})", r.code == 0 and len(values) > 1 and len(set(values)) == len(values), r)

for name in ("score", "elsewhere", "infinity"):
    r = table("08", f"{name}.jsonl", *base)
    check("08", f"NaN and Infinity as Python writes them ({name})", r.code == 0 and len(r.rows()) > 0, r)
r = table("08", "null.jsonl", *base)
check("08", "null says how a diverged run is written", r.code == 2 and has(r, "null", "[Nn]a[Nn]"), r)
r = run("08", "run", "texts.json5")
check("08", "NaN in another column of a data file is nobody's business", r.code == 0, r)

r = run("09", "run", "t.json5")
check("09", "half a surrogate pair is read", r.code == 0, r)
r = run("09", "run", "twice.json5")
check("09", "a key given twice is refused", r.code == 2 and has(r, "twice"), r)

r = run("10", "run", "t.json5")
check("10", "a BERT without model_type is read", r.code == 0, r)
r = run("10", "run", "google.json5")
check("10", "a BERT as Google published it is refused with what to copy", r.code == 2 and has(r, "bert_config.json.*config.json"), r)

r = run("12", "pretrain", *"--text t.txt --vocabulary vocab.txt --layers 1 --hidden 4 --heads 1 --steps 1".split())
check("12", "lines end in LF, CR LF or CR only", r.code == 2 and has(r, r"\b5 sentences"), r)

r = run("13", "run", "tsv.json5")
check("13", "quotes of a .tsv file get a sentence", r.code == 0 and has(r, "t.tsv.*quot"), r)
r = run("13", "run", "lines.json5")
check("13", "a quoted line break of a .tsv file gets a sentence", r.code == 2 and has(r, "quot"), r)

r = run("14", "import", "runs.csv", "--seed-column", "seed", "--final-column", "accuracy", *base)
check("14", "a table without recipes is one recipe", r.code == 0 and len(r.rows()) == 2, r)
r = run("14", "import", "two-columns.csv", "--variant-column", "method,lr", "--seed-column", "seed", "--final-column", "acc", *base)
check("14", "a recipe of two columns", r.code == 0 and len(set(r.column("variant"))) == 2, r)

r = run("15", "import", "runs.csv", "--task-column", "task", "--variant-column", "variant", "--seed-column", "seed",
        "--final-column", "acc", "--baseline", "A=0.5", "--baseline", "B=0.5")
pairs = {row.get("task") for row in r.rows("comparisons.csv")}
check("15", "a task without the reference recipe is compared and named", r.code == 0 and "B" in pairs and has(r, r"\bB\b.*base"), r)

for name in ("numbers", "from-one", "null", "empty"):
    r = run("16", "run", f"{name}.json5")
    check("16", f"labels of a folder whose head is new are not read ({name})", r.code == 0, r)
r = run("16", "evaluate", "--model", "digits", "--task", "rte", "--data", "RTE", needs_output=False)
check("16", "labels that are digits count by position", r.code == 0, r)

r = run("18", "run", "scores.json5")
check("18", "fractions as labels get a remark about task.regression", r.code == 0 and has(r, "task.regression"), r)
r = run("18", "run", "spellings.json5")
check("18", "labels that differ in spaces or capitals are named", r.code == 0 and has(r, "[Nn]eg") and has(r, "pos "), r)

slurm = {"SLURM_JOB_ID": "1", "SLURM_JOB_NODELIST": os.uname().nodename, "SLURM_NODELIST": os.uname().nodename,
         "SLURM_NNODES": "1", "SLURM_TASKS_PER_NODE": "1", "SLURM_NTASKS": "1"}
step = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"}
root_words = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} if os.geteuid() == 0 else {}
for title, extra in (("srun of one task", step), ("salloc -n 1", {})):
    r = run("19", "run", "t.json5", "--processes", "2", environment={**slurm, **extra, **root_words})
    check("19", f"--processes 2 inside {title}", r.code == 0, r)

for name, code in (("cr", 0), ("escape", 2)):
    r = table("22", f"{name}.csv", *base)
    raw = "\x1b" in r.text or "\r" in r.text
    check("22", f"control characters of a file do not reach the terminal ({name})", r.code == code and not raw, r)

shutil.rmtree(work)
print(f"{counts[True]} as expected, {counts[False]} not")
sys.exit(1 if counts[False] else 0)
