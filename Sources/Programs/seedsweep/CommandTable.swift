// Every command with its operands and flags. Parsing and the help's layout are in `CommandLine`.

import CommandLine

extension ProgramSyntax {
  /// This program.
  static let seedsweep = ProgramSyntax(
    name: "seedsweep",
    introduction: """
      seedsweep: is this fine-tuning recipe stable? Trains a BERT-style encoder once for every recipe and seed, on all cores
      or under mpirun, and reports failure rates and spread.
      """,
    closing: """
      Exit codes: 0 every trial has a result; 1 some trials crashed beyond retries; 2 the command line, sweep or folder
      cannot be run, nothing was started; 75 stopped early, the same command resumes.
      """,
    commands: [
      .run, .retry, .verify, .plan, .status, .summarize, .compare, .components, .agreement, .analyze, .importRuns,
      .table,
      .check, .verdict, .merge, .evaluate, .pretrain, .doctor,
    ])
}

extension CommandSyntax {
  private static let sweepOperands = [
    Operand("SWEEP", "the sweep file (JSON5)"),
    Operand("KEY=VALUE", "replaces a value, or a grid axis, of the sweep file", .assignments),
  ]

  private static let shiftSeeds = Flag("--shift-seeds", "N", "add N to every seed, for the same sweep on fresh seeds")

  /// Flags of everything that trains trials of a folder.
  private static let training = [
    Flag("--processes", "N", "start N ranks on this machine with mpirun"),
    Flag("--threads", "N", "threads of a rank, for fewer trials than cores; no result changes (default: 1)"),
    Flag(
      "--checkpoint-every", "SECONDS",
      "keep what running trials have so far, so that they go on after a kill; 0 for never (default: 60)"),
    Flag("--time-limit", "HH:MM:SS", "stop in good order within this time (default: the end of the Slurm job)"),
    Flag("--trial-timeout", "SECONDS", "stop a trial that takes longer and try it again (default: none)"),
    Flag("--stall-timeout", "SECONDS", "give up a rank that makes no progress for so long (default: 300)"),
    Flag("--attempts", "N", "attempts of a trial that crashes, takes too long or is lost (default: 3)"),
    Flag("--max-failures", "N|P%", "stop once more trials have no result after all attempts (default: go on)"),
    Flag(
      "--inject", "FAULT[:P]",
      "a fault on purpose, with probability P (default: 0.1): kill-rank, stop-rank, torn-write, disk-full, nan, slow"),
    Flag("--inject-seed", "N", "what decides when it strikes (default: 1)"),
    .blasCore,
    Flag("--allow-mixed-numerics", nil, "accept ranks whose processors or libraries round differently"),
    Flag(
      "--no-shared-files", nil,
      "send model and data to every node, and what is kept home, even where the nodes see the leader's files"),
  ]

  /// Train what has no result yet.
  static let run = CommandSyntax(
    name: "run", summary: "train every trial of a sweep that has no result yet",
    details: """
      Trains every trial of a sweep that has no result in DIR yet, then writes the tables. Run the same command again to
      resume it, or add seeds and grid values to the sweep to extend it: results are reused. Under mpirun or srun every rank
      trains; a plain run uses one process.
      """,
    operands: sweepOperands,
    flags: [
      Flag("--output", "DIR", "the folder of results, created if missing", required: true),
      Flag("--limit", "N", "only the first N trials in plan order"),
      shiftSeeds,
      Flag("--keep-weights", "all|none", "keep every trained model as a Hugging Face folder (default: none)"),
    ] + training)

  /// Try again what came to no result.
  static let retry = CommandSyntax(
    name: "retry", summary: "try trials again that crashed, timed out or were lost",
    details: """
      Trains trials of DIR again that came to no result, by the plan that DIR holds, then writes the tables. Without a choice
      all that crashed, timed out or were lost. A trial with a result is never touched.
      """,
    operands: [Operand("DIR", "a folder of results")],
    flags: [
      Flag("--crashed", nil, "those that crashed"),
      Flag("--lost", nil, "those whose rank was lost"),
      Flag("--timeout", nil, "those that took too long"),
      Flag("--trial", "ID", "this one, whatever became of it", repeatable: true),
      Flag("--keep-weights", "all|none", "keep every trained model as a Hugging Face folder (default: none)"),
    ] + training)

  /// Results held against what gives them.
  static let verify = CommandSyntax(
    name: "verify", summary: "train a sample again and compare the bits; check journal and files",
    details: """
      Reads the journal of DIR byte by byte, digests the model and data files again, holds predictions, gradient norms and kept
      weights against the journal, trains a sample of the trials again and compares every bit of what came out. Writes nothing.
      Exits 1 if anything is damaged, changed, missing or different.
      """,
    operands: [Operand("DIR", "a folder of results")],
    flags: [
      Flag("--sample", "N", "trials to train again (default: 3)"),
      Flag("--threads", "N", "threads; no result changes (default: 1)"),
      .blasCore,
    ])

  /// What a run would do.
  static let plan = CommandSyntax(
    name: "plan", summary: "list trials, steps, cost and memory; starts nothing",
    details: """
      Checks a sweep and its files and says what running it would take: trials, steps, floating-point operations, hours and
      memory; and how many seeds an answer would take: each failure rate to some precision, or two failure rates told apart
      by the primary test of 'compare', adjusted for the comparisons that the sweep declares. Starts no training and writes
      no file.
      """,
    operands: sweepOperands,
    flags: [
      shiftSeeds,
      Flag("--ranks", "N", "ranks to estimate hours and memory for (default: this machine's cores)"),
      Flag("--list", nil, "list every trial, not just the first ones"),
      Flag("--half-width", "W", "how many seeds for every failure rate to +-W, such as 0.1"),
      Flag("--detect", "RATE,RATE", "how many seeds to tell two failure rates apart, such as 0.4,0"),
      Flag("--power", "P", "the probability to tell them apart (default: 0.8)"),
    ])

  /// How a run stands.
  static let status = CommandSyntax(
    name: "status", summary: "how far a run is, and how it ended",
    details: """
      Prints how far the run in DIR is. With --exit-code the answer is the exit code as well: 0 every trial has a result, 1
      some crashed beyond retries or no merged folder had them, 75 not finished.
      """,
    operands: [Operand("DIR", "a folder of results")],
    flags: [Flag("--exit-code", nil, "exit with the run's verdict")])

  /// Tables again.
  static let summarize = CommandSyntax(
    name: "summarize", summary: "rebuild every table from the journal",
    details: """
      Rebuilds every table in DIR from its journal and prints the summary. Trains nothing; another rule or score changes
      which runs count as failed.
      """,
    operands: [Operand("DIR", "a folder of results")],
    flags: judgement)

  private static let judgement = [
    Flag(
      "--failure-rule", "RULE", "accuracy, constant, loss or below=X (default: accuracy): which runs count as failed"),
    Flag("--score", "final|best", "the evaluation that is scored and judged (default: final)"),
  ]

  /// Recipe against recipe.
  static let compare = CommandSyntax(
    name: "compare", summary: "which recipe is more stable, and how sure that is",
    details: """
      Compares the failure rates and the spread of recipes: every variant with the sweep's compare.reference (by default its
      first) at the same grid values, in a sweep without variants every recipe with the first. Of several folders, each
      recipe with its counterpart in the first. Prints a sentence a pair and writes comparisons.csv. The primary test is
      McNemar's where the seeds are the same and Boschloo's otherwise, adjusted by Holm over the pairs of a task.
      """,
    operands: [Operand("DIR", "a folder of results", .some)],
    flags: [
      Flag("--reference", "VARIANT", "the variant to compare with"),
      Flag("--output", "FILE.csv", "the table to write (default: comparisons.csv in DIR; needed for several)"),
    ] + judgement)

  /// Causes of randomness.
  static let components = CommandSyntax(
    name: "components", summary: "what initialization, data order and dropout contribute, where seeds are crossed",
    details: """
      Splits the spread of every recipe of a sweep with crossed seeds into what the initialization's seeds, the data order's,
      dropout's (where it is crossed too) and the rest contribute, with intervals and a permutation test for each, and writes
      seed_components.csv. A run that diverged counts with the constant classifier's score.
      """,
    operands: [Operand("DIR", "a folder of results")],
    flags: judgement)

  /// Predictions against predictions.
  static let agreement = CommandSyntax(
    name: "agreement", summary: "whether the runs of a recipe give the same answers, beyond their scores",
    details: """
      Compares the predictions that trials kept of the dev set (record.predictions: "final") over the runs of each recipe:
      pairwise disagreement, Fleiss' kappa, Jensen-Shannon divergence and the variance of being right about an example, over
      all pairs of runs and over pairs of successful, of failed, and of a failed with a successful run. Writes agreement.csv.
      """,
    operands: [Operand("DIR", "a folder of results")],
    flags: [judgement[0]])

  /// The paper's analyses.
  static let analyze = CommandSyntax(
    name: "analyze", summary: "what fine-tuning forgot, the loss surface, vanished gradients, bias correction",
    details: """
      Makes one of the analyses of arXiv 2006.04884, alone or on all ranks of an mpirun. ANALYSIS is forgetting: the
      masked-language-model perplexity of the first failed and successful runs with their top k layers pre-trained again, and
      the mean curves of failed runs; surface: the training loss on the plane through the pre-trained, a failed and a
      successful run's weights, and the barriers between them; gradients: whether recorded norms vanished; correction: what
      bias correction multiplies steps by. Weights are those of run --keep-weights all.
      """,
    operands: [
      Operand("ANALYSIS", "forgetting, surface, gradients or correction"), Operand("DIR", "a folder of results"),
    ],
    flags: [
      Flag("--output", "FOLDER", "where the tables go (default: DIR)"),
      Flag("--retrain", nil, "train runs again whose weights were not kept; they are the same, and kept then"),
      Flag("--processes", "N", "forgetting, surface: start N ranks on this machine with mpirun"),
      Flag("--runs", "N", "forgetting: so many failed and so many successful runs (default: 3)"),
      Flag("--text", "FILE", "forgetting: sentences to mask, one a line (default: the built-in language)"),
      Flag("--mask-set", "FILE", "forgetting: the saved mask set, drawn if missing (default: mask_set.jsonl)"),
      Flag("--pretrained", "MODEL", "forgetting: the pre-trained folder, where it has moved"),
      Flag("--failed", "TRIAL", "surface: the failed run (default: the first with a successful run of the same head)"),
      Flag("--successful", "TRIAL", "surface: the successful run"),
      Flag("--points", "N", "surface: points on a side of the grid, and steps along an edge (default: 40)"),
      Flag("--range", "X", "surface: the grid goes from -X to X (default: 1.5)"),
      Flag("--examples", "N", "surface: training examples, chosen by a fixed seed (default: 128)"),
      Flag("--tensors", "NAME", "gradients: all of a layer's, or such as output.dense.weight (default: all)"),
    ] + judgement)

  /// Runs of others.
  static let importRuns = CommandSyntax(
    name: "import", summary: "the same tables and comparisons for runs that something else trained",
    details: """
      Reads a table with a row a run (.csv, .tsv or .jsonl), or the trainer_state.json files of Hugging Face's Trainer below a
      folder, and writes trials.csv, summary.csv and comparisons.csv. A run failed if its final score is not above the
      baseline of its task, what a constant classifier scores there. Scores that choose checkpoints are half A of what the
      tables report; scores of the same models on other examples are half B.
      """,
    operands: [Operand("FILE", "the table, its columns named in its first line; or the folder")],
    flags: [
      Flag("--output", "DIR", "the folder of tables, created if missing", required: true),
      Flag("--variant-column", "NAME", "the column of the recipe; a table needs it"),
      Flag("--seed-column", "NAME", "the column of the seed, a whole number; a table needs it"),
      Flag("--final-column", "NAME", "the column of the score at the end of training; a table needs it"),
      Flag(
        "--baseline", "TASK=SCORE", "the constant classifier's score on a task; once for every task", required: true,
        repeatable: true),
      Flag("--task-column", "NAME", "the column of the task (default: one task, called task)"),
      Flag("--metric-column", "NAME", "the column of the metric's name (default: score)"),
      Flag("--best-column", "NAME", "the column of the best score during training"),
      Flag("--final-b-column", "NAME", "the column of the final model's score on other examples"),
      Flag("--best-b-column", "NAME", "the column of the best checkpoint's score on those"),
      Flag("--path-pattern", "PATTERN", "how a folder's paths name runs, such as {task}/{variant}/seed-{seed}"),
      Flag("--metric-key", "NAME", "the score in a folder's log_history (default: eval_accuracy)"),
      Flag("--tolerance", "X", "what a rounded score may exceed the baseline by and count as failed (default: 1e-5)"),
      Flag("--reference", "VARIANT", "the recipe to compare with (default: the first)"),
      Flag("--score", "final|best", "the score that is reported and judged (default: final)"),
    ])

  /// Tables and numbers for a paper.
  static let table = CommandSyntax(
    name: "table", summary: "a paper's table and macros of every number, in LaTeX",
    details: """
      Makes a LaTeX table (booktabs, siunitx) of a run's or an imported folder, one recipe a cell, and with --macros a macro for
      every number of summary.csv. KEY is task, variant or a hyperparameter's column, STAT a number's column in summary.csv, or
      X_interval for its columns X_low and X_high. The caption names n, ddof, intervals, tests and power. In bold: of each task
      the best failure rate or mean and all that Holm-adjusted comparisons do not tell from it. Macros are called by task,
      variant, grid values and column, digits spelled out: \\RteDefaultWarmupZeroPointOneFailureRate.
      """,
    operands: [Operand("DIR", "a folder of results")],
    flags: [
      Flag("--rows", "KEY[,KEY]", "what the table's rows differ by; of several keys the first makes groups of rows"),
      Flag("--columns", "KEY[,KEY]", "what its columns differ by; without it, a row is a recipe"),
      Flag("--cells", "STAT[,STAT]", "what a cell shows, such as failure_rate,failure_interval,mean,sd"),
      Flag("--output", "FILE.tex", "the table's file (default: print it)"),
      Flag("--macros", "FILE.tex", "also write macros of every number and a paragraph for the methods section"),
      Flag(
        "--score-matrix", "FILE.csv", "also write the scores, a row a recipe and seeds, a column a task, for rliable"),
      Flag("--prefix", "LETTERS", "letters before every macro's name, for a paper of several folders"),
      Flag("--digits", "N", "the decimals of numbers (default: 3)"),
      Flag("--wide", nil, "span both columns of a two-column page (table*)"),
    ] + judgement)

  /// Stale numbers of a paper.
  static let check = CommandSyntax(
    name: "check", summary: "whether a paper's tables and macros still say what the results say",
    details: """
      Finds what 'seedsweep table' made in a LaTeX file and the files that it inputs or includes, makes it anew from DIR and
      prints file and line of everything that differs, other results with equal numbers included. Of several folders, each
      table is held against the one of the name that it was made from. Exits 1 if anything is stale.
      """,
    operands: [Operand("PAPER.tex", "the paper"), Operand("DIR", "a folder of results", .some)])

  /// Claims against results.
  static let verdict = CommandSyntax(
    name: "verdict", summary: "which of a file's claims the results bear out",
    details: """
      Computes the verdict on every claim of CLAIMS, a JSON5 file of conditions on numbers in the tables of run folders, and
      prints them as a Markdown table. A claim holds if all of its conditions do; one that lacks a run, a table or a column is
      not run, and the reason is said. Of several folders, such as the same sweeps on other seeds, each is judged for itself,
      and the verdict says in how many a claim holds. sweeps/claims.json5 has the claims of arXiv 2006.04884.
      """,
    operands: [Operand("CLAIMS", "the claims file (JSON5)")],
    flags: [
      Flag("--runs", "DIR", "the folder that the run folders are in", required: true, repeatable: true),
      Flag("--output", "FILE.csv", "also write a row for every condition and folder"),
    ])

  /// Several folders into one.
  static let merge = CommandSyntax(
    name: "merge", summary: "join folders of results",
    details: """
      Joins the results of several folders in a new one and writes its tables. A trial found twice is compared, not counted
      twice; a difference is an error. A folder's sweep is every configuration with every seed: folders that would plan more
      together than each of them does are refused.
      """,
    operands: [Operand("DIR", "a folder of results", .several)],
    flags: [Flag("--output", "DIR", "the folder to create", required: true)])

  /// A model on a dev set.
  static let evaluate = CommandSyntax(
    name: "evaluate", summary: "score a trained model folder",
    details: """
      Scores a Hugging Face model folder, its classification head included, on a task's data.
      """,
    flags: [
      Flag("--model", "DIR", "the model folder", required: true),
      Flag("--task", "NAME", "a GLUE task's name", required: true),
      Flag("--data", "DIR", "the task's folder with its .tsv files", required: true),
      Flag("--split", "train|dev", "the examples to score (default: dev)"),
      Flag("--max-length", "N", "the longest sequence in tokens (default: 128)"),
      Flag("--predictions", "FILE.csv", "also write every label, prediction and logit"),
      .blasCore,
    ])

  /// A language model from scratch.
  static let pretrain = CommandSyntax(
    name: "pretrain", summary: "pre-train a BERT on masked words, to fine-tune from",
    details: """
      Trains a BERT encoder with random weights to predict masked words (15 % of them: 80 % [MASK], 10 % a random word, 10 %
      kept) and writes it to DIR as a Hugging Face folder, for 'model: { path: DIR }'. The sentences are those of the built-in
      language, or the lines of a text, of which every twentieth is held out. DIR also gets metrics.csv, the held-out mask set
      and a checkpoint: the same command goes on where it was stopped, with the same bytes. Runs in one process; a second one
      in the same DIR is refused.
      """,
    flags: [
      Flag("--output", "DIR", "the model folder, created if missing", required: true),
      Flag("--text", "FILE", "one sentence a line (default: the built-in language)"),
      Flag("--vocabulary", "FILE", "a WordPiece vocab.txt; a text needs one"),
      Flag("--cased", nil, "the vocabulary is a cased one"),
      Flag("--model-type", "NAME", "bert, or megatron-bert: layer norms before what reads them (default: bert)"),
      Flag("--layers", "N", "num_hidden_layers (default: 6)"),
      Flag("--hidden", "N", "hidden_size (default: 128)"),
      Flag("--heads", "N", "num_attention_heads (default: 4)"),
      Flag("--intermediate", "N", "intermediate_size (default: 4 times --hidden)"),
      Flag("--max-length", "N", "max_position_embeddings; longer sentences are cut (default: 128)"),
      Flag("--dropout", "P", "dropout everywhere (default: 0.1)"),
      Flag("--steps", "N", "training steps (default: 10000)"),
      Flag("--batch-size", "N", "sentences a step (default: 32)"),
      Flag("--learning-rate", "X", "the peak rate of AdamW, then linearly to 0 (default: 5e-4)"),
      Flag("--warmup", "X", "below 1 a fraction of the steps, otherwise steps (default: 0.1)"),
      Flag("--seed", "N", "the seed of weights, order, masks and dropout (default: 1)"),
      Flag("--evaluate-every", "N", "steps between held-out losses and checkpoints (default: 500)"),
      Flag("--half", nil, "store the model's weights as F16, in half the bytes"),
      Flag("--limit", "N", "stop after N steps of this call; the same command goes on"),
      Flag("--threads", "N", "threads; no result changes (default: 1)"),
      .blasCore,
      Flag("--allow-mixed-numerics", nil, "go on from a checkpoint of a processor or library that rounds differently"),
    ])

  /// This machine.
  static let doctor = CommandSyntax(
    name: "doctor", summary: "what this machine offers, what is wrong with it, how to mend it",
    details: """
      Prints what this machine offers to seedsweep, what is wrong with it and how to mend it. Exits 1 if something would
      keep a sweep from running.
      """)
}
