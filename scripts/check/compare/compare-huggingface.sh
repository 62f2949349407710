#!/usr/bin/env bash
# Compares seedsweep with Hugging Face's AutoModelForSequenceClassification (float32, CPU) on a model folder and real RTE
# pairs: logits, every tensor's gradient, 20 training steps and a kept checkpoint. compare-huggingface.py says what
# is compared and how closely; compare-tokenizer.sh compares token identifiers.
#
#   scripts/check/compare/compare-huggingface.sh RTE_FOLDER [MODEL_FOLDER]
#
# RTE_FOLDER holds GLUE's train.tsv and dev.tsv; MODEL_FOLDER is models/minilm unless named. SEEDSWEEP_PYTHON may name
# a Python with torch and transformers (comparison-python.sh), SEEDSWEEP_BINARIES a folder of built programs. Takes some minutes.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ ! -f "$1/dev.tsv" ]; then
  echo "usage: scripts/check/compare/compare-huggingface.sh RTE_FOLDER [MODEL_FOLDER]   (RTE_FOLDER holds train.tsv and dev.tsv)" >&2
  exit 2
fi
data=$(cd "$1" && pwd)
[ -z "${SEEDSWEEP_BINARIES:-}" ] || SEEDSWEEP_BINARIES=$(realpath "$SEEDSWEEP_BINARIES")
[ $# -lt 2 ] || model=$(cd "$2" && pwd)
cd "$(dirname "$0")/../../.."
if [ -z "${model:-}" ]; then
  model=$PWD/models/minilm
  scripts/fetch-model.sh minilm "$model"
fi

python=$(scripts/check/compare/comparison-python.sh)
binaries=$(scripts/check/compare/programs.sh seedsweep seedsweep-parity)
exec "$python" scripts/check/compare/compare-huggingface.py --binaries "$binaries" \
  --model "$model" --data "$data"
