"""A plain PyTorch loop as the trainer of a sweep: what a program of one's own has to do beside training.

seedsweep starts it once for each trial, as `program.command` in train-pytorch.json5 says. It classifies the sentences of two
tables with a header (GLUE's .tsv files, for instance) by the mean of their word vectors, which it learns from nothing. It
prints lines of JSON, from which the sweep takes curves and score, and keeps a checkpoint in --folder, from which it goes on
when it is started again after an interruption. It is no good classifier, knows no GPU and needs nothing but torch.
"""

import argparse
import csv
import json
import math
import os
import pathlib

import torch


def read(path, text, label):
    """The texts, as lists of words, and the labels of a table with a header and no quoting."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row[text].split() for row in rows], [row[label] for row in rows]


class Classifier(torch.nn.Module):
    """The mean of a sentence's word vectors, a hidden layer and one score for each class. Word 0 is any unknown word."""

    def __init__(self, words, classes, size=64):
        super().__init__()
        self.numbers = {word: number for number, word in enumerate(words, start=1)}
        self.vectors = torch.nn.EmbeddingBag(len(words) + 1, size)
        self.head = torch.nn.Sequential(torch.nn.Linear(size, size), torch.nn.ReLU(), torch.nn.Linear(size, classes))

    def forward(self, sentences):
        flat = torch.tensor([self.numbers.get(word, 0) for words in sentences for word in words])
        starts = torch.tensor([0] + [len(words) for words in sentences[:-1]]).cumsum(0)
        return self.head(self.vectors(flat, starts))


def train_epoch(model, optimizer, sentences, labels, batch_size):
    """One pass over the examples in a random order; the mean loss of its batches."""
    losses = []
    for batch in torch.randperm(len(sentences)).split(batch_size):
        loss = torch.nn.functional.cross_entropy(model([sentences[i] for i in batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def accuracy(model, sentences, labels):
    return (model(sentences).argmax(1) == labels).double().mean().item()


def save(path, state):
    """Under another name first: a file that was interrupted half-way never bears the final name."""
    torch.save(state, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", required=True)
    parser.add_argument("--dev", required=True)
    parser.add_argument("--text", default="sentence", help="the column of the texts")
    parser.add_argument("--label", default="label", help="the column of the labels")
    parser.add_argument("--learning_rate", type=float, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--batch_size", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="the trial's own folder")
    return parser.parse_args()


def main():
    arguments = parsed_arguments()
    torch.use_deterministic_algorithms(True)
    sentences, names = read(arguments.train, arguments.text, arguments.label)
    dev_sentences, dev_names = read(arguments.dev, arguments.text, arguments.label)
    classes = sorted(set(names))
    labels = torch.tensor([classes.index(name) for name in names])
    dev_labels = torch.tensor([classes.index(name) for name in dev_names])

    torch.manual_seed(arguments.seed)
    model = Classifier(sorted({word for words in sentences for word in words}), len(classes))
    optimizer = torch.optim.Adam(model.parameters(), lr=arguments.learning_rate)
    epochs_done, lines = 0, []

    checkpoint = arguments.folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        epochs_done, lines = state["epochs_done"], state["lines"]
        for line in lines:  # the sweep reads what the last attempt printed
            print(json.dumps(line), flush=True)

    steps_per_epoch = math.ceil(len(sentences) / arguments.batch_size)
    for epoch in range(epochs_done + 1, arguments.epochs + 1):
        # Seeded anew for each epoch, so that a trial that was interrupted goes on with the same random numbers.
        torch.manual_seed(arguments.seed * 1000 + epoch)
        at = {"step": epoch * steps_per_epoch, "max_steps": arguments.epochs * steps_per_epoch, "epoch": epoch}
        loss = train_epoch(model, optimizer, sentences, labels, arguments.batch_size)
        new = [at | {"loss": loss}, at | {"eval_accuracy": accuracy(model, dev_sentences, dev_labels)}]
        lines += new
        save(checkpoint, {
            "model": model.state_dict(), "optimizer": optimizer.state_dict(), "epochs_done": epoch, "lines": lines})
        for line in new:
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
