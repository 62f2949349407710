"""Hugging Face's Trainer as the trainer of a sweep, with the recipe that seedsweep's own trainer has by default.

seedsweep starts it once for each trial, as `program.command` in train-huggingface.json5 says. It fine-tunes a model folder on
two tables with a header (GLUE's .tsv files, for instance): AdamW with or without bias correction, no weight decay on biases
and layer norms, gradients clipped at 1, warm-up over a tenth of the steps and linear decay, batches padded to their longest
sentence. It leaves all_results.json and trainer_state.json in --output_dir. It knows one column of text and accuracy only.

It needs torch, transformers and accelerate.
"""

import argparse
import csv
import math
import pathlib
import shutil

import torch
import transformers
from transformers.trainer_utils import get_last_checkpoint


class AdamW(torch.optim.Optimizer):
    """The AdamW that Transformers had before version 5: epsilon beside the uncorrected root, decay after the step.

    With `correct_bias` false it is the Adam of BERT's own program, which leaves out the factor that makes up for moments
    that start at zero. No optimizer of PyTorch or of Transformers leaves it out.
    """

    def __init__(self, groups, lr, correct_bias, betas=(0.9, 0.999), eps=1e-6):
        super().__init__(groups, {"lr": lr, "correct_bias": correct_bias, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for weight in group["params"]:
                state = self.state[weight]
                if not state:
                    state.update(step=0, first=torch.zeros_like(weight), second=torch.zeros_like(weight))
                state["step"] += 1
                state["first"].lerp_(weight.grad, 1 - beta1)
                state["second"].mul_(beta2).addcmul_(weight.grad, weight.grad, value=1 - beta2)
                size = group["lr"]
                if group["correct_bias"]:
                    size *= math.sqrt(1 - beta2 ** state["step"]) / (1 - beta1 ** state["step"])
                weight.addcdiv_(state["first"], state["second"].sqrt().add_(group["eps"]), value=-size)
                weight.mul_(1 - group["lr"] * group["weight_decay"])


def decay_groups(model, weight_decay):
    """The parameters that decay, and biases and layer norms, which do not."""
    spared = [name.endswith("bias") or "LayerNorm" in name for name, _ in model.named_parameters()]
    weights = list(model.parameters())
    return [
        {"params": [w for w, s in zip(weights, spared) if not s], "weight_decay": weight_decay},
        {"params": [w for w, s in zip(weights, spared) if s], "weight_decay": 0.0},
    ]


def read(path, text, label):
    """The texts and labels of a table with a header and no quoting."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row[text] for row in rows], [row[label] for row in rows]


def encoded(tokenizer, texts, labels, classes, max_length):
    """A list of examples without padding, which the collator adds to each batch."""
    tokens = tokenizer(texts, truncation=True, max_length=max_length)
    return [
        {name: values[i] for name, values in tokens.items()} | {"label": classes.index(labels[i])}
        for i in range(len(texts))
    ]


def accuracy(predictions):
    return {"accuracy": float((predictions.predictions.argmax(-1) == predictions.label_ids).mean())}


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a model folder or the name of a model on the Hub")
    parser.add_argument("--train", required=True)
    parser.add_argument("--dev", required=True)
    parser.add_argument("--text", default="sentence", help="the column of the texts")
    parser.add_argument("--label", default="label", help="the column of the labels")
    parser.add_argument("--max_length", type=int, default=128)
    parser.add_argument("--learning_rate", type=float, required=True)
    parser.add_argument("--correct_bias", choices=["true", "false"], required=True)
    parser.add_argument("--weight_decay", type=float, default=0.01)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output_dir", type=pathlib.Path, required=True, help="the trial's own folder")
    return parser.parse_args()


def main():
    arguments = parsed_arguments()
    transformers.set_seed(arguments.seed)  # before the new head is drawn
    texts, labels = read(arguments.train, arguments.text, arguments.label)
    classes = sorted(set(labels))
    tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.model)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(arguments.model, num_labels=len(classes))
    model = model.float()
    steps = math.ceil(len(texts) / arguments.batch_size) * arguments.epochs

    trainer = transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(
            output_dir=str(arguments.output_dir),
            num_train_epochs=arguments.epochs,
            per_device_train_batch_size=arguments.batch_size,
            per_device_eval_batch_size=64,
            learning_rate=arguments.learning_rate,
            lr_scheduler_type="linear",
            warmup_steps=steps // 10,
            max_grad_norm=1.0,
            seed=arguments.seed,
            logging_steps=10,
            save_strategy="epoch",
            save_total_limit=1,
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=encoded(tokenizer, texts, labels, classes, arguments.max_length),
        eval_dataset=encoded(
            tokenizer, *read(arguments.dev, arguments.text, arguments.label), classes, arguments.max_length),
        data_collator=transformers.DataCollatorWithPadding(tokenizer),
        compute_metrics=accuracy,
        optimizers=(
            AdamW(
                decay_groups(model, arguments.weight_decay), lr=arguments.learning_rate,
                correct_bias=arguments.correct_bias == "true"),
            None,  # the Trainer makes the schedule of its arguments
        ),
    )
    # What an interrupted attempt at this trial left in the folder, or nothing.
    result = trainer.train(resume_from_checkpoint=get_last_checkpoint(str(arguments.output_dir)))

    trainer.save_metrics("all", result.metrics | trainer.evaluate())  # all_results.json, with the score
    trainer.save_state()  # trainer_state.json, with the curves
    for checkpoint in arguments.output_dir.glob("checkpoint-*"):  # they serve an interrupted trial only
        shutil.rmtree(checkpoint)


if __name__ == "__main__":
    main()
