"""Compares seedsweep with Hugging Face transformers on small models of every family.

Called by compare-families.sh with the folder of seedsweep's programs, GLUE's RTE folder and names of models. Each model is made here
with random weights and a tokenizer that is trained here, and saved as transformers saves it; seedsweep reads the folder unedited.
Compared are what compare-huggingface.py compares of the encoder with a classification head, and of the language model that the
folder holds the losses of predicted tokens and their gradients, with the same limits. Each line of the output is one model: how many
comparisons failed, and the largest difference of each kind as a share of the one allowed. The exit code is 1 if any failed.
"""
import contextlib
import dataclasses
import importlib
import io
import json
import pathlib
import sys
import tempfile
import zlib

if __name__ == "__main__" and len(sys.argv) < 3:
    sys.exit("compare-families.py: run scripts/check/compare/compare-families.sh, which gives this program what it needs")

import tokenizers
import torch
import transformers
from tokenizers import models, pre_tokenizers, trainers
from transformers import AutoTokenizer

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
huggingface = importlib.import_module("compare-huggingface")

VOCABULARY_SIZE = 600
MASKED_SHARE = 0.15
BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_TOKENS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# The words of messages that name what is compared, in the order of the output.
KINDS = {"logits": "logits", "loss": "loss", "gradients": "gradients", "seedsweep": "evaluate", "losses": "steps",
         "kept": "kept", "predicted": "predicted tokens", "their": "their gradients"}

# Odd shapes: sizes that no register divides, three layers, more positions than any text has tokens.
SIZES = {"hidden_size": 60, "num_hidden_layers": 3, "num_attention_heads": 5, "intermediate_size": 100,
         "max_position_embeddings": 160}


# MARK: - Tokenizers

def trained(model, splitter, trainer, lines):
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = splitter
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def word_pieces(lines, name="BertTokenizer", **keys):
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY_SIZE, special_tokens=BERT_TOKENS, show_progress=False)
    tokenizer = trained(models.WordPiece(unk_token="[UNK]"), pre_tokenizers.BertPreTokenizer(), trainer,
                        [line.lower() for line in lines])
    return getattr(transformers, name)(vocab=tokenizer.get_vocab(), **keys)


def generic(lines):
    """The class of tokenizers that are known by their tokenizer.json alone."""
    made = word_pieces(lines)
    special = dict(zip(["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"], BERT_TOKENS))
    return transformers.TokenizersBackend(tokenizer_object=made.backend_tokenizer, **special)


def byte_pairs(lines, name, special, **keys):
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer = trained(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False), trainer, lines)
    model = json.loads(tokenizer.to_str())["model"]
    return getattr(transformers, name)(vocab=model["vocab"], merges=[tuple(merge) for merge in model["merges"]], **keys)


def unigrams(lines, name, special, unknown):
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY_SIZE, special_tokens=special, unk_token=unknown, show_progress=False)
    tokenizer = trained(models.Unigram(), pre_tokenizers.Metaspace(), trainer, lines)
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    return getattr(transformers, name)(vocab=[tuple(entry) for entry in vocabulary])


# MARK: - Models

@dataclasses.dataclass
class Model:
    """A family, the keys of its configuration that are not usual, and its tokenizer."""
    family: str
    keys: dict
    tokenizer: object

    def configuration(self, tokenizer):
        numbers = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("pad", "bos", "eos")}
        return getattr(transformers, self.family + "Config")(
            vocab_size=len(tokenizer), **{key: value for key, value in numbers.items() if value is not None}, **self.keys)

    def language_model(self, configuration):
        """A language model whose every tensor is random, so that none of its gradients is zero by symmetry."""
        kind = self.family + ("LMHeadModel" if self.family == "GPT2" else "ForMaskedLM")
        model = getattr(transformers, kind)(configuration).eval()
        gains = {module.weight for module in model.modules() if isinstance(module, torch.nn.LayerNorm)}
        with torch.no_grad():
            for parameter in model.parameters():
                noise = torch.randn_like(parameter)
                parameter.copy_(1 + 0.2 * noise if parameter in gains else 0.1 * noise)
        return model


UNTIED = {"tie_word_embeddings": False}
ELECTRA = SIZES | {"embedding_size": 10}
DISTILBERT = {"dim": 60, "n_layers": 3, "n_heads": 5, "hidden_dim": 100, "max_position_embeddings": 160}
GPT2 = {"n_embd": 60, "n_layer": 3, "n_head": 5, "n_inner": 100, "n_positions": 160}
ALBERT = SIZES | {"embedding_size": 24, "hidden_dropout_prob": 0.1}


def bert_without_types(lines):
    return word_pieces(lines, model_input_names=["input_ids", "attention_mask"])


def roberta_bytes(lines):
    return byte_pairs(lines, "RobertaTokenizer", ROBERTA_TOKENS)


def gpt2_bytes(lines):
    return byte_pairs(lines, "GPT2Tokenizer", ["<|endoftext|>"], pad_token="<|endoftext|>")


def albert_pieces(lines):
    return unigrams([line.lower() for line in lines], "AlbertTokenizer", ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"], "<unk>")


MODELS = {
    "bert": Model("Bert", SIZES, word_pieces),
    "bert-untied": Model("Bert", SIZES | UNTIED | {"hidden_act": "gelu_new", "layer_norm_eps": 1e-5}, generic),
    "bert-one-type": Model("Bert", SIZES | {"type_vocab_size": 1, "hidden_act": "relu"}, bert_without_types),
    "megatron-bert": Model("MegatronBert", SIZES, word_pieces),
    "megatron-bert-untied": Model("MegatronBert", SIZES | UNTIED | {"layer_norm_eps": 1e-6}, word_pieces),
    "roberta": Model("Roberta", SIZES | {"type_vocab_size": 1, "layer_norm_eps": 1e-5}, roberta_bytes),
    "roberta-untied": Model("Roberta", SIZES | UNTIED | {"type_vocab_size": 1}, roberta_bytes),
    "xlm-roberta": Model("XLMRoberta", SIZES | {"type_vocab_size": 1, "layer_norm_eps": 1e-5},
                         lambda lines: unigrams(lines, "XLMRobertaTokenizer", ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], "<unk>")),
    "camembert": Model("Camembert", SIZES | {"type_vocab_size": 1},
                       lambda lines: unigrams(lines, "CamembertTokenizer", [
                           "<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>", "<mask>"], "<unk>")),
    "electra": Model("Electra", ELECTRA, word_pieces),
    "electra-untied": Model("Electra", SIZES | UNTIED | {"embedding_size": 60, "layer_norm_eps": 1e-6}, word_pieces),
    "distilbert": Model("DistilBert", DISTILBERT, lambda lines: word_pieces(lines, "DistilBertTokenizer")),
    "distilbert-untied": Model("DistilBert", DISTILBERT | UNTIED | {"activation": "silu"},
                               lambda lines: word_pieces(lines, "DistilBertTokenizer")),
    "gpt2": Model("GPT2", GPT2, gpt2_bytes),
    "gpt2-untied": Model("GPT2", GPT2 | UNTIED | {"layer_norm_epsilon": 1e-6, "activation_function": "gelu"}, gpt2_bytes),
    "albert": Model("Albert", ALBERT, albert_pieces),
    "albert-untied": Model("Albert", ALBERT | UNTIED | {"embedding_size": 60, "layer_norm_eps": 1e-6}, albert_pieces),
}


# MARK: - Comparisons

def predicted_batch(model, tokenizer, pairs):
    """Sequences with the tokens to be predicted: those under masks, or for a causal model all."""
    batch = huggingface.encode(tokenizer, pairs)
    rows = batch["input_ids"]
    if tokenizer.mask_token_id is None:
        return batch | {"masked_labels": rows, "gradients": True}
    special = set(tokenizer.all_special_ids)
    seen, labels = [], []
    for row in rows:
        chosen = [token not in special and value < MASKED_SHARE for token, value in zip(row, torch.rand(len(row)).tolist())]
        seen.append([tokenizer.mask_token_id if is_chosen else token for token, is_chosen in zip(row, chosen)])
        labels.append([token if is_chosen else -100 for token, is_chosen in zip(row, chosen)])
    return batch | {"input_ids": seen, "masked_labels": labels, "gradients": True}


def padded(rows, filler):
    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])


def stored_gradients(model):
    """The gradients by name; of a parameter with several names by that of the encoder, which files have. A bias whose place another one
    takes has none."""
    names = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if parameter not in names or name.startswith(model.base_model_prefix + "."):
            names[parameter] = name
    return {name: parameter.grad for parameter, name in names.items() if parameter.grad is not None}


def compare_language_model(binaries, folder, model, tokenizer, pairs, work):
    """The loss of each predicted token, and the gradients of their mean."""
    batch = predicted_batch(model, tokenizer, pairs)
    inputs = {"input_ids": padded(batch["input_ids"], model.config.pad_token_id),
              "attention_mask": padded([[1] * len(row) for row in batch["input_ids"]], 0)}
    if getattr(model.config, "type_vocab_size", 1) > 1:
        inputs["token_type_ids"] = padded(batch["token_type_ids"], 0)
    targets = padded(batch["masked_labels"], -100)
    logits = model(**inputs).logits
    if tokenizer.mask_token_id is None:
        logits, targets = logits[:, :-1], targets[:, 1:]
    losses = torch.nn.functional.cross_entropy(logits[targets != -100], targets[targets != -100], reduction="none")
    losses.mean().backward()
    found = huggingface.dump(binaries, folder, batch, work)
    huggingface.report(f"predicted tokens, {len(losses)} losses, largest difference",
                       (found["losses"] - losses.detach()).abs().max().item(), 1e-4)
    huggingface.report_gradients("their gradients,", found, stored_gradients(model))


def compare(name, binaries, data):
    """All comparisons of a model, in a folder of its own."""
    model = MODELS[name]
    torch.manual_seed(zlib.crc32(name.encode()))
    train = huggingface.read_pairs(data / "train.tsv")
    tokenizer = model.tokenizer([text for first, second, _ in train for text in (first, second)])
    with tempfile.TemporaryDirectory(prefix="seedsweep-families-") as path:
        work = pathlib.Path(path)
        folder = work / "saved"
        made = model.language_model(model.configuration(tokenizer))
        made.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        compare_language_model(binaries, folder, made, AutoTokenizer.from_pretrained(folder), train[:16], work)
        huggingface.compare(binaries, folder, data)


def summary(name, complaint):
    """A line of a model: what failed, and the largest share of each kind."""
    shares = {}
    for what, found, allowed in huggingface.comparisons:
        kind = KINDS[what.split()[0].rstrip(",")]
        shares[kind] = max(shares.get(kind, 0), found / allowed)
    failed = huggingface.failures() + (complaint is not None)
    words = ", ".join(f"{kind} {shares[kind]:.4f}" for kind in KINDS.values() if kind in shares)
    return failed, f"{'FAIL' if failed else 'ok  '}  {name}: {len(huggingface.comparisons)} comparisons, {failed} failed; of what is allowed: {words}"


def main():
    binaries, data = map(pathlib.Path, sys.argv[1:3])
    names = sys.argv[3:] or list(MODELS)
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        sys.exit(f"no model {', '.join(unknown)}; there are {', '.join(MODELS)}")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    count = failed = 0
    for name in names:
        output, complaint = io.StringIO(), None
        huggingface.comparisons.clear()
        with contextlib.redirect_stdout(output):
            try:
                compare(name, binaries, data)
            except SystemExit as error:
                complaint = error.code
        own, line = summary(name, complaint)
        count, failed = count + len(huggingface.comparisons), failed + own
        print(line, flush=True)
        if own:
            print(output.getvalue() + (complaint or ""), flush=True)
    print(f"{len(names)} models, {count} comparisons, {failed} failed; transformers {transformers.__version__}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
