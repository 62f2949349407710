"""Makes the golden files beside this script with Hugging Face transformers: tiny random BERT models in the layouts that
published checkpoints have, and what BertForSequenceClassification computes with them in float32 on a padded batch.

    python make_goldens.py OUTPUT_FOLDER

"masked" is a BertForMaskedLM and "megatron-masked" a MegatronBertForMaskedLM: their labels are the words at masked places and -100 elsewhere, and their logits those of the
masked places. "pairs" is a BertForPreTraining and "megatron-pairs" a MegatronBertForPreTraining: the same with a class for each
sequence ("pairs"), whose logits are "relation". Every model NAME gives a folder NAME (config.json, vocab.txt, model.safetensors, sometimes tokenizer_config.json), a batch
NAME.json (ragged token ids, types, labels) and NAME.safetensors (logits, loss, the head, and "gradient." + every tensor).
It prints how far float32 is from the same computation in float64; the tests' tolerances come from there.
Written with torch 2.13 and transformers 5.24.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig, BertForMaskedLM, BertForPreTraining, BertForSequenceClassification, BertModel, MegatronBertConfig,
    MegatronBertForMaskedLM, MegatronBertForPreTraining, MegatronBertForSequenceClassification)

MEGATRON = (MegatronBertForMaskedLM, MegatronBertForPreTraining, MegatronBertForSequenceClassification)
PAIRS = (BertForPreTraining, MegatronBertForPreTraining)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def make_model(layers, hidden, heads, intermediate, labels, generator, kind=BertForSequenceClassification):
    """A model whose every tensor is random, so that none of its gradients is zero by symmetry."""
    config = (MegatronBertConfig if issubclass(kind, MEGATRON) else BertConfig)(
        vocab_size=50, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=intermediate, max_position_embeddings=16, num_labels=labels, attn_implementation="eager")
    if labels == 1:
        config.problem_type = "regression"
    model = kind(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.copy_(1 + 0.2 * noise if name.endswith(("LayerNorm.weight", "ln.weight")) else 0.3 * noise)
    return model


def make_batch(labels, generator):
    """Ragged pairs [CLS] a [SEP] b [SEP] and a single text, from the shortest to the whole position table."""
    ids, types = [], []
    for first, second in [(3, 4), (1, 0), (8, 5), (2, 1), (5, 7)]:
        words = torch.randint(len(SPECIAL), 50, (first + second,), generator=generator).tolist()
        ids.append([2] + words[:first] + [3] + (words[first:] + [3] if second else []))
        types.append([0] * (first + 2) + ([1] * (second + 1) if second else []))
    if labels == 1:
        targets = [round(value, 3) for value in (5 * torch.rand(len(ids), generator=generator)).tolist()]
    else:
        targets = torch.randint(0, labels, (len(ids),), generator=generator).tolist()
    return {"input_ids": ids, "token_type_ids": types, "labels": targets}


def make_masked_batch(generator):
    """A batch without labels, then a few masked words of all sequences but one."""
    batch = make_batch(2, generator)
    labels = [[-100] * len(row) for row in batch["input_ids"]]
    for sequence, places in [(0, [1, 3]), (2, [14]), (3, [2, 4]), (4, [1, 8, 12])]:
        for place in places:
            labels[sequence][place] = batch["input_ids"][sequence][place]
            batch["input_ids"][sequence][place] = 4
    return batch | {"labels": labels}


def padded(batch, dtype):
    """The batch as Hugging Face takes it: padded with token 0 under an attention mask."""
    length = max(map(len, batch["input_ids"]))
    rows = lambda lists, padding=0: torch.tensor([row + [padding] * (length - len(row)) for row in lists])
    labels = rows(batch["labels"], -100) if isinstance(batch["labels"][0], list) else torch.tensor(batch["labels"])
    pairs = {"next_sentence_label": torch.tensor(batch["pairs"])} if "pairs" in batch else {}
    return pairs | {
        "input_ids": rows(batch["input_ids"]),
        "token_type_ids": rows(batch["token_type_ids"]),
        "attention_mask": rows([[1] * len(row) for row in batch["input_ids"]]),
        "labels": labels.to(dtype) if labels.is_floating_point() else labels,
    }


def compute(model, batch, dtype):
    model = model.to(dtype)
    model.zero_grad()
    output = model(**padded(batch, dtype))
    output.loss.backward()
    logits = output.prediction_logits if isinstance(model, PAIRS) else output.logits
    if isinstance(model, (BertForMaskedLM, MegatronBertForMaskedLM) + PAIRS):
        logits = logits[padded(batch, dtype)["labels"] != -100]
    results = {"logits": logits, "loss": output.loss}
    if isinstance(model, PAIRS):
        results["relation"] = output.seq_relationship_logits
    results |= {"gradient." + name: parameter.grad for name, parameter in model.named_parameters()}
    return {name: value.detach().clone() for name, value in results.items()}


def save_results(path, model, batch):
    results = compute(model, batch, torch.float32)
    exact = compute(model, batch, torch.float64)
    model.to(torch.float32)
    gradients = [name for name in results if name.startswith("gradient.")]
    total = torch.sqrt(sum(exact[name].norm() ** 2 for name in gradients))
    excess = max(((results[n] - exact[n]).norm() - 1e-7 * total) / exact[n].norm() for n in gradients if "key.bias" not in n)
    print(f"{path.name}: float32 differs from float64 by {(results['logits'] - exact['logits']).abs().max():.1e} in the "
          f"logits, {excess:.1e} of a tensor's norm beyond 1e-7 of the global one in the gradients")
    results |= {name: value.detach().clone() for name, value in model.named_parameters() if name.startswith("classifier.")}
    save_file(results, path)


def rounded(state, dtype):
    return {name: value.to(dtype) for name, value in state.items()}


def save_model(folder, config, state):
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    save_file({name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors", {"format": "pt"})
    save_vocabulary(folder)


def save_vocabulary(folder):
    (folder / "vocab.txt").write_text("".join(token + "\n" for token in SPECIAL + [f"word{i}" for i in range(45)]))


def old_name(name):
    """TensorFlow's names of the layer norms."""
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


def main(output):
    generator = torch.Generator().manual_seed(1)

    # As BertForSequenceClassification saves itself: F32, names with "bert.", a head of three labels.
    model = make_model(3, 16, 4, 24, 3, generator)
    model.config.architectures = ["BertForSequenceClassification"]
    model.config.id2label = {0: "entailment", 1: "neutral", 2: "contradiction"}
    batch = make_batch(3, generator)
    save_model(output / "classification", model.config, model.state_dict())
    (output / "classification/tokenizer_config.json").write_text('{"do_lower_case": false, "model_max_length": 16}\n')

    # F16, one output: regression.
    half = make_model(2, 12, 3, 20, 1, generator)
    half_batch = make_batch(1, generator)
    state = rounded(half.state_dict(), torch.float16)
    save_model(output / "regression-f16", half.config, state)
    half.load_state_dict(rounded(state, torch.float32))

    # As the first checkpoints of 2018: gamma and beta, a pre-training head, position_ids; BF16, no classification head.
    old = make_model(2, 12, 3, 20, 2, generator)
    old_batch = make_batch(2, generator)
    state = rounded(old.state_dict(), torch.bfloat16)
    old.load_state_dict(rounded(state, torch.float32))
    state = {old_name(name): value for name, value in state.items() if not name.startswith("classifier.")}
    state["bert.embeddings.position_ids"] = torch.arange(16)[None]
    state["cls.predictions.bias"] = torch.zeros(50)
    state["cls.seq_relationship.weight"] = torch.zeros(2, 12)
    save_model(output / "pretraining-bf16", old.config, state)

    # As BertModel saves itself: names without "bert.", no head.
    bare = make_model(1, 12, 2, 20, 2, generator)
    bare_batch = make_batch(2, generator)
    bare.bert.save_pretrained(output / "bare")
    save_model(output / "bare", bare.bert.config, bare.bert.state_dict())

    # The same without a pooler.
    encoder = BertModel(bare.config, add_pooling_layer=False)
    encoder.load_state_dict({name: value for name, value in bare.bert.state_dict().items() if "pooler" not in name})
    save_model(output / "no-pooler", encoder.config, encoder.state_dict())

    # As BertForMaskedLM saves itself: no pooler, the decoder's weight and bias left out as they are tied.
    masked = make_model(2, 12, 3, 20, 2, generator, BertForMaskedLM)
    masked_batch = make_masked_batch(generator)
    masked.save_pretrained(output / "masked")
    save_vocabulary(output / "masked")

    # The same two with the layer norms before what reads them, as Megatron's BERT has them.
    megatron = make_model(3, 16, 4, 24, 2, generator, MegatronBertForSequenceClassification)
    megatron_batch = make_batch(2, generator)
    save_model(output / "megatron", megatron.config, megatron.state_dict())
    megatron_masked = make_model(2, 12, 3, 20, 2, generator, MegatronBertForMaskedLM)
    megatron_masked_batch = make_masked_batch(generator)
    megatron_masked.save_pretrained(output / "megatron-masked")
    save_vocabulary(output / "megatron-masked")

    # The same two with a pooler and a head for two sentences.
    pairs = make_model(2, 12, 3, 20, 2, generator, BertForPreTraining)
    pairs_batch = make_masked_batch(generator) | {"pairs": [0, 1, 1, 0, 1]}
    pairs.save_pretrained(output / "pairs")
    save_vocabulary(output / "pairs")
    megatron_pairs = make_model(2, 12, 3, 20, 2, generator, MegatronBertForPreTraining)
    megatron_pairs_batch = make_masked_batch(generator) | {"pairs": [1, 0, 0, 1, 1]}
    megatron_pairs.save_pretrained(output / "megatron-pairs")
    save_vocabulary(output / "megatron-pairs")

    models = {
        "classification": (model, batch), "regression-f16": (half, half_batch),
        "pretraining-bf16": (old, old_batch), "bare": (bare, bare_batch),
        "masked": (masked, masked_batch), "megatron": (megatron, megatron_batch),
        "megatron-masked": (megatron_masked, megatron_masked_batch), "pairs": (pairs, pairs_batch),
        "megatron-pairs": (megatron_pairs, megatron_pairs_batch),
    }
    for name, (each, its_batch) in models.items():
        (output / f"{name}.json").write_text(json.dumps(its_batch) + "\n")
        save_results(output / f"{name}.safetensors", each, its_batch)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python make_goldens.py OUTPUT_FOLDER")
    torch.set_num_threads(1)
    main(pathlib.Path(sys.argv[1]))
