#!/usr/bin/env bash
# Writes the page of registered verdicts, by the draws of sweeps/draws: sweeps/VERDICTS.md, whose words outside the marks stay,
# sweeps/VERDICTS-conditions.md and sweeps/VERDICTS-figures.
#
#   usage: scripts/verdict-page.sh [--early] [DRAWS [PAGE.md]]
#
# Nobody is to look before the end. So it names what is missing and stops where a draw of the registration has no folder or is not whole,
# unless --early says that the page is wanted nevertheless.
#
# DRAWS is another folder of draws, PAGE.md another page. The columns of other failure rules come from copies of DRAWS in
# out/draws-by-RULE (with OUT set, below $OUT), whose tables are written again by that rule. Tables of `analyze dose` are written again
# too; other analyses need weights or gradient norms, so claims on their tables have no verdict by another rule.
set -euo pipefail
early=''
if [ "${1:-}" = --early ]; then
  early=1
  shift
fi
if [ $# -ge 1 ] && [[ $1 != -* ]]; then set -- "$(realpath -m "$1")" "${@:2}"; fi
if [ $# -eq 2 ]; then set -- "$1" "$(realpath -m "$2")"; fi
cd "$(dirname "$0")/.."
. scripts/worlds.sh

if [ $# -gt 2 ] || [[ ${1:-} = -* ]]; then
  sed -n 's/^# *usage: /usage: /p' "$0" >&2
  exit 2
fi
draws=${1:-sweeps/draws} page=${2:-sweeps/VERDICTS.md}
if [ ! -d "$draws" ]; then
  echo "verdict-page.sh: $draws: there is no such folder; give the folder that holds the draws' folders" >&2
  exit 2
fi
if [[ $page != *.md ]]; then
  echo "verdict-page.sh: $page: expected a file name ending in .md" >&2
  exit 2
fi
if ! compgen -G "$draws/*/*/journal.jsonl" >/dev/null; then
  echo "verdict-page.sh: $draws holds no draws with run folders; give the folder that holds the draws' folders" >&2
  exit 2
fi
swift build -c release --product seedsweep >&2
program=$(swift build -c release --show-bin-path)/seedsweep

# Prints what registered draws lack.
missing_parts() {
  local draw name table
  for draw in $(registered_draws); do
    if [ ! -d "$draws/$draw" ]; then
      echo "$draw"
      continue
    fi
    for name in $(registered_sweeps); do
      if ! "$program" status "$draws/$draw/$name" --exit-code >/dev/null 2>&1; then echo "$draw/$name"; fi
    done
    for table in $(registered_tables); do
      if ! compgen -G "$draws/$draw/*/$table" >/dev/null; then echo "$draw: $table"; fi
    done
  done
}
if [ -z "$early" ]; then
  missing=$(missing_parts)
  if [ -n "$missing" ]; then
    echo "verdict-page.sh: nobody is to look before the end, and these are not whole in $draws: ${missing//$'\n'/, }; run and keep them" \
      "first, or give --early" >&2
    exit 2
  fi
fi
words=()
for rule in loss constant; do
  copy=${OUT:-out}/draws-by-$rule
  rm -rf "$copy"
  mkdir -p "$(dirname "$copy")"
  # Draws may be links, and what is written into a copy must not be written into them.
  cp -rL "$draws" "$copy"
  for folder in "$copy"/*/*/; do
    folder=${folder%/}
    if [ ! -e "$folder/journal.jsonl" ]; then continue; fi
    "$program" summarize "$folder" --failure-rule "$rule" >/dev/null
    if [ -e "$draws/${folder#"$copy"/}/dose_fits.csv" ]; then
      # Their rows do not name the rule, so none of another rule may stay where this one makes none.
      rm -f "$folder/doses.csv" "$folder/dose_fits.csv" "$folder/dose_models.csv"
      code=0
      "$program" analyze dose "$folder" --failure-rule "$rule" >/dev/null || code=$?
      # That no recipe has a curve by a rule is no mistake; the draw then does not count for the law by it.
      if [ "$code" -eq 2 ]; then
        echo "no dose of $folder by the rule $rule: the reason is above" >&2
      elif [ "$code" -ne 0 ]; then
        exit "$code"
      fi
    fi
  done
  words+=(--rule "$rule=$copy")
done
"$program" verdict sweeps/registration.json5 --runs "$draws" --page "$page" "${words[@]}" >/dev/null
