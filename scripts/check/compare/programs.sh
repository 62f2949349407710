#!/usr/bin/env bash
# Prints the folder with some of the programs, for the comparisons with Hugging Face: the one that SEEDSWEEP_BINARIES names, which
# must be absolute, or the one that it builds them in.
#
#   scripts/check/compare/programs.sh PROGRAM...
set -euo pipefail
cd "$(dirname "$0")/../../.."
if [ -n "${SEEDSWEEP_BINARIES:-}" ]; then
  echo "$SEEDSWEEP_BINARIES"
else
  for program in "$@"; do swift build -c release --product "$program" >&2; done
  swift build -c release --show-bin-path
fi
