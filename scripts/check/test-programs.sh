#!/usr/bin/env bash
# Disturbs a sweep whose trainer is a program, a shell script, in one way after another: the program, its rank or mpirun is
# killed or halted, the disk is full, and the program itself does what a program should not. After each the same command is run
# until it succeeds; the tables must have the bytes of a run that nothing disturbed, and nothing may be left running.
#
# usage: scripts/check/test-programs.sh [KIND ...]
#
# SEEDSWEEP_PROGRAM names a built program; without it the release build is made. Linux and Open MPI only. The full disk needs
# root, to mount; without it this kind is left out, which a line says.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/check/processes.sh
kinds=(kill-program kill-shim kill-rank kill-leader kill-mpirun kill-all stop-program stop-rank term-mpirun drain-mpirun timeout full-disk
  ignores-term forks calls-setsid no-result half-result gigabyte no-score exit-code)
if [ $# -gt 0 ]; then kinds=("$@"); fi
program=${SEEDSWEEP_PROGRAM:-}
if [ -z "$program" ]; then
  swift build -c release --product seedsweep
  program=$(swift build -c release --show-bin-path)/seedsweep
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 SEEDSWEEP_PROCESSES=1
folder=$(mktemp -d)
# What Open MPI keeps in files goes with everything else. The variable marks every process that a run starts.
export TMPDIR=$folder OMPI_MCA_btl_vader_backing_directory=$folder

# The processes of this test, but for itself.
left_running() {
  local process
  for process in /proc/[0-9]*; do
    process=${process#/proc/}
    [ "$process" != $$ ] && [ "$process" != "$BASHPID" ] || continue
    # A process that has ended has no command line.
    if [ -s "/proc/$process/cmdline" ] 2>/dev/null && tr '\0' '\n' < "/proc/$process/environ" 2>/dev/null \
      | grep -qx "TMPDIR=$folder" && grep -qaE 'seedsweep|train\.sh|sleep|mpirun' "/proc/$process/cmdline" 2>/dev/null; then
      echo "$process"
    fi
  done
}
finish() {
  local process
  for process in $(left_running); do kill -CONT "$process" 2>/dev/null || true; kill -KILL "$process" 2>/dev/null || true; done
  umount "$folder/disk" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

# It counts to 20 in steps of a twentieth of a second, keeps its step, and gives a score that follows from its arguments. TROUBLE
# comes once, to a third of the seeds.
cat > "$folder/train.sh" <<'TRAIN'
#!/bin/sh
set -eu
seed=$1 rate=$2 folder=$3
step=$(cat "$folder/step" 2>/dev/null || echo 0)
if [ -n "${TROUBLE:-}" ] && [ ! -e "$folder/troubled" ] && [ $((seed % 3)) = 0 ]; then
  : > "$folder/troubled"
  case $TROUBLE in
    timeout) sleep 1000 ;;
    kill-shim) setsid sleep 1000 & kill -KILL "$PPID"; sleep 1000 ;;
    ignores-term) trap '' TERM; while :; do sleep 0.05; done ;;
    forks) sleep 1000 & sleep 1000 & ;;
    calls-setsid) setsid sleep 1000 & setsid sh -c 'trap "" TERM HUP; while :; do sleep 0.05; done' & ;;
    no-result) exit 0 ;;
    half-result) printf '{"acc": 0.' > "$folder/result.json"; exit 0 ;;
    gigabyte) head -c 1073741824 /dev/zero | tr '\0' 'x' ;;
    no-score) echo '{"accuracy": 0.5}' > "$folder/result.json"; exit 0 ;;
    exit-code) exit 7 ;;
  esac
fi
while [ "$step" -lt 20 ]; do
  sleep 0.05
  step=$((step + 1))
  echo "$step" > "$folder/step.new"
  mv "$folder/step.new" "$folder/step"
done
for point in 5 10 15 20; do echo "{\"step\": $point, \"loss\": $rate.$((seed * point % 97))}"; done > "$folder/log.jsonl"
echo "{\"acc\": 0.$((500 + seed * 7919 % 400))}" > "$folder/result.json"
TRAIN
chmod +x "$folder/train.sh"
cat > "$folder/sweep.json5" <<'SWEEP'
{
  name: "programs",
  program: {
    command: ["./train.sh", "{seed}", "{rate}", "{folder}"],
    parameters: { rate: 1 },
    results: { file: "result.json", final: "acc", history: "log.jsonl" },
    files: ["./train.sh"], baseline: 0.6, grace: 1, deterministic: true,
  },
  variants: { low: {}, high: { rate: 2 } },
  seeds: 6,
}
SWEEP

# Starts a run on three ranks, whose process is in $main.
start() {
  mpirun --enable-recovery --oversubscribe -np 3 "$program" run "$folder/sweep.json5" --output "$output" --stall-timeout 3 \
    --attempts 5 "$@" > "$log" 2>&1 &
  main=$!
}

# A process that runs train.sh.
program_process() { pgrep -f "$folder/train.sh" | head -1; }

has_ended() { ! kill -0 "$main" 2>/dev/null; }
runs_a_program() { [ -n "$(program_process)" ]; }
is_quiet() { [ -z "$(left_running)" ]; }

disturb() {
  wait_until 20 runs_a_program || fail "no program runs after 20 s: $(tail -3 "$log")"
  sleep 0.3
  case $kind in
    kill-program) kill -KILL $(program_process) ;;
    kill-rank) kill -KILL $(rank_process 1) ;;
    kill-leader) kill -KILL $(rank_process 0) ;;
    kill-mpirun) kill -KILL "$main" ;;
    kill-all) kill -KILL "$main" $(cat "/proc/$main/task/$main/children") ;;
    stop-program) kill -STOP $(program_process) ;;
    stop-rank) kill -STOP $(rank_process 1) ;;
    term-mpirun) kill -TERM "$main" ;;
    drain-mpirun) kill -USR1 "$main" ;;
    ignores-term) sleep 1; kill -USR1 "$main" ;;
  esac 2>/dev/null || true
}

# Runs the command again until it succeeds, and compares.
finish_and_compare() {
  local tries=0 code=0
  unset TROUBLE
  while :; do
    code=0
    timeout 120 mpirun --enable-recovery --oversubscribe -np 3 "$program" run "$folder/sweep.json5" --output "$output" \
      --stall-timeout 3 --attempts 5 > "$log.again" 2>&1 || code=$?
    "$program" status "$output" --exit-code > /dev/null 2>&1 && break
    tries=$((tries + 1))
    if [ "$tries" -ge 5 ]; then fail "not done after $tries more commands (exit $code): $(tail -3 "$log.again")"; return; fi
    sleep 1
  done
  for table in trials.csv curves.csv summary.csv; do
    cmp -s "$folder/whole/$table" "$output/$table" || fail "$table differs from an undisturbed run's"
  done
  wait_until 20 is_quiet || fail "still running: $(left_running | xargs -r ps -o pid,args -p)"
}

kind=undisturbed output=$folder/whole log=$folder/log-whole
start
wait "$main" || fail "exit $?: $(tail -3 "$log")"
wait_until 10 is_quiet || fail "still running: $(left_running | xargs -r ps -o pid,args -p)"

for kind in "${kinds[@]}"; do
  output=$folder/$kind log=$folder/log-$kind
  if [ "$kind" = full-disk ]; then
    if [ "$(id -u)" != 0 ]; then echo "full-disk: left out, because mounting needs root"; continue; fi
    mkdir -p "$folder/disk"
    # Room for the journal's beginning and some trials.
    mount -t tmpfs -o size=120k tmpfs "$folder/disk"
    output=$folder/disk/out
    timeout 120 "$program" run "$folder/sweep.json5" --output "$output" > "$log" 2>&1 && fail "the disk was not full"
    grep -qE 'No space left on device|Disk quota' "$log" || fail "no clear message: $(tail -3 "$log")"
    mount -o remount,size=64m "$folder/disk"
    finish_and_compare
    umount "$folder/disk"
    echo "$kind: done"
    continue
  fi
  case $kind in
    kill-shim) TROUBLE=$kind start ;;
    kill-* | stop-rank | term-mpirun | drain-mpirun) start; disturb ;;
    stop-program) start --trial-timeout 4; disturb ;;
    timeout) TROUBLE=$kind start --trial-timeout 4 ;;
    ignores-term) TROUBLE=$kind start; disturb ;;
    *) TROUBLE=$kind start ;;
  esac
  wait_until 120 has_ended || fail "the run does not end: $(tail -3 "$log")"
  # A rank that was halted ends with its mpirun; a leader that was killed leaves its ranks a moment.
  finish_and_compare
  if [ "$kind" = gigabyte ]; then
    size=$(find "$output/programs" -name '*.log' -size +17M | wc -l)
    [ "$size" = 0 ] || fail "$size logs above the cap"
  fi
  echo "$kind: done"
done
echo "${#kinds[@]} kinds of trouble: $problems problems"
[ "$problems" -eq 0 ]
