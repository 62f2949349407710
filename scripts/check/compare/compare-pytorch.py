"""Times training steps of seedsweep and of PyTorch on the same batches, in alternation.

Called by compare-pytorch.sh. A step is forward, backward, clipping by the global norm and AdamW, with dropout, in float32
unless said otherwise. Each row of the table takes real sentences spread evenly over the lengths of a training set. Both
programs read the same model folder; the batches are those that seedsweep-bench trained on, token for token:

  seedsweep   the batches as they come, without padding, one thread, computed by the default arithmetic, our own products
  seedsweep bfloat16
              the same with training.precision bfloat16, where the processor has such products
  padded      the same batches padded to 128 tokens, the usual recipe
  dynamic     the same batches padded to the longest sequence of each
  sorted      the same sentences in batches of like length, fused AdamW: PyTorch's best in float32
  bfloat16    as sorted, with autocast or with bfloat16 weights, whichever is faster; compared with seedsweep's bfloat16

PyTorch runs on one thread too, but in the rows that say otherwise, with eager or SDPA attention, whichever a trial of a
few steps found faster, and its batches are made before the clock starts. (torch.compile makes steps slower here: 1.6 s
where 1.2 s are taken without.) In each round every contestant makes one pass over the batches after the other; the figure
is the median over rounds of the mean step. The losses of a first step without dropout must agree. The exit code is 1 if
they do not, whatever the times are.
"""

import argparse
import csv
import dataclasses
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

if __name__ == "__main__" and len(sys.argv) == 1:
    sys.exit("compare-pytorch.py: run scripts/check/compare/compare-pytorch.sh, which gives this program what it needs")

import torch
import transformers
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

BATCH_SIZE = 16
MAXIMUM_LENGTH = 128
RECIPES = ["padded", "dynamic", "sorted", "bfloat16"]
# What seedsweep is run with, by the name of its figure.
OURS = {"seedsweep": [], "seedsweep bfloat16": ["--precision", "bfloat16"]}
# The text columns and the label column of each task's train.tsv, whether it has a header, and its classes.
FILES = {
    "rte": ("RTE", [1, 2], 3, True, ["entailment", "not_entailment"]),
    "cola": ("CoLA", [3], 1, False, ["0", "1"]),
    "sst2": ("SST-2", [0], 1, True, ["0", "1"]),
}


# The settings that were fastest for a recipe on a task.
FASTEST = {}


@dataclasses.dataclass
class Row:
    """A line of the table: a model on a task, and by how much seedsweep should be faster."""
    model: str
    task: str
    batch_count: int
    round_count: int
    goals: dict
    roofline_goal: float = None
    config: dict = None  # a randomly initialized encoder's; None for the given model folder
    length: int = None  # only sentences of this number of tokens
    thread_count: int = 1  # PyTorch's
    recipes: list = dataclasses.field(default_factory=lambda: RECIPES)


def narrow(layers, hidden):
    """A narrow encoder against one thread of PyTorch and against all cores."""
    config = {"num_hidden_layers": layers, "hidden_size": hidden, "num_attention_heads": 4,
              "intermediate_size": 4 * hidden}
    row = Row(f"{layers} layers, hidden {hidden}", "cola", 16, 5, {"sorted": 3, "bfloat16": 1}, config=config, length=10,
              recipes=RECIPES[1:])
    cores = os.cpu_count()
    return [row, dataclasses.replace(row, model=f"{row.model}; PyTorch on {cores} cores", thread_count=cores, goals={})]


BASE = {"num_hidden_layers": 12, "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072}
ROWS = [
    Row("MiniLM-L6", "rte", 8, 3, {"padded": 2.8, "sorted": 1.3, "bfloat16": 1}, 0.85),
    Row("MiniLM-L6", "sst2", 8, 5, {"padded": 5, "sorted": 1.4, "bfloat16": 1}),
    Row("MiniLM-L6", "cola", 8, 5, {"padded": 10, "sorted": 1.4, "bfloat16": 1}, 0.65),
    Row("BERT-base", "rte", 3, 3, {"sorted": 1.3, "bfloat16": 1}, 0.9, config=BASE,
        recipes=["padded", "sorted", "bfloat16"]),
    *narrow(24, 64),
    *narrow(6, 128),
]
QUICK_ROWS = [dataclasses.replace(ROWS[2], batch_count=2, round_count=1), narrow(6, 128)[0]]


def read_examples(folder, task):
    """The raw lines of a training file, with the texts and the class number of each."""
    name, texts, label, has_header, classes = FILES[task]
    lines = (folder / name / "train.tsv").read_text(encoding="utf-8").rstrip("\n").split("\n")
    header = lines[:1] if has_header else []
    examples = []
    for line in lines[len(header):]:
        cells = line.split("\t")
        examples.append((line, [cells[index] for index in texts], classes.index(cells[label])))
    return header, examples


def token_lengths(tokenizer, examples):
    columns = list(zip(*(texts for _, texts, _ in examples)))
    encoded = tokenizer(*map(list, columns), truncation="longest_first", max_length=MAXIMUM_LENGTH)
    return [len(tokens) for tokens in encoded["input_ids"]]


def choose(row, examples, lengths):
    """The examples of a row's batches, spread evenly over the sorted set, shuffled; the batch with most tokens first, so that
    buffers have their size once it is done."""
    order = sorted(range(len(examples)), key=lambda index: lengths[index])
    if row.length:
        order = [index for index in order if lengths[index] == row.length]
    whole = [order[start:start + BATCH_SIZE] for start in range(0, len(order) - BATCH_SIZE + 1, BATCH_SIZE)]
    chosen = [index for part in range(row.batch_count)
              for index in whole[(2 * part + 1) * len(whole) // (2 * row.batch_count)]]
    random.Random(1).shuffle(chosen)
    batches = [chosen[start:start + BATCH_SIZE] for start in range(0, len(chosen), BATCH_SIZE)]
    batches.sort(key=lambda batch: -sum(lengths[index] for index in batch))
    return [index for batch in batches for index in batch]


def write_data(row, source, tokenizer, folder):
    """A GLUE folder whose training set is the chosen sentences in the order of the steps."""
    header, examples = read_examples(source, row.task)
    chosen = [examples[index] for index in choose(row, examples, token_lengths(tokenizer, examples))]
    folder.mkdir()
    (folder / "train.tsv").write_text("\n".join(header + [line for line, _, _ in chosen]) + "\n", encoding="utf-8")
    shutil.copyfile(source / FILES[row.task][0] / "dev.tsv", folder / "dev.tsv")


def write_model(row, source, folder):
    """A model folder with a classification head, which both programs read."""
    torch.manual_seed(1)
    classes = FILES[row.task][4]
    labels = {"id2label": dict(enumerate(classes)), "label2id": {name: index for index, name in enumerate(classes)}}
    if row.config:
        vocabulary_size = len((source / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n"))
        model = BertForSequenceClassification(BertConfig(vocab_size=vocabulary_size, **row.config, **labels))
    else:
        model = BertForSequenceClassification.from_pretrained(source, **labels)
    model.save_pretrained(folder)
    for name in ["vocab.txt", "tokenizer_config.json"]:
        if (source / name).exists():
            shutil.copyfile(source / name, folder / name)


class Seedsweep:
    """Runs seedsweep-bench, each time as a process of its own."""

    def __init__(self, bench, row, model, data, work):
        self.words = [bench, "step", "--model", model, "--head", "keep", "--task", row.task, "--data", data,
                      "--order", "file", "--optimizer", "torch", "--batch-size", BATCH_SIZE,
                      "--max-length", MAXIMUM_LENGTH]
        self.work = work

    def run(self, *words):
        """The steps that were measured and the step's figures by name."""
        batches, table = self.work / "batches.jsonl", self.work / "bench.csv"
        words = [str(word) for word in [*self.words, *words, "--batches", batches, "--csv", table]]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
        result = subprocess.run(words, capture_output=True, text=True, env=environment)
        if result.returncode != 0:
            sys.exit(f"{' '.join(words)}\nended with {result.returncode}:\n{result.stdout}{result.stderr}")
        with open(table, newline="", encoding="utf-8") as file:
            figures = {line["quantity"]: float(line["value"]) for line in csv.DictReader(file) if line["item"] == "step"}
        return [json.loads(line) for line in batches.read_text().splitlines()], figures


def tensors(examples, length=None):
    """A batch of (tokens, types, label), padded to a length or to the longest."""
    length = length or max(len(tokens) for tokens, _, _ in examples)

    def padded(rows):
        return torch.tensor([row + [0] * (length - len(row)) for row in rows])

    return {
        "input_ids": padded([tokens for tokens, _, _ in examples]),
        "token_type_ids": padded([types for _, types, _ in examples]),
        "attention_mask": padded([[1] * len(tokens) for tokens, _, _ in examples]),
        "labels": torch.tensor([int(label) for _, _, label in examples]),
    }


def examples_of(step):
    return list(zip(step["input_ids"], step["token_type_ids"], step["labels"]))


def batches_for(recipe, steps):
    """The batches of a recipe. Padded ones all cost the same, so a quarter of them will do."""
    if recipe == "padded":
        return [tensors(examples_of(step), MAXIMUM_LENGTH) for step in steps[:max(1, len(steps) // 4)]]
    if recipe == "dynamic":
        return [tensors(examples_of(step)) for step in steps]
    pool = sorted((example for step in steps for example in examples_of(step)), key=lambda example: len(example[0]))
    return [tensors(pool[start:start + BATCH_SIZE]) for start in range(0, len(pool), BATCH_SIZE)]


class Contestant:
    """A PyTorch model with its optimizer and settings."""

    def __init__(self, recipe, folder, attention, precision, thread_count):
        self.recipe, self.attention, self.precision, self.thread_count = recipe, attention, precision, thread_count
        dtype = torch.bfloat16 if precision == "bfloat16 weights" else torch.float32
        self.model = BertForSequenceClassification.from_pretrained(
            folder, attn_implementation=attention, dtype=dtype).train()
        spared = ["bias", "LayerNorm.weight"]
        named = list(self.model.named_parameters())
        groups = [
            {"params": [p for n, p in named if not any(s in n for s in spared)], "weight_decay": 0.01},
            {"params": [p for n, p in named if any(s in n for s in spared)], "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=2e-5, fused=recipe in ["sorted", "bfloat16"] or None)

    def step(self, batch):
        self.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "autocast"):
            loss = self.model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()

    def seconds(self, batches):
        """The mean step of a pass."""
        torch.set_num_threads(self.thread_count)
        start = time.perf_counter()
        for batch in batches:
            self.step(batch)
        return (time.perf_counter() - start) / len(batches)

    @property
    def settings(self):
        threads = f", {self.thread_count} threads" if self.thread_count > 1 else ""
        return f"{self.attention}, {self.precision}{threads}"


def fastest(recipe, row, folder, batches):
    """The contestant of a recipe with the settings that a short trial found faster, warmed up."""
    precisions = ["autocast", "bfloat16 weights"] if recipe == "bfloat16" else ["float32"]
    candidates = [(attention, precision) for attention in ["eager", "sdpa"] for precision in precisions]
    # BERT-base costs too much to be tried; what is best for MiniLM on the same task is taken.
    if row.model == "BERT-base" and (recipe, row.task) in FASTEST:
        candidates = [FASTEST[recipe, row.task]]
    best = None
    for candidate in candidates:
        contestant = Contestant(recipe, folder, *candidate, row.thread_count)
        contestant.step(max(batches, key=lambda batch: batch["input_ids"].numel()))
        # Batches from all over the set.
        seconds = contestant.seconds(batches[::-(-len(batches) // 3)]) if len(candidates) > 1 else 0
        if best is None or seconds < best[0]:
            best = (seconds, contestant, candidate)
    FASTEST[recipe, row.task] = best[2]
    return best[1]


def loss_difference(seedsweep, folder):
    """The relative difference of the two losses of the first batch without dropout."""
    steps, _ = seedsweep.run("--steps", 1, "--warmup", 0, "--dropout", 0)
    model = BertForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        loss = model(**tensors(examples_of(steps[0]), MAXIMUM_LENGTH)).loss.item()
    return steps[0]["loss"], loss, abs(steps[0]["loss"] / loss - 1)


def measure(row, arguments, work):
    """One row of the table."""
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    folder, data = work / "model", work / "data"
    write_data(row, arguments.glue, tokenizer, data)
    write_model(row, arguments.model, folder)
    seedsweep = Seedsweep(arguments.bench, row, folder, data, work)
    ours, theirs, difference = loss_difference(seedsweep, folder)
    agrees = difference <= 1e-5
    print(f"{row.model}, {row.task}: first loss without dropout {ours:.6f} and {theirs:.6f}, relative difference "
          f"{difference:.1e}{'' if agrees else ': NOT THE SAME COMPUTATION'}", flush=True)
    ours = {name: words for name, words in OURS.items() if has_bfloat16() or not words}
    times = {name: [] for name in [*ours, *row.recipes]}
    rooflines, contestants, batches = [], {}, {}
    for turn in range(row.round_count):
        for name, words in ours.items():
            steps, figures = seedsweep.run("--steps", row.batch_count, "--warmup", 1, *words)
            times[name].append(figures["mean"])
            if not words:
                rooflines.append(figures["roofline_share"])
        for recipe in row.recipes:
            if turn == 0:
                batches[recipe] = batches_for(recipe, steps)
                contestants[recipe] = fastest(recipe, row, folder, batches[recipe])
            times[recipe].append(contestants[recipe].seconds(batches[recipe]))
    result = {name: statistics.median(values) for name, values in times.items()}
    settings = {recipe: contestant.settings for recipe, contestant in contestants.items()}
    settings |= {name: "portable" for name in ours}
    for name, values in times.items():
        print(f"  {name:18}{result[name]:8.4f} s   {' '.join(f'{value:.4f}' for value in values)}   "
              f"{settings.get(name, '')}", flush=True)
    tokens = sum(len(tokens) for step in steps for tokens in step["input_ids"]) / len(steps)
    return row, tokens, result, settings, statistics.median(rooflines), agrees


def has_bfloat16():
    """Whether this processor has what seedsweep's bfloat16 products need."""
    return "avx512_bf16" in pathlib.Path("/proc/cpuinfo").read_text()


def ratio(result, recipe):
    """How many times as long a recipe takes as seedsweep at the like precision."""
    like = "seedsweep bfloat16" if recipe == "bfloat16" and "seedsweep bfloat16" in result else "seedsweep"
    return result[recipe] / result[like]


def seconds_since_process_start():
    fields = pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def start_like_a_trainer(arguments):
    """What a fine-tuning script does before its first step; prints how long after the process began it starts."""
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    _, examples = read_examples(arguments.glue, "rte")
    first, second = zip(*(texts for _, texts, _ in examples))
    encoded = tokenizer(list(first), list(second), truncation="longest_first", max_length=MAXIMUM_LENGTH)
    contestant = Contestant("sorted", arguments.model, "eager", "float32", 1)
    labels = [label for _, _, label in examples]
    batch = tensors(list(zip(encoded["input_ids"], encoded["token_type_ids"], labels))[:BATCH_SIZE])
    assert batch["input_ids"].numel() and contestant.optimizer
    print(seconds_since_process_start())


def measure_start(arguments):
    """Seconds from a process's start to its first MiniLM step on the whole RTE set, of both programs in alternation."""
    ours, theirs = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as name:
            table = pathlib.Path(name) / "bench.csv"
            subprocess.run(
                [arguments.bench, "step", "--model", arguments.model, "--task", "rte", "--data", arguments.glue / "RTE",
                 "--steps", "1", "--warmup", "0", "--csv", table], check=True, capture_output=True)
            lines = table.read_text().splitlines()
            ours.append(float(next(line for line in lines if "first_step_after" in line).rsplit(",", 1)[1]))
        script = [sys.executable, __file__, *sys.argv[1:], "--start"]
        theirs.append(float(subprocess.run(script, check=True, capture_output=True, text=True).stdout))
    return statistics.median(ours), statistics.median(theirs)


def report(results, start):
    """The table in Markdown, and every goal."""
    heads = {"padded": "padded to 128", "dynamic": "dynamic padding", "sorted": "length-sorted, fused AdamW",
             "bfloat16": "the same, bfloat16"}
    lines = ["| model | task | tokens a batch | seedsweep | roofline | seedsweep, bfloat16 | "
             + " | ".join(heads.values()) + " |", "|---|---|---|---|---|---|" + "---|" * len(heads)]
    goals = []
    for row, tokens, result, _, roofline, _ in results:
        cells = []
        for recipe in heads:
            cells.append(f"{result[recipe]:.3g} ({ratio(result, recipe):.2f}x)" if recipe in result else "")
            if recipe in row.goals:
                goals.append((f"{row.model}, {row.task}, {heads[recipe]}", ratio(result, recipe), row.goals[recipe], "x"))
        if row.roofline_goal:
            goals.append((f"{row.model}, {row.task}, roofline", roofline, row.roofline_goal, ""))
        low = f"{result['seedsweep bfloat16']:.3g}" if "seedsweep bfloat16" in result else ""
        lines.append(f"| {row.model} | {FILES[row.task][0]} | {tokens:.0f} | {result['seedsweep']:.3g} | {roofline:.2f} | "
                     f"{low} | {' | '.join(cells)} |")
    print("\nSeconds a training step of 16 sequences, and PyTorch's over seedsweep's at the like precision:\n")
    print("\n".join(lines))
    print(f"\nFrom process start to the first MiniLM step: seedsweep {start[0]:.2f} s, PyTorch {start[1]:.2f} s.\n")
    for name, found, goal, unit in goals:
        print(f"{'reached' if found >= goal else 'MISSED '}  {name}: {found:.2f}{unit}, goal {goal}{unit}")


def write_csv(path, results, start):
    """A line for each program and recipe of each row."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "task", "tokens_per_batch", "program", "recipe", "settings", "round_count",
                         "seconds_per_step", "ratio", "goal", "roofline_share"])
        for row, tokens, result, settings, roofline, _ in results:
            ours = result["seedsweep"]
            writer.writerow([row.model, row.task, tokens, "seedsweep", "packed", settings["seedsweep"], row.round_count,
                             ours, 1, "", roofline])
            if "seedsweep bfloat16" in result:
                writer.writerow([row.model, row.task, tokens, "seedsweep", "packed bfloat16", settings["seedsweep"],
                                 row.round_count, result["seedsweep bfloat16"], 1, "", ""])
            for recipe in row.recipes:
                writer.writerow([row.model, row.task, tokens, "pytorch", recipe, settings[recipe], row.round_count,
                                 result[recipe], ratio(result, recipe), row.goals.get(recipe, ""), ""])
        for program, seconds in zip(["seedsweep", "pytorch"], start):
            writer.writerow(["MiniLM-L6", "rte", "", program, "start to first step", "", 3, seconds,
                             seconds / start[0], "", ""])


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, help_text in [("bench", "seedsweep-bench"), ("model", "MiniLM's model folder"),
                            ("glue", "the folder of RTE, CoLA and SST-2"), ("csv", "where the ratios go")]:
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path, help=help_text)
    parser.add_argument("--quick", action="store_true", help="two rows, one round")
    parser.add_argument("--start", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    if arguments.start:
        start_like_a_trainer(arguments)
        return
    print(f"seedsweep and PyTorch {torch.__version__} with Transformers {transformers.__version__}, one thread each but "
          f"where more cores are named, on {os.cpu_count()} cores of {processor()}", flush=True)
    results = []
    for row in QUICK_ROWS if arguments.quick else ROWS:
        with tempfile.TemporaryDirectory(prefix="seedsweep-pytorch-") as name:
            results.append(measure(row, arguments, pathlib.Path(name)))
    start = measure_start(arguments)
    report(results, start)
    write_csv(arguments.csv, results, start)
    print(f"\n{arguments.csv}")
    sys.exit(0 if all(agrees for *_, agrees in results) else 1)


if __name__ == "__main__":
    main()
