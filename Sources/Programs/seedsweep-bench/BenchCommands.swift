// Every command with its flags. Parsing and the help's layout are in `CommandLine`.

import CommandLine

extension ProgramSyntax {
  /// This program.
  static let bench = ProgramSyntax(
    name: "seedsweep-bench",
    introduction: """
      seedsweep-bench: how fast the parts of seedsweep are on this machine. Prints tables of medians.
      """,
    closing: """
      Exit codes: 0 measured; 1 something broke; 2 the command line cannot be run, nothing was measured.
      """,
    commands: [.blas, .kernels, .step, .farm])
}

extension CommandSyntax {
  private static let sizes = [
    Flag("--model", "DIR", "the sizes of a Hugging Face model folder (default: MiniLM's, 6 layers of hidden size 384)"),
    Flag("--layers", "N", "instead of a folder: so many layers"),
    Flag("--hidden", "N", "the hidden size, with --layers"),
    Flag("--heads", "N", "attention heads, with --layers (default: hidden / 32)"),
    Flag("--intermediate", "N", "width of the feed-forward block, with --layers (default: 4 hidden)"),
  ]

  private static let output = [
    Flag("--csv", "FILE.csv", "also write the rows as benchmark, item, quantity, unit, value"),
    Flag("--quick", nil, "small and short: shows that it runs, not how fast"),
    .blasCore,
  ]

  private static let precision = Flag(
    "--precision", "NAME", "how linear layers' products round: float32 or bfloat16 (default: float32)")

  /// Matrix products.
  static let blas = CommandSyntax(
    name: "blas", summary: "rate of the matrix products of a model's training step",
    details: """
      Measures the rate of every distinct product that a training step makes with whole weight matrices: forward (rows by
      weight transposed), input gradient (rows by weight) and weight gradient (rows transposed by rows). The mean rate weighs
      each by the time that a step spends in it. Attention's small products are not among them.
      """,
    flags: sizes + [
      Flag("--tokens", "N", "tokens of a batch (default: 1024)"),
      Flag("--batch-size", "N", "sequences of a batch (default: 16)"), precision,
    ] + output)

  /// Everything but matrix products.
  static let kernels = CommandSyntax(
    name: "kernels", summary: "rate of every other kernel, the optimizers and the digests",
    details: """
      Measures each elementwise kernel on the buffers of one layer, and optimizers, norms and digests on a whole model. The
      rate counts every byte that has to be read or written once, so that kernels can be compared with the memory's rate.
      """,
    flags: sizes + [
      Flag("--tokens", "N", "tokens of a batch (default: 1024)"),
      Flag("--length", "N", "tokens of each sequence (default: 64)"),
    ] + output)

  /// Training steps.
  static let step = CommandSyntax(
    name: "step", summary: "seconds of a training step by part, and its share of the roofline",
    details: """
      Trains with the product's trainer on real batches and measures whole steps: batch, forward, backward, norms, clipping
      and update, recording. After each step it times the step's whole matrix products alone; the roofline share is the time
      that all products of the step, attention's included, would take at that rate on every thread, over the step's time.
      """,
    flags: [
      Flag("--model", "DIR", "a Hugging Face model folder"),
      Flag("--layers", "N", "instead of a folder: so many layers with random weights"),
    ] + sizes[2...] + [
      Flag("--vocab", "FILE", "the vocabulary of a model with random weights, for any task but synthetic"),
      Flag("--task", "NAME", "a GLUE task's name or synthetic", required: true),
      Flag("--data", "DIR", "the GLUE task's folder with its .tsv files"),
      Flag("--max-length", "N", "the longest sequence in tokens (default: 128)"),
      Flag("--batch-size", "N", "sequences of a batch (default: 16)"),
      Flag("--steps", "N", "measured steps (default: 20)"),
      Flag("--warmup", "N", "steps before them (default: 2)"),
      Flag("--threads", "N", "threads that compute a step (default: 1)"),
      Flag("--head", "new|keep", "draw a classification head or keep the folder's (default: new)"),
      Flag("--order", "shuffled|file", "the order of the training examples (default: shuffled)"),
      Flag("--optimizer", "NAME", "hf, google, bert_adam or torch (default: hf)"),
      Flag("--dropout", "P", "every dropout probability (default: the model's own)"),
      precision,
      Flag("--batches", "FILE.jsonl", "also write each measured step: its tokens, labels, mean loss and seconds"),
    ] + output)

  /// The farm alone.
  static let farm = CommandSyntax(
    name: "farm", summary: "trials a second where trials take no time",
    details: """
      Hands trials that train nothing through the farm, each journaled as a real one is, and measures the whole run once. A
      plain run has one rank; mpirun -np 8 seedsweep-bench farm has eight. On a journal that is kept, seedsweep summarize can
      be timed.
      """,
    flags: [
      Flag("--trials", "N", "trials to hand out (default: 10000)"),
      Flag("--output", "DIR", "a new folder for the journal, which is kept (default: a temporary folder, removed)"),
    ] + output)
}
