# A stop rule, alone and on two ranks.
tiny 'seeds: 12,' 'grid: { "schedule.warmup": [0, 0.1] },' 'stop: { half_width: 0.33, looks: [4, 8] },' > stop.json5
ok plan stop.json5
ok run stop.json5 training.max_steps=4 --output out
ok run stop.json5 training.max_steps=4 --processes 2 --output two
for table in trials.csv curves.csv summary.csv; do same "out/$table" "two/$table"; done
ok status out
ok summarize out --failure-rule constant
ok compare out --failure-rule constant
ok agreement out --failure-rule constant
# What was trained beyond a stop depends on time; it is in no table.
for folder in out two; do
  for file in $(find "$folder/predictions" -name '*.csv'); do
    grep -q "^$(basename "$file" .csv)," "$folder/trials.csv" || rm "$file"
  done
  rm "$folder/journal.jsonl"
done
rm two/timings.csv commands/*-run.stdout
