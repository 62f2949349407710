#!/usr/bin/env python3
"""Makes the files of sweeps/reactions.json5 from a table of classified reactions, such as USPTO-50k.

usage: scripts/prepare-reactions.py SOURCE [FOLDER] [--tokens N] [--masked N]

SOURCE holds train.tsv and dev.tsv with the columns reaction and class: reaction SMILES without atom maps, whose tokens blanks
separate. FOLDER (default: reactions beside the folder scripts) gets
  train.tsv, dev.tsv   the reactions of at most N tokens (default: 62, which are 64 with [CLS] and [SEP]), in their order
  masked.txt           the first N of that dev.tsv (default: 200), one on each line, for `analyze forgetting --text`
"""
import argparse
import csv
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def reactions(path, longest):
    """(reaction, class) of every reaction of at most `longest` tokens in a table, in its order."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = {"reaction", "class"} - set(rows.fieldnames or [])
        if missing:
            sys.exit(f"{path}: there is no column {' or '.join(sorted(missing))}; it has {rows.fieldnames}")
        return [(row["reaction"], row["class"]) for row in rows if len(row["reaction"].split()) <= longest]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0], description=__doc__.split("\n")[0])
    parser.add_argument("source", type=pathlib.Path, metavar="SOURCE")
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER", nargs="?", default=ROOT / "reactions")
    parser.add_argument("--tokens", type=int, default=62, metavar="N", help="the longest reaction in tokens (default: 62)")
    parser.add_argument("--masked", type=int, default=200, metavar="N", help="reactions of masked.txt (default: 200)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in ("train", "dev"):
        found = reactions(given.source / f"{name}.tsv", given.tokens)
        lines = ["reaction\tclass", *("\t".join(row) for row in found)]
        (given.folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{given.folder / name}.tsv: {len(found)} reactions of at most {given.tokens} tokens, "
              f"{len({row[1] for row in found})} classes")
    masked = [reaction + "\n" for reaction, _ in found[:given.masked]]
    (given.folder / "masked.txt").write_text("".join(masked), encoding="utf-8")
    print(f"{given.folder / 'masked.txt'}: {len(masked)} reactions")


if __name__ == "__main__":
    main()
