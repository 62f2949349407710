// The help pages, whole.

import Arithmetics
import CommandLine
import XCTest

@testable import seedsweep

final class HelpTextTests: XCTestCase {
  func testGeneral() throws {
    guard case .text(let text) = try Program.seedsweep.request(["--help"]) else { return XCTFail("not a text") }
    XCTAssertEqual(
      text,
      """
      seedsweep: is this fine-tuning recipe stable? Trains a BERT-style encoder once for every recipe and seed, on all cores
      or under mpirun, and reports failure rates and spread.

      usage: seedsweep COMMAND ...

        run         train every trial of a sweep that has no result yet
        retry       try trials again that crashed, timed out or were lost
        verify      train a sample again and compare the bits; check journal and files
        init        write a commented sweep file for your data
        plan        list trials, steps, cost and memory; starts nothing
        status      how far a run is, and how it ended
        summarize   rebuild every table from the journal
        compare     which recipe is more stable, and how sure that is
        components  how much of the spread comes from initialization, data order and dropout, where seeds are crossed
        agreement   how far the predictions of a recipe's runs agree
        ensemble    what several runs of a recipe score together
        pick        what keeping the best of several runs brings
        replay      what stopping runs early would have saved, and what it would have cost
        analyze     what fine-tuning forgot, the loss surface, averaged weights, vanished gradients, bias correction, doses
        import      the same tables and comparisons for runs that something else trained
        report      a page about the results, and its figures as SVG files
        table       a paper's table and macros of every number, in LaTeX
        check       whether a paper's tables and macros still say what the results say
        verdict     which claims of a file the results support
        merge       join folders of results
        evaluate    score a trained model folder
        pretrain    pre-train an encoder on masked words, to fine-tune from
        doctor      what this machine offers, what is wrong with it, how to repair it
        keys        every key of a sweep file, with values, default and meaning
        columns     every column of every table, with meaning, unit and convention

      'seedsweep COMMAND --help' explains a command; 'seedsweep --version' prints the version.
      Exit codes: 0 every trial has a result; 1 some trials crashed at every attempt; 2 the command line, sweep or folder
      cannot be used, nothing was started; 75 stopped early, the same command resumes.
      """)
  }

  func testRun() {
    XCTAssertEqual(
      HelpText.text(of: RunCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep run SWEEP [KEY=VALUE ...] --output DIR [--limit N] [--shard I/N] [--reuse DIR [--reuse ...]] [--share-steps] \
      [--report] [--shift-seeds N] [--shift-data N] [--keep-weights all|none] [--processes N] [--threads N] [--checkpoint-every SECONDS] \
      [--time-limit HH:MM:SS] \
      [--trial-timeout SECONDS] [--stall-timeout SECONDS] [--attempts N] [--max-failures N|P%] [--inject FAULT[:P]] \
      [--inject-seed N] [--blas-core NAME] [--allow-mixed-numerics] [--no-shared-files]

      Trains every trial of a sweep that has no result in DIR yet, then writes the tables. Run the same command again to
      resume it, or add seeds and grid values to the sweep to extend it: results are reused. Uses all cores of this machine
      unless --processes says otherwise; under mpirun or srun every rank trains.

        SWEEP                       the sweep file (JSON5)
        KEY=VALUE                   replaces a value, or a grid axis, of the sweep file
        --output DIR                the folder of results, created if missing
        --limit N                   train only the first N trials in plan order
        --shard I/N                 train every N-th trial from the I-th on, counted from 0, into DIR/shard-I; merge \
      joins them
        --reuse DIR                 take results of the sweep's trials from this other folder of results; may be given several times
        --share-steps               start a trial at a checkpoint of a longer one with the same first steps; keeps up to four checkpoints per rank
        --report                    rewrite report.html every half minute while the run lasts, not only at its end
        --shift-seeds N             add N to every seed of a trial, for the same sweep on fresh seeds (default: 0)
        --shift-data N              add N to every seed of the data, for the same sweep on other examples (default: 0)
        --keep-weights all|none     keep every trained model as a Hugging Face folder (default: none)
        --processes N               use N processes of this machine, which mpirun starts (default: all cores)
        --threads N                 threads of each rank, where there are fewer trials than cores; changes no result (default: 1)
        --checkpoint-every SECONDS  save running trials this often, so that they go on after a kill; 0 for never \
      (default: 60)
        --time-limit HH:MM:SS       stop before this time is over, and keep the running trials at checkpoints (default: the end of the Slurm job)
        --trial-timeout SECONDS     stop a trial that takes longer and try it again (default: none)
        --stall-timeout SECONDS     give up a rank that makes no progress for this long (default: 300)
        --attempts N                attempts of a trial that crashes, takes too long or is lost (default: 3)
        --max-failures N|P%         stop once more trials than this have no result after all their attempts \
      (default: go on)
        --inject FAULT[:P]          inject a fault with probability P, 0.1 where it is left out: kill-rank, \
      stop-rank, torn-write, disk-full, nan, slow
        --inject-seed N             the seed that decides when the fault strikes (default: 1)
        --blas-core NAME            use OpenBLAS's kernels for this kind of processor, such as Haswell (default: \
      this processor's)
        --allow-mixed-numerics      accept ranks whose processors or libraries round differently
        --no-shared-files           send model and data to every node, and kept files to the leader, even where the nodes see the leader's files
        --help                      print this
      """)
  }

  func testRetry() {
    XCTAssertEqual(
      HelpText.text(of: RetryCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep retry DIR [--crashed] [--lost] [--timeout] [--trial ID [--trial ...]] [--report] [--keep-weights \
      all|none] [--processes N] [--threads N] [--checkpoint-every SECONDS] [--time-limit HH:MM:SS] [--trial-timeout \
      SECONDS] [--stall-timeout SECONDS] [--attempts N] [--max-failures N|P%] [--inject FAULT[:P]] [--inject-seed N] \
      [--blas-core NAME] [--allow-mixed-numerics] [--no-shared-files]

      Trains trials of DIR again that came to no result, by the plan that DIR holds, then writes the tables. Without \
      --crashed,
      --lost, --timeout or --trial these are all that crashed, timed out or were lost. A trial with a result is \
      never touched.

        DIR                         a folder of results
        --crashed                   trials that crashed
        --lost                      trials whose rank was lost
        --timeout                   trials that took too long
        --trial ID                  this trial, however it ended
        --report                    rewrite report.html every half minute while the run lasts, not only at its end
        --keep-weights all|none     keep every trained model as a Hugging Face folder (default: none)
        --processes N               use N processes of this machine, which mpirun starts (default: all cores)
        --threads N                 threads of each rank, where there are fewer trials than cores; changes no result (default: 1)
        --checkpoint-every SECONDS  save running trials this often, so that they go on after a kill; 0 for never \
      (default: 60)
        --time-limit HH:MM:SS       stop before this time is over, and keep the running trials at checkpoints (default: the end of the Slurm job)
        --trial-timeout SECONDS     stop a trial that takes longer and try it again (default: none)
        --stall-timeout SECONDS     give up a rank that makes no progress for this long (default: 300)
        --attempts N                attempts of a trial that crashes, takes too long or is lost (default: 3)
        --max-failures N|P%         stop once more trials than this have no result after all their attempts \
      (default: go on)
        --inject FAULT[:P]          inject a fault with probability P, 0.1 where it is left out: kill-rank, \
      stop-rank, torn-write, disk-full, nan, slow
        --inject-seed N             the seed that decides when the fault strikes (default: 1)
        --blas-core NAME            use OpenBLAS's kernels for this kind of processor, such as Haswell (default: \
      this processor's)
        --allow-mixed-numerics      accept ranks whose processors or libraries round differently
        --no-shared-files           send model and data to every node, and kept files to the leader, even where the nodes see the leader's files
        --help                      print this
      """)
  }

  func testVerify() {
    XCTAssertEqual(
      HelpText.text(of: VerifyCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep verify DIR [--sample N] [--threads N] [--blas-core NAME]

      Reads the journal of DIR byte by byte, digests the model and data files again, compares predictions, gradient \
      norms and
      kept weights with the journal, trains a sample of the trials again and compares every bit of their outcomes. \
      Writes
      nothing. Exits with 1 if anything is damaged, changed, missing, different or not verified.

        DIR               a folder of results
        --sample N        trials to train again (default: 3)
        --threads N       threads that train; changes no result (default: 1)
        --blas-core NAME  use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this processor's)
        --help            print this
      """)
  }

  func testPlan() {
    XCTAssertEqual(
      HelpText.text(of: PlanCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep plan SWEEP [KEY=VALUE ...] [--shift-seeds N] [--shift-data N] [--ranks N] [--mem-per-cpu] [--digest] \
      [--list] [--half-width W] [--detect \
      RATE,RATE] [--power P]

      Checks a sweep and its files and prints what running it would take: trials, steps, floating-point operations, hours and
      memory. --half-width prints how many seeds it takes to know each failure rate to some precision. --detect prints how many
      it takes to tell two failure rates apart by the primary test of 'compare', adjusted for the comparisons that the sweep
      declares. Starts no training and writes no file.

        SWEEP               the sweep file (JSON5)
        KEY=VALUE           replaces a value, or a grid axis, of the sweep file
        --shift-seeds N     add N to every seed of a trial, for the same sweep on fresh seeds (default: 0)
        --shift-data N      add N to every seed of the data, for the same sweep on other examples (default: 0)
        --ranks N           ranks to estimate hours and memory for (default: as many as run starts)
        --mem-per-cpu       print only the memory of a rank, such as 1200M, for sbatch --mem-per-cpu
        --digest            print only the SHA-256 of all trial identifiers, which a registration of claims contains
        --list              list every trial, not just the first ones
        --half-width W      print how many seeds give every failure rate to +-W, such as 0.1
        --detect RATE,RATE  print how many seeds tell two failure rates apart, such as 0.4,0
        --power P           the probability to tell them apart (default: 0.8)
        --help              print this
      """)
  }

  func testInit() {
    XCTAssertEqual(
      HelpText.text(of: InitCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep init DATA [DATA ...] [--model DIR] [--text NAME] [--pair NAME] [--label NAME] [--output FILE.json5]

      Looks at a training file (.tsv, .csv or .jsonl) and an evaluation file, or at a folder with both, which may be GLUE's, and
      writes a sweep file with comments, which 'plan' accepts as it is: the columns of text and label, the classes or a number
      to predict, a first recipe, its variants and seeds. If only a training file is given, the evaluation file is the one
      beside it with dev, valid, validation, val, eval or test in its name in place of train. Overwrites nothing.

        DATA                 a folder of data, or a training file and an evaluation file
        --model DIR          the model folder (default: models/minilm if it is there, otherwise the model inside the program)
        --text NAME          the column of the text, or of the first of two (default: a guess)
        --pair NAME          the column of the second text (default: a guess, or none)
        --label NAME         the column of the label (default: a guess)
        --output FILE.json5  the sweep file to create, which must not be there yet (default: standard output)
        --help               print this
      """)
  }

  func testStatus() {
    XCTAssertEqual(
      HelpText.text(of: StatusCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep status DIR [--exit-code] [--watch]

      Prints how far the run in DIR is. With --exit-code the exit code says it as well: 0 every trial has a result, 1 some
      crashed at every attempt or are in no merged folder, 75 not finished. --watch shows the run as its own terminal does,
      from the files in DIR alone, until it has ended, and then prints the same as status. Where the output is no terminal,
      it prints a line at most every minute. Ctrl-C ends the view, not the run.

        DIR          a folder of results
        --exit-code  exit with 0, 1 or 75, as said above
        --watch      show the run until it has ended
        --help       print this
      """)
  }

  func testSummarize() {
    XCTAssertEqual(
      HelpText.text(of: SummarizeCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep summarize DIR [--failure-rule RULE] [--score final|best]

      Rebuilds every table in DIR from its journal and prints the summary. Trains nothing. --failure-rule and --score say which
      runs count as failed. That holds for all tables of DIR and for every later command that judges its runs, until summarize
      is called again; tables of another rule or score are removed. If DIR has a report.html, it is written again.

        DIR                  a folder of results
        --failure-rule RULE  which runs count as failed: baseline, accuracy, constant, loss or below=X (default: baseline)
        --score final|best   the evaluation that is scored and judged (default: final)
        --help               print this
      """)
  }

  func testCompare() {
    XCTAssertEqual(
      HelpText.text(of: CompareCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep compare DIR [DIR ...] [--reference VARIANT] [--output FILE.csv] [--failure-rule RULE] \
      [--score final|best]

      Compares the failure rates and the spread of recipes. In one folder every variant is compared with the sweep's
      compare.reference (by default its first) at the same grid values; in a sweep without variants every recipe is \
      compared
      with the first. In several folders each recipe is compared with its counterpart in the first folder. Prints \
      one sentence
      for each pair and writes comparisons.csv. Runs are judged as in DIR's tables; with another --failure-rule or \
      --score and
      without --output these are made again first. The primary test is McNemar's where the seeds are the same and \
      Boschloo's
      otherwise, adjusted by Holm over the pairs of a task.

        DIR                  a folder of results
        --reference VARIANT  the variant to compare with
        --output FILE.csv    the table to write (default: comparisons.csv in DIR; needed for several folders)
        --failure-rule RULE  which runs count as failed: baseline, accuracy, constant, loss or below=X (default: as in \
      DIR's tables)
        --score final|best   the evaluation that is scored and judged (default: as in DIR's tables)
        --help               print this
      """)
  }

  func testAnalyze() {
    XCTAssertEqual(
      HelpText.text(of: AnalyzeCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep analyze ANALYSIS DIR [--output FOLDER] [--retrain] [--processes N] [--runs N] [--text FILE] \
      [--mask-set FILE] [--pretrained MODEL] [--failed TRIAL] [--successful TRIAL] [--all-pairs] [--points N] [--range X] \
      [--examples N] [--recipe VARIANT [--recipe ...]] [--members N] [--line-points N] [--basin-barrier X] [--tensors NAME] [--reference VARIANT] [--blas-core NAME] [--failure-rule RULE] [--score final|best]

      Makes one of the analyses of arXiv 2006.04884, on all cores or on all ranks of an mpirun. Weights are those of
      run --keep-weights all. ANALYSIS is one of
      - forgetting: the masked-language-model perplexity of the first failed and successful runs with their top k layers
        pre-trained again, and the mean curves of failed runs
      - surface: the training loss on the plane through the pre-trained, a failed and a successful run's weights, \
      and the
        barriers between them
      - soups: averages of the weights of runs that started from the same head, uniform and greedy, the loss barriers
        between every two of them, and the basins in which they lie
      - gradients: whether recorded gradient norms vanished
      - correction: what bias correction multiplies steps by
      - dose: which size of early steps predicts failed runs

        ANALYSIS             forgetting, surface, soups, gradients, correction or dose
        DIR                  a folder of results
        --output FOLDER      where the tables go (default: DIR)
        --retrain            forgetting, surface, soups: train runs again whose weights were not kept, and keep the weights, which are the same
        --processes N        forgetting, surface, soups: use N processes of this machine, which mpirun starts (default: all \
      cores)
        --runs N             forgetting: how many failed and how many successful runs (default: 3)
        --text FILE          forgetting: sentences to mask, one on each line (default: the built-in language)
        --mask-set FILE      forgetting: the saved mask set, drawn if missing (default: mask_set.jsonl)
        --pretrained MODEL   forgetting: the pre-trained folder, where it has moved
        --failed TRIAL       surface: the failed run (default: the first with a successful run of the same head)
        --successful TRIAL   surface: the successful run
        --all-pairs          surface: no plane, but the edge from the failed to the successful run of every pair that shares \
      a head
        --points N           surface: points on a side of the grid, and steps along an edge (default: 40)
        --range X            surface: the grid goes from -X to X (default: 1.5)
        --examples N         surface, soups: training examples, chosen by a fixed seed (default: 128)
        --recipe VARIANT     soups: only recipes of this variant; may be given several times
        --members N          soups: how many runs of each recipe and head are read, the first in plan order (default: 10)
        --line-points N      soups: points between two runs, both ends included (default: 11)
        --basin-barrier X    soups: the largest barrier between two runs of one basin (default: 2 % of the chance loss)
        --tensors NAME       gradients: which tensors of a layer count: all, or a name such as output.dense.weight (default: all)
        --reference VARIANT  dose: the variant whose LD50 the other recipes' are divided by (default: the sweep's \
      reference, or the first)
        --blas-core NAME     use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this \
      processor's)
        --failure-rule RULE  which runs count as failed: baseline, accuracy, constant, loss or below=X (default: as in \
      DIR's tables)
        --score final|best   the evaluation that is scored and judged (default: as in DIR's tables)
        --help               print this
      """)
  }

  func testComponents() {
    XCTAssertEqual(
      HelpText.text(of: ComponentsCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep components DIR [--failure-rule RULE] [--score final|best]

      For a sweep with crossed seeds: splits the spread of every recipe into the parts that come from the seeds of
      initialization, of the data order, of dropout (where it is crossed too) and from the rest, with an interval and a
      permutation test for each. Writes seed_components.csv. A run that diverged counts with the constant classifier's score.

        DIR                  a folder of results
        --failure-rule RULE  which runs count as failed: baseline, accuracy, constant, loss or below=X (default: as in \
      DIR's tables)
        --score final|best   the evaluation that is scored and judged (default: as in DIR's tables)
        --help               print this
      """)
  }

  func testAgreement() {
    XCTAssertEqual(
      HelpText.text(of: AgreementCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep agreement DIR [--failure-rule RULE] [--score final|best]

      Compares the predictions that trials kept of the dev set (record.predictions: "final") over the runs of each recipe:
      pairwise disagreement, Fleiss' kappa, Jensen-Shannon divergence and the variance of being right about an example, over
      all pairs of runs, pairs of successful runs, pairs of failed runs and pairs of one of each. Writes agreement.csv.

        DIR                  a folder of results
        --failure-rule RULE  which runs count as failed: baseline, accuracy, constant, loss or below=X (default: as in \
      DIR's tables)
        --score final|best   the evaluation that is scored and judged (default: as in DIR's tables)
        --help               print this
      """)
  }

  func testImport() {
    XCTAssertEqual(
      HelpText.text(of: ImportCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep import FILE --output DIR [--variant-column NAME[,NAME] [--variant-column ...]] \
      [--seed-column NAME] [--final-column NAME] [--baseline TASK=SCORE [--baseline ...]] [--task-column NAME] \
      [--metric-column NAME] [--best-column NAME] [--final-b-column NAME] [--best-b-column NAME] [--state-column \
      NAME] [--hyperparameter KEY=NAME [--hyperparameter ...]] [--path-pattern PATTERN] [--metric-key NAME] \
      [--lower-is-better] [--higher-is-better] [--count-unfinished] [--skip-after-training] [--tolerance X] \
      [--reference VARIANT] [--score final|best]

      Reads a table with one row for each run (.csv, .tsv or .jsonl; exports of wandb, Optuna and Ray Tune among \
      them), or the
      trainer_state.json files of Hugging Face's Trainer below a folder, and writes trials.csv, summary.csv, \
      comparisons.csv and,
      of a Trainer's folder, curves.csv. A run failed if its final score is no better than the baseline of its \
      task, which is
      the score of a constant classifier. Runs that crashed, were stopped or are under way have no result: they are named and
      counted in n_missing. In the tables half A has the scores by which checkpoints were chosen, and half B the scores of the
      same models on other examples (--final-b-column, --best-b-column).

        FILE                          the table, whose first line names the columns, or the folder
        --output DIR                  the folder of tables, created if missing
        --variant-column NAME[,NAME]  the column of the recipe, or several; without it there is one recipe
        --seed-column NAME            the column of the seed, a whole number; a table needs it
        --final-column NAME           the column of the score at the end of training; a table needs it
        --baseline TASK=SCORE         a constant classifier's score on a task, once for each task; without it only diverged runs fail
        --task-column NAME            the column of the task (default: one task, called task)
        --metric-column NAME          the column of the metric's name (default: score)
        --best-column NAME            the column of the best score during training
        --final-b-column NAME         the column of the final model's score on other examples
        --best-b-column NAME          the column of the best checkpoint's score on other examples
        --state-column NAME           the column that says how a run ended (default: a column State or status that does)
        --hyperparameter KEY=NAME     the column of a hyperparameter that has an unusual name, such as \
      learning_rate=peak
        --path-pattern PATTERN        how a folder's paths name runs, such as {task}/{variant}/seed-{seed}; \
      {any} is other text
        --metric-key NAME             the score in a folder's log_history (default: eval_accuracy)
        --lower-is-better             a lower score is better, as for a loss or an error rate
        --higher-is-better            a higher score is better, although it is named like a loss
        --count-unfinished            runs that ended before their last step count with their last score
        --skip-after-training         a folder's evaluations after training do not count, such as those of a test set
        --tolerance X                 by how much a rounded score may exceed the baseline and still count as failed \
      (default: 1e-5)
        --reference VARIANT           the recipe to compare with (default: the first)
        --score final|best            the score that is reported and judged (default: final)
        --help                        print this
      """)
  }

  func testTable() {
    XCTAssertEqual(
      HelpText.text(of: TableCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep table DIR [--rows KEY[,KEY]] [--columns KEY[,KEY]] [--cells STAT[,STAT]] [--output FILE.tex] \
      [--macros FILE.tex] [--score-matrix FILE.csv] [--prefix LETTERS] [--digits N] [--wide] [--caption short|long] \
      [--failure-rule RULE] [--score final|best]

      Makes a LaTeX table (booktabs, siunitx) of a folder of results, also of an imported one: each row is a recipe, or with
      --columns each cell. --macros adds a macro for every number of summary.csv. KEY is task, variant or a hyperparameter's
      column. STAT is a number's column in summary.csv, or X_interval for its columns X_low and X_high. A long caption names n,
      ddof, intervals, tests and power. In each task the best failure rate or mean is bold, and with it all that do not differ
      significantly (adjusted by Holm). A macro's name is made of task, variant, grid values and column, with digits spelled out:
      \\RteDefaultWarmupZeroPointOneFailureRate.

        DIR                      a folder of results
        --rows KEY[,KEY]         what the table's rows differ by; of several keys the first makes groups of rows \
      (default: all that tells recipes apart)
        --columns KEY[,KEY]      what its columns differ by; without it, a row is a recipe
        --cells STAT[,STAT]      what a cell shows (default: n,failure_rate,failure_interval,mean,sd_successful)
        --output FILE.tex        the table's file (default: print it; no table where only --macros or --score-matrix is asked for)
        --macros FILE.tex        also write macros of every number and a paragraph for the methods section
        --score-matrix FILE.csv  also write the scores for rliable: a row for each recipe and seeds, a column for \
      each task
        --prefix LETTERS         letters before every macro's name, for a paper of several folders
        --digits N               the decimals of numbers (default: 3)
        --wide                   span both columns of a two-column page (table*)
        --caption short|long     about four lines, with the rest in the methods paragraph of --macros, or everything \
      (default: short)
        --failure-rule RULE      which runs count as failed: baseline, accuracy, constant, loss or below=X (default: as in \
      DIR's tables)
        --score final|best       the evaluation that is scored and judged (default: as in DIR's tables)
        --help                   print this
      """)
  }

  func testCheck() {
    XCTAssertEqual(
      HelpText.text(of: CheckCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep check PAPER.tex DIR [DIR ...]

      Finds what 'seedsweep table' made in a LaTeX file and in the files that it inputs or includes, makes it again from DIR and
      prints file and line of everything that differs. Other results with equal numbers differ, too. With several folders, each
      table is compared with the folder that has the name of the one it was made from. Exits with 1 if anything is stale.

        PAPER.tex  the paper
        DIR        a folder of results
        --help     print this
      """)
  }

  func testVerdict() {
    XCTAssertEqual(
      HelpText.text(of: VerdictCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep verdict CLAIMS --runs DIR [--runs ...] [--claim N [--claim ...]] [--output FILE.csv] [--page FILE.md] \
      [--rule RULE=DIR [--rule ...]]

      Computes the verdict on every claim of CLAIMS and prints them as Markdown tables.
      CLAIMS may be a registration, such as sweeps/registration.json5: a JSON5 file that was committed before the runs, with
      draws of pre-trainings and data seeds, and for each claim a quantity, its side and the smallest effect that matters. The
      draws' effects are pooled, and a claim holds, is smaller than asked, contradicted, holds in part or is not shown. Results
      from before the commit of the file or of the draw, seeds 1001 to 1999 and draws that share trials are refused; draws that
      are not registered yet do not count, and every departure from the registration is listed. p-values are adjusted over all
      claims, whichever of them --claim prints.
      --page writes FILE.md with a figure, a table and a section for each claim, FILE-conditions.md with everything else and the
      figures' folder FILE-figures. Where FILE.md is there, only what stands between the marks of an earlier --page is replaced.
      --rule loss=DIR gives the table a column for another failure rule: DIR is a copy of the draws whose tables 'summarize
      --failure-rule' and the analyses wrote again.
      Or CLAIMS is a JSON5 file of conditions on numbers in the tables of run folders. A claim holds if all of its conditions do;
      one that lacks a run, a table or a column is reported as not run, with the reason; a column that no table of the program has
      is an error. Of several folders, such as the same sweeps on other seeds, each is judged for itself, and the verdict says in
      how many a claim holds. sweeps/claims.json5 has the claims of arXiv 2006.04884; what is judged so is exploratory.

        CLAIMS             the claims file or the registration (JSON5)
        --runs DIR         the folder that holds the run folders, or for a registration the draws' folders
        --claim N          judge this claim of a registration only
        --output FILE.csv  also write a row for every condition and folder, or part
        --page FILE.md     write a registration's verdicts as a page with figures
        --rule RULE=DIR    add a column to the page: verdicts on the same draws by another failure rule
        --help             print this
      """)
  }

  func testMerge() {
    XCTAssertEqual(
      HelpText.text(of: MergeCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep merge DIR DIR ... --output DIR

      Joins the results of several folders in a new one and writes its tables. A trial found twice is compared, not counted
      twice; a difference is an error. The new folder's sweep is every configuration with every seed: folders are refused if it
      would have trials that none of them plans.

        DIR           a folder of results
        --output DIR  the folder to create
        --help        print this
      """)
  }

  func testEvaluate() {
    XCTAssertEqual(
      HelpText.text(of: EvaluateCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep evaluate --model DIR [--task NAME] [--data DIR] [--file FILE] [--text COLUMN] [--pair \
      COLUMN] [--label COLUMN] [--regression] [--sweep SWEEP] [--metric NAME] [--split train|dev|test] \
      [--max-length N] [--predictions FILE.csv] [--arithmetic NAME] [--blas-core NAME]

      Scores a Hugging Face model folder, its classification head included, on labelled texts: those of a GLUE task (--task and
      --data), of one file of your own (--file, --text and --label), or of a sweep's task (--sweep). Only the scored file is
      read. A label is the head's class of that name, capitals aside. If the head only counts its classes (LABEL_0, LABEL_1),
      labels that are numbers are classes by number, and other labels, if they are as many as the classes, are these classes in
      their order. Labels that differ in capitals only, or whose order is another one in small letters, are refused there.

        --model DIR             the model folder
        --task NAME             a GLUE task's name, with --data
        --data DIR              the GLUE task's folder with its .tsv files
        --file FILE             a labelled file of your own: .tsv, .csv or .jsonl
        --text COLUMN           the file's column of the text, or of the first of two
        --pair COLUMN           the file's column of the second text
        --label COLUMN          the file's column of the label
        --regression            the file's label is a number instead of a class
        --sweep SWEEP           a sweep file, whose task is scored
        --metric NAME           the metric that comes first (default: the task's own)
        --split train|dev|test  which examples of a GLUE task or a sweep's task are scored (default: dev)
        --max-length N          the longest sequence in tokens (default: 128)
        --predictions FILE.csv  also write every label, prediction and logit
        --arithmetic NAME       what computes: portable, the same bits on every processor, or openblas (default: the \
      sweep's, or \(Arithmetic.ofSweepFiles))
        --blas-core NAME        use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this \
      processor's)
        --help                  print this
      """)
  }

  func testPretrain() {
    XCTAssertEqual(
      HelpText.text(of: PretrainCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep pretrain --output DIR [--text FILE] [--language NAME] [--pairs NAME] [--vocabulary FILE] [--cased] \
      [--model-type NAME] \
      [--layers N] [--hidden N] [--embedding N] [--heads N] [--intermediate N] [--max-length N] [--dropout P] \
      [--steps N] [--batch-size N] [--learning-rate X] [--warmup X] [--seed N] [--evaluate-every N] [--half] [--limit N] \
      [--threads N] [--arithmetic NAME] [--blas-core NAME] [--allow-mixed-numerics]

      Trains an encoder with random weights to predict masked words (15 % of them: 80 % [MASK], 10 % a random word, 10 %
      kept), or a gpt2 to predict every next word, and writes it to DIR as a Hugging Face folder, for 'model: { path: DIR }'.
      The sentences are those of the built-in language, or the lines of a text, of which every twentieth is held out. With
      --pairs the model sees two sentences at a time, and gets a pooler and BERT's head for two sentences: 'continuation'
      replaces the second sentence in half of the pairs, 'order' exchanges the two; in a text a blank line separates lines that
      do not belong together. DIR also gets metrics.csv, the held-out mask set and a checkpoint: the same command continues
      where it was stopped, with the same bytes. Runs in one process; a second one in the same DIR is refused.

        --output DIR            the model folder, created if missing
        --text FILE             the text to learn, one sentence on each line (default: the language of \
      --language)
        --language NAME         the built-in language to learn: synthetic, town (default: synthetic)
        --pairs NAME            also learn whether two sentences belong together: continuation, order \
      (default: single sentences)
        --vocabulary FILE       a WordPiece vocab.txt; a text needs one
        --cased                 the vocabulary keeps capital letters
        --model-type NAME       the family: bert, megatron-bert, gpt2, roberta, xlm-roberta, camembert, electra, distilbert, \
      albert (default: bert)
        --layers N              num_hidden_layers (default: 6)
        --hidden N              hidden_size (default: 128)
        --embedding N           embedding_size, of electra and albert (default: that of --hidden)
        --heads N               num_attention_heads (default: 4)
        --intermediate N        intermediate_size (default: 4 times --hidden)
        --max-length N          max_position_embeddings; longer sentences are cut (default: 128)
        --dropout P             dropout everywhere (default: 0.1)
        --steps N               training steps (default: 10000)
        --batch-size N          sentences of each step (default: 32)
        --learning-rate X       the peak rate of AdamW, then linearly to 0 (default: 0.0005)
        --warmup X              below 1 a fraction of the steps, otherwise steps (default: 0.1)
        --seed N                the seed of weights, order, masks and dropout (default: 1)
        --evaluate-every N      steps between held-out losses and checkpoints (default: 500)
        --half                  store the model's weights as F16, in half the bytes
        --limit N               stop after N steps of this call; the same command continues
        --threads N             threads that train; changes no result (default: 1)
        --arithmetic NAME       what computes: portable, the same bits on every processor, or openblas (default: that \
      of DIR's checkpoint, or \(Arithmetic.ofSweepFiles))
        --blas-core NAME        use OpenBLAS's kernels for this kind of processor, such as Haswell (default: this \
      processor's)
        --allow-mixed-numerics  continue from a checkpoint of a processor or library that rounds differently
        --help                  print this
      """)
  }

  func testDoctor() {
    XCTAssertEqual(
      HelpText.text(of: DoctorCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep doctor

      Prints what this machine offers to seedsweep, what is wrong with it and how to repair it. Exits with 1 if something would
      keep a sweep from running.

        --help  print this
      """)
  }

  func testKeys() {
    XCTAssertEqual(
      HelpText.text(of: KeysCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep keys [WORD ...]

      Prints every key of a sweep file as Markdown: its values, its default and what it means.
      With words, prints the keys that they name.

        WORD    a key or the last part of one, a section, or another program's name of a key
        --help  print this
      """)
  }

  func testColumns() {
    XCTAssertEqual(
      HelpText.text(of: ColumnsCommand.syntax, in: "seedsweep"),
      """
      usage: seedsweep columns [WORD ...]

      Prints every table as Markdown: what a row is, which command writes it, and each column's meaning, unit and \
      convention.
      With words, prints the tables and columns that they name.

        WORD    a table such as summary.csv, or a column
        --help  print this
      """)
  }

  /// Help adds "(default: ...)" to a flag's text from the value that the command gets, so that no text may state one itself.
  func testNoHelpStatesADefaultBesideItsFlag() {
    for command in Program.seedsweep.commands {
      let help = HelpText.text(of: command.syntax, in: "seedsweep")
      for flag in command.syntax.flags {
        XCTAssertFalse(flag.help.contains("default"), "\(command.syntax.name) \(flag.name)")
        XCTAssertTrue(help.contains("  " + flag.fullHelp + "\n"), "\(command.syntax.name) \(flag.name)")
      }
    }
  }

  func testANewVerbAppearsEverywhere() throws {
    var program = Program.seedsweep
    program = Program(
      name: program.name, introduction: program.introduction, closing: program.closing,
      commands: program.commands + [NewCommand.self])
    XCTAssertTrue(HelpText.general(program).contains("\n  brand-new   does something new\n"))
    XCTAssertTrue(HelpText.markdown(program).contains("\n## brand-new\n"))
    guard case .command(is NewCommand) = try program.request(["brand-new"]) else { return XCTFail("not found") }
    XCTAssertThrowsError(try program.request(["brandnew"])) {
      XCTAssertTrue("\($0)".contains("did you mean 'brand-new'?"), "\($0)")
    }
  }

  private struct NewCommand: Command {
    static let syntax = CommandSyntax("brand-new", "does something new", details: "Does something new.")
    init(_ given: Given) {}
    func perform(_ context: Context) throws -> ExitCode { .success }
  }
}
