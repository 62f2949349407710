# What FIRST began, SECOND continues: stopped by --limit, killed, and stopped by a signal with checkpoints.
tiny 'seeds: 3,' 'grid: { "schedule.warmup": [0, 0.1] },' 'record: { gradient_norms_every: 4, curves_every: 3 },' > tiny.json5
first 0 run tiny.json5 --output whole --keep-weights all
first 0 run tiny.json5 --output limited --limit 2 --keep-weights all
cp limited/summary.csv limited-summary.csv
ok status limited
code 1 verify limited --sample 2
ok run tiny.json5 --output limited --keep-weights all
ok run tiny.json5 --output whole --keep-weights all
first 137 run tiny.json5 --output killed --inject kill-rank:0.9 --inject-seed 1 --checkpoint-every 0 --keep-weights all
code 1 verify killed --sample 1
ok run tiny.json5 --output killed --keep-weights all
for folder in limited killed; do
  for table in trials.csv curves.csv summary.csv gradient_norms.csv; do same "whole/$table" "$folder/$table"; done
  for file in whole/weights/*/*; do same "$file" "$folder/${file#*/}"; done
  # FIRST may put them elsewhere.
  for file in $(find whole/predictions -name '*.csv'); do
    same "$file" "$(find "$folder/predictions" -name "${file##*/}")"
  done
  ok verify "$folder" --sample 6
done
ok verify whole --sample 6
# Which trials were handed out when the rank died depends on time.
rm killed/journal.jsonl killed/timings.csv
# How far a trial is when the signal comes is not the same twice, so only the end is compared.
tiny 'seeds: 2,' | sed 's/max_steps: 12/max_steps: 3000/' > long.json5
first 0 run long.json5 --output undisturbed
ask "$first_program" run long.json5 --output stopped --checkpoint-every 0.05
"$first_program" "${asked[@]}" > stopped.log 2>&1 &
process=$!
for _ in $(seq 400); do
  if ls stopped/checkpoints/*.checkpoint > /dev/null 2>&1; then break; fi
  sleep 0.02
done
kill -USR1 "$process"
status=0
wait "$process" || status=$?
[ "$status" = 75 ] || fail "a run that SIGUSR1 stopped exits with $status, where 75 was expected"
ls stopped/checkpoints/*.checkpoint > /dev/null || fail "a run that SIGUSR1 stopped left no checkpoint"
ask "$second_program" run long.json5 --output stopped
"$second_program" "${asked[@]}" > resumed.log 2>&1 || fail "what FIRST began does not resume: $(tail -n 3 resumed.log)"
grep -q -e 'from its checkpoint' -e 'from checkpoints' resumed.log || fail "the run did not go on from the checkpoint: $(head -n 3 resumed.log)"
ok summarize undisturbed
for table in trials.csv curves.csv summary.csv; do same "undisturbed/$table" "stopped/$table"; done
ok verify stopped --sample 2
rm -r stopped stopped.log resumed.log
first 75 pretrain --output model --layers 1 --hidden 16 --heads 2 --max-length 40 --steps 12 --evaluate-every 4 --batch-size 8 --limit 5
ok pretrain --output model --layers 1 --hidden 16 --heads 2 --max-length 40 --steps 12 --evaluate-every 4 --batch-size 8
first 0 run tiny.json5 seeds=[1] --output part
ok run tiny.json5 seeds=[1,2] --output part
ok summarize whole --failure-rule loss
ok compare limited
ok merge part whole --output merged
