#!/usr/bin/env python3
"""Writes forms.txt: for each block of 4,096 Unicode scalars a checksum of what each normalizer and splitter makes of a text of them.

usage: python3 Tests/Trainer/TokenizationTests/Goldens/make_form_goldens.py > Tests/Trainer/TokenizationTests/Goldens/forms.txt

Needs the package tokenizers. The text holds every scalar of the block between "a" and an acute accent.
"""
import struct

from tokenizers import Regex, normalizers, pre_tokenizers

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def checksum(text):
    """FNV-1a, 64 bits, of the UTF-8 bytes."""
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def clusters():
    """A character map with the entry a>A, which replaces a whole cluster that begins with a."""
    units = [0] * 0x400
    units[0] = 0x100 << 10
    units[0x100 ^ ord("a")] = 0x200 << 10 | 1 << 8 | ord("a")
    trie = struct.pack(f"<{len(units)}I", *units)
    return normalizers.Precompiled(struct.pack("<I", len(trie)) + trie + b"A\0")


def main():
    forms = [normalizers.NFD(), normalizers.NFC(), normalizers.NFKD(), normalizers.NFKC(), normalizers.Lowercase(),
             normalizers.StripAccents(), clusters()]
    splitters = [pre_tokenizers.Split(Regex(GPT2), "isolated"), pre_tokenizers.WhitespaceSplit()]
    for block in range(0x110):
        scalars = [chr(value) for value in range(block << 12, block + 1 << 12) if not 0xD800 <= value < 0xE000]
        text = "".join(f"a{scalar}\u0301b {scalar}1" for scalar in scalars)
        sums = [checksum(form.normalize_str(text)) for form in forms]
        sums += [checksum("|".join(word for word, _ in splitter.pre_tokenize_str(text))) for splitter in splitters]
        print(f"{block:x} " + " ".join(f"{value:016x}" for value in sums))


main()
