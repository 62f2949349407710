#!/usr/bin/env bash
# Compares the tokenizers of model folders with Hugging Face's, on hard Unicode lines and on every text below a folder of data.
# usage: scripts/check/compare/compare-tokenizer.sh DATA_FOLDER MODEL_FOLDER...
set -euo pipefail
if [ $# -lt 2 ]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
[ -z "${SEEDSWEEP_BINARIES:-}" ] || SEEDSWEEP_BINARIES=$(realpath "$SEEDSWEEP_BINARIES")
folders=()
for folder in "$@"; do folders+=("$(realpath "$folder")"); done
cd "$(dirname "$0")/../../.."
python=$(scripts/check/compare/comparison-python.sh)
parity=$(scripts/check/compare/programs.sh seedsweep-parity)/seedsweep-parity
exec "$python" scripts/check/compare/compare-tokenizer.py "$parity" "${folders[@]}"
