"""Compares the tokenizer with Hugging Face's fast BERT tokenizer; scripts/check/compare-tokenizer.sh builds and calls it.

usage: compare-tokenizer.py PARITY_EXECUTABLE VOCABULARY.txt GLUE_FOLDER

Texts: 2,000 hard Unicode lines and every sentence of RTE, CoLA and SST-2, alone and uncut; RTE's pairs and neighbouring
hard lines as pairs, cut to several lengths. Each is encoded uncased with the given vocabulary and cased with capitalized
copies of its tokens added. Ends with 1 at any difference.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Trainer/TokenizationTests/Goldens"))

from hard_lines import hard_lines  # noqa: E402
from transformers import BertTokenizer  # noqa: E402

UNCUT = 1_000_000
LENGTHS = (8, 33, 128)


def glue_rows(folder, files, header):
    for name in files:
        lines = (folder / name).read_text(encoding="utf-8").split("\n")
        yield from (line.rstrip("\r").split("\t") for line in lines[1 if header else 0:] if line)


def requests(glue):
    """(text, pair or None, longest length) of everything that is compared."""
    files = ("train.tsv", "dev.tsv")
    hard = hard_lines(2000)
    rte = [(row[1], row[2]) for row in glue_rows(glue / "RTE", files, header=True)]
    singles = hard + [text for pair in rte for text in pair]
    singles += [row[3] for row in glue_rows(glue / "CoLA", files, header=False)]
    singles += [row[0] for row in glue_rows(glue / "SST-2", files, header=True)]
    found = [(text, None, UNCUT) for text in singles] + [(text, None, 16) for text in hard]
    for length in LENGTHS:
        found += [(text, pair, length) for text, pair in rte]
        found += [(text, pair, length) for text, pair in zip(hard, hard[1:])]
    return found


def reference(tokenizer, found):
    """Hugging Face's encodings as lines, in lists as a lone empty pair is taken for no pair."""
    lines = [None] * len(found)
    groups = {}
    for index, (_, pair, length) in enumerate(found):
        groups.setdefault((pair is None, length), []).append(index)
    for (alone, length), indexes in groups.items():
        texts = [found[index][0] for index in indexes]
        pairs = None if alone else [found[index][1] for index in indexes]
        encoded = tokenizer(texts, pairs, truncation=length < UNCUT, max_length=length if length < UNCUT else None)
        for index, tokens, types in zip(indexes, encoded["input_ids"], encoded["token_type_ids"]):
            lines[index] = " ".join(map(str, tokens)) + "|" + " ".join(map(str, types))
    return lines


def main():
    executable, vocabulary_path, glue = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    tokens = vocabulary_path.read_text(encoding="utf-8").split("\n")[:-1]
    known = set(tokens)
    capitals = [token.title() for token in tokens if token.title() not in known and not token.startswith("[")]
    found = requests(glue)
    differences = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with open(folder / "requests.jsonl", "w", encoding="utf-8") as file:
            for text, pair, length in found:
                file.write(json.dumps({"text": text, "pair": pair, "length": length}) + "\n")
        for case, vocabulary in (("uncased", tokens), ("cased", tokens + list(dict.fromkeys(capitals)))):
            (folder / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
            subprocess.run([executable, "tokenize", folder / "vocabulary.txt", case, folder / "requests.jsonl",
                            folder / "output.txt"], check=True)
            ours = (folder / "output.txt").read_text().split("\n")[:-1]
            tokenizer = BertTokenizer(vocab={token: index for index, token in enumerate(vocabulary)},
                                      do_lower_case=case == "uncased")
            theirs = reference(tokenizer, found)
            assert len(ours) == len(theirs) == len(found)
            wrong = [index for index in range(len(found)) if ours[index] != theirs[index]]
            differences += len(wrong)
            print(f"{case}: {len(found)} encodings compared, {len(wrong)} differ", flush=True)
            for index in wrong[:10]:
                print(f"  {found[index]!r}\n    here         {ours[index]}\n    Hugging Face {theirs[index]}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
