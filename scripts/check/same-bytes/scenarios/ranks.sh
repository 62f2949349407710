# Several processes and threads: the same tables as one.
tiny 'seeds: 3,' 'grid: { "schedule.warmup": [0, 0.1] },' 'record: { gradient_norms_every: 4, curves_every: 3 },' > tiny.json5
ok run tiny.json5 --output one
ok run tiny.json5 --output two --processes 2
ok run tiny.json5 --output threads --threads 2
ranks 2 run tiny.json5 --output raw
ok run tiny.json5 --output sent --processes 2 --no-shared-files --keep-weights all
for other in two threads raw sent; do
  for table in trials.csv curves.csv summary.csv gradient_norms.csv; do same "one/$table" "$other/$table"; done
done
ranks 2 compare two
ranks 2 summarize two --failure-rule constant --score best
ok compare two --failure-rule constant --score best
ok verify sent --sample 2 --threads 2
ok merge one two --output both
