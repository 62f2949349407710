#!/usr/bin/env bash
# Starts a real Slurm on this machine, submits scripts/cluster/slurm.sbatch with a small sweep, sends the job its signal while it trains,
# sees it go back into the queue, start again and finish, and compares trials.csv, curves.csv and summary.csv with those of a run that
# nothing disturbed: once with srun --mpi=pmix, once with mpirun, and both again with a sweep whose trainer is a program. Then runs a job
# without a time limit, and cancels a job, which must stay cancelled. scripts/cluster/pbs.sh is tried as well, with the qsub, qstat and
# qdel that Slurm has for scripts written for PBS's cousin Torque; variables that only PBS sets are set by the test.
#
# usage: scripts/check/test-slurm.sh [--ranks N]
#
# Needs root and Linux with Debian's packages munge, slurmctld, slurmd, slurm-client, slurm-wlm-torque and iproute2, which it
# installs if apt is there. Everything runs in network, process, mount and host name namespaces of its own: no port of it can be reached from
# outside, no service of the machine is touched, and whatever happens, it is all gone when the script ends.
# SEEDSWEEP_PROGRAM names a built program; without it the release build is made.
set -euo pipefail
cd "$(dirname "$0")/../.."
ranks=2
case ${1:-} in
  '') ;;
  --ranks) ranks=$2 ;;
  *) sed -n '8s/^# //p' "$0" >&2; exit 2 ;;
esac
packages=(munge slurmctld slurmd slurm-client slurm-wlm-torque iproute2 openmpi-bin)
. scripts/check/namespaces.sh

# Slurm resolves its hosts' names only where there is an address beside the loopback's.
address=10.213.7.1
hostname slurm-node
printf '127.0.0.1 localhost\n%s slurm-node\n' "$address" > "$folder/hosts"
mount --bind "$folder/hosts" /etc/hosts
ip link add node type bridge
ip address add "$address/24" dev node
ip link set node up

dd if=/dev/urandom of="$folder/munge.key" bs=1024 count=1 status=none
chmod 600 "$folder/munge.key"
munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
  --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munged.seed" \
  > "$folder/munged.out" 2>&1 &
mkdir "$folder/state" "$folder/spool"
cat > "$folder/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=slurm-node($address)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog=$folder/task-prolog
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
KillWait=5
SlurmdParameters=config_overrides
NodeName=slurm-node NodeAddr=$address CPUs=$ranks
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$folder/slurm.conf
# Open MPI leaves folders of its own where a job is killed.
export TMPDIR=$folder
# What a PBS job finds in its environment, which qsub leaves empty but for what it is told.
cat > "$folder/task-prolog" <<PROLOG
#!/usr/bin/env bash
if [ "\$SLURM_JOB_NAME" != pbs ]; then exit; fi
export SLURM_CONF=$SLURM_CONF
echo "export SLURM_CONF=$SLURM_CONF"
echo "export TMPDIR=$folder"
echo "export OMPI_ALLOW_RUN_AS_ROOT=1"
echo "export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"
echo "export PBS_JOBID=\$SLURM_JOB_ID"
echo "export PBS_O_WORKDIR=\$SLURM_SUBMIT_DIR"
echo "export PBS_NODEFILE=\$(generate_pbs_nodefile)"
PROLOG
chmod +x "$folder/task-prolog"
wait_until 30 [ -S "$folder/munge.socket" ] || { echo "munged does not start: $(tail -n 5 "$folder/munged.log")" >&2; exit 1; }
slurmctld -D > "$folder/slurmctld.log" 2>&1 &
slurmd -D -N slurm-node > "$folder/slurmd.log" 2>&1 &
is_idle() { [ "$(sinfo --noheader --format %T 2>/dev/null)" = idle ]; }
if ! wait_until 60 is_idle; then
  echo "Slurm does not start:" >&2
  tail -n 5 "$folder"/*.log >&2
  exit 1
fi
echo "$(srun --version), $(srun --mpi=list 2>&1 | tail -1), $(mpirun --version | head -1)"

# What only this shell knows, jobs of qsub do not.
unset OPENBLAS_CORETYPE

cat > "$folder/sweep.json5" <<'SWEEP'
{
  name: "slurm",
  model: { init: "random", config: { num_hidden_layers: 2, hidden_size: 32, num_attention_heads: 2, intermediate_size: 64 } },
  task: { name: "synthetic", train_size: 160, dev_size: 60 },
  training: { max_steps: 2000, batch_size: 8, evaluate_every: 400 },
  optimizer: { learning_rate: 1e-3 },
  record: { curves_every: 50 },
  grid: { "schedule.warmup": [0, 0.1] },
  seeds: 8,
}
SWEEP

# The value of a field such as JobState of a job.
field() { scontrol --oneliner show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }

has_state() { [ "$(field "$1" JobState)" = "$2" ]; }
has_ended() { case $(field "$1" JobState) in PENDING | RUNNING | COMPLETING) return 1 ;; esac; }
# Whether no process of a job's script and steps is left, and the node is free again.
has_left_node() {
  ! scontrol listpids "$1" 2>/dev/null | grep -q "^ *[0-9]" && is_idle
}
was_requeued() { [ "$(field "$1" Restarts)" = "$2" ] && has_state "$1" PENDING; }
result_count() { { grep '"kind":"outcome".*"status":"completed"' "$1/journal.jsonl" 2>/dev/null || true; } | wc -l; }
has_results() { [ "$(result_count "$1")" -ge "$2" ]; }
submit() {
  SEEDSWEEP_LAUNCH=$1 sbatch --parsable --ntasks="$ranks" --time=10 --output="$3.log" scripts/cluster/slurm.sbatch \
    "$folder/$2.json5" "$3" --checkpoint-every 0.5
}

# A sweep whose trainer is a program, of as many trials.
cp scripts/examples/train.sh "$folder"
sed 's/steps: 20/steps: 400/; s/seeds: 25/seeds: 8/' scripts/examples/train.json5 > "$folder/program.json5"

for sweep in sweep program; do
  echo "reference of $sweep.json5: 16 trials, undisturbed, without Slurm"
  "$program" run "$folder/$sweep.json5" --output "$folder/reference-$sweep" > "$folder/reference.log" 2>&1
done

for case in srun:sweep mpirun:sweep srun:program mpirun:program; do
  IFS=: read -r launch sweep <<< "$case"
  output=$folder/$launch-$sweep
  job=$(submit "$launch" "$sweep" "$output")
  if ! wait_until 120 has_results "$output" 1; then
    fail "$case: no result within two minutes: $(tail -n 5 "$output.log" | tr '\n' '|')"
    scancel "$job"
    continue
  fi
  # What --signal=B:USR1@300 of the script makes Slurm do five minutes before the end.
  scancel --batch --signal=USR1 "$job"
  wait_until 60 was_requeued "$job" 1 || fail "$case: not requeued but $(field "$job" JobState): $(tail -n 5 "$output.log" | tr '\n' '|')"
  before=$(result_count "$output")
  checkpoints=$({ find "$output/checkpoints" -type f 2>/dev/null || true; } | wc -l)
  [ "$before" -lt 16 ] || fail "$case: the signal came too late to disturb anything"
  # Slurm lets a requeued job wait for two minutes. Started sooner, it may come before slurmd has forgotten the credential that
  # it revoked at the requeue, and is then refused: credentials are of whole seconds, and a revoked one refuses jobs with a
  # credential that is not newer. So the job starts once slurmd has ended the old one, and some seconds later.
  wait_until 60 has_left_node "$job" || fail "$case: the requeued job does not leave its node"
  sleep 5
  scontrol update "JobId=$job" StartTime=now
  wait_until 240 has_ended "$job" || fail "$case: the job does not end"
  [ "$(field "$job" JobState) $(field "$job" ExitCode)" = "COMPLETED 0:0" ] \
    || fail "$case: $(field "$job" JobState), exit code $(field "$job" ExitCode): $(tail -n 5 "$output.log" | tr '\n' '|')"
  for table in trials.csv curves.csv summary.csv; do
    cmp -s "$folder/reference-$sweep/$table" "$output/$table" || fail "$case: $table differs from the undisturbed run's"
  done
  [ "$(result_count "$output")" = 16 ] || fail "$case: $(result_count "$output") results of 16 trials"
  echo "$case: job $job: signal after $before of 16 trials, $checkpoints checkpoints kept, $(field "$job" Restarts) requeue," \
    "$(field "$job" JobState)"
done

# A job without a time limit has no end.
output=$folder/unlimited
job=$(SEEDSWEEP_LAUNCH=srun sbatch --parsable --ntasks="$ranks" --time=UNLIMITED --output="$output.log" scripts/cluster/slurm.sbatch \
  "$folder/program.json5" "$output" seeds=1)
wait_until 240 has_ended "$job" || fail "unlimited: the job does not end"
has_state "$job" COMPLETED || fail "unlimited: $(field "$job" JobState): $(tail -n 5 "$output.log" | tr '\n' '|')"
if grep 'invalid date' "$output.log"; then fail "unlimited: the end of the job is no date"; fi
echo "no time limit: job $job is $(field "$job" JobState)"

output=$folder/cancelled
job=$(submit srun sweep "$output")
wait_until 120 has_results "$output" 1 || fail "cancelled: no result within two minutes"
scancel "$job"
wait_until 60 has_ended "$job" || fail "cancelled: the job does not end but is $(field "$job" JobState)"
has_state "$job" CANCELLED || fail "cancelled: $(field "$job" JobState)"
echo "scancel: job $job is $(field "$job" JobState), $(field "$job" Restarts) requeues"

# As users do: a copy with other numbers.
sed "s/^#PBS -N .*/#PBS -N pbs/; s/^#PBS -l select=.*/#PBS -l nodes=1:ppn=$ranks/; s/^#PBS -l walltime=.*/#PBS -l walltime=00:10:00/" \
  scripts/cluster/pbs.sh > "$folder/pbs.sh"
submit_to_pbs() {
  (cd "$folder" && qsub -v "SWEEP=$folder/sweep.json5,DIR=$1,SEEDSWEEP_PROGRAM=$program,OPTIONS=--checkpoint-every 0.5" pbs.sh)
}
mpirun_of() { pgrep -x -f "mpirun .* --output $1 .*"; }
pbs_jobs() { squeue --noheader --format %i --name pbs; }
has_no_jobs() { [ -z "$(pbs_jobs)" ]; }
pbs_log() { cat "$folder"/pbs.sh.[oe]* "$folder"/.seedsweep-pbs-*.sh.[oe]* 2>/dev/null || true; }
output=$folder/pbs
job=$(submit_to_pbs "$output")
wait_until 120 has_results "$output" 1 || fail "pbs: no result within two minutes: $(pbs_log | tail -n 5 | tr '\n' '|')"
# What the end of its time makes the program do.
kill -USR1 "$(mpirun_of "$output")" || fail "pbs: no mpirun to send a signal to"
wait_until 60 has_ended "$job" || fail "pbs: the first job does not end but is $(field "$job" JobState)"
before=$(result_count "$output")
[ "$before" -lt 16 ] || fail "pbs: the signal came too late to disturb anything"
wait_until 240 has_no_jobs || fail "pbs: jobs do not end: $(pbs_jobs)"
for table in trials.csv curves.csv summary.csv; do
  cmp -s "$folder/reference-sweep/$table" "$output/$table" || fail "pbs: $table differs from the undisturbed run's"
done
[ "$(result_count "$output")" = 16 ] || fail "pbs: $(result_count "$output") results of 16 trials: $(pbs_log | tail -n 5 | tr '\n' '|')"
grep -q '"--time-limit", "00:10:00"' "$output/provenance.json" || fail "pbs: the program was not told how long it may run"
echo "pbs: job $job: signal after $before of 16 trials; $(pbs_log | grep -c '^job .* ranks on ') jobs, the second submitted by the first"
output=$folder/pbs-deleted
job=$(submit_to_pbs "$output")
wait_until 120 has_results "$output" 1 || fail "qdel: no result within two minutes"
qdel "$job"
wait_until 60 has_ended "$job" || fail "qdel: the job does not end but is $(field "$job" JobState)"
wait_until 10 has_no_jobs || fail "qdel: another job follows: $(pbs_jobs)"
echo "qdel: job $job is $(field "$job" JobState), and no other follows"

echo "$problems problems"
[ "$problems" -eq 0 ]
