#!/usr/bin/env bash
# Compares the tokenizer with Hugging Face's on hard Unicode lines and on every sentence of RTE, CoLA and SST-2.
# usage: scripts/check/compare-tokenizer.sh VOCABULARY.txt GLUE_FOLDER
set -euo pipefail
if [ $# -ne 2 ]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
vocabulary=$(realpath "$1")
glue=$(realpath "$2")
cd "$(dirname "$0")/../.."
python=$(scripts/check/comparison-python.sh)
swift build -c release --product seedsweep-parity
exec "$python" scripts/check/compare-tokenizer.py "$(swift build -c release --show-bin-path)/seedsweep-parity" \
  "$vocabulary" "$glue"
