#!/usr/bin/env python3
"""Writes tokenizers.json: folders of tokenizer files with what Transformers makes of texts.

usage: python3 Tests/Trainer/FolderTokenizersTests/Goldens/make_tokenizer_goldens.py > FILE, then move FILE to tokenizers.json beside it

Needs transformers 4.57 (no torch). Each folder is opened with AutoTokenizer, which takes the fast BERT tokenizer. The first
folders are written by hand, some are what save_pretrained writes, and the others have random tokens with random flags, the last
ones tokens of white space. The tokenizers library cannot encode some texts with those; such texts are left out.
"""
import json
import os
import pathlib
import random
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

from transformers import AddedToken, AutoTokenizer, BertTokenizerFast  # noqa: E402

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog", "a", "[", "]", "[E1]", "[E2]", "e1", "##s", "e",
              "##1", "cafe", "##x", "E1", "<", ">", "中", "ent", "b", "1", "-"]
CONTENTS = ["E1", "e1", "[E1]", "[e2]", "Ünï", "<ent>", "<ENT>", "a b", "中", "ca", "cat", "Cat", "E", "e1x", "##s", "CAFÉ", "_",
            "[MASK]", "[PAD]", "dog cat", "１", "x", "e-", "a\u0301"]
PIECES = ["E1", "e1", "[E1]", "[E2]", "[e2]", "ünï", "ÜNÏ", "<ent>", "<Ent>", "a b", "中", "cat", "CAT", "cafe", "café", "_", "x",
          "[MASK]", "[mask]", "[PAD]", "dog", " ", " ", "  ", "-", "é", "\u0301", "１", "a", "\t", "ca", "##s", ".", "\u200d", "b", "s"]
SPACES = [" ", "  ", "   ", "\t", "\n", "\u00a0", "\u3000", " a", "a ", " cat", " b ", "\tcat", "\n\n"]
SPACE_PIECES = [" ", "  ", "   ", "\t", "\n", "\u00a0", "\u3000", "a", "b", "cat", "E1", "e1", "<ent>", "x", "-"]


def token(content, **flags):
    return {"content": content, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True} | flags


def written(folder):
    """The texts of a folder's files; the configuration and the vocabulary are left to the test."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(folder).iterdir())
            if path.name not in ("vocab.txt", "config.json")}


def start(folder):
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": 64}))


def identifiers(tokenizer, text):
    """The identifiers of a text; None where the library panics, as it does for overlapping tokens."""
    try:
        return tokenizer(text)["input_ids"]
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return None


def case(name, files, texts):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        start(folder)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        tokenizer = AutoTokenizer.from_pretrained(folder)
        assert isinstance(tokenizer, BertTokenizerFast)
        special = sorted(set(tokenizer.all_special_ids))
        encoded = [(text, identifiers(tokenizer, text)) for text in texts]
        return {"name": name, "files": files, "special": special,
                "texts": [{"text": text, "ids": ids} for text, ids in encoded if ids is not None]}


def saved(change, **settings):
    """What save_pretrained writes after a change of the tokenizer."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as target:
        folder = pathlib.Path(folder)
        start(folder)
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        change(tokenizer)
        tokenizer.save_pretrained(target)
        return written(target)


def main():
    draw = random.Random(20)
    texts = ["[E1] cat", "[e1] cat", "E1 cat", "e1 cat", "xE1cat", "E1s", "[E1]cats", "cat E1x", "E2 cat", "CAFÉ cat", "<ent> cat",
             "cat <ENT>x", "[MASK] [mask]", "a[E1]b E1", "é中a"]
    config = lambda **keys: {"tokenizer_config.json": json.dumps(keys)}  # noqa: E731
    by_hand = {
        "nothing": {},
        "additional, in the vocabulary": config(do_lower_case=True, additional_special_tokens=["[E1]", "[E2]"]),
        "additional, new": config(additional_special_tokens=["<ent>", "[E1]", "<e>"]),
        "decoder": config(added_tokens_decoder={"26": token("E2", normalized=True, special=False)}),
        "decoder, a word of the vocabulary": config(
            added_tokens_decoder={"18": token("E1", normalized=True, special=False, single_word=True)}),
        "decoder, its order": config(
            added_tokens_decoder={"27": token("<e>"), "26": token("<ent>"), "3": token("[SEP]"), "4": token("[MASK]")}),
        "decoder before additional": config(
            additional_special_tokens=["<e>", "[E1]"], added_tokens_decoder={"26": token("<ent>")}),
        "decoder, a normalized mask": config(added_tokens_decoder={"4": token("[MASK]", normalized=True)}),
        "cased": config(do_lower_case=False, added_tokens_decoder={"26": token("Ent", normalized=True, special=False)}),
        "added_tokens.json": {"added_tokens.json": json.dumps({"E2": 27, "<ent>": 26})} | config(),
        "added_tokens.json beside a decoder": {"added_tokens.json": json.dumps({"E2": 26})} | config(
            added_tokens_decoder={"26": token("<ent>")}),
        "special_tokens_map.json": {"special_tokens_map.json": json.dumps(
            {"additional_special_tokens": ["<ent>", "[E1]"], "unk_token": "[UNK]"})} | config(
                additional_special_tokens=["<e>"]),
        "added and special": {"added_tokens.json": json.dumps({"<ent>": 26, "Dog": 27}), "special_tokens_map.json": json.dumps(
            {"additional_special_tokens": ["<ent>"]})},
        "one normalized text, the first": config(added_tokens_decoder={
            str(26 + index): token(content, normalized=True, special=False) for index, content in enumerate(["<Ent>", "<ent>", "<ENT>"])}),
        "one normalized text, the special one": config(
            additional_special_tokens=["<ENT>"],
            added_tokens_decoder={"26": token("<Ent>", normalized=True, special=False), "27": token("<ENT>", normalized=True)}),
        "begin and end": config(bos_token="<s>", eos_token="[E2]"),
        "defaults": config(
            do_lower_case=True, unk_token="[UNK]", sep_token="[SEP]", pad_token="[PAD]", cls_token="[CLS]", mask_token="[MASK]",
            tokenize_chinese_chars=True, strip_accents=None, never_split=None, model_max_length=512,
            tokenizer_class="BertTokenizer", additional_special_tokens=[],
            added_tokens_decoder={str(index): token(VOCABULARY[index]) for index in range(5)}),
    }
    cases = [case(name, files, texts) for name, files in by_hand.items()]
    changes = {
        "saved": lambda tokenizer: None,
        "saved with special tokens": lambda tokenizer: tokenizer.add_special_tokens(
            {"additional_special_tokens": ["<ent>", "[E1]"]}),
        "saved with words": lambda tokenizer: tokenizer.add_tokens(["E2", AddedToken("Cat", single_word=True), "中a"]),
    }
    for name, change in changes.items():
        for lowercases in (True, False):
            files = saved(change, do_lower_case=lowercases)
            cases.append(case(f"{name}, lower case {lowercases}", files, texts))
            older = {file: text for file, text in files.items() if file != "tokenizer_config.json"}
            # Cased tokens in a tokenizer that then lower-cases are refused.
            if lowercases or name != "saved with words":
                cases.append(case(f"{name}, lower case {lowercases}, without configuration", older, texts))
            cases.append(case(f"{name}, lower case {lowercases}, without tokenizer.json", {
                file: text for file, text in files.items() if file != "tokenizer.json"}, texts))
    for index in range(60):
        decoder, number = {}, len(VOCABULARY)
        for content in draw.sample(CONTENTS, draw.randint(1, 6)):
            if content in VOCABULARY:
                identifier = VOCABULARY.index(content)
            else:
                identifier, number = number, number + 1
            decoder[str(identifier)] = token(content, **{key: draw.random() < 0.4 for key in (
                "lstrip", "normalized", "rstrip", "single_word", "special")})
        drawn = ["".join(draw.choices(PIECES, k=draw.randint(1, 9))) for _ in range(12)]
        cases.append(case(f"random {index}", config(do_lower_case=draw.random() < 0.5, added_tokens_decoder=decoder), drawn))
    for index in range(20):
        decoder, number = {}, len(VOCABULARY)
        for content in draw.sample(SPACES, draw.randint(2, 5)) + draw.sample(["E1", "cat", "<ent>"], 2):
            if content in VOCABULARY:
                identifier = VOCABULARY.index(content)
            else:
                identifier, number = number, number + 1
            decoder[str(identifier)] = token(content, special=False, **{key: draw.random() < 0.4 for key in (
                "lstrip", "normalized", "rstrip", "single_word")})
        drawn = ["".join(draw.choices(SPACE_PIECES, k=draw.randint(2, 9))) for _ in range(12)]
        cases.append(case(f"white space {index}", config(do_lower_case=draw.random() < 0.5, added_tokens_decoder=decoder), drawn))
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    sys.stdout.write(f'{{"vocabulary":{json.dumps(VOCABULARY)},"cases":[\n{lines}\n]}}\n')


main()
