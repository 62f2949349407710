#!/usr/bin/env bash
# Runs sweeps with our own arithmetic, the default, under everything that must not change a bit, and compares the bytes: the
# quickstart, a sweep of MiniLM's sizes, and a sweep with failed and successful runs, of which `analyze forgetting` is made.
#
# usage: scripts/check/portable-bytes.sh [--seeds N] [--model DIR] [--program FILE]
# --seeds N       seeds of each recipe (default: 3)
# --model DIR     a model folder in place of one of MiniLM's sizes that `pretrain` makes in a few steps
# --program FILE  the built program; without it the release build is made
#
# Every run differs from the first in the instructions of the products (SEEDSWEEP_SIMD), the threads, the kernels of OpenBLAS
# (OPENBLAS_CORETYPE) and the number of ranks. trials.csv, which holds the digests of all weights, curves.csv, summary.csv,
# comparisons.csv and the tables of the analysis must have the same bytes. Where the processor lacks AVX-512 only AVX2 is tried, and a line says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
seeds=3 model= program=
while [ $# -gt 0 ]; do
  case $1 in
    --seeds) seeds=$2 ;; --model) model=$(realpath "$2") ;; --program) program=$(realpath "$2") ;;
    *) sed -n '5,8s/^# //p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
if [ -z "$program" ]; then
  swift build -c release --product seedsweep
  program=$(swift build -c release --show-bin-path)/seedsweep
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

highest=avx512
if "$program" doctor | grep -q 'products made with avx2'; then
  highest=avx2
  echo "this processor has no AVX-512: every run uses AVX2"
fi

if [ -z "$model" ]; then
  model=$folder/minilm
  "$program" pretrain --output "$model" --layers 6 --hidden 384 --heads 12 --max-length 64 --steps 4 \
    > "$folder/pretrain.log"
fi
cat > "$folder/minilm.json5" <<SWEEP
{
  name: "minilm",
  model: { path: "$model" },
  task: { name: "synthetic", difficulty: "distant", train_size: 192, dev_size: 100, max_length: 64 },
  training: { max_steps: 16 },
  optimizer: { learning_rate: 2e-4 },
  schedule: { kind: "cosine", warmup: 0.1 },
  variants: { corrected: { "optimizer.bias_correction": true }, diverging: { "optimizer.learning_rate": 1e30 } },
  seeds: $seeds,
}
SWEEP
cat > "$folder/forgetting.json5" <<SWEEP
{
  name: "forgetting",
  model: { path: "embedded" },
  task: { name: "synthetic", difficulty: "distant", train_size: 200, dev_size: 100, max_length: 64 },
  training: { max_steps: 12 },
  variants: { learns: { "optimizer.learning_rate": 6e-4 }, fails: { "optimizer.learning_rate": 1e-8 } },
  seeds: 1,
}
SWEEP

# run NAME SIMD THREADS CORE RANKS: the sweeps and the analysis in folders NAME-*.
run() {
  local name=$1 sweep words
  export SEEDSWEEP_SIMD=$2 OPENBLAS_CORETYPE=$4
  for sweep in quickstart minilm forgetting; do
    words=("$folder/$sweep.json5")
    [ $sweep != quickstart ] ||
      words=(sweeps/quickstart.json5 "seeds={ first: 201, count: $seeds }")
    "$program" run "${words[@]}" --output "$folder/$name-$sweep" --threads "$3" --processes "$5" --keep-weights all \
      > "$folder/$name-$sweep.log"
    "$program" compare "$folder/$name-$sweep" >> "$folder/$name-$sweep.log"
  done
  "$program" analyze forgetting "$folder/$name-forgetting" --runs 1 --processes "$5" > "$folder/$name-analysis.log"
}

problems=0 compared=0
# compare NAME: the tables of both sweeps against the first run's.
compare() {
  local table
  for table in "$folder"/first-*/*.csv; do
    [ "$(basename "$table")" != timings.csv ] || continue
    compared=$((compared + 1))
    cmp "$table" "${table/first-/$1-}" || problems=$((problems + 1))
  done
}

run first $highest 1 Haswell 1
run avx2 avx2 1 SkylakeX 2
compare avx2
run threads $highest 2 Prescott 1
compare threads
run more avx2 3 Cooperlake 1
compare more
echo "$compared tables of runs with avx2 and $highest, 1 to 3 threads, 1 and 2 ranks and four kinds of OpenBLAS's kernels: \
$problems differ"
[ $problems = 0 ] && [ $compared -gt 0 ]
