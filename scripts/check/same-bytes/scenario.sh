#!/usr/bin/env bash
# Runs one scenario: scenario.sh SCENARIO.sh FIRST SECOND. The working folder is the scenario's own and empty.
# Called by ../same-bytes.sh. FIRST is the program that begins what another one continues; SECOND runs everything else.
# Everything is computed with OpenBLAS, the arithmetic that every commit has: programs that know another one are asked for it.
#
# A scenario is a list of commands in bash, with these words:
#   ok WORDS...          run the program; it must exit with 0
#   code N WORDS...      run the program; it must exit with N; N,M allows two codes, where programs before a change had another
#   first N WORDS...     the same by the program FIRST
#   ranks N WORDS...     run the program under mpirun with N ranks; it must exit with 0
#   unrecorded WORDS...  run the program, whatever its exit code; its output is not compared
#   same A B             two files of this scenario must have the same bytes
# With SAME_BYTES_GO_ON set, a wrong exit code is printed and the scenario goes on: for whoever writes one.
# Standard output, standard error and exit code of each command are kept in commands/ and compared with everything else.
set -euo pipefail
scenario=$1 first_program=$2 second_program=$3
mkdir commands
number=0

fail() { echo "$(basename "$scenario" .sh): $*" >&2; exit 1; }

# The programs that know several arithmetics.
choosing=" "
for program in "$first_program" "$second_program"; do
  if "$program" keys 2> /dev/null | grep -q 'training\.arithmetic'; then choosing+="$program "; fi
done

# Sets `asked` to the words of a command, with OpenBLAS's arithmetic behind them where its program $1 knows several.
ask() {
  local program=$1
  shift
  asked=("$@")
  [[ $choosing = *" $program "* ]] || return 0
  case "$*" in
    *--help*) ;;
    run\ *.json5\ * | plan\ *.json5*) asked=("$1" "$2" training.arithmetic=openblas "${@:3}") ;;
    pretrain\ --* | evaluate\ --*) asked+=(--arithmetic openblas) ;;
  esac
}

# Runs a command whose exit code must be one of $1, separated by commas; $2 is what the command is called, $3 its program. The
# array `launcher` stands before the program.
launcher=()
record() {
  local expected=$1 name=$2 program=$3 code=0 base
  shift 3
  number=$((number + 1))
  base=commands/$(printf '%03d' "$number")-$name
  printf '%q ' "$name" ${launcher[@]+"${launcher[@]}"} "$@" > "$base.command"
  # Programs before this variable used one process; scenarios say where they want several.
  local variable=SEEDSWEEP_PROCESSES=1
  if [ "${name##*-}" = plan ]; then variable=SEEDSWEEP_PROCESSES=; fi
  ask "$program" "$@"
  timeout --kill-after=5 1200 env "$variable" ${launcher[@]+"${launcher[@]}"} "$program" "${asked[@]}" \
    > "$base.stdout" 2> "$base.stderr" < /dev/null || code=$?
  echo "$code" > "$base.code"
  if [[ ",$expected," != *",$code,"* ]]; then
    tail -n 5 "$base.stdout" "$base.stderr" >&2
    [ -n "${SAME_BYTES_GO_ON:-}" ] || fail "exit code $code where $expected was expected: $(cat "$base.command")"
  fi
}

verb() { case ${1:-} in '' | -*) echo program ;; *) echo "${1//[^a-z]/_}" ;; esac; }
ok() { record 0 "$(verb "$@")" "$second_program" "$@"; }
code() { local expected=$1; shift; record "$expected" "$(verb "$@")" "$second_program" "$@"; }
first() { local expected=$1; shift; record "$expected" "first-$(verb "$@")" "$first_program" "$@"; }
unrecorded() {
  ask "$second_program" "$@"
  SEEDSWEEP_PROCESSES=1 timeout --kill-after=5 1200 "$second_program" "${asked[@]}" > /dev/null 2>&1 < /dev/null || true
}
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }

ranks() {
  local count=$1 launcher=(mpirun -np "$1")
  shift
  if [ "$(id -u)" = 0 ]; then launcher+=(--allow-run-as-root); fi
  if [ "$count" -gt "$(nproc)" ]; then launcher+=(--oversubscribe); fi
  record 0 "ranks-$(verb "$@")" "$second_program" "$@"
}

# The column $2 of the table $1, one field for each line. Quoted fields must stand right of it.
column() {
  awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) place = i; next } { print $place }' "$1"
}

# A failure rule by which some runs of the folder $1 fail and the best ones do not.
middle_rule() {
  column "$1/trials.csv" value_final | awk 'NR == 1 { low = high = $1 } $1 < low { low = $1 } $1 > high { high = $1 }
    END { if (low == high) exit 1; printf "below=%.6f", (low + high) / 2 }' || fail "all scores of $1 are equal"
}

# The trial of the $2th row of $1/trials.csv.
trial() { column "$1/trials.csv" trial_id | sed -n "$2p"; }

# The table that the trial of the $3th row of $1/trials.csv left below $1/$2.
table() { find "$1/$2" -name "$(trial "$1" "$3").csv"; }

# A sweep file on tiny random weights; the arguments are further lines.
tiny() {
  cat <<'SWEEP'
{
  name: "tiny",
  model: { init: "random", config: {
    num_hidden_layers: 2, hidden_size: 16, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 64 } },
  task: { name: "synthetic", train_size: 96, dev_size: 40, max_length: 32 },
  training: { max_steps: 12, batch_size: 8 },
  optimizer: { learning_rate: 1e-3 },
SWEEP
  printf '  %s\n' "$@"
  echo '}'
}

has_bfloat16() { grep -q -w avx512_bf16 /proc/cpuinfo 2> /dev/null; }

# shellcheck source=/dev/null
source "$scenario"
