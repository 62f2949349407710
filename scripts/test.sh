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
tests=$(swift test list "${options[@]}")

log=$(mktemp) beside=$(mktemp)
trap 'rm -f "$log" "$beside"; kill $(jobs -p) 2>/dev/null || true' EXIT
start=$SECONDS
code=0
if [ ${#tier[@]} -gt 0 ] || [ $# -gt 0 ]; then
  swift test --skip-build "${options[@]}" "${tier[@]}" "$@" 2>&1 | tee "$log" || code=$?
else
  # The tests that start no process run in two halves side by side, then those that do, which have deadlines, by themselves.
  program=$(swift build "${options[@]}" --show-bin-path)/seedsweepPackageTests.xctest
  starters=$(grep -hv '^#' scripts/check/tests/process-tests.txt)
  classes=$(sed 's|/.*||' <<<"$tests" | sort -u)
  choose() { grep "$@" -E "\.(${starters//$'\n'/|})$" <<<"$classes"; }
  run() { "$program" "$(paste -sd ,)"; }
  choose -v | sed -n 'n;p' | run >"$beside" 2>&1 &
  choose -v | sed -n 'p;n' | run 2>&1 | tee "$log" || code=$?
  wait $! || code=$?
  tee -a "$log" <"$beside"
  choose | run 2>&1 | tee -a "$log" || code=$?
fi

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
