#!/usr/bin/env python3
"""Compares what two builds of seedsweep wrote: same-bytes.py OLD NEW [--intended FILE] [--spoil PATTERN]

OLD and NEW are folders with a folder for every scenario, as same-bytes.sh makes them. Every file must be in both with
the same bytes, apart from the fields that `mask` masks (times, process ids, program digests, the speed and free memory of
the machine) and from the differences that FILE lists. Exits 1 if anything else differs. --spoil changes one byte of every
new file that PATTERN matches before the comparison, which must then fail: a test of this script.
"""

import argparse
import csv
import fnmatch
import io
import json
import math
import os
import re
import struct
import sys
import zlib

SHOWN_PROBLEMS = 25
SHOWN_LINES = 6
SHOWN_COLUMNS = 150

# --- Masks: the fixed list of what may differ -------------------------------------------------------------------------

# Durations as the program prints them: 7 s, 18 min, 3 h 05 min, 2 d 4 h.
DURATION = r"[0-9][0-9.,e+]*(?:-[0-9.]+)? (?:s|min|h|d)\b(?: [0-9]+ (?:min|h)\b)?"

# Of standard output, standard error and logs/*.log: (pattern, replacement).
STREAM_MASKS = [
    (r"about " + DURATION + r" on", "about DURATION on"),
    (r"the longest trial " + DURATION, "the longest trial DURATION"),
    (r"[0-9.]+(?: to [0-9.]+)? GFLOP/s", "SPEED GFLOP/s"),
    (r"process [0-9]+ on host", "process PID on host"),
    (r"(it took more than|was stopped after) [0-9.]+ s", r"\1 TIME"),
    # Progress is printed when a command takes long.
    (r"(?m)^.*(?: done, about | steps/s, ).* left\n", ""),
    (r"(?m)^[0-9]+ of [0-9]+ trials done, .*\n", ""),
    # The note about borderline runs names them.
    (r"(?m)^([0-9]+ of [0-9]+ runs?) (?:is|are) borderline: .*\n  .*\n  See failed, .*\n  seedsweep summarize DIR .*\n", r"\1 borderline\n"),
    # What a user may type after a run.
    (r"(?m)^(?:Next:|     ) (?:seedsweep|scripts/figures\.py) .*\n", ""),
    # What `doctor` says when other programs use the cores.
    (r"(?m)^note: a core reaches .*\n  .*\n\n?", ""),
    (r"[0-9.]+ [KMGT]iB available", "MEMORY available"),
    (r"(free disk here +)[0-9.]+ [KMGT]iB", r"\1SIZE"),
    (r"(, which has )[0-9.]+ [KMGT]iB left", r"\1SIZE left"),
    # Times in a journal have more or fewer digits, so its lines begin elsewhere.
    (r"[0-9]+ bytes at offset [0-9]+", "N bytes at offset N"),
    (r"[0-9]+ bytes in all", "N bytes in all"),
    (r"at byte [0-9]+", "at byte N"),
    (r"/(predictions|gradient_norms)/[0-9a-f]{2}/(?=[0-9a-f]{16}\.csv)", r"/\1/"),
]

# What `table` makes: its caption and the flag in its mark that chooses how long it is. The tests hold both as whole texts.
TABLE_MASKS = [
    (r"(?m)^(% seedsweep table .*?)(?: --caption \w+)?$", r"\1"),
    (r"(?m)^  \\caption\{.*\}$", "CAPTION"),
]

# A journal holds times, and a new column changes trials.csv, so their digests differ, and with them what LaTeX files say they
# were made from. The files themselves are compared.
JOURNAL_DIGEST_MASKS = [
    (r"((?:journal\.jsonl|trials\.csv) sha256: )[0-9a-f]{64}", r"\1DIGEST"),
    (r"(\\renewcommand\{\\seedsweepresults\}\{)[0-9a-f]{12}\}", r"\1DIGEST}"),
    (r"(\\newcommand\{\\[A-Za-z]*SeedsweepResults\}\{)[0-9a-f]{12}\}", r"\1DIGEST}"),
    (r"(results with SHA-256 )[0-9a-f]{12}", r"\1DIGEST"),
    (r"(made from results )[0-9a-f]{12}", r"\1DIGEST"),
    (r"(made from results DIGEST, which are )[0-9a-f]{12}", r"\1DIGEST"),
    (r"(SeedsweepResults is ')[0-9a-f]{12}(', the results say ')[0-9a-f]{12}", r"\1DIGEST\2DIGEST"),
]

# Of the lines of journal.jsonl. The checksum and the count of bytes are checked before (see `journal`).
JOURNAL_MASKS = [
    (r'"version":"[^"]*"', '"version":VERSION'),
    # The digest of sweep.json, which is compared.
    (r'"plan":"[0-9a-f]{16}"', '"plan":DIGEST'),
    (r'"time":[0-9.e+]+', '"time":TIME'),
    (r'"timing":\{"training_s":[0-9.e+-]+,"total_s":[0-9.e+-]+', '"timing":{"training_s":TIME,"total_s":TIME'),
    (r',"startup_s":[0-9.e+-]+', ""),
    (r"(it took more than|was stopped after) [0-9.]+ s", r"\1 TIME"),
]

PROVENANCE_MASKS = [
    (r'("plan": )"[0-9a-f]{16}"', r"\1DIGEST"),
    (r'("version": )"[^"]*"', r"\1VERSION"),
    (r'("executable_sha256": )(?:"[0-9a-f]{64}"|null)', r"\1DIGEST"),
    (r'("commit": )(?:"[^"]*"|null)', r"\1COMMIT"),
    (r'("started": )"[^"]*"', r"\1TIME"),
    # What scenario.sh gives programs that know several arithmetics.
    (r'"training\.arithmetic=openblas", ', ""),
    (r', "--arithmetic", "openblas"', ""),
]

STATUS_MASKS = [
    (r'("(?:started|updated)": )"[^"]*"', r"\1TIME"),
    (r'("seconds_left": )(?:[0-9.e+]+|null)', r"\1TIME"),
]

LEASE_MASKS = [
    (r'("process_space":)"[^"]*"', r"\1SPACE"),
    (r'("(?:number|start|beat)":)[0-9]+', r"\1N"),
]

TIMING_COLUMNS = {"training_s", "total_s", "startup_s"}
JOURNAL_KINDS = {b"start": "1", b"end": "3"}
RANK_MASKS = [(r'"attempt":[0-9]+', '"attempt":N'), (r'"rank":[0-9]+', '"rank":RANK')]
JOURNAL_LINE = re.compile(rb'\{"crc":"([0-9a-f]{8})","bytes":([0-9]+),(.*)\}$')


def substitute(text, masks):
    for pattern, replacement in masks:
        text = re.sub(pattern, replacement, text)
    return text


def journal(data):
    """The masked lines of a journal. When a trial is handed out and when another one's outcome comes depends on time, so
    within the records of a leader the lines are ordered by kind. On several ranks the order of trials, the rank of each, and
    whether one is handed out twice near the end depend on time as well: then outcomes are sorted and hand-outs left out.
    The fingerprint of an outcome is left out where it is that of its run's start, as older programs did."""
    several = re.search(rb'"ranks":(?:[2-9]|[1-9][0-9])', data) is not None
    starts = dict(re.findall(rb'"epoch":([0-9]+),"kind":"start",.*?("fingerprint":"[^"]*",)', data))
    lines = []
    for number, line in enumerate(data.split(b"\n")):
        match = JOURNAL_LINE.match(line)
        order = (sys.maxsize, "", number)
        if match:
            body = match[3]
            sound = int(match[1], 16) == zlib.crc32(body) and int(match[2]) == len(body)
            kind = re.match(rb'"epoch":([0-9]+),"kind":"([a-z_]+)"', body)
            if kind and kind[2] == b"outcome" and kind[1] in starts:
                head, timing, rest = body.partition(b'"timing":')
                body = head.replace(starts[kind[1]], b"") + timing + rest
            line = b'{"crc":%s,' % (b"SOUND" if sound else b"WRONG") + body + b"}"
            if kind and several and sound and kind[2] in (b"hand_out", b"returned"):
                continue
            if kind:
                order = (int(kind[1]), JOURNAL_KINDS.get(kind[2], "2 " + kind[2].decode()), 0 if several else number)
        text = substitute(line.decode("utf-8", "replace"), JOURNAL_MASKS + (RANK_MASKS if several else []))
        lines.append((order, text))
    return "\n".join(text for _, text in sorted(lines))


def timings(data, several_ranks):
    rows = [line.split(",") for line in data.decode().split("\n")]
    masked = TIMING_COLUMNS | ({"rank", "attempts"} if several_ranks else set())
    indices = [index for index, name in enumerate(rows[0]) if name in masked]
    for row in rows[1:]:
        for index in indices:
            if index < len(row):
                row[index] = rows[0][index].upper()
    return "\n".join(",".join(row) for row in rows)


def runs_on_several_ranks(folder):
    try:
        with open(os.path.join(folder, "journal.jsonl"), "rb") as file:
            return re.search(rb'"ranks":(?:[2-9]|[1-9][0-9])', file.read()) is not None
    except OSError:
        return False


def is_stream(path):
    return path.endswith((".stdout", ".stderr")) or fnmatch.fnmatch(path, "*/logs/*.log")


def mask(path, data, root):
    """The part of a file that must be equal: a text, or the bytes themselves where the file is none or nothing is masked."""
    name = os.path.basename(path)
    if "/.leases/" in path:
        return substitute(data.decode("utf-8", "replace"), LEASE_MASKS)
    if name == "journal.jsonl":
        return journal(data)
    if name == "timings.csv":
        return timings(data, runs_on_several_ranks(os.path.join(root, os.path.dirname(path))))
    if name == "provenance.json":
        return substitute(data.decode(), PROVENANCE_MASKS)
    if name == "status.json":
        return substitute(data.decode(), STATUS_MASKS)
    if is_stream(path):
        text = data.decode("utf-8", "replace")
        return substitute(text, STREAM_MASKS + TABLE_MASKS + JOURNAL_DIGEST_MASKS)
    if name.endswith(".tex"):
        return substitute(data.decode("utf-8", "replace"), TABLE_MASKS + JOURNAL_DIGEST_MASKS)
    return data


# --- Intended differences -----------------------------------------------------------------------------------------------


class Rule:
    """A block of the list of intended differences."""

    FIELDS = ("where", "old", "new", "cells", "within", "columns", "added", "allow", "why")

    def __init__(self, fields, place):
        self.place = place
        self.uses = 0
        unknown = set(fields) - set(self.FIELDS)
        if unknown:
            raise SystemExit(f"{place}: unknown field {sorted(unknown)[0]!r}; allowed are {', '.join(self.FIELDS)}")
        for name in ("where", "why"):
            if not fields.get(name):
                raise SystemExit(f"{place}: the field '{name}:' is missing")
        self.where, self.why = fields["where"].split(), fields["why"]
        self.allow = fields.get("allow")
        if self.allow not in (None, "words", "words and numbers", "new file", "no file"):
            raise SystemExit(
                f"{place}: allow: found {self.allow!r}, allowed are words, words and numbers, new file, no file")
        self.columns, self.cells = fields.get("columns", "").split(), fields.get("cells", "").split()
        self.added = re.compile(fields["added"], re.MULTILINE) if "added" in fields else None
        within = fields.get("within")
        self.within = within and (math.inf if within == "any" else float(within))
        self.old = self.new = None
        if "old" in fields and "new" in fields:
            self.old, self.new = re.compile(fields["old"], re.MULTILINE), fields["new"]
        if not (self.old or self.columns or self.added or self.allow or self.cells and self.within):
            raise SystemExit(f"{place}: give old: and new:, columns:, added:, cells: with within:, or allow:")

    def accepts(self, old, new):
        """Whether a cell of a table may have become another."""
        if self.old:
            match = self.old.fullmatch(old)
            return match is not None and match.expand(self.new) == new
        if self.within == math.inf:
            return True
        try:
            return abs(float(old) - float(new)) <= self.within * abs(float(old))
        except ValueError:
            return False

    def matches(self, path):
        return any(fnmatch.fnmatch(path, pattern) for pattern in self.where)


def read_rules(path):
    rules, fields, start = [], {}, 0
    try:
        with open(path, encoding="utf-8") as file:
            lines = list(file)
    except OSError as error:
        raise SystemExit(f"same-bytes.py: --intended {path}: {error.strerror}; name a list such as those in intended/")
    for number, line in enumerate(lines + ["\n"], 1):
        line = line.rstrip("\n")
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                rules.append(Rule(fields, f"{path}:{start}"))
            fields = {}
            continue
        name, colon, value = line.partition(":")
        if not colon or name in fields:
            raise SystemExit(f"{path}:{number}: expected a field of its own such as 'where: help/commands/*.stdout'")
        if not fields:
            start = number
        fields[name] = value.strip()
    return rules


# A field of a table as it stands there, and what ends it.
FIELD = re.compile(r'("(?:[^"]|"")*"|[^,\n]*)(,|\n|\Z)')


def without_new_columns(old, new, columns):
    """The text of a new table without those of `columns` that the old one lacks; None where it has none of them."""
    names = [text.split("\n")[0].split(",") for text in (old, new)]
    dropped = {index for index, name in enumerate(names[1]) if name in columns and name not in names[0]}
    if not dropped:
        return None
    lines, row, index, position = [], [], 0, 0
    while position < len(new):
        field = FIELD.match(new, position)
        position = field.end()
        if index not in dropped:
            row.append(field[1])
        index += 1
        if field[2] != ",":
            lines.append(",".join(row) + field[2])
            row, index = [], 0
    return "".join(lines)


def table_text(rows):
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def with_intended_cells(old, new, rules):
    """The text of an old table with the new one's cell wherever a rule lets the old one become it."""
    old_rows, new_rows = (list(csv.reader(io.StringIO(text))) for text in (old, new))
    if table_text(old_rows) != old or [len(row) for row in old_rows] != [len(row) for row in new_rows]:
        return old
    for old_row, new_row in zip(old_rows, new_rows):
        for index, name in enumerate(old_rows[0]):
            if old_row[index] == new_row[index]:
                continue
            for rule in rules:
                if name in rule.cells and rule.accepts(old_row[index], new_row[index]):
                    rule.uses += 1
                    old_row[index] = new_row[index]
                    break
    return table_text(old_rows)


# Numbers as they stand in texts; a sign is part of one only where no letter or digit is before it.
NUMBER = re.compile(r"(?:(?<![\w.)])[-+])?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?!\w)|\bnan\b|\binf\b")


def numbers(text):
    return NUMBER.findall(text)


# --- Comparison ---------------------------------------------------------------------------------------------------------


def clip(line, column):
    start = max(0, column - 40)
    part = line[start:start + SHOWN_COLUMNS]
    return ("..." if start else "") + part + ("..." if start + SHOWN_COLUMNS < len(line) else "")


def text_difference(old, new):
    """The first lines that differ, for a reader."""
    old_lines, new_lines = old.split("\n"), new.split("\n")
    shown = []
    for number in range(max(len(old_lines), len(new_lines))):
        pair = [lines[number] if number < len(lines) else None for lines in (old_lines, new_lines)]
        if pair[0] == pair[1]:
            continue
        if len(shown) >= 3 * SHOWN_LINES:
            shown.append("      ...")
            break
        column = 0
        if None not in pair:
            column = next((i for i, (a, b) in enumerate(zip(*pair)) if a != b), min(map(len, pair)))
        shown.append(f"    line {number + 1}, column {column + 1}:")
        shown += [f"      {sign} {clip(line, column)}" for sign, line in zip(("old", "new"), pair) if line is not None]
    return "\n".join(shown)


def tensor_at(data, offset):
    """The tensor of a safetensors file that a byte belongs to, if it is one."""
    try:
        size = struct.unpack("<Q", data[:8])[0]
        for name, tensor in json.loads(data[8:8 + size]).items():
            if name != "__metadata__":
                start, end = tensor["data_offsets"]
                if start <= offset - 8 - size < end:
                    return f", in {name} {tensor['shape']}"
    except (ValueError, struct.error, KeyError, TypeError):
        pass
    return ""


def byte_difference(path, old, new):
    try:
        texts = old.decode("utf-8"), new.decode("utf-8")
        if "\0" not in texts[0]:
            return text_difference(*texts)
    except UnicodeDecodeError:
        pass
    # In steps, because bytes are slow to look at one by one and weights are large.
    step, length = 4096, min(len(old), len(new))
    start = next((i for i in range(0, length, step) if old[i:i + step] != new[i:i + step]), length)
    offset = next((i for i in range(start, min(start + step, length)) if old[i] != new[i]), length)
    tensor = tensor_at(old, offset) if path.endswith(".safetensors") else ""
    return f"    byte {offset} is the first that differs{tensor}; old: {len(old)} bytes, new: {len(new)} bytes"


# Tables of trials lie in sub-folders now: predictions/ab/abcdef0123456789.csv is compared with predictions/abcdef0123456789.csv.
SUBFOLDER = re.compile(r"/(predictions|gradient_norms)/([0-9a-f]{2})/(?=\2[0-9a-f]{14}\.csv$)")


def files(root):
    """The path of each file by its name in the comparison."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), root)
            found[SUBFOLDER.sub(r"/\1/", path)] = path
    return found


def read(root, path):
    with open(os.path.join(root, path), "rb") as file:
        return file.read()


def as_text(content):
    return content if isinstance(content, str) else content.decode("utf-8", "replace")


def difference(path, old, new, rules):
    """What is wrong with a file that is in both folders; None if nothing is."""
    if old == new:
        return None
    matching = [rule for rule in rules if rule.matches(path)]
    for rule in matching:
        if rule.columns:
            shorter = without_new_columns(as_text(old), as_text(new), rule.columns)
            if shorter is not None:
                old, new = as_text(old), shorter
                rule.uses += 1
        if rule.added:
            rest, count = rule.added.subn("", as_text(new))
            if count:
                old, new = as_text(old), rest
                rule.uses += 1
        if rule.old and not rule.cells:
            replaced, count = rule.old.subn(rule.new, as_text(old))
            if count:
                old, new = replaced, as_text(new)
                rule.uses += 1
    by_cells = [rule for rule in matching if rule.cells]
    if by_cells and path.endswith(".csv"):
        old, new = with_intended_cells(as_text(old), as_text(new), by_cells), as_text(new)
    if old == new:
        return None
    for rule in matching:
        if rule.allow not in ("words", "words and numbers") or not is_stream(path):
            continue
        rule.uses += 1
        if rule.allow == "words and numbers" or numbers(as_text(old)) == numbers(as_text(new)):
            return None
        return (f"    the words may differ ({rule.place}), but so do the numbers:\n"
                + text_difference("\n".join(numbers(as_text(old))), "\n".join(numbers(as_text(new)))))
    if isinstance(old, str) or isinstance(new, str):
        return text_difference(as_text(old), as_text(new))
    return byte_difference(path, old, new)


def command_of(root, path):
    """The command line that a stream or an exit code is of."""
    base, ending = os.path.splitext(path)
    if ending not in (".stdout", ".stderr", ".code"):
        return ""
    try:
        return "  (" + read(root, base + ".command").decode().strip()[:160] + ")"
    except OSError:
        return ""


def compare(old_root, new_root, rules, spoil):
    old_files, new_files = files(old_root), files(new_root)
    problems, spoiled = [], 0
    for path in sorted(old_files.keys() | new_files.keys()):
        if path not in old_files or path not in new_files:
            is_new = path not in old_files
            allowed = [r for r in rules if r.allow == ("new file" if is_new else "no file") and r.matches(path)]
            for rule in allowed:
                rule.uses += 1
            if not allowed:
                problems.append(f"{path}: only the {'new' if is_new else 'old'} build wrote this file")
            continue
        old, new = read(old_root, old_files[path]), read(new_root, new_files[path])
        if spoil and new and fnmatch.fnmatch(path, spoil):
            middle = len(new) // 2
            new = new[:middle] + bytes([new[middle] ^ 1]) + new[middle + 1:]
            spoiled += 1
        found = difference(path, mask(path, old, old_root), mask(path, new, new_root), rules)
        if found:
            problems.append(f"{path}{command_of(old_root, path)}\n{found}")
    if spoil:
        print(f"changed one byte of {spoiled} file{'' if spoiled == 1 else 's'} of the new build: {spoil}")
    return len(old_files.keys() | new_files.keys()), problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--intended", metavar="FILE")
    parser.add_argument("--spoil", metavar="PATTERN")
    parser.add_argument("--part", action="store_true", help="only some scenarios ran: do not report unused entries")
    options = parser.parse_args()
    for folder in (options.old, options.new):
        if not any(files for _, _, files in os.walk(folder)):
            sys.exit(f"same-bytes.py: {folder} is no folder with files; give old/ and new/ of a folder that same-bytes.sh --keep left")
    rules = read_rules(options.intended) if options.intended else []
    count, problems = compare(options.old, options.new, rules, options.spoil)
    for problem in problems[:SHOWN_PROBLEMS]:
        print(problem)
    if problems[SHOWN_PROBLEMS:]:
        print("\nalso different:")
        for problem in problems[SHOWN_PROBLEMS:]:
            print("    " + problem.split("\n")[0])
    if not options.part:
        for rule in rules:
            if not rule.uses:
                print(f"warning: {rule.place}: nothing differs where this entry allows it; remove the entry")
    used = sum(1 for rule in rules if rule.uses)
    intended = f"; {used} intended difference{'' if used == 1 else 's'} in the list" if used else ""
    if problems:
        print(f"\n{len(problems)} of {count} files differ between the old and the new build{intended}")
        return 1
    print(f"the same bytes: {count} files of both builds{intended}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
