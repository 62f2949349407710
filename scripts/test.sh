#!/usr/bin/env bash
# Builds everything in release and runs the tests, then says how long they took and what was skipped.
#
# usage: scripts/test.sh [--fast] [ARGUMENTS of swift test]
#
#   --fast   leaves out the tests that start processes (scripts/check/tests/process-tests.txt) or take several seconds
#            (slow-tests.txt), and takes less than a minute
#
# A skipped test that scripts/check/tests/allowed-skips.txt does not list fails the run.
set -euo pipefail
cd "$(dirname "$0")/.."

tier=()
if [ "${1:-}" = "--fast" ]; then
  shift
  while read -r class; do tier+=(--skip "\.$class/"); done < <(grep -hv '^#' scripts/check/tests/{process,slow}-tests.txt)
fi

scripts/install-dependencies.sh
scripts/develop/format.sh --check

# Tests need testable modules, so they have a build folder of their own.
options=(-c release --scratch-path .build-tests --explicit-target-dependency-import-check error)
# This builds them; 'swift build' would leave out what '@testable' needs.
swift test list "${options[@]}" >/dev/null

log=$(mktemp)
trap 'rm -f "$log"' EXIT
start=$SECONDS
code=0
swift test --skip-build "${options[@]}" "${tier[@]}" "$@" 2>&1 | tee "$log" || code=$?

echo
echo "The tests took $((SECONDS - start)) s."
# A line of XCTest: FILE:LINE: CLASS.TEST : Test skipped - REASON
skips=$(sed -nE 's/^.*: (-\[)?([A-Za-z]+\.[A-Za-z0-9]+)\]? : Test skipped - (.*)$/\2: \3/p' "$log" | sort -u)
if [ -n "$skips" ]; then
  echo "Skipped:"
  while IFS= read -r skip; do
    test=${skip%%:*}
    if grep -qE "^${test#*.} " scripts/check/tests/allowed-skips.txt; then
      echo "  $skip"
    else
      echo "  $skip -- scripts/check/tests/allowed-skips.txt does not list this test"
      [ $code -ne 0 ] || code=1
    fi
  done <<<"$skips"
fi
exit $code
