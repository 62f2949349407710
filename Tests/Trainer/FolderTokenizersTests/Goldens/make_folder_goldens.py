#!/usr/bin/env python3
"""Writes folders.json: small tokenizers of every kind as folders, with what Transformers makes of texts and pairs.

usage: python3 Tests/Trainer/FolderTokenizersTests/Goldens/make_folder_goldens.py > Tests/Trainer/FolderTokenizersTests/Goldens/folders.json

Needs transformers 4.57, sentencepiece and protobuf (no torch). The vocabularies are trained on this project's CHANGELOG.md;
every folder is opened with AutoTokenizer as it is, and again as save_pretrained writes it, with and without the older files.
Files that are no text are in base 64.
"""
import base64
import json
import os
import pathlib
import shutil
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[4]
sys.path.insert(0, str(ROOT / "Tests/Trainer/TokenizationTests/Goldens"))

import sentencepiece  # noqa: E402
from hard_lines import ODDITIES, hard_lines  # noqa: E402
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402
from transformers import AddedToken, AutoTokenizer  # noqa: E402

CORPUS = ROOT / "CHANGELOG.md"
OLDER = ("vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model")
TEXTS = [
    "Don't   stop\n\n  me now, I've 1,234 runs'll", " <mask> a<mask> b <mask>", "[MASK]  [CLS] a [SEP]b", "<s>a</s> <unk><pad>",
    "``quoted'' 12,5 É\u0301tat ﬁne Ａ １ ½ ²", "<|endoftext|> a", "the journal holds every trial's outcome", "\u2581a \u2581\u2581 b\u3000c",
    "  leading and trailing  ", "<0x41> \u00a0\u2003x\u200by\u200d", "e\u0301 a\u0315\u0300 \r\n\r \u1100\u1161\u11a8 ©\u200d❤ ﬁ\u0301",
] + [line for line in ODDITIES if len(line) < 80] + hard_lines(160)[60::6]
# Texts alone, and pairs cut to many lengths.
REQUESTS = [(text, None, 1000) for text in TEXTS] + [
    (text, other, 7 + index % 30) for index, (text, other) in enumerate(zip(TEXTS[::2], TEXTS[3::2]))]
# A small character map: compatibility characters, clusters, white space, a text of nothing.
RULES = [("ﬁ", "fi"), ("Ａ", "A"), ("１", "1"), ("½", "1/2"), ("e\u0301", "é"), ("\r\n", " "), ("\t", " "), ("\u3000", " "), ("\u200b", ""),
         ("\u0315", "'"), ("한", "\u1112\u1161\u11ab"), ("❤", "<3"), ("\u00a0", " ")]


def write(folder, name, **keys):
    (folder / name).write_text(json.dumps(keys))


def word_pieces(folder):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train([str(CORPUS)], trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False))
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    (folder / "vocab.txt").write_text("".join(token + "\n" for token, _ in vocabulary), encoding="utf-8")


def byte_pairs(folder, *special):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train([str(CORPUS)], trainers.BpeTrainer(
        vocab_size=420, special_tokens=list(special), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.model.save(str(folder))


def pieces(folder, name, **options):
    rules = folder / "rules.tsv"
    rules.write_text("".join(
        " ".join(f"{ord(c):X}" for c in old) + "\t" + " ".join(f"{ord(c):X}" for c in new) + "\n" for old, new in RULES))
    sentencepiece.SentencePieceTrainer.train(
        input=str(CORPUS), model_prefix=str(folder / "model"), vocab_size=240, model_type="unigram", minloglevel=2,
        normalization_rule_tsv=str(rules), num_threads=1, **options)
    (folder / "model.model").rename(folder / name)
    (folder / "model.vocab").unlink()
    rules.unlink()


def blanks(folder):
    """A tokenizer.json whose words are what blanks separate."""
    word_pieces(folder)
    vocabulary = {token: index for index, token in enumerate((folder / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1])}
    (folder / "vocab.txt").unlink()
    tokenizer = Tokenizer(models.WordPiece(vocab=vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    write(folder, "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast", unk_token="[UNK]", sep_token="[SEP]",
          cls_token="[CLS]", pad_token="[PAD]", mask_token="[MASK]")


def byte_fallback(folder):
    """A tokenizer.json of unigrams with pieces for bytes."""
    scores = [("<unk>", 0.0)] + [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
    scores += [(text, -float(index % 7) - 1) for index, text in enumerate(["\u2581", "a", "b", "\u2581a", "ab", "the", "\u2581the", "e", "é"])]
    tokenizer = Tokenizer(models.Unigram(scores, 0, True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(left=True, right=False), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <unk>:1", pair="$B:1 <unk> $A:0", special_tokens=[("<unk>", 0)])
    tokenizer.add_tokens([AddedToken("tok", single_word=True, normalized=True), AddedToken("<b>", lstrip=True, rstrip=True)])
    tokenizer.save(str(folder / "tokenizer.json"))
    write(folder, "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast", unk_token="<unk>", truncation_side="left")


ROBERTA = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
KINDS = {
    "bert": ("bert", lambda folder: word_pieces(folder)),
    "distilbert": ("distilbert", lambda folder: word_pieces(folder)),
    "accents": ("bert", lambda folder: (word_pieces(folder), write(
        folder, "tokenizer_config.json", do_lower_case=True, strip_accents=False, tokenize_chinese_chars=False))),
    "blanks": ("bert", blanks),
    "slow blanks": ("bert", lambda folder: (word_pieces(folder), write(
        folder, "tokenizer_config.json", do_basic_tokenize=False))),
    "roberta": ("roberta", lambda folder: byte_pairs(folder, *ROBERTA)),
    "roberta, spaces before": ("roberta", lambda folder: (byte_pairs(folder, *ROBERTA), write(
        folder, "tokenizer_config.json", add_prefix_space=True, truncation_side="left", tokenizer_class="RobertaTokenizer"))),
    "gpt2": ("gpt2", lambda folder: byte_pairs(folder, "<|endoftext|>")),
    "albert": ("albert", lambda folder: pieces(
        folder, "spiece.model", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols=["[CLS]", "[SEP]", "[MASK]"],
        user_defined_symbols=["<tab>"])),
    "albert, cased": ("albert", lambda folder: (pieces(
        folder, "spiece.model", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols=["[CLS]", "[SEP]", "[MASK]"]), write(
            folder, "tokenizer_config.json", do_lower_case=False, keep_accents=True))),
    "xlm-roberta": ("xlm-roberta", lambda folder: pieces(folder, "sentencepiece.bpe.model")),
    "camembert": ("camembert", lambda folder: pieces(folder, "sentencepiece.bpe.model")),
    "byte fallback": ("bert", byte_fallback),
}


def contents(path):
    data = path.read_bytes()
    if path.suffix == ".json":
        data = json.dumps(json.loads(data), separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    return {"base64": base64.b64encode(data).decode()} if path.suffix == ".model" else {"text": data.decode("utf-8")}


def encoded(tokenizer):
    """Token identifiers, and types where they are not all 0. Slow tokenizers cut pairs in another way: those are left out."""
    tokens, types = [], []
    for text, other, length in REQUESTS:
        if other is not None and not tokenizer.is_fast:
            tokens.append(None)
            types.append([])
            continue
        # Lists, because a lone pair of "" is taken for no pair, and one in a list is not.
        result = tokenizer([text], None if other is None else [other], truncation=True, max_length=length)
        tokens.append(result["input_ids"][0])
        own = result.get("token_type_ids", [[]])[0]
        types.append(own if any(own) else [])
    return tokens, types


def cases(name, model_type, make):
    with tempfile.TemporaryDirectory() as start, tempfile.TemporaryDirectory() as saved:
        start, saved = pathlib.Path(start), pathlib.Path(saved)
        make(start)
        write(start, "config.json", model_type=model_type, vocab_size=1000)
        tokenizer = AutoTokenizer.from_pretrained(start, use_fast=name != "slow blanks")
        folders = [(name, start, tokenizer)]
        if tokenizer.is_fast:
            tokenizer.save_pretrained(saved)
            write(saved, "config.json", model_type=model_type, vocab_size=1000)
            newest = [older for older in OLDER if (start / older).exists()]
            if newest:
                folders.append((name + ", saved", saved, AutoTokenizer.from_pretrained(saved)))
                for older in newest:
                    shutil.copy(start / older, saved / older)
        for title, folder, tokenizer in folders:
            files = {path.name: contents(path) for path in sorted(folder.iterdir()) if path.name != "config.json"}
            tokens, types = encoded(tokenizer)
            yield {"name": title, "model_type": model_type, "files": files, "special": sorted(set(tokenizer.all_special_ids)),
                   "tokens": tokens, "types": types}


def main():
    found = [case for name, (model_type, make) in KINDS.items() for case in cases(name, model_type, make)]
    lines = ",\n".join(json.dumps(case, separators=(",", ":"), ensure_ascii=False) for case in found)
    requests = ",\n".join(json.dumps(request, ensure_ascii=False) for request in REQUESTS)
    sys.stdout.write(f'{{"requests":[\n{requests}\n],"cases":[\n{lines}\n]}}\n')


main()
