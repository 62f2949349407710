#!/usr/bin/env bash
# Kills a sweep at random moments until it is done, and again with a fresh folder until enough kills have been survived.
# After each kill the same command is run again; at the end trials.csv, curves.csv and summary.csv must have the bytes of a
# run that nothing disturbed, every trial must have been trained to its end once, and none may have been given up.
#
# usage: scripts/check/test-kills.sh [--kills N | --each I/N] [--seed N] [--ranks N] [--trials N] [--steps N]
# --each makes one kill of every N-th of these kinds, from the I-th on, instead of random ones of all; 1/1 stands for every kind.
#
# kill-worker, kill-leader, kill-mpirun, kill-all   SIGKILL
# stop-worker, stop-leader                          SIGSTOP; a stopped leader is woken when its successor leads
# term-mpirun, drain-mpirun                         SIGTERM, SIGUSR1
# tear-journal                                      the leader dies in the middle of a write
#
# SEEDSWEEP_PROGRAM names a built program; without it the release build is made. Linux and Open MPI only.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/check/processes.sh
kills=100 seed=1 ranks=3 trials=44 steps=1500 each=
kinds=(kill-worker kill-leader kill-mpirun kill-all stop-worker stop-leader term-mpirun drain-mpirun tear-journal)
while [ $# -gt 0 ]; do
  case $1 in
    --each) each=$2 ;;
    --kills) kills=$2 ;; --seed) seed=$2 ;; --ranks) ranks=$2 ;; --trials) trials=$2 ;; --steps) steps=$2 ;;
    *) sed -n '6,7s/^# //p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
if [ -n "$each" ]; then
  for index in "${!kinds[@]}"; do
    if [ $((index % ${each#*/})) != $((${each%/*} - 1)) ]; then unset "kinds[$index]"; fi
  done
  kinds=("${kinds[@]}") kills=${#kinds[@]}
fi
program=${SEEDSWEEP_PROGRAM:-}
if [ -z "$program" ]; then
  swift build -c release --product seedsweep
  program=$(swift build -c release --show-bin-path)/seedsweep
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OPENBLAS_NUM_THREADS=1 SEEDSWEEP_PROCESSES=1
folder=$(mktemp -d)
# What Open MPI keeps in files goes with everything else: who is killed leaves it behind.
export TMPDIR=$folder OMPI_MCA_btl_vader_backing_directory=$folder
ours=()
finish() {
  local process
  for process in "${ours[@]}"; do
    # A process that ended long ago may have left its number to another's.
    if cat "/proc/$process/environ" 2>/dev/null | tr '\0' '\n' | grep -qx "TMPDIR=$folder"; then
      kill -CONT "$process" 2>/dev/null || true
      kill -KILL "$process" 2>/dev/null || true
    fi
  done
  # Ranks whose mpirun was killed write for another second.
  for process in {1..20}; do rm -rf "$folder" 2> /dev/null && return; sleep 0.5; done
  echo "$folder cannot be removed" >&2
}
trap finish EXIT
RANDOM=$seed

cat > "$folder/sweep.json5" <<SWEEP
{
  name: "kills",
  model: { init: "random", config: { num_hidden_layers: 2, hidden_size: 32, num_attention_heads: 2, intermediate_size: 64 } },
  task: { name: "synthetic", train_size: 160, dev_size: 60 },
  training: { max_steps: $steps, batch_size: 8, evaluate_every: $((steps / 5)) },
  optimizer: { learning_rate: 1e-3 },
  record: { curves_every: 50, gradient_norms_every: 100 },
  grid: { "schedule.warmup": [0, 0.1] },
  seeds: $((trials / 2)),
}
SWEEP

declare -A tally
for kind in "${kinds[@]}"; do tally[$kind]=0; done
commands=0 rounds=0 survived=0 late=0

# Starts the command; its process is in $main, its output in $log.
start() {
  commands=$((commands + 1))
  log=$folder/log-$commands
  mpirun --enable-recovery --oversubscribe -np "$ranks" "$program" run "$folder/sweep.json5" --output "$output" \
    --checkpoint-every 0.2 --stall-timeout 3 "$@" > "$log" 2>&1 &
  main=$!
  disown "$main"
  ours+=("$main")
}

has_ended() { ! kill -0 "$1" 2>/dev/null; }

# Whether the command ended because this machine is too busy to start MPI in time. It says so, and that it may be given again.
was_late() {
  grep -q 'MPI did not start' "$log" || return 1
  late=$((late + 1))
  [ "$late" -le 20 ]
}

# Waits for a process, for a number of seconds at most.
wait_for() { wait_until "$2" has_ended "$1"; }

# The number of the last leader of the folder; nothing before the first one.
last_leader() { { find "$output/.leases" -name '[0-9]*.json' -printf '%f\n' 2>/dev/null || true; } | sort -n | tail -1; }

# Whether another leader than the given one leads, or the command that was to lead has ended.
is_succeeded() { [ "$(last_leader)" != "$1" ] || has_ended "$main"; }

# Sends a signal to a rank, if it has been started.
signal_rank() {
  local process
  process=$(rank_process "$2")
  if [ -n "$process" ]; then ours+=("$process"); kill "-$1" "$process" 2>/dev/null || true; fi
}

# Ends what a disturbed run left, so that only the same command is needed: nothing but a stopped leader may be left.
settle() {
  # The longest that a run gives its mpirun is a minute.
  wait_for "$main" 90 || fail "it left a run that does not end (see $log): $(tail -3 "$log" | tr '\n' '|')"
}

disturb() {
  case $1 in
    kill-worker) signal_rank KILL $((1 + RANDOM % (ranks - 1))) ;;
    kill-leader) signal_rank KILL 0 ;;
    kill-mpirun) kill -KILL "$main" 2>/dev/null || true ;;
    kill-all)
      local processes
      processes=$(cat "/proc/$main/task/$main/children" 2>/dev/null || true)
      kill -KILL "$main" $processes 2>/dev/null || true ;;
    stop-worker) signal_rank STOP $((1 + RANDOM % (ranks - 1))) ;;
    stop-leader) signal_rank STOP 0 ;;
    term-mpirun) kill -TERM "$main" 2>/dev/null || true ;;
    drain-mpirun) kill -USR1 "$main" 2>/dev/null || true ;;
    tear-journal) ;;
  esac
}

is_complete() { "$program" status "$output" --exit-code > /dev/null 2>&1; }

# What every log must not say, whatever happened.
check_log() {
  if grep -qE 'for the last time|No result|two different results|Fatal error|^Refused' "$1"; then
    fail "$(grep -E 'for the last time|No result|two different results|Fatal error|^Refused' "$1" | head -1)"
  fi
}

# Run, trial, attempt and rank of every attempt whose result is in the journal; a record that was torn is none.
finished_attempts() {
  grep -a '"kind":"outcome".*"status":"completed",".*}}$' "$output/journal.jsonl" | sed -E \
    's/.*"epoch":([0-9]+),.*"trial":"([0-9a-f]+)","attempt":([0-9]+),.*"rank":([0-9]+).*/run \1 trial \2 attempt \3 rank \4/' \
    | awk '{ print $1 $2, $4, $5 $6, $7 $8 }'
}

# The same command without a disturbance, to its end.
run_to_end() {
  while :; do
    start
    wait_for "$main" 240 || fail "the last run of a round does not end: $(tail -3 "$log" | tr '\n' '|')"
    was_late || break
  done
  check_log "$log"
  is_complete || fail "the last run of a round is not complete: $(tail -5 "$log" | tr '\n' '|')"
}

echo "reference: $trials trials of $steps steps, undisturbed"
output=$folder/reference
"$program" run "$folder/sweep.json5" --output "$output" > "$folder/reference.log" 2>&1

while [ "$survived" -lt "$kills" ]; do
  rounds=$((rounds + 1))
  output=$folder/round-$rounds
  while [ "$survived" -lt "$kills" ]; do
    kind=${kinds[$((RANDOM % ${#kinds[@]}))]}
    if [ -n "$each" ]; then kind=${kinds[$survived]}; fi
    # Tears are dealt out evenly, so that a few of them always come.
    if [ -z "$each" ] && [ $((survived % 30)) -eq 9 ]; then kind=tear-journal; fi
    leader=$(last_leader)
    if [ "$kind" = tear-journal ]; then start --inject torn-write:0.2 --inject-seed "$((seed * 1000 + survived))"; else start; fi
    delay=$((20 + RANDOM % 280))
    if [ "$kind" = stop-leader ]; then
      # On a busy machine it may not lead yet: then nobody would take over, and it would go on when it wakes up.
      wait_until 60 is_succeeded "$leader" || fail "a run does not begin: $(tail -3 "$log" | tr '\n' '|')"
    fi
    sleep "$(printf '%d.%02d' $((delay / 100)) $((delay % 100)))"
    if ! kill -0 "$main" 2>/dev/null && [ "$kind" != tear-journal ]; then
      # It was done before the moment came: nothing was disturbed.
      if is_complete; then break; fi
      if was_late; then continue; fi
      fail "a run ended by itself before: $(tail -3 "$log" | tr '\n' '|')"
      break
    fi
    disturb "$kind"
    if [ "$kind" = stop-leader ]; then
      # The same command again takes over; then the old leader wakes, and must leave without a trace.
      stopped=$main
      stopped_leader=$(rank_process 0)
      leader=$(last_leader)
      while :; do
        start
        wait_until 60 is_succeeded "$leader" || break
        if ! has_ended "$main" || ! was_late; then break; fi
      done
      is_succeeded "$leader" || fail "nobody takes over from a stopped leader: $(tail -3 "$log" | tr '\n' '|')"
      if [ -n "$stopped_leader" ]; then kill -CONT "$stopped_leader" 2>/dev/null || true; fi
      wait_for "$stopped" 40 || fail "a leader that woke up does not leave: $(tail -3 "$log" | tr '\n' '|')"
      wait_for "$main" 240 || fail "the successor of a stopped leader does not end: $(tail -3 "$log" | tr '\n' '|')"
    else
      settle
    fi
    check_log "$log"
    tally[$kind]=$((tally[$kind] + 1))
    survived=$((survived + 1))
    if is_complete; then break; fi
  done
  run_to_end
  for table in trials.csv curves.csv summary.csv; do
    cmp -s "$folder/reference/$table" "$output/$table" || fail "round $rounds: $table differs from the undisturbed run's"
  done
  for file in "$folder/reference"/gradient_norms/*/*.csv; do
    cmp -s "$file" "$output/${file#"$folder/reference/"}" || fail "round $rounds: $(basename "$file") of gradient_norms differs"
  done
  finished=$(finished_attempts | wc -l)
  [ "$finished" = "$trials" ] \
    || fail "round $rounds: $finished finished attempts of $trials trials: $(finished_attempts | sort -k2,2 | uniq -D -f1 -w17 | tr '\n' ';')"
  [ -z "$(ls -A "$output/checkpoints" 2>/dev/null)" ] || fail "round $rounds: checkpoints are left: $(ls -A "$output/checkpoints" | tr '\n' ' ')"
  echo "round $rounds: $survived kills survived so far, $problems problems, $(date +%T)"
  rm -rf "$output"
done

echo
for kind in "${kinds[@]}"; do printf '%-14s %4d\n' "$kind" "${tally[$kind]}"; done
echo "$survived kills, $commands commands, $rounds sweeps of $trials trials on $ranks ranks, seed $seed: $problems problems"
if [ "$late" -gt 0 ]; then echo "$late commands were given again because MPI did not start in time"; fi
[ "$problems" -eq 0 ]
