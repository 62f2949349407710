#!/usr/bin/env bash
# Writes the page of registered verdicts, by the draws of sweeps/draws: sweeps/VERDICTS.md, whose words outside the marks stay,
# sweeps/VERDICTS-conditions.md and sweeps/VERDICTS-figures.
#
#   usage: scripts/verdict-page.sh [DRAWS [PAGE.md]]
#
# DRAWS is another folder of draws, PAGE.md another page. The columns of other failure rules come from copies of DRAWS in
# out/draws-by-RULE (with OUT set, below $OUT), whose tables are written again by that rule. Tables of `analyze dose` are written again
# too; other analyses need weights or gradient norms, so claims on their tables have no verdict by another rule.
set -euo pipefail
if [ $# -ge 1 ] && [[ $1 != -* ]]; then set -- "$(realpath -m "$1")" "${@:2}"; fi
if [ $# -eq 2 ]; then set -- "$1" "$(realpath -m "$2")"; fi
cd "$(dirname "$0")/.."

if [ $# -gt 2 ] || [[ ${1:-} = -* ]]; then
  sed -n 's/^# *usage: /usage: /p' "$0" >&2
  exit 2
fi
draws=${1:-sweeps/draws} page=${2:-sweeps/VERDICTS.md}
if [ ! -d "$draws" ]; then
  echo "verdict-page.sh: $draws: there is no such folder; give the folder that holds the draws' folders" >&2
  exit 2
fi
swift build -c release --product seedsweep >&2
program=$(swift build -c release --show-bin-path)/seedsweep
words=()
for rule in loss constant; do
  copy=${OUT:-out}/draws-by-$rule
  rm -rf "$copy"
  mkdir -p "$(dirname "$copy")"
  # Draws may be links, and what is written into a copy must not be written into them.
  cp -rL "$draws" "$copy"
  for folder in "$copy"/*/*/; do
    folder=${folder%/}
    "$program" summarize "$folder" --failure-rule "$rule" >/dev/null
    if [ -e "$draws/${folder#"$copy"/}/dose_fits.csv" ]; then
      "$program" analyze dose "$folder" --failure-rule "$rule" >/dev/null
    fi
  done
  words+=(--rule "$rule=$copy")
done
"$program" verdict sweeps/registration.json5 --runs "$draws" --page "$page" "${words[@]}" >/dev/null
