#!/usr/bin/env bash
# A sweep as a PBS job that submits itself again until every trial has a result.
#
# usage: copy this file, put your numbers into the #PBS lines, then
#   qsub -v SWEEP=sweep.json5,DIR=out[,OPTIONS="--keep-weights all"] pbs.sh
#
# All variables go into one -v: of two, qsub takes the last.
#
# seedsweep ends before the job's time is over, running trials kept at a checkpoint, and the next job goes on from there. A
# job that is deleted, is refused or trains nothing submits no other. Numbers given to qsub itself are not repeated.
#
# Tried with the qsub, qstat and qdel that Slurm has for such scripts (scripts/check/test-slurm.sh), never in a real PBS: see a short
# job followed by the next one before you trust it with a long one.
#
# SEEDSWEEP_PROGRAM  the program; otherwise seedsweep of the PATH, or of the checkout that qsub was called in
#
#PBS -N seedsweep
#PBS -l select=2:ncpus=32:mpiprocs=32
#PBS -l walltime=24:00:00
#PBS -j oe
#PBS -r y
set -euo pipefail
if [ -z "${PBS_JOBID:-}" ] || [ -z "${SWEEP:-}" ] || [ -z "${DIR:-}" ]; then
  echo "usage: qsub -v SWEEP=sweep.json5,DIR=out[,OPTIONS=...] scripts/cluster/pbs.sh" >&2
  exit 2
fi
cd "$PBS_O_WORKDIR"
program=${SEEDSWEEP_PROGRAM:-$(command -v seedsweep || echo "$PBS_O_WORKDIR/.build/release/seedsweep")}
if [ ! -x "$program" ]; then
  echo "there is no program $program: name it in SEEDSWEEP_PROGRAM" >&2
  exit 2
fi
ranks=$(wc -l < "$PBS_NODEFILE")
# PBS spools what it runs, so the next job gets the copy that this one was; the spool's is gone when it ends.
script=$PBS_O_WORKDIR/.seedsweep-pbs-${PBS_JOBID%%.*}.sh
cp "$0" "$script"
trap 'rm -f "$script"' EXIT
# Nothing for a job without a limit.
walltime=$(qstat -f "$PBS_JOBID" | sed -n 's/^[[:space:]]*Resource_List.walltime = \([0-9:]*\)[[:space:]]*$/\1/p')
limit=()
if [ -n "$walltime" ]; then limit=(--time-limit "$walltime"); fi
export OPENBLAS_NUM_THREADS=1

journal_size() { stat --format %s "$DIR/journal.jsonl" 2>/dev/null || echo 0; }
size_before=$(journal_size)
is_deleted=
trap 'is_deleted=yes; kill -TERM "$run" 2>/dev/null || true' TERM
echo "job $PBS_JOBID: $ranks ranks on $(sort -u "$PBS_NODEFILE" | wc -l) nodes"
# An Open MPI that was built for PBS finds the nodes itself; the list is right for both.
mpirun --enable-recovery -np "$ranks" --hostfile "$PBS_NODEFILE" -x OPENBLAS_NUM_THREADS \
  "$program" run "$SWEEP" --output "$DIR" "${limit[@]}" ${OPTIONS:-} &
run=$!
# A signal ends `wait`, not what is waited for.
while kill -0 "$run" 2>/dev/null; do wait "$run" || true; done

verdict=0
"$program" status "$DIR" --exit-code || verdict=$?
if [ "$verdict" -eq 75 ] && [ -z "$is_deleted" ]; then
  # A start that was refused, or too short for any trial, would be so for ever.
  if [ "$(journal_size)" = "$size_before" ]; then
    echo "job $PBS_JOBID trained nothing, so no other follows" >&2
  else
    export SWEEP DIR
    qsub -v "SWEEP,DIR${OPTIONS:+,OPTIONS}${SEEDSWEEP_PROGRAM:+,SEEDSWEEP_PROGRAM}" "$script"
  fi
fi
exit "$verdict"
