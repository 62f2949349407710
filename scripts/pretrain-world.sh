#!/usr/bin/env bash
# Prints the path of a pre-trained model of a built-in language, which it makes first if it is not inside the program: the draws
# of sweeps/registration.json5 have one pre-training each. Stopped, it goes on where it was.
#
#   usage: scripts/pretrain-world.sh WORLD SEED [--threads N]
#
# WORLD is embedded (the first language) or town. Seed 1 of both is inside the program. Another seed takes 20 to 60 minutes on one core
# and writes out/models/WORLD-SEED; its bytes are the same on every processor.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/worlds.sh

usage() {
  sed -n 's/^# *usage: /usage: /p' "$0" >&2
  exit 2
}
[ $# -ge 2 ] || usage
world=$1 seed=$2
shift 2
case $seed in '' | *[!0-9]*) usage ;; esac
world "$world" || usage
if [ "$seed" -eq 1 ]; then
  echo "$inside"
  exit
fi
program=$(swift build -c release --show-bin-path)/seedsweep
[ -x "$program" ] || swift build -c release --product seedsweep >&2
model=$PWD/out/models/$world-$seed
"$program" pretrain --output "$model" "${words[@]}" --arithmetic portable --seed "$seed" "$@" >&2
echo "$model"
