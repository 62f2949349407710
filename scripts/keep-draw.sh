#!/usr/bin/env bash
# Copies what `seedsweep verdict sweeps/registration.json5` reads of a draw's run folders from out/draws/WORLD-N to sweeps/draws/WORLD-N, to
# be committed. Verdicts on the copies have the same bytes; they need neither the draw's models nor its weights.
#
#   usage: scripts/keep-draw.sh WORLD-N [FROM TO]
#
# Of each run folder these are copied: the journal, which holds every result with its curves, sweep.json, status.json, trials.csv,
# summary.csv and the tables of analyses that the registration names. `seedsweep summarize` makes curves.csv again from a copy. What is
# read of a journal is not compressed, and git compresses it. FROM and TO are other folders than out/draws (with OUT set, $OUT/draws) and
# sweeps/draws. A folder that was copied before is replaced.
set -euo pipefail
if [ $# -eq 3 ]; then set -- "$1" "$(realpath -m "$2")" "$(realpath -m "$3")"; fi
cd "$(dirname "$0")/.."
. scripts/worlds.sh

draw=${1:-} from=${OUT:-out}/draws to=sweeps/draws
if [ $# -eq 3 ]; then
  from=$2 to=$3
elif [ $# -ne 1 ]; then
  sed -n 's/^# *usage: /usage: /p' "$0" >&2
  exit 2
fi
require_draw "$draw"
if [ "$(realpath -m "$from")" = "$(realpath -m "$to")" ]; then
  echo "keep-draw.sh: $from is both FROM and TO; give another TO" >&2
  exit 2
fi
files="sweep.json status.json trials.csv summary.csv $(registered_tables | tr '\n' ' ')"
count=0
for folder in "$from/$draw"/*/; do
  if [ ! -e "$folder/journal.jsonl" ]; then continue; fi
  copy=$to/$draw/$(basename "$folder")
  if [ -e "$copy" ] && [ ! -e "$copy/journal.jsonl" ]; then
    echo "keep-draw.sh: $copy is there and is no copy of a run folder; remove it, or give another TO" >&2
    exit 2
  fi
  rm -rf "$copy.new"
  mkdir -p "$copy.new"
  # Each line has a checksum, which another path in a message would break.
  cp "$folder/journal.jsonl" "$copy.new"
  for file in $files; do
    # Paths of models that were trained in this checkout are written from its top.
    if [ -e "$folder/$file" ]; then sed "s|$PWD/||g" "$folder/$file" >"$copy.new/$file"; fi
  done
  rm -rf "$copy"
  mv "$copy.new" "$copy"
  count=$((count + 1))
done
if [ "$count" -eq 0 ]; then
  echo "keep-draw.sh: $from/$draw holds no run folders; 'scripts/reproduce.sh NAME --draw $draw' makes them" >&2
  exit 2
fi
echo "$to/$draw: $count run folders, $(find "$to/$draw" -type f -exec cat {} + | wc -c) bytes"
