"""Text lines that are hard to tokenize, the same for the same seed: every plane, category and script that this
Python knows, and the oddities that tokenizers disagree about. Used by make_goldens.py and scripts/check/compare/compare-tokenizer.sh.
"""
import random
import unicodedata

ODDITIES = [
    "[CLS] [SEP] [MASK] [PAD] [UNK]", "a[SEP]b[MASK]c", "[sep] [Mask] [[MASK]] [MASK", "[unused1] ##ing ## #",
    "İstanbul ıI IİiI", "Straße STRASSE ẞ", "ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ Σ σς", "ﬁ ﬀ ﬃ Å Å Å K Ω", "é e\u0301 \u00e9\u0301\u0316",
    "\ufeffBOM inside \ufeff and after", "\ufffd replaced \ufffd", "a\u0000b\u0001c\u007fd\u0085e\u009ff",
    "line\u2028separator\u2029paragraph\u000b\u000c\u001c\u001d", "tab\tnew\nreturn\r\nend",
    "zero\u200bwidth\u200cnon\u200djoiner\u2060word\u00adsoft", "👨‍👩‍👧‍👦 👍🏽 🇩🇪🇫🇷 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣",
    "日本語のテスト。中文測試，한국어 시험", "豈更車賈滑串句 丽丸乁 \U0002f800\U0002f81a", "각힣가\u1100\u1161\u11a8\u302e\u302f",
    "ภาษาไทย กำแพง ที่", "العَرَبِيَّة ٱلرَّحْمٰن ﷽", "עִבְרִית שָׁלוֹם", "नमस्ते क्षत्रिय ৰৱ", "Việt Nam ặ ệ Ǖ ǖ ṩ",
    "x" * 100, "x" * 101, "é" * 100, "é" * 101, "e\u0301" * 100, "e\u0301" * 101, "unaffable" * 12, "日" * 150,
    "\ue000private\U000f0000use\U0010fffd", "\ud7ff\ue000\uffff\U0010ffff\ufdd0", "\U0001d15e\U0001d160\U0001d165\u0301",
    "\u0301leading \u0316mark", "a\u0315\u0300\u05ae\u0300\u0062", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 Ｆｕｌｌ ①②③ ½ ²", "don't U.S.A. 3.14 e-mail @user #tag",
    "–—‘’“”… «» ¿¡ § ¶ † ‡ • ° ± × ÷ € £ ¥ ₹ ™ © ®", "𐐀𐐨 𐓀 𞤀𞤢 Ꭰꭰ Ა ა Ꙁ", "\u0340\u0341\u0343\u0344\u0374\u037e\u0387\u1fef",
    "\U00011935\U00011930 \U00011938", "", " ", "   \t\n ", "\u3000\u00a0\u1680\u2003\u202f\u205f", "[SEP]", "[SEP][SEP] [CLS]x",
]


def scalars_by_category():
    """Every scalar Python knows, by general category, and the unassigned ones."""
    found = {}
    for value in range(0x110000):
        if not 0xD800 <= value < 0xE000:
            found.setdefault(unicodedata.category(chr(value)), []).append(chr(value))
    return found


def hard_lines(count, seed=20060448):
    """A list of `count` lines, the fixed oddities first."""
    generator = random.Random(seed)
    categories = scalars_by_category()
    names = sorted(categories)
    blocks = sorted({value >> 7 for name in names if name not in ("Cn", "Co") for value in map(ord, categories[name])})
    moving = [c for name in ("Mn", "Mc", "Me") for c in categories[name]]
    composed = [c for name in ("Lu", "Ll", "Lo", "So") for c in categories[name] if unicodedata.decomposition(c)]
    cased = categories["Lu"] + categories["Lt"] + categories["Ll"]

    def of_block():
        block = generator.choice(blocks) << 7
        return "".join(chr(block + generator.randrange(128)) for _ in range(generator.randint(1, 12)))

    def of_category():
        return "".join(generator.choice(categories[generator.choice(names)]) for _ in range(generator.randint(1, 8)))

    def stacked():
        base = generator.choice(composed + list("aeiouAEIOU"))
        return base + "".join(generator.choice(moving) for _ in range(generator.randint(1, 6)))

    def any_plane():
        value = generator.randrange(0x110000)
        return chr(value) if not 0xD800 <= value < 0xE000 else "\ufffd"

    def word():
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,'-[]#"
        return "".join(generator.choice(letters) for _ in range(generator.randint(1, 9)))

    makers = [of_block, of_category, stacked, any_plane, word, word, lambda: generator.choice(cased),
              lambda: generator.choice(["[MASK]", "[SEP]", "[CLS]", " ", "\u200d", "\u0345", "\u0301", "##", "the"])]
    lines = ODDITIES[:count]
    while len(lines) < count:
        parts = [generator.choice(makers)() for _ in range(generator.randint(1, 14))]
        lines.append(generator.choice(["", " "]).join(parts))
    return lines
