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


def refuse(message):
    """Ends the script with what is wrong."""
    sys.exit(f"prepare-reactions.py: {message}")


def reactions(path, longest):
    """(reaction, class) of every reaction of at most `longest` tokens in a table, in its order."""
    found = []
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            names = rows.fieldnames or []
            missing = [name for name in ("reaction", "class") if name not in names]
            if missing:
                refuse(f"{path} has no column {' and no column '.join(missing)}; its first line must name the columns, and it is: "
                       f"{', '.join(names) or 'empty'}")
            for row in rows:
                if row["reaction"] is None or row["class"] is None:
                    refuse(f"{path}, line {rows.line_num}: there are fewer fields than columns; a tab separates the fields")
                if len(row["reaction"].split()) <= longest:
                    found.append((row["reaction"], row["class"]))
    except OSError as error:
        refuse(f"{path} cannot be read ({error.strerror}); SOURCE is a folder with train.tsv and dev.tsv")
    except UnicodeDecodeError as error:
        refuse(f"{path} is not in UTF-8 ({error.reason} at byte {error.start}); convert it with iconv")
    if not found:
        refuse(f"{path} has no reaction of at most {longest} tokens; give a larger number with --tokens")
    return found


def count(text):
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"found '{text}', expected a whole number of at least 1")
    return int(text)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0], description=__doc__.split("\n")[0])
    parser.add_argument("source", type=pathlib.Path, metavar="SOURCE", help="the folder with train.tsv and dev.tsv")
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER", nargs="?", default=ROOT / "reactions",
                        help="the folder to write (default: reactions, beside the folder scripts)")
    parser.add_argument("--tokens", type=count, default=62, metavar="N", help="the longest reaction in tokens (default: 62)")
    parser.add_argument("--masked", type=count, default=200, metavar="N", help="reactions of masked.txt (default: 200)")
    given = parser.parse_args()
    if given.folder.resolve() == given.source.resolve():
        refuse(f"{given.folder} is both SOURCE and FOLDER, and its files would be replaced; name another FOLDER")
    tables = {name: reactions(given.source / f"{name}.tsv", given.tokens) for name in ("train", "dev")}
    try:
        write(given, tables)
    except OSError as error:
        refuse(f"{error.filename} cannot be written ({error.strerror}); name another FOLDER")


def write(given, tables):
    """Writes the tables and the reactions to mask."""
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, found in tables.items():
        lines = ["reaction\tclass", *("\t".join(row) for row in found)]
        (given.folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{given.folder / name}.tsv: {len(found)} reactions of at most {given.tokens} tokens, "
              f"{len({row[1] for row in found})} classes")
    masked = [reaction + "\n" for reaction, _ in tables["dev"][:given.masked]]
    (given.folder / "masked.txt").write_text("".join(masked), encoding="utf-8")
    print(f"{given.folder / 'masked.txt'}: {len(masked)} reactions")


if __name__ == "__main__":
    main()
