#!/usr/bin/env bash
# Prints the path of seedsweep-parity, for the comparisons with Hugging Face: the one that SEEDSWEEP_PARITY names, or one that
# it builds.
set -euo pipefail
cd "$(dirname "$0")/../../.."
if [ -n "${SEEDSWEEP_PARITY:-}" ]; then
  realpath "$SEEDSWEEP_PARITY"
else
  swift build -c release --product seedsweep-parity >&2
  echo "$(swift build -c release --show-bin-path)/seedsweep-parity"
fi
