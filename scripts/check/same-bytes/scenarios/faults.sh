# Faults on purpose, trials without a result, `retry`, and what `verify` says about damaged folders.
tiny 'seeds: 4,' 'grid: { "schedule.warmup": [0, 0.1] },' > tiny.json5
ok run tiny.json5 --output nan --inject nan:0.5 --keep-weights all
ok compare nan
ok agreement nan
ok summarize nan --failure-rule loss
ok table nan --rows warmup --cells failure_rate,mean,n_diverged --output nan.tex --macros nan-macros.tex
code 2 analyze gradients nan
code 1 run tiny.json5 seeds=1 training.max_steps=60 --output late --inject slow:1 --trial-timeout 1 --attempts 1 --checkpoint-every 0
code 1 status late --exit-code
ok retry late --timeout
ok status late --exit-code
code 2 retry late --trial 0123456789abcdef
ok run tiny.json5 optimizer.learning_rate=1e30 seeds=2 --output diverged
ok status diverged
ok compare diverged
ok run tiny.json5 --output damaged
sed -i '3s/"accuracy"/"accuracz"/' damaged/journal.jsonl
printf 'half a li' >> damaged/journal.jsonl
rm "damaged/predictions/$(trial damaged 2).csv"
code 1 verify damaged --sample 1
ok summarize damaged
ok run tiny.json5 --output damaged
