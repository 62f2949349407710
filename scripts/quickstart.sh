#!/usr/bin/env bash
# Builds seedsweep and runs the default sweep on all cores, then prints its summary. Run again, it reuses every result.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-dependencies.sh
swift build -c release --product seedsweep
program=$(swift build -c release --show-bin-path)/seedsweep
"$program" run sweeps/quickstart.json5 --output out/quickstart --processes "$(nproc)"
