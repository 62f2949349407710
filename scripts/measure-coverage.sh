#!/usr/bin/env bash
# Prints how often the intervals of the tables hold what they promise: rates and their differences exactly, means and standard
# deviations on samples from a table of real runs with the columns dataset, method and val_last.
#   scripts/measure-coverage.sh [RUNS.csv TASK=BASELINE ...]
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release --product seedsweep-coverage 1>&2
exec "$(swift build -c release --show-bin-path)/seedsweep-coverage" "$@"
