"""Makes the golden files of the families beside BERT with Hugging Face transformers: tiny random models, and what their classes
for sequence classification and language models compute with them in float32 on a padded batch.

    python make_family_goldens.py OUTPUT_FOLDER [FAMILY...]

Every model NAME gives a folder NAME as transformers saves it, with a WordPiece tokenizer, a batch NAME.json (ragged token ids,
types, labels) and NAME.safetensors (logits, loss and "gradient." + every tensor). Those called NAME-masked predict words: their
labels are the words at masked places and -100 elsewhere, and their logits those of the masked places. Those called NAME-next predict
the next token: their labels are the tokens, and their logits those of every token but each sequence's last. It prints how far
float32 is from the same computation in float64. Written with torch 2.13 and transformers 5.24.
"""

import json
import pathlib
import sys
import zlib

import torch
import transformers
from safetensors.torch import save_file

from make_goldens import make_batch, make_masked_batch

# Positions begin after the padding token's number; one token type; another epsilon.
ROBERTA = {
    "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20,
    "max_position_embeddings": 18, "type_vocab_size": 1, "layer_norm_eps": 1e-5, "pad_token_id": 1,
}
# Embeddings of a width of their own.
ELECTRA = {
    "embedding_size": 6, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 20,
    "max_position_embeddings": 16, "layer_norm_eps": 1e-6,
}
# Embeddings that are wider than the encoder.
WIDE = ELECTRA | {"embedding_size": 14, "hidden_act": "gelu_new"}
DISTILBERT = {"dim": 12, "n_layers": 2, "n_heads": 3, "hidden_dim": 20, "max_position_embeddings": 16}
# Padding inside a text, which the head passes over; another width of the feed-forward part, and the usual one.
GPT2 = {
    "n_embd": 12, "n_layer": 2, "n_head": 3, "n_inner": 20, "n_positions": 16, "layer_norm_epsilon": 1e-6, "pad_token_id": 1,
}
GPT2_USUAL = GPT2 | {"n_layer": 3, "n_head": 2, "n_inner": None, "activation_function": "gelu"}
# One layer that is applied three times; narrow embeddings, and wide ones that are projected as well.
ALBERT = {
    "embedding_size": 6, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 20,
    "max_position_embeddings": 16,
}
ALBERT_WIDE = ALBERT | {"embedding_size": 12, "layer_norm_eps": 1e-6}
# What config.json says: the family, the number of labels (1 is regression, None a language model), its other keys.
MODELS = {
    "roberta": ("Roberta", 3, ROBERTA),
    "roberta-masked": ("Roberta", None, ROBERTA | {"hidden_act": "relu"}),
    "xlm-roberta": ("XLMRoberta", 2, ROBERTA),
    "xlm-roberta-masked": ("XLMRoberta", None, ROBERTA | {"tie_word_embeddings": False}),
    "camembert": ("Camembert", 2, ROBERTA | {"layer_norm_eps": 1e-6, "hidden_act": "gelu_new"}),
    "camembert-masked": ("Camembert", None, ROBERTA),
    "electra": ("Electra", 1, ELECTRA),
    "electra-masked": ("Electra", None, WIDE),
    "distilbert": ("DistilBert", 2, DISTILBERT),
    "distilbert-masked": ("DistilBert", None, DISTILBERT | {"activation": "silu", "tie_word_embeddings": False}),
    "gpt2": ("GPT2", 3, GPT2),
    "gpt2-next": ("GPT2", None, GPT2_USUAL),
    "gpt2-untied-next": ("GPT2", None, GPT2 | {"tie_word_embeddings": False}),
    "albert": ("Albert", 2, ALBERT),
    "albert-masked": ("Albert", None, ALBERT_WIDE),
}


def make_model(family, labels, keys, generator):
    """A model whose every tensor is random, so that none of its gradients is zero by symmetry."""
    config = getattr(transformers, family + "Config")(vocab_size=50, attn_implementation="eager", **keys)
    if labels:
        config.num_labels = labels
        config.problem_type = "regression" if labels == 1 else "single_label_classification"
    language_model = "LMHeadModel" if family == "GPT2" else "ForMaskedLM"
    kind = family + ("ForSequenceClassification" if labels else language_model)
    model = getattr(transformers, kind)(config).eval()
    gains = {module.weight for module in model.modules() if isinstance(module, torch.nn.LayerNorm)}
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.copy_(1 + 0.2 * noise if parameter in gains else 0.3 * noise)
    return model


def padded(model, batch):
    """The batch as transformers takes it: padded under an attention mask, with types where the family has more than one."""
    length = max(map(len, batch["input_ids"]))
    rows = lambda lists, padding=0: torch.tensor([row + [padding] * (length - len(row)) for row in lists])
    labels = rows(batch["labels"], -100) if isinstance(batch["labels"][0], list) else torch.tensor(batch["labels"])
    inputs = {
        "input_ids": rows(batch["input_ids"], model.config.pad_token_id),
        "attention_mask": rows([[1] * len(row) for row in batch["input_ids"]]),
        "labels": labels.to(model.dtype) if labels.is_floating_point() else labels,
    }
    if getattr(model.config, "type_vocab_size", 1) > 1:
        inputs["token_type_ids"] = rows(batch["token_type_ids"])
    return inputs


def stored_names(model):
    """The names of the parameters; of one with several that of the encoder, which files have."""
    names = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if parameter not in names or name.startswith(model.base_model_prefix + "."):
            names[parameter] = name
    return names


def compute(model, batch, dtype):
    model = model.to(dtype)
    model.zero_grad()
    inputs = padded(model, batch)
    output = model(**inputs)
    output.loss.backward()
    logits, labels = output.logits, inputs["labels"]
    if model.can_generate():
        logits, labels = logits[:, :-1], labels[:, 1:]
    logits = logits if labels.dim() == 1 else logits[labels != -100]
    results = {"logits": logits, "loss": output.loss}
    # A parameter that nothing reads, as a bias whose place another takes, has no gradient.
    results |= {"gradient." + name: parameter.grad for parameter, name in stored_names(model).items() if parameter.grad is not None}
    return {name: value.detach().clone() for name, value in results.items()}


def save(output, name, model, batch):
    folder = output / name
    model.save_pretrained(folder)
    special = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"]
    (folder / "vocab.txt").write_text("".join(token + "\n" for token in special + [f"word{i}" for i in range(45)]))
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true, "tokenizer_class": "BertTokenizer"}\n')
    (output / f"{name}.json").write_text(json.dumps(batch) + "\n")
    results, exact = compute(model, batch, torch.float32), compute(model, batch, torch.float64)
    save_file(results, output / f"{name}.safetensors")
    gradients = [key for key in results if key.startswith("gradient.")]
    total = torch.sqrt(sum(exact[key].norm() ** 2 for key in gradients))
    excess = max(((results[key] - exact[key]).norm() - 1e-7 * total) / exact[key].norm() for key in gradients
                 if exact[key].norm() > 1e-6 * total)
    print(f"{name}: float32 differs from float64 by {(results['logits'] - exact['logits']).abs().max():.1e} in the logits, "
          f"{excess:.1e} of a tensor's norm beyond 1e-7 of the global one in the gradients")


def main(output, families):
    output.mkdir(parents=True, exist_ok=True)
    for name, (family, labels, keys) in MODELS.items():
        if families and name.split("-")[0] not in families:
            continue
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        batch = make_masked_batch(generator) if name.endswith("-masked") else make_batch(labels or 2, generator)
        if name == "gpt2":
            batch["input_ids"][0][-2:] = [1, 1]
        if name.endswith("-next"):
            batch["labels"] = batch["input_ids"]
        if keys.get("type_vocab_size") == 1:
            batch["token_type_ids"] = [[0] * len(row) for row in batch["token_type_ids"]]
        save(output, name, make_model(family, labels, keys, generator), batch)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python make_family_goldens.py OUTPUT_FOLDER [FAMILY...]")
    torch.set_num_threads(1)
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
