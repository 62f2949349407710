# Tasks, grids, more tasks in one sweep, pairs of sentences, overrides on the command line, shifted seeds, merged folders.
tiny 'seeds: 2,' 'grid: { "schedule.warmup": [0, 0.1], "optimizer.learning_rate": [1e-3, 3e-3] },' > grid.json5
ok plan grid.json5
ok run grid.json5 --output out
ok compare out
ok table out --rows learning_rate --columns warmup --cells failure_rate,mean --wide --output wide.tex
ok table out --rows warmup,learning_rate --cells n_failed,median,mean_interval --digits 2 --failure-rule below=0.6 --score best
ok run grid.json5 'schedule.warmup=[0.2]' optimizer.learning_rate=1e-3 --shift-seeds 10 --output shifted
ok run grid.json5 seeds=3 --output out
tiny 'seeds: [7, 9],' 'tasks: [{ difficulty: "local" }, { name: "synthetic-pairs", difficulty: "distant" }, { seed: 4, dev_size: 30 }],' > tasks.json5
code 2 plan tasks.json5
tiny 'seeds: [7, 9],' 'variants: { order: { task: { difficulty: "order" } }, distant: { task: { difficulty: "distant" } }, pairs: { task: { name: "synthetic-pairs" } } },' > kinds.json5
ok run kinds.json5 --output kinds
ok run kinds.json5 seeds=[11] --output more --keep-weights all
ok merge kinds more --output merged
ok status merged --exit-code
ok compare merged
ok run grid.json5 --shift-seeds 20 --output fresh
ok compare out fresh --output between.csv
code 2 compare out shifted --output none.csv
code 2 merge out kinds --output none
ok verify merged --sample 1
ok summarize merged --failure-rule loss
ok compare merged --failure-rule loss
ok plan grid.json5 seeds=500 --list
ok plan grid.json5 --half-width 0.1 --detect 0.4,0 --ranks 2
ok plan grid.json5 --half-width 0.05 --detect 0.5,0.1 --power 0.9 --ranks 4
