"""Writes unknown.json: texts, and how many of their word pieces Hugging Face's tokenizer does not know.

    python make_unknown_goldens.py unknown.json

Word pieces are the tokens that tokenizers.BertWordPieceTokenizer adds no special token for (special_tokens_mask), after
truncation; unknown ones are those with the identifier of [UNK]. tokenizers 0.23 made the committed file.
"""

import json
import random
import sys

from tokenizers import BertWordPieceTokenizer

random.seed(20061129)
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "a", "cat", "dog", "sat", "##s", "##ting", "sit", ".",
              "naive", "un", "##know", "##n", "1", "##2", "北"]
WORDS = ["the", "a", "cat", "cats", "dog", "dogs", "sitting", "Sat", ".", "naïve", "unknown", "zebra", "quick", "12", "13",
         "北", "京", "can't", "catz", "e-mail", "…"]
MAXIMUM_LENGTH = 14


def text():
    return " ".join(random.choice(WORDS) for _ in range(random.randint(0, 16)))


tokenizer = BertWordPieceTokenizer({token: index for index, token in enumerate(VOCABULARY)}, lowercase=True)
tokenizer.enable_truncation(MAXIMUM_LENGTH)
cases = []
for pairs in [False, True]:
    texts = [[text(), text()] if pairs else [text()] for _ in range(60)]
    pieces = unknown = 0
    for parts in texts:
        encoding = tokenizer.encode(*parts)
        own = [token for token, special in zip(encoding.ids, encoding.special_tokens_mask) if not special]
        pieces += len(own)
        unknown += sum(token == 1 for token in own)
    cases.append({"texts": texts, "pieces": pieces, "unknown": unknown})
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump({"vocabulary": VOCABULARY, "maximumLength": MAXIMUM_LENGTH, "cases": cases}, file, ensure_ascii=False)
    file.write("\n")
