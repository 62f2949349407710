#!/usr/bin/env bash
# Compares seedsweep with Hugging Face's BertForSequenceClassification (float32, CPU) on the MiniLM checkpoint and real
# RTE pairs: logits, every tensor's gradient, 20 training steps and a kept checkpoint. compare_huggingface.py says what
# is compared and how closely; compare-tokenizer.sh compares token identifiers.
#
#   scripts/compare-huggingface.sh RTE_FOLDER [MODEL_FOLDER]
#
# RTE_FOLDER holds GLUE's train.tsv and dev.tsv; MODEL_FOLDER is models/minilm unless named. SEEDSWEEP_PYTHON may name
# a Python with torch and transformers; otherwise one is made under the user's cache folder (a large download).
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ ! -f "$1/dev.tsv" ]; then
  echo "usage: scripts/compare-huggingface.sh RTE_FOLDER [MODEL_FOLDER]   (RTE_FOLDER holds train.tsv and dev.tsv)" >&2
  exit 2
fi
data=$(cd "$1" && pwd)
[ $# -lt 2 ] || model=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
if [ -z "${model:-}" ]; then
  model=$PWD/models/minilm
  scripts/fetch-model.sh "$model"
fi

python=${SEEDSWEEP_PYTHON:-}
if [ -z "$python" ]; then
  environment=${XDG_CACHE_HOME:-$HOME/.cache}/seedsweep/python
  python=$environment/bin/python
  if ! "$python" -c "import torch, transformers" 2>/dev/null; then
    echo "Making a Python environment with torch and transformers in $environment ..." >&2
    python3 -m venv "$environment"
    "$python" -m pip install --quiet --disable-pip-version-check torch transformers
  fi
fi

swift build -c release --product seedsweep
swift build -c release --product seedsweep-parity
exec "$python" scripts/compare_huggingface.py --binaries "$(swift build -c release --show-bin-path)" \
  --model "$model" --data "$data"
