#!/usr/bin/env bash
# Three hosts on one machine: network namespaces on a bridge with an sshd in each, mount namespaces that hide the leader's
# model, data and output, and each its own /tmp. Over them runs `mpirun --hostfile` a sweep that keeps weights, predictions and
# gradient norms; in the middle it is stopped and started again, and then a host vanishes: its link goes down for good. At the
# end every table and every kept file must have the bytes of a run in one process that saw everything, every node must have
# received what it lacked once, and nothing may be left on it. Then a sweep whose trainer is a program is stopped and started again.
#
# usage: scripts/check/test-hosts.sh
#
# node1 leads and has everything; node2 (two ranks) has nothing but the program; node3 has the same model under the same path,
# no data, and in place of the output folder one of its own.
#
# Needs root and Linux with Debian's packages iproute2, openssh-server and openmpi-bin, which it installs if apt is there.
# Everything runs in network, process, mount and host name namespaces of its own: its addresses cannot be reached from
# outside, and whatever happens, all of it is gone when the script ends.
# SEEDSWEEP_PROGRAM names a built program; without it the release build is made.
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=(iproute2 openssh-server openssh-client openmpi-bin)
. scripts/check/namespaces.sh

shared=$folder/shared
mkdir "$shared"

mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/netns
printf '127.0.0.1 localhost\n' > "$folder/hosts"
for number in 1 2 3; do printf '10.213.8.%s node%s\n' "$number" "$number" >> "$folder/hosts"; done
mount --bind "$folder/hosts" /etc/hosts
ip link add switch type bridge
ip link set switch up
ssh-keygen -q -t ed25519 -N '' -f "$folder/host-key"
ssh-keygen -q -t ed25519 -N '' -f "$folder/user-key"
cat > "$folder/sshd.conf" <<CONF
Port 22
HostKey $folder/host-key
AuthorizedKeysFile $folder/user-key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
CONF
cat > "$folder/ssh.conf" <<CONF
IdentityFile $folder/user-key
StrictHostKeyChecking no
UserKnownHostsFile $folder/known-hosts
LogLevel ERROR
CONF

# The process of each host's sshd, whose namespaces are the host's.
declare -a host
start_host() {
  local node=node$1
  ip netns add "$node"
  ip link add "port$1" type veth peer name eth0 netns "$node"
  ip link set "port$1" master switch up
  ip -n "$node" link set lo up
  ip -n "$node" address add "10.213.8.$1/24" dev eth0
  ip -n "$node" link set eth0 up
  ip netns exec "$node" unshare --mount --uts bash -c '
    hostname "$1"
    mount -t tmpfs tmpfs /tmp
    if [ "$1" != node1 ]; then
      if [ "$1" = node3 ]; then cp -r "$2/model" /tmp/model; fi
      mount -t tmpfs tmpfs "$2"
      if [ "$1" = node3 ]; then mv /tmp/model "$2/model"; mkdir "$2/out"; fi
    fi
    exec /usr/sbin/sshd -D -e -f "$3/sshd.conf"' host "$node" "$shared" "$folder" 2> "$folder/$node.sshd" &
  host[$1]=$!
}
# Runs a command on a host.
on() { local node=$1; shift; nsenter --target "${host[$node]}" --mount --uts --net "$@"; }

# What only this shell knows, the other hosts do not.
unset TMPDIR OPENBLAS_CORETYPE

# A small model folder and data in its words: a sentence is of class yes if it has the third word.
cat > "$folder/model.json5" <<'SWEEP'
{
  name: "model",
  model: { init: "random", config: { num_hidden_layers: 2, hidden_size: 32, num_attention_heads: 2, intermediate_size: 64 } },
  task: { name: "synthetic", train_size: 96, dev_size: 40 },
  training: { max_steps: 20, batch_size: 8 },
  seeds: 1,
}
SWEEP
"$program" run "$folder/model.json5" --output "$folder/made" --keep-weights all > "$folder/made.log" 2>&1
mv "$folder"/made/weights/* "$shared/model"
mkdir "$shared/data"
for split in train:240:1 dev:80:2; do
  IFS=: read -r name size seed <<< "$split"
  sed '/^\[/d' "$shared/model/vocab.txt" | awk -v size="$size" -v seed="$seed" '
    { words[NR] = $0 }
    END {
      srand(seed)
      print "sentence\tlabel"
      for (row = 0; row < size; row++) {
        text = ""; label = "no"
        for (field = 0; field < 8; field++) {
          pick = int(rand() * 6) + 1
          if (pick == 3) label = "yes"
          text = text (field ? " " : "") words[pick]
        }
        print text "\t" label
      }
    }' > "$shared/data/$name.tsv"
done
cat > "$shared/sweep.json5" <<'SWEEP'
{
  name: "hosts",
  model: { path: "model" },
  task: { name: "own", train: "data/train.tsv", dev: "data/dev.tsv", text: "sentence", label: "label" },
  training: { max_steps: 12000, batch_size: 8, evaluate_every: 3000 },
  optimizer: { learning_rate: 1e-3 },
  record: { curves_every: 500, gradient_norms_every: 2000 },
  grid: { "schedule.warmup": [0, 0.1] },
  seeds: 8,
}
SWEEP
for number in 1 2 3; do start_host "$number"; done
printf 'node1 slots=1\nnode2 slots=2\nnode3 slots=1\n' > "$folder/hostfile"
for number in 2 3; do
  wait_until 30 on 1 ssh -F "$folder/ssh.conf" "node$number" true 2> /dev/null || true
  name=$(on 1 ssh -F "$folder/ssh.conf" "node$number" hostname) || true
  if [ "$name" != "node$number" ]; then
    echo "node$number cannot be reached: $(cat "$folder/node$number.sshd")" >&2
    exit 1
  fi
done
[ ! -e "$shared/out" ] && [ -z "$(on 2 ls -A "$shared")" ] && [ "$(on 3 ls "$shared" | tr '\n' ' ')" = "model out " ] \
  || { echo "the mount namespaces hide nothing" >&2; exit 1; }

echo "reference: 16 trials in one process that sees everything"
"$program" run "$shared/sweep.json5" --output "$folder/reference" --keep-weights all > "$folder/reference.log" 2>&1

# Starts a sweep on the three hosts; its process is in $main, its output in $log.
start() {
  log=$folder/log-$1
  output=$shared/$3
  local sweep=$shared/$2
  shift 3
  nsenter --target "${host[1]}" --mount --uts --net mpirun --enable-recovery -np 4 --hostfile "$folder/hostfile" --bind-to none \
    --mca plm_rsh_agent "ssh -F $folder/ssh.conf" -x OPENBLAS_NUM_THREADS \
    "$program" run "$sweep" --output "$output" --stall-timeout 10 "$@" > "$log" 2>&1 &
  main=$!
}
result_count() { { grep '"kind":"outcome".*"status":"completed"' "$output/journal.jsonl" 2>/dev/null || true; } | wc -l; }
# How many trials of the output each host ran, all of which must have run some.
trials_by_host() {
  local counts number
  counts=$(awk -F, 'NR == 1 { for (field = 1; field <= NF; field++) if ($field == "host") host = field; next } { print $host }' \
    "$output/timings.csv" | sort | uniq -c | tr -s ' \n' ' ')
  for number in 1 2 3; do
    case $counts in *node$number*) ;; *) echo "(node$number ran nothing)" ;; esac
  done
  echo "$counts"
}
is_gone() { ! kill -0 "$1" 2>/dev/null; }
has_results() { [ "$(result_count)" -ge "$1" ] || is_gone "$main"; }
# How often a host said that it received files of a folder.
received() { grep -c "on host node$2: received .* of $shared/$3 " "$folder/log-$1" || true; }

start 1 sweep.json5 out --keep-weights all --checkpoint-every 0.5
wait_until 180 has_results 3 || fail "no 3 results within three minutes: $(tail -n 5 "$log")"
# On a busy machine the ranks of other hosts begin late.
have_begun_elsewhere() { [ "$(received 1 2 data)$(received 1 3 data)" = 11 ] || is_gone "$main"; }
wait_until 120 have_begun_elsewhere || fail "node2 or node3 does not begin: $(tail -n 5 "$log")"
# Ranks that have just ended a trial begin another one.
sleep 0.5
kill -USR1 "$main" || fail "the run ended by itself: $(tail -n 5 "$log")"
wait_until 60 is_gone "$main" || fail "SIGUSR1 does not end the run: $(tail -n 5 "$log")"
code=0
"$program" status "$shared/out" --exit-code > /dev/null || code=$?
[ "$code" = 75 ] || fail "after SIGUSR1 the verdict is $code, not 75: $(tail -n 5 "$log")"
stopped=$(result_count)
[ "$stopped" -lt 16 ] || fail "the signal came too late to disturb anything"
# Every hand-out came back, and every trial that was stopped after a step has its checkpoint of that step in the leader's folder.
records() { grep -c "\"kind\":\"$1\"" "$shared/out/journal.jsonl" || true; }
stopped_trials() {
  sed -n 's/.*"trial":"\([^"]*\)".*"host":"\([^"]*\)".*"status":"preempted".*"step_count":\([1-9][0-9]*\),.*/\1 \3 \2/p' \
    "$shared/out/journal.jsonl"
}
kept_trials() {
  for file in "$shared"/out/checkpoints/*.checkpoint; do
    if [ -e "$file" ]; then head -n 5 "$file" | sed -n '2p; 5s/.*"step_count":\([0-9]*\),.*/\1/p' | paste -s -d ' '; fi
  done
}
[ "$(records hand_out)" = $(($(records returned) + $(records outcome))) ] \
  || fail "$(records hand_out) hand-outs, $(records returned) of them returned and $(records outcome) ended"
[ -z "$(diff <(stopped_trials | cut -d ' ' -f 1,2 | sort) <(kept_trials | sort))" ] \
  || fail "stopped trials with their steps and hosts: $(stopped_trials); checkpoints in the leader's folder: $(kept_trials)"
away=$(stopped_trials | grep -c 'node[23]$' || true)
[ "$away" -gt 0 ] || fail "no trial of node2 or node3 was stopped: $(stopped_trials)"
checkpoints=$(kept_trials | wc -l)
echo "stopped after $stopped of 16 trials: $checkpoints more have their checkpoints in the leader's folder, $away of them from node2 and node3"

start 2 sweep.json5 out --keep-weights all --checkpoint-every 0.5
reports_data() { [ "$(received 2 3 data)" = 1 ] || is_gone "$main"; }
wait_until 180 reports_data || fail "node3 does not get the data: $(tail -n 5 "$log")"
# A host that vanishes says nothing to anybody.
ip link set port3 down
wait_until 180 is_gone "$main" || fail "the second run does not end: $(tail -n 5 "$log")"
grep -q "^$checkpoints of them goe\?s\? on from " "$log" || fail "the second run does not go on from $checkpoints checkpoints: $(head -n 5 "$log")"
grep -q 'on host node3 is lost: no progress' "$log" || fail "nobody noticed that node3 is gone: $(tail -n 5 "$log")"
echo "node3 vanished, and the run went to its end; trials tried again elsewhere: $(grep -c "will be tried again" "$log" || true)"
"$program" status "$shared/out" --exit-code > /dev/null || fail "the verdict is $?, not 0: $(tail -n 5 "$log")"
for table in trials.csv curves.csv summary.csv; do
  cmp -s "$folder/reference/$table" "$shared/out/$table" || fail "$table differs from the reference's"
done
for kind in predictions gradient_norms weights; do
  diff -rq "$folder/reference/$kind" "$shared/out/$kind" || fail "$kind differs from the reference's"
done
[ -z "$(ls -A "$shared/out/checkpoints" 2>/dev/null)" ] || fail "checkpoints are left: $(ls -A "$shared/out/checkpoints")"
hosts=$(trials_by_host)
case $hosts in *nothing*) fail "$hosts" ;; esac
for run in 1 2; do
  counts="$(received $run 1 model) $(received $run 1 data) $(received $run 2 model) $(received $run 2 data) $(received $run 3 model) $(received $run 3 data)"
  [ "$counts" = "0 0 1 1 0 1" ] || fail "run $run: files received by node1, node2 and node3 (model, data): $counts"
done
# The ranks of a host that is cut off leave by themselves.
programs() {
  local process
  for process in /proc/[0-9]*; do
    if [ "$(readlink "$process/exe")" = "$program" ] && [ "$process/ns/net" -ef "/proc/${host[$1]}/ns/net" ]; then
      echo "${process#/proc/}"
    fi
  done
}
has_no_program() { [ -z "$(programs "$1")" ]; }
for number in 2 3; do
  wait_until 60 has_no_program "$number" || fail "the program still runs on node$number: $(programs "$number")"
  left=$(on "$number" find /tmp -mindepth 1 -maxdepth 1 -name 'seedsweep*')
  [ -z "$left" ] || fail "node$number keeps $left"
done
[ -z "$(on 2 ls -A "$shared")" ] || fail "node2 has files where the leader's are: $(on 2 ls -A "$shared")"
[ -z "$(on 3 ls -A "$shared/out")" ] || fail "node3's own folder was written to: $(on 3 ls -A "$shared/out")"
echo "trials by host:$hosts; kept files home: $(find "$shared/out/predictions" "$shared/out/gradient_norms" -type f | wc -l) tables," \
  "$(find "$shared/out/weights" -mindepth 1 -maxdepth 1 | wc -l) models"

# A sweep whose trainer is a program, which two of the hosts lack: stopped and started again.
ip link set port3 up
cp scripts/examples/train.sh "$shared"
sed 's/steps: 20/steps: 400/; s/seeds: 25/seeds: 8/' scripts/examples/train.json5 > "$shared/program.json5"
"$program" run "$shared/program.json5" --output "$folder/reference-program" > "$folder/reference.log" 2>&1
wait_until 30 on 1 ssh -F "$folder/ssh.conf" node3 true 2> /dev/null || fail "node3 does not come back"
start 3 program.json5 out-program
wait_until 180 has_results 3 || fail "program: no 3 results within three minutes: $(tail -n 5 "$log")"
kill -USR1 "$main" || fail "program: the run ended by itself: $(tail -n 5 "$log")"
wait_until 60 is_gone "$main" || fail "program: SIGUSR1 does not end the run: $(tail -n 5 "$log")"
stopped=$(result_count)
[ "$stopped" -lt 16 ] || fail "program: the signal came too late to disturb anything"
start 4 program.json5 out-program
wait_until 180 is_gone "$main" || fail "program: the second run does not end: $(tail -n 5 "$log")"
"$program" status "$output" --exit-code > /dev/null || fail "program: the verdict is $?, not 0: $(tail -n 5 "$log")"
for table in trials.csv curves.csv summary.csv; do
  cmp -s "$folder/reference-program/$table" "$output/$table" || fail "program: $table differs from the reference's"
done
hosts=$(trials_by_host)
case $hosts in *nothing*) fail "$hosts" ;; esac
has_no_script() { ! on "$1" pgrep -f "train.sh [0-9]" > /dev/null; }
for number in 1 2 3; do
  wait_until 30 has_no_program "$number" || fail "program: seedsweep still runs on node$number: $(programs "$number")"
  wait_until 30 has_no_script "$number" || fail "program: train.sh still runs on node$number"
  left=$(on "$number" find /tmp -mindepth 1 -maxdepth 1 -name 'seedsweep*')
  [ -z "$left" ] || fail "program: node$number keeps $left"
done
[ -z "$(on 2 ls -A "$shared")" ] || fail "program: node2 has files where the leader's are: $(on 2 ls -A "$shared")"
echo "program: stopped after $stopped of 16 trials, then finished; trials by host:$hosts"

echo "$problems problems"
[ "$problems" -eq 0 ]
