"""Compares tokenizers with Hugging Face's; scripts/check/compare/compare-tokenizer.sh builds and calls it.

usage: compare-tokenizer.py PARITY_EXECUTABLE DATA_FOLDER MODEL_FOLDER...

Texts: 2,000 hard Unicode lines and every field of the tables and every line of the texts below DATA_FOLDER, alone and uncut;
fields side by side and neighbouring hard lines as pairs, cut to several lengths. A model folder is opened with AutoTokenizer;
one whose words are what blanks separate (do_basic_tokenize) with its slow tokenizer, the only one that heeds that key, and
without cut pairs, which slow tokenizers cut in another way. The `model_type` of its config.json counts where nothing else names a tokenizer. Ends with 1 at any difference.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

if __name__ == "__main__" and len(sys.argv) < 4:
    sys.exit("compare-tokenizer.py: run scripts/check/compare/compare-tokenizer.sh, which gives this program what it needs")

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Tests/Trainer/TokenizationTests/Goldens"))

from hard_lines import hard_lines  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

UNCUT = 1_000_000
LENGTHS = (8, 33, 128)


def texts(folder):
    """Every text below a folder, and pairs of those that stand side by side in a table."""
    singles, pairs = [], []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".tsv", ".txt"):
            continue
        for line in path.read_text(encoding="utf-8").split("\n"):
            fields = [field for field in line.rstrip("\r").split("\t") if field]
            singles += fields
            pairs += list(zip(fields, fields[1:]))
    return list(dict.fromkeys(singles)), list(dict.fromkeys(pairs))


def requests(folder):
    """(text, pair or None, longest length) of everything that is compared."""
    hard = hard_lines(2000)
    singles, pairs = texts(folder)
    found = [(text, None, UNCUT) for text in hard + singles] + [(text, None, 16) for text in hard]
    for number, length in enumerate(LENGTHS):
        found += [(text, pair, length) for text, pair in pairs[number::len(LENGTHS)]]
        found += [(text, pair, length) for text, pair in zip(hard, hard[1:])]
    return found


def opened(folder):
    """The reference of a folder."""
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text()) if path.exists() else {}
    slow = settings.get("do_basic_tokenize") is False and not (folder / "tokenizer.json").exists()
    return AutoTokenizer.from_pretrained(folder, use_fast=not slow)


def reference(tokenizer, found):
    """Hugging Face's encodings as lines, in lists as a lone empty pair is taken for no pair."""
    lines = [None] * len(found)
    groups = {}
    for index, (_, pair, length) in enumerate(found):
        groups.setdefault((pair is None, length), []).append(index)
    for (alone, length), indexes in groups.items():
        inputs = [found[index][0] for index in indexes]
        pairs = None if alone else [found[index][1] for index in indexes]
        encoded = tokenizer(inputs, pairs, truncation=length < UNCUT, max_length=length if length < UNCUT else None)
        types = encoded.get("token_type_ids") or [[0] * len(tokens) for tokens in encoded["input_ids"]]
        for index, tokens, own in zip(indexes, encoded["input_ids"], types):
            lines[index] = " ".join(map(str, tokens)) + "|" + " ".join(map(str, own))
    return lines


def compare(executable, model, found, folder):
    """The number of encodings that differ."""
    tokenizer = opened(model)
    if not tokenizer.is_fast:
        found = [request for request in found if request[1] is None]
    with open(folder / "requests.jsonl", "w", encoding="utf-8") as file:
        for text, pair, length in found:
            file.write(json.dumps({"text": text, "pair": pair, "length": length}) + "\n")
    kind = json.loads((model / "config.json").read_text()).get("model_type", "bert")
    run = subprocess.run([executable, "tokenize", model, kind, folder / "requests.jsonl", folder / "output.txt"],
                         check=True, stdout=subprocess.PIPE, encoding="utf-8")
    ours = (folder / "output.txt").read_text().split("\n")[:-1]
    theirs = reference(tokenizer, found)
    assert len(ours) == len(theirs) == len(found)
    wrong = [index for index in range(len(found)) if ours[index] != theirs[index]]
    print(f"{model.name}: {len(found)} encodings compared, {len(wrong)} differ; " + run.stdout.strip().replace("\n", "; "),
          flush=True)
    for index in wrong[:10]:
        print(f"  {found[index]!r}\n    here         {ours[index]}\n    Hugging Face {theirs[index]}")
    return len(wrong)


def main():
    executable, data = sys.argv[1], pathlib.Path(sys.argv[2])
    found = requests(data)
    with tempfile.TemporaryDirectory() as folder:
        wrong = [compare(executable, pathlib.Path(model), found, pathlib.Path(folder)) for model in sys.argv[3:]]
    sys.exit(1 if any(wrong) else 0)


if __name__ == "__main__":
    main()
