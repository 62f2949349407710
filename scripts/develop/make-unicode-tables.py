#!/usr/bin/env python3
"""Writes the Unicode tables of Sources/Trainer/Tokenization from what the installed `tokenizers` package does to every scalar.

usage: python3 scripts/develop/make-unicode-tables.py TABLES.swift FORMS.swift

TABLES is UnicodeTables.swift, BERT's normalizer; FORMS is UnicodeForms.swift, what other normalizers and splitters need.
Needs the packages tokenizers and regex.

Hugging Face's BERT normalizer mixes three Unicode versions: categories are those of Unicode 8, canonical
decompositions and combining classes come from a normalization crate, lower-casing from the Rust standard library. The
tables are therefore observed, scalar by scalar, and frozen: a Swift toolchain with another Unicode version tokenizes
the same. Hangul syllables are left out, their decomposition is arithmetic.
"""
import struct
import sys
import textwrap
import unicodedata

if len(sys.argv) != 3:
    sys.exit(__doc__)
try:
    import regex
    import tokenizers
    from tokenizers import Regex, normalizers, pre_tokenizers
except ModuleNotFoundError as error:
    sys.exit(f"make-unicode-tables.py: {error}; install it with `python3 -m pip install tokenizers regex`")

SCALARS = [value for value in range(0x110000) if not 0xD800 <= value < 0xE000]
BERT = normalizers.BertNormalizer


def stage(**on):
    """The normalizer with one stage switched on."""
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return BERT(**{**off, **on}).normalize_str


def combining_classes():
    """Every scalar's canonical combining class as the normalization crate has it, where it is not 0."""
    decomposed = normalizers.NFD().normalize_str
    lowest, highest = "\u0334", "\u0345"  # classes 1 and 240
    references = {1: lowest, 240: highest}
    for value in SCALARS:
        scalar, number = chr(value), unicodedata.combining(chr(value))
        if number and number not in references and decomposed(highest + scalar) == scalar + highest:
            references[number] = scalar
    classes = {}
    for value in SCALARS:
        scalar = chr(value)
        if decomposed(scalar) != scalar:
            continue  # never seen after decomposition
        if decomposed(highest + scalar) == highest + scalar and decomposed(scalar + lowest) == scalar + lowest:
            continue  # moves in neither direction: a starter
        for number, reference in references.items():
            stays = (decomposed(scalar + reference), decomposed(reference + scalar))
            if stays == (scalar + reference, reference + scalar):
                classes[value] = number
    return classes


def spans(values):
    """Sorted numbers as inclusive spans."""
    found = []
    for value in sorted(values):
        if found and found[-1][1] == value - 1:
            found[-1][1] = value
        else:
            found.append([value, value])
    return found


def span_words(values, suffix=""):
    return [(f"{a:X}" if a == b else f"{a:X}-{b:X}") + suffix for a, b in spans(values)]


def fold_words(folds):
    """Runs START*COUNT/STRIDE>FIRST of scalars that map to one scalar at the same distance; the rest singly."""
    words, rest = [], dict(folds)
    for value in sorted(folds):
        if value not in rest:
            continue
        target = rest[value]
        if len(target) > 1:
            words.append(f"{value:X}>" + "_".join(f"{part:X}" for part in target))
            del rest[value]
            continue
        count, stride = 1, 1
        for step in (1, 2):
            length = 1
            while rest.get(value + length * step) == (target[0] + length * step,):
                length += 1
            if length > count:
                count, stride = length, step
        for index in range(count):
            del rest[value + index * stride]
        run = "" if count == 1 else f"*{count:X}" + ("" if stride == 1 else f"/{stride}")
        words.append(f"{value:X}{run}>{target[0]:X}")
    return words


def literal(name, comment, words):
    lines = textwrap.wrap(" ".join(words), 114, break_long_words=False, break_on_hyphens=False)
    body = "\n".join("    " + line for line in lines)
    return f"  /// {comment}\n  static let {name} = \"\"\"\n{body}\n    \"\"\"\n"


def write_tables(path):
    clean, ideograph = stage(clean_text=True), stage(handle_chinese_chars=True)
    strip, lower = stage(strip_accents=True), stage(lowercase=True)
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    decomposed = normalizers.NFD().normalize_str
    classes = combining_classes()
    sets = {key: set() for key in ("removed", "spaces", "ideographs", "punctuation", "marks", "starters")}
    folds, ordered = {}, {}
    for value in SCALARS:
        scalar = chr(value)
        cleaned = clean(scalar)
        if cleaned == "":
            sets["removed"].add(value)
            continue
        if cleaned == " ":
            sets["spaces"].add(value)
            continue
        if ideograph(scalar) != scalar:
            sets["ideographs"].add(value)
        if len(split("a" + scalar + "a")) == 3:
            sets["punctuation"].add(value)
        stripped = strip(scalar)
        if stripped == "":
            sets["marks" if ord(decomposed(scalar)[0]) in classes else "starters"].add(value)
            continue
        if value in classes:
            ordered.setdefault(classes[value], []).append(value)
        folded = "".join(lower(part) for part in stripped)
        if folded != scalar and not 0xAC00 <= value <= 0xD7A3:
            folds[value] = tuple(map(ord, folded))
    ordered_words = [word for number in sorted(ordered) for word in span_words(ordered[number], f":{number}")]
    text = (
        "// What Hugging Face's BERT normalizer does to each Unicode scalar, observed and frozen so that no toolchain's\n"
        f"// Unicode version changes a token. Written by scripts/develop/make-unicode-tables.py from tokenizers {tokenizers.__version__};\n"
        "// not edited by hand. All numbers but the combining classes are hexadecimal; spans include both ends.\n\n"
        "/// The frozen tables as text; `UnicodeClasses` reads them once.\nenum UnicodeTables {\n"
        + literal("removed", "Dropped as control characters: categories Cc, Cf and Co of Unicode 8, and U+FFFD.",
                  span_words(sets["removed"]))
        + "\n" + literal("spaces", "Become a space.", span_words(sets["spaces"]))
        + "\n" + literal("ideographs", "Get a space on either side.", span_words(sets["ideographs"]))
        + "\n" + literal("punctuation", "Stand alone as a word.", span_words(sets["punctuation"]))
        + "\n" + literal("marks", "Stripped accents (Mn of Unicode 8) whose combining class is not 0.",
                         span_words(sets["marks"]))
        + "\n" + literal("starters", "Stripped marks (Mn of Unicode 8) of combining class 0.",
                         span_words(sets["starters"]))
        + "\n" + literal("ordered", "Kept scalars whose combining class, in decimal after the colon, is not 0.",
                         ordered_words)
        + "\n" + literal("folds", "START*COUNT/STRIDE>FIRST: canonically decomposed, accents stripped, lower-cased.",
                         fold_words(folds))
        + "}\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def is_hangul(value):
    """Whether a scalar is a syllable, whose decomposition is arithmetic."""
    return 0xAC00 <= value <= 0xD7A3


def changes(normalize):
    """What a normalizer makes of each scalar that it changes."""
    found = {value: normalize(chr(value)) for value in SCALARS if not is_hangul(value)}
    return {value: tuple(map(ord, text)) for value, text in found.items() if text and text != chr(value)}


def matching(pattern):
    """The scalars that a regular expression of the tokenizers package matches."""
    split = pre_tokenizers.Split(Regex(pattern), "removed").pre_tokenize_str
    return {value for value in SCALARS if not split(chr(value))}


UNCOMPOSED = "What decomposes into several scalars that are not composed again; all others are."


def uncomposed(decomposed):
    """The scalars whose decomposition is of several scalars, which NFC leaves decomposed."""
    compose = normalizers.NFC().normalize_str
    return {value for value, parts in decomposed.items() if len(parts) > 1 and compose(chr(value)) != chr(value)}


def continues_cluster():
    """The scalars that join a letter before them in one grapheme cluster: a character map with the entry a>A replaces the
    whole cluster."""
    units = [0] * 0x400
    units[0] = 0x100 << 10
    units[0x100 ^ ord("a")] = 0x200 << 10 | 1 << 8 | ord("a")
    trie = struct.pack(f"<{len(units)}I", *units)
    normalize = normalizers.Precompiled(struct.pack("<I", len(trie)) + trie + b"A\0").normalize_str
    return {value for value in SCALARS if normalize("a" + chr(value)) == "A"}


def property_set(expression):
    return {value for value in SCALARS if regex.fullmatch(expression, chr(value))}


def write_forms(path):
    decomposed = changes(normalizers.NFD().normalize_str)
    compatible = {value: to for value, to in changes(normalizers.NFKD().normalize_str).items()
                  if decomposed.get(value) != to}
    classes = {}
    for value, number in combining_classes().items():
        classes.setdefault(number, []).append(value)
    class_words = [word for number in sorted(classes) for word in span_words(classes[number], f":{number}")]
    strip = normalizers.StripAccents().normalize_str
    joining = continues_cluster()
    text = (
        "// What Hugging Face's normalizers and splitters beside BERT's know of each Unicode scalar, observed and frozen as in\n"
        "// UnicodeTables.swift; only what begins a grapheme cluster and what pictures are come from the regex package.\n"
        f"// Written by scripts/develop/make-unicode-tables.py from tokenizers {tokenizers.__version__}; not edited by hand.\n"
        "// All numbers but the combining classes are hexadecimal; spans include both ends.\n\n"
        "/// The frozen tables as text; `UnicodeFormTables` reads them once.\nenum UnicodeForms {\n"
        + "\n".join([
            literal("letters", "`\\p{L}` of GPT-2's expression.", span_words(matching(r"\p{L}"))),
            literal("numbers", "`\\p{N}` of GPT-2's expression.", span_words(matching(r"\p{N}"))),
            literal("spaces", "`\\s` of GPT-2's expression, and what every other part counts as white space.",
                    span_words(matching(r"\s"))),
            literal("accents", "What the normalizer StripAccents removes.",
                    span_words(value for value in SCALARS if strip(chr(value)) == "")),
            literal("joining", "What continues a grapheme cluster.", span_words(joining)),
            literal("prepending", "What begins one together with the scalar after it.",
                    span_words(property_set(r"\p{GCB=Prepend}"))),
            literal("controls", "What is a cluster by itself.", span_words(property_set(r"[\p{GCB=Control}\p{GCB=CR}\p{GCB=LF}]"))),
            literal("pictures", "Pictographs, which a joiner connects.", span_words(property_set(r"\p{ExtPict}"))),
            literal("classes", "Combining classes that are not 0, in decimal after the colon.", class_words),
            literal("decompositions", "START*COUNT/STRIDE>FIRST: canonical decompositions, complete.", fold_words(decomposed)),
            literal("compatible", "Compatibility decompositions where they differ, complete.", fold_words(compatible)),
            literal("lowercase", "Lower case.", fold_words(changes(normalizers.Lowercase().normalize_str))),
            literal("uncomposed", UNCOMPOSED, span_words(uncomposed(decomposed))),
        ])
        + "}\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    try:
        write_tables(sys.argv[1])
        write_forms(sys.argv[2])
    except OSError as error:
        sys.exit(f"make-unicode-tables.py: {error.filename} cannot be written ({error.strerror}); name another file")
