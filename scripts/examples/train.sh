#!/bin/sh
# The smallest program that a sweep can start as its trainer: what it is given and what it must leave. It trains nothing.
# Its score follows from its arguments alone; without correction, about 4 seeds in 10 end at chance.
#
#   train.sh SEED CORRECTION STEPS FOLDER
#
# Given:   the words of `program.command` in train.json5. FOLDER belongs to this trial alone.
# Leaves:  FOLDER/all_results.json with the score, and exit status 0. Any other status is a crash, and is tried again.
# Stopped: when it is started again after an interruption, FOLDER still holds what it left there.
set -eu
seed=$1 correction=$2 steps=$3 folder=$4

step=0
[ ! -f "$folder/checkpoint" ] || step=$(cat "$folder/checkpoint")
[ "$step" -eq 0 ] || echo "going on after step $step" # what it prints goes to the trial's log
while [ "$step" -lt "$steps" ]; do
  step=$((step + 1)) # a step of training would stand here
  # Written under another name first: a file that was interrupted half-way never bears the final name.
  echo "$step" > "$folder/checkpoint.new"
  mv "$folder/checkpoint.new" "$folder/checkpoint"
done

luck=$(((seed * 7919 + 104729) % 1009 % 100)) # a number from 0 to 99 for each seed
if [ "$correction" = false ] && [ "$luck" -lt 40 ]; then accuracy=0.500; else accuracy=0.$((800 + luck)); fi
echo "{\"accuracy\": $accuracy, \"step\": $step}" > "$folder/all_results.json"
