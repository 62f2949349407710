#!/usr/bin/env bash
# Compares the speed of training steps with PyTorch's (Hugging Face's BertForSequenceClassification) on the same real
# batches, in alternation, and writes the ratios as CSV. compare-pytorch.py says what is measured and how.
#
#   scripts/check/compare/compare-pytorch.sh GLUE_FOLDER [MODEL_FOLDER] [--csv FILE] [--quick]
#
# GLUE_FOLDER holds RTE, CoLA and SST-2; MODEL_FOLDER is models/minilm unless named; the CSV file is
# out/compare-pytorch.csv. Takes about a quarter of an hour on an idle machine, with --quick two minutes. SEEDSWEEP_PYTHON may name a
# Python with torch and transformers (comparison-python.sh).
set -euo pipefail

usage() {
  sed -n '5s/^#   /usage: /p' "$0" >&2
  exit 2
}
folders=()
options=()
csv=
while [ $# -gt 0 ]; do
  case $1 in
    --quick) options+=(--quick) ;;
    --csv)
      [ $# -gt 1 ] || usage
      csv=$(realpath "$2")
      shift
      ;;
    -*) usage ;;
    *) folders+=("$(realpath "$1")") ;;
  esac
  shift
done
[ ${#folders[@]} -ge 1 ] && [ ${#folders[@]} -le 2 ] || usage
for task in RTE CoLA SST-2; do
  if [ ! -f "${folders[0]}/$task/train.tsv" ]; then
    echo "${folders[0]} holds no $task/train.tsv" >&2
    usage
  fi
done
cd "$(dirname "$0")/../../.."
model=${folders[1]:-$PWD/models/minilm}
[ ${#folders[@]} -eq 2 ] || scripts/fetch-model.sh minilm "$model"
csv=${csv:-$PWD/out/compare-pytorch.csv}
mkdir -p "$(dirname "$csv")"

python=$(scripts/check/compare/comparison-python.sh)
swift build -c release --product seedsweep-bench
# One thread, and memory that PyTorch has freed stays with it: that makes its steps up to a tenth faster.
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
export MALLOC_MMAP_THRESHOLD_=8589934592 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456
exec "$python" scripts/check/compare/compare-pytorch.py --bench "$(swift build -c release --show-bin-path)/seedsweep-bench" \
  --model "$model" --glue "${folders[0]}" --csv "$csv" "${options[@]}"
