// The help pages of seedsweep-bench, whole.

import Arithmetics
import CommandLine
import XCTest

@testable import seedsweep_bench

final class BenchHelpTests: XCTestCase {
  func testGeneral() throws {
    guard case .text(let text) = try Program.bench.request(["--help"]) else { return XCTFail("not a text") }
    XCTAssertEqual(
      text,
      """
      seedsweep-bench: how fast the parts of seedsweep are on this machine. Prints tables of medians.

      usage: seedsweep-bench COMMAND ...

        blas     rate of the matrix products of a model's training step
        kernels  rate of every other kernel, the optimizers and the digests
        step     seconds of a training step by part, and its share of the roofline
        trial    seconds of whole trials: steps, and everything outside them
        farm     trials a second where trials take no time
        peak     the most operations a second and bytes a second of one core

      'seedsweep-bench COMMAND --help' explains a command; 'seedsweep-bench --version' prints the version.
      Exit codes: 0 measured; 1 something broke; 2 the command line cannot be run, nothing was measured.
      """)
  }

  func testBLAS() {
    XCTAssertEqual(
      HelpText.text(of: BLASCommand.syntax, in: "seedsweep-bench"),
      """
      usage: seedsweep-bench blas [--model DIR] [--layers N] [--hidden N] [--heads N] [--intermediate N] [--tokens \
      N] [--batch-size N] [--arithmetic NAME] [--precision NAME] [--csv FILE.csv] [--quick] [--blas-core NAME]

      Measures the rate of every distinct product that a training step makes with whole weight matrices: forward \
      (rows by
      weight transposed), input gradient (rows by weight) and weight gradient (rows transposed by rows). The mean \
      rate weighs
      each by the time that a step spends in it. Attention's small products are not among them.

        --model DIR        the sizes of a Hugging Face model folder (default: MiniLM's, 6 layers of hidden size 384)
        --layers N         the number of layers, instead of a folder
        --hidden N         the hidden size, with --layers
        --heads N          attention heads, with --layers (default: hidden / 32)
        --intermediate N   width of the feed-forward block, with --layers (default: 4 hidden)
        --tokens N         tokens of a batch (default: 1024)
        --batch-size N     sequences of a batch (default: 16)
        --arithmetic NAME  what computes: portable, the same bits on every processor, or openblas (default: \
      \(Arithmetic.ofSweepFiles))
        --precision NAME   how linear layers' products round: float32 or bfloat16 (default: float32)
        --csv FILE.csv     also write the rows as benchmark, item, quantity, unit, value
        --quick            small and short: shows that it runs, not how fast
        --blas-core NAME   use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this \
      processor's)
        --help             print this
      """)
  }

  func testKernels() {
    XCTAssertEqual(
      HelpText.text(of: KernelsCommand.syntax, in: "seedsweep-bench"),
      """
      usage: seedsweep-bench kernels [--model DIR] [--layers N] [--hidden N] [--heads N] [--intermediate N] \
      [--tokens N] [--length N] [--csv FILE.csv] [--quick] [--blas-core NAME]

      Measures each elementwise kernel on the buffers of one layer, and optimizers, norms and digests on a whole \
      model. The
      rate counts every byte that has to be read or written once, so that kernels can be compared with the memory's \
      rate.

        --model DIR       the sizes of a Hugging Face model folder (default: MiniLM's, 6 layers of hidden size 384)
        --layers N        the number of layers, instead of a folder
        --hidden N        the hidden size, with --layers
        --heads N         attention heads, with --layers (default: hidden / 32)
        --intermediate N  width of the feed-forward block, with --layers (default: 4 hidden)
        --tokens N        tokens of a batch (default: 1024)
        --length N        tokens of each sequence (default: 64)
        --csv FILE.csv    also write the rows as benchmark, item, quantity, unit, value
        --quick           small and short: shows that it runs, not how fast
        --blas-core NAME  use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this processor's)
        --help            print this
      """)
  }

  func testStep() {
    XCTAssertEqual(
      HelpText.text(of: StepCommand.syntax, in: "seedsweep-bench"),
      """
      usage: seedsweep-bench step [--model DIR] [--layers N] [--hidden N] [--heads N] [--intermediate N] [--vocab \
      FILE] --task NAME [--data DIR] [--max-length N] [--batch-size N] [--steps N] [--warmup N] [--threads N] \
      [--head new|keep] [--order shuffled|file] [--optimizer NAME] [--dropout P] [--arithmetic NAME] [--precision NAME] \
      [--batches FILE.jsonl] [--csv FILE.csv] [--quick] [--blas-core NAME]

      Trains with the product's trainer on real batches and measures whole steps: batch, forward, backward, norms, \
      clipping
      and update, recording. After each step it times the step's whole matrix products alone; the roofline share is \
      the time
      that all products of the step, attention's included, would take at that rate on every thread, over the step's \
      time.

        --model DIR            a Hugging Face model folder
        --layers N             the number of layers with random weights, instead of a folder
        --hidden N             the hidden size, with --layers
        --heads N              attention heads, with --layers (default: hidden / 32)
        --intermediate N       width of the feed-forward block, with --layers (default: 4 hidden)
        --vocab FILE           the vocabulary of a model with random weights, for any task but synthetic
        --task NAME            a GLUE task's name or synthetic
        --data DIR             the GLUE task's folder with its .tsv files
        --max-length N         the longest sequence in tokens (default: 128)
        --batch-size N         sequences of a batch (default: 16)
        --steps N              measured steps (default: 20)
        --warmup N             steps before them (default: 2)
        --threads N            threads that compute a step (default: 1)
        --head new|keep        draw a classification head or keep the folder's (default: new)
        --order shuffled|file  the order of the training examples (default: shuffled)
        --optimizer NAME       hf, google, bert_adam or torch (default: hf)
        --dropout P            every dropout probability (default: the model's own)
        --arithmetic NAME      what computes: portable, the same bits on every processor, or openblas (default: \
      \(Arithmetic.ofSweepFiles))
        --precision NAME       how linear layers' products round: float32 or bfloat16 (default: float32)
        --batches FILE.jsonl   also write each measured step: its tokens, labels, mean loss and seconds
        --csv FILE.csv         also write the rows as benchmark, item, quantity, unit, value
        --quick                small and short: shows that it runs, not how fast
        --blas-core NAME       use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this \
      processor's)
        --help                 print this
      """)
  }

  func testFarm() {
    XCTAssertEqual(
      HelpText.text(of: FarmCommand.syntax, in: "seedsweep-bench"),
      """
      usage: seedsweep-bench farm [--trials N] [--recipes N] [--output DIR] [--csv FILE.csv] [--quick] [--blas-core NAME]

      Hands trials that train nothing through the farm, each journaled as a real one is, and measures the whole run \
      once. A
      plain run has one rank; mpirun -np 8 seedsweep-bench farm has eight. On a journal that is kept, seedsweep \
      summarize can
      be timed.

        --trials N        trials of each recipe to hand out (default: 10000)
        --recipes N       recipes (default: 1)
        --output DIR      a new folder for the journal, which is kept (default: a temporary folder, removed)
        --csv FILE.csv    also write the rows as benchmark, item, quantity, unit, value
        --quick           small and short: shows that it runs, not how fast
        --blas-core NAME  use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this processor's)
        --help            print this
      """)
  }

  func testPeak() {
    XCTAssertEqual(
      HelpText.text(of: PeakCommand.syntax, in: "seedsweep-bench"),
      """
      usage: seedsweep-bench peak [--csv FILE.csv] [--quick] [--blas-core NAME]

      Measures operations on registers alone: fused multiply-adds of each width that the processor has, and its dot \
      products
      of bfloat16 pairs. Then reads buffers that fit into half of each cache, and one of four times the last one. The \
      best
      sample is what the core can do; the median shows how much of it other programs left.

        --csv FILE.csv    also write the rows as benchmark, item, quantity, unit, value
        --quick           small and short: shows that it runs, not how fast
        --blas-core NAME  use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this processor's)
        --help            print this
      """)
  }
}
