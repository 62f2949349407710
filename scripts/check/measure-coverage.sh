#!/usr/bin/env bash
# Prints how often the intervals of the tables hold what they promise: rates, their differences and the interval of a recipe that
# stopped early exactly; means, standard deviations and differences of means on samples from a table of real runs with the
# columns dataset, method and val_last.
#   scripts/check/measure-coverage.sh [RUNS.csv TASK=BASELINE ...]
# With --verdicts it prints instead how often the rules of verdicts find effects that are there and that are not, and the coverage of
# the intervals of doses and of the multi-bootstrap, on simulated draws (minutes):
#   scripts/check/measure-coverage.sh --verdicts
set -euo pipefail
cd "$(dirname "$0")/../.."
swift build -c release --product seedsweep-coverage 1>&2
exec "$(swift build -c release --show-bin-path)/seedsweep-coverage" "$@"
