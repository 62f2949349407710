#!/usr/bin/env python3
"""Writes the goldens of the tokenizer tests from Hugging Face's fast BERT tokenizer.

usage: python3 Tests/Trainer/TokenizationTests/Goldens/make_goldens.py --vocabulary REAL_VOCAB.txt --output Tests/Trainer/TokenizationTests/Goldens

`vocabulary.txt` is the part of the real vocabulary that the golden lines use, with capitals added; `lines.jsonl` has each
line with its uncased and cased tokens; `truncation.txt` how many tokens of a pair are kept; `scalars.txt` a checksum
of what the normalizer and word splitter make of each block of 4,096 scalars.
"""
import argparse
import json
import pathlib

from tokenizers import normalizers, pre_tokenizers
from transformers import BertTokenizer

from hard_lines import hard_lines

LINE_COUNT = 2000
KEPT_EVERY = 5


def tokenizer(vocabulary, lowercases):
    return BertTokenizer(vocab={token: index for index, token in enumerate(vocabulary)}, do_lower_case=lowercases)


def small_vocabulary(real, lines):
    """The special tokens, every short token and the tokens the lines use, then capitalized copies."""
    used = {identifier for line in lines for identifier in tokenizer(real, True)(line)["input_ids"]}
    kept = [token for index, token in enumerate(real)
            if index in used or (token.startswith("[") and not token.startswith("[unused") and len(token) > 1)]
    known = set(kept)
    capitals = [token.title() for token in kept if token.title() not in known and not token.startswith("[")]
    return kept + list(dict.fromkeys(capitals))


def checksum(text):
    """FNV-1a, 64 bits, of the UTF-8 bytes."""
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def scalar_checksums():
    """For each block of 4,096 scalars, uncased and cased: the checksum of the words of "a" + scalar + "b", joined."""
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    lines = []
    for block in range(0x110):
        sums = []
        for lowercases in (True, False):
            normalize = normalizers.BertNormalizer(lowercase=lowercases).normalize_str
            words = []
            for value in range(block << 12, block + 1 << 12):
                if not 0xD800 <= value < 0xE000:
                    words += [word for word, _ in split(normalize("a" + chr(value) + "b"))]
            sums.append(f"{checksum(' '.join(words)):016x}")
        lines.append(f"{block:x} {' '.join(sums)}\n")
    return "".join(lines)


def truncations():
    """Kept lengths of a pair for every pair of lengths and every limit in a small range."""
    reference = tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"], True)
    lines = []
    for first in range(8):
        for second in range(8):
            for limit in range(4, 20):
                # Lists, because a lone pair of "" is taken for no pair, and one in a list is not.
                texts, pairs = [" ".join("a" * first)], [" ".join("b" * second)]
                identifiers = reference(texts, pairs, truncation=True, max_length=limit)["input_ids"][0]
                lines.append(f"{first} {second} {limit} {identifiers.count(5)} {identifiers.count(6)}\n")
    return "".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    output = pathlib.Path(arguments.output)
    real = pathlib.Path(arguments.vocabulary).read_text(encoding="utf-8").split("\n")[:-1]
    lines = hard_lines(LINE_COUNT)
    lines = lines[:60] + lines[60::KEPT_EVERY]
    vocabulary = small_vocabulary(real, lines)
    (output / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    uncased, cased = tokenizer(vocabulary, True), tokenizer(vocabulary, False)
    with open(output / "lines.jsonl", "w", encoding="utf-8") as file:
        for line in lines:
            record = {"text": line, "uncased": uncased(line)["input_ids"], "cased": cased(line)["input_ids"]}
            file.write(json.dumps(record, separators=(",", ":")) + "\n")
    (output / "truncation.txt").write_text(truncations())
    (output / "scalars.txt").write_text(scalar_checksums())


if __name__ == "__main__":
    main()
