#!/usr/bin/env bash
# Measures what a rank of a sweep takes, plain and as two ranks under mpirun, beside what `seedsweep plan` says.
# Usage: scripts/check/measure-memory.sh SWEEP [KEY=VALUE ...]; the release build must be there. Linux only: it reads /proc.
#
# peak      the most that was resident, as the kernel counts it (VmHWM): the number to compare with the plan's
# PSS       when most was resident, pages that processes share counted by their share
# private   then, pages that no other process has
# file      then, resident pages of mapped files: the program and its libraries. No weights are among them: pre-trained ones
#           are read when a trial starts and when it ends, from the page cache, where they lie once a node.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
program=$(cd "$(dirname "$0")/../.." && pwd)/.build/release/seedsweep
sweep=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 SEEDSWEEP_PROCESSES=1

field() { awk -v name="$1:" '$1 == name { sum += $2 } END { print sum + 0 }' "$2" 2>/dev/null || true; }

# The processes of a run: itself, or the children of mpirun.
ranks_of() { if [ "$2" = 1 ]; then echo "$1"; else cat "/proc/$1/task/$1/children" 2>/dev/null || true; fi; }

measure() {
  local count=$1 launcher=() main rank planned
  shift
  [ "$count" = 1 ] || launcher=(mpirun --oversubscribe -np "$count")
  planned=$("$program" plan "$sweep" "$@" --ranks "$count" | sed -n 's/^memory: \([0-9.]* [KMGT]*i*B\) a rank.*/\1/p')
  "${launcher[@]}" "$program" run "$sweep" "$@" --output "$folder/$count" > "$folder/$count.log" 2>&1 &
  main=$!
  while kill -0 "$main" 2>/dev/null; do
    for rank in $(ranks_of "$main" "$count"); do
      # A process that ends just now leaves its files empty: the numbers of a moment ago stay.
      cp "/proc/$rank/status" "$folder/status" 2>/dev/null && grep -q seedsweep "$folder/status" || continue
      cat "/proc/$rank/smaps_rollup" > "$folder/smaps" 2>/dev/null || continue
      echo "$(field Rss "$folder/smaps") $(field VmHWM "$folder/status") $(field Pss "$folder/smaps")" \
        "$(($(field Private_Clean "$folder/smaps") + $(field Private_Dirty "$folder/smaps")))" \
        "$(field RssFile "$folder/status")" >> "$folder/$count-$rank.samples"
    done
    sleep 0.1
  done
  wait "$main" || { cat "$folder/$count.log" >&2; exit 1; }
  for rank in "$folder/$count"-*.samples; do
    awk -v count="$count" -v planned="$planned" '
      BEGIN {
        split(planned, words, " ")
        scale["KiB"] = 1 / 1024; scale["MiB"] = 1; scale["GiB"] = 1024; scale["TiB"] = 1048576
        plan = words[1] * scale[words[2]]
      }
      $2 > peak { peak = $2 }
      $1 > most { most = $1; pss = $3; private = $4; file = $5 }
      END {
        printf "%5d %10.1f %10.1f %10.1f %10.1f %10.1f %10.3f\n",
          count, peak / 1024, pss / 1024, private / 1024, file / 1024, plan, peak / 1024 / plan
      }' "$rank"
  done
}

echo "MiB a rank:"
printf '%5s %10s %10s %10s %10s %10s %10s\n' ranks peak PSS private file plan peak/plan
for count in 1 2; do measure "$count" "$@"; done
