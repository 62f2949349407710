#!/usr/bin/env bash
# Runs a sweep onto a file system that is full sooner or later (tmpfs of many sizes, from one that takes nothing but the
# journal's first lines to one that takes nearly everything), gives it space, and runs the same command again: a clear message and
# exit 75, or 1 where every trial has its result, and at the end the tables of a run that had all the space there is.
#
# usage: scripts/check/test-full-disk.sh [--sizes N]
#
# SEEDSWEEP_PROGRAM names a built program; without it the release build is made. Needs root, to mount.
set -euo pipefail
cd "$(dirname "$0")/../.."
sizes=25
if [ "${1:-}" = --sizes ]; then sizes=$2; fi
if [ "$(id -u)" != 0 ]; then echo "scripts/check/test-full-disk.sh mounts file systems, which needs root" >&2; exit 2; fi
program=${SEEDSWEEP_PROGRAM:-}
if [ -z "$program" ]; then
  swift build -c release --product seedsweep
  program=$(swift build -c release --show-bin-path)/seedsweep
fi
export OPENBLAS_NUM_THREADS=1 SEEDSWEEP_PROCESSES=1
folder=$(mktemp -d)
trap 'umount "$folder/disk" 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir "$folder/disk"

cat > "$folder/sweep.json5" <<'SWEEP'
{
  name: "full disk",
  model: { init: "random", config: { num_hidden_layers: 2, hidden_size: 16, num_attention_heads: 2, intermediate_size: 32 } },
  task: { name: "synthetic", train_size: 96, dev_size: 40 },
  training: { max_steps: 200, batch_size: 8 },
  optimizer: { learning_rate: 1e-3 },
  record: { curves_every: 10, gradient_norms_every: 20 },
  grid: { "schedule.warmup": [0, 0.1] },
  seeds: 5,
}
SWEEP

run() { "$program" run "$folder/sweep.json5" --output "$1" --checkpoint-every 0.02 --keep-weights all > "$folder/log" 2>&1; }

problems=0
fail() { echo "PROBLEM: $*" >&2; problems=$((problems + 1)); }

run "$folder/whole"
needed=$(du -sk "$folder/whole" | cut -f1)
declare -A codes
for index in $(seq 1 "$sizes"); do
  kibibytes=$((4 + needed * (index - 1) / sizes / 4 * 4))
  mount -t tmpfs -o "size=${kibibytes}k" tmpfs "$folder/disk"
  code=0
  run "$folder/disk/out" || code=$?
  codes[$code]=$((${codes[$code]:-0} + 1))
  case $code in
    0) ;;
    1 | 75)
      grep -q 'No space left on device' "$folder/log" \
        || fail "$kibibytes KiB: exit $code without a clear message: $(tail -3 "$folder/log")"
      case $code in
        1) words='Every trial has its result' ;;
        75) words='is kept in .* the same command resumes|Nothing was trained.* The same command begins again' ;;
      esac
      grep -qE "$words" "$folder/log" || fail "$kibibytes KiB: exit $code, and how to go on is not said: $(tail -3 "$folder/log")" ;;
    *) fail "$kibibytes KiB: exit $code: $(tail -3 "$folder/log")" ;;
  esac
  mount -o "remount,size=64m" "$folder/disk"
  run "$folder/disk/out" || fail "$kibibytes KiB: with space again: exit $?: $(tail -3 "$folder/log")"
  for table in trials.csv curves.csv summary.csv; do
    cmp -s "$folder/whole/$table" "$folder/disk/out/$table" || fail "$kibibytes KiB: $table differs"
  done
  diff -rq "$folder/whole/weights" "$folder/disk/out/weights" > /dev/null || fail "$kibibytes KiB: kept weights differ"
  umount "$folder/disk"
done
for code in "${!codes[@]}"; do echo "exit $code: ${codes[$code]} times"; done
echo "$sizes full disks of 4 to $needed KiB: $problems problems"
[ "$problems" -eq 0 ]
