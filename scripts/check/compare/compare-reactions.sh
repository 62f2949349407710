#!/usr/bin/env bash
# Compares seedsweep with Hugging Face's models (float32, CPU) on the published checkpoints of chemical reactions: token identifiers,
# logits and masked losses of 200 reactions, and the bits of the weights, read from pytorch_model.bin and from safetensors.
#
#   scripts/check/compare/compare-reactions.sh REACTIONS [NAME...]
#
# REACTIONS is a table with a column reaction, such as the dev.tsv of scripts/prepare-reactions.py. NAME is one of rxnfp, rxnfp-ft,
# rxnfp-ft-10k and rxnmapper (default: all of them), which scripts/fetch-model.sh puts into models/NAME. SEEDSWEEP_PYTHON may name a
# Python with torch and transformers (comparison-python.sh), and SEEDSWEEP_BINARIES a folder of built programs (programs.sh).
set -euo pipefail

if [ $# -lt 1 ] || [ ! -f "$1" ]; then
  sed -n '5s/^# */usage: /p' "$0" >&2
  exit 2
fi
reactions=$(realpath "$1")
[ -z "${SEEDSWEEP_BINARIES:-}" ] || SEEDSWEEP_BINARIES=$(realpath "$SEEDSWEEP_BINARIES")
shift
[ $# -gt 0 ] || set -- rxnfp rxnfp-ft rxnfp-ft-10k rxnmapper
cd "$(dirname "$0")/../../.."
python=$(scripts/check/compare/comparison-python.sh)
for name in "$@"; do scripts/fetch-model.sh "$name" "models/$name"; done
binaries=$(scripts/check/compare/programs.sh seedsweep seedsweep-parity)
exec "$python" scripts/check/compare/compare-reactions.py "$binaries" "$reactions" "$@"
