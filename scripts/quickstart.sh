#!/usr/bin/env bash
# Builds seedsweep, fine-tunes the model inside the program with and without bias correction on all cores, 15 seeds each, and
# says which recipe fails. Run again, it reuses every result.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-dependencies.sh
swift build -c release --product seedsweep
program=$(swift build -c release --show-bin-path)/seedsweep
"$program" run sweeps/quickstart.json5 --output out/quickstart
"$program" compare out/quickstart
