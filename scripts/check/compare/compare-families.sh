#!/usr/bin/env bash
# Compares seedsweep with Hugging Face's models (float32, CPU) on small models of every family, which transformers makes and saves on
# the spot with tokenizers of every kind: odd shapes, one token type, several epsilons and activations, tied and untied decoders.
# compare-families.py says what is compared and how closely. Prints one line for each model, and a sum.
#
#   scripts/check/compare/compare-families.sh RTE_FOLDER [MODEL...]
#
# RTE_FOLDER holds GLUE's train.tsv and dev.tsv; MODEL is a name that the script prints (default: all of them). SEEDSWEEP_PYTHON may
# name a Python with torch and transformers (comparison-python.sh), SEEDSWEEP_BINARIES a folder of built programs. Takes some minutes.
set -euo pipefail

if [ $# -lt 1 ] || [ ! -f "$1/dev.tsv" ]; then
  sed -n '6s/^# */usage: /p' "$0" >&2
  exit 2
fi
data=$(realpath "$1")
shift
[ -z "${SEEDSWEEP_BINARIES:-}" ] || SEEDSWEEP_BINARIES=$(realpath "$SEEDSWEEP_BINARIES")
cd "$(dirname "$0")/../../.."
python=$(scripts/check/compare/comparison-python.sh)
binaries=$(scripts/check/compare/programs.sh seedsweep seedsweep-parity)
exec "$python" scripts/check/compare/compare-families.py "$binaries" "$data" "$@"
