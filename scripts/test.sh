#!/usr/bin/env bash
# Builds everything in release and runs every test, mpirun included. Takes the arguments of `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-dependencies.sh
scripts/develop/format.sh --check
# Tests need testable modules, so they have a build folder of their own.
exec swift test -c release --scratch-path .build-tests --explicit-target-dependency-import-check error "$@"
