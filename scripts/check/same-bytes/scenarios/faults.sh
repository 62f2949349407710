# Faults on purpose, trials without a result, `retry`, and what `verify` says about damaged folders.
tiny 'seeds: 4,' 'grid: { "schedule.warmup": [0, 0.1] },' > tiny.json5
ok run tiny.json5 --output nan --inject nan:0.5 --keep-weights all
ok compare nan
ok agreement nan
ok summarize nan --failure-rule loss
ok compare nan --failure-rule loss
ok agreement nan --failure-rule loss
ok table nan --rows warmup --cells failure_rate,mean,n_diverged --failure-rule loss --output nan.tex --macros nan-macros.tex
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
rm "$(table damaged predictions 2)"
code 1 verify damaged --sample 1
ok summarize damaged
ok run tiny.json5 --output damaged
cp -r nan/weights weights-nan
code 137 run tiny.json5 --output torn --inject torn-write:0.3 --inject-seed 2 --checkpoint-every 0
unrecorded run tiny.json5 --output torn
same torn/trials.csv damaged/trials.csv
rm torn/journal.jsonl torn/timings.csv torn/provenance.json torn/status.json
code 1,75 run tiny.json5 --output full --inject disk-full:0.3 --inject-seed 2 --checkpoint-every 0
rm -r full
code 1 run tiny.json5 training.max_steps=60 --output many --inject slow:1 --trial-timeout 1 --attempts 2 --max-failures 1 --checkpoint-every 0
rm -r many
# Files that changed since the results were made.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' sentence 1 2 3 > words.txt
{ printf 'text\tgold\n'; for i in $(seq 40); do printf 'sentence %s\t%s\n' $((i % 7)) $((i % 2)); done; } > own.tsv
tiny 'seeds: 2,' | sed 's/init: "random",/init: "random", vocab: "words.txt",/;s/  task: .*/  task: { name: "mine", train: "own.tsv", dev: "own.tsv", text: "text", label: "gold", max_length: 32 },/' > own.json5
ok run own.json5 --output own --keep-weights all
ok verify own --sample 1
echo 'sentence 1	0' >> own.tsv
code 1 verify own --sample 1
code 2 run own.json5 --output own
code 2 retry own
code 2 analyze surface own --failure-rule below=0.5
ok summarize own
# Other kernels, weights and predictions that are gone or changed.
ok run tiny.json5 --output whole --keep-weights all --blas-core Sandybridge
code 2 verify whole --sample 1
rm "whole/weights/$(trial whole 1)/model.safetensors"
printf X | dd of="whole/weights/$(trial whole 2)/model.safetensors" bs=1 seek=3000 conv=notrunc status=none
echo '0,0,0,0' >> "$(table whole predictions 3)"
code 1 verify whole --sample 1 --blas-core Sandybridge
ok agreement whole
code 2 analyze surface whole --failure-rule below=0.5
rm whole/sweep.json
code 2 status whole
