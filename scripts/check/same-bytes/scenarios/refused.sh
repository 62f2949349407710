# Command lines, sweep files and folders that are refused, with every error text.
tiny 'seeds: 2,' > tiny.json5
lines=(
  'running tiny.json5' 'run' 'run tiny.json5' 'run tiny.json5 --output' 'run tiny.json5 --outptu out' 'run tiny.json5 --output a --output b'
  'run none.json5 --output out' 'run tiny.json5 --output out --processes 0' 'run tiny.json5 --output out --threads x'
  'run tiny.json5 --output out --limit -1' 'run tiny.json5 --output out --keep-weights some' 'run tiny.json5 --output out --time-limit 1h'
  'run tiny.json5 --output out --inject fire' 'run tiny.json5 --output out --inject nan:2' 'run tiny.json5 --output out --max-failures many'
  'run tiny.json5 --output out --attempts 0' 'run tiny.json5 --output out --trial-timeout 0' 'run tiny.json5 --output out --blas-core Z80'
  'run tiny.json5 --output /proc/none' 'run tiny.json5 --output tiny.json5' 'run tiny.json5 optimizer.learning_rat=1 --output out'
  'run tiny.json5 optimizer.learning_rate=high --output out' 'run tiny.json5 seeds=0 --output out' 'run tiny.json5 =3 --output out'
  'run tiny.json5 tiny.json5 --output out' 'run tiny.json5 --output out --checkpoint-every -1'
  'retry' 'retry none' 'retry none --trial x' 'verify none' 'verify . --sample 0' 'plan' 'plan none.json5' 'plan tiny.json5 --ranks 0'
  'plan tiny.json5 --half-width 0.5 --detect 0.4 --power 1' 'plan tiny.json5 --detect 0.4,0.4' 'plan tiny.json5 --power 0.9'
  'status' 'status none' 'summarize none' 'summarize . --failure-rule below=x' 'summarize . --score worst' 'compare' 'compare none' 'compare . . '
  'components none' 'agreement none' 'analyze' 'analyze surfaces none' 'analyze surface none' 'analyze gradients none --points 3 --processes 2 --tensors dense'
  'analyze forgetting none --runs 0' 'analyze surface none --range 0' 'import' 'import none.csv --output out' 'import none.csv --output out --baseline x'
  'import tiny.json5 --output out --baseline t=0.5 --variant-column v --seed-column s --final-column f'
  'table' 'table none' 'table . --rows task' 'table . --cells nothing' 'check none.tex .' 'check' 'verdict none.json5 --runs .' 'verdict tiny.json5 --runs .' 'verdict tiny.json5'
  'merge a' 'merge a b' 'merge a b --output out' 'evaluate' 'evaluate --model none --task rte --data none' 'evaluate --model none --task nothing --data none'
  'pretrain' 'pretrain --output out --hidden 9' 'pretrain --output out --layers 100000 --hidden 8' 'pretrain --output out --text tiny.json5'
  'pretrain --output out --model-type t5' 'pretrain --output out --dropout 1' 'pretrain --output out --learning-rate 1e39' 'pretrain --output out --warmup 1.5'
  'pretrain --output out --cased' 'pretrain --output out --batch-size 65537' 'pretrain --output out --steps 3 --warmup 10' 'doctor now' 'doctor --fast'
)
for line in "${lines[@]}"; do
  # shellcheck disable=SC2086
  code 2 $line
done
[ ! -e out ] || fail "a refused command made the folder out"
number_of_sweep=0
# Reads a sweep file from standard input; `plan` must refuse it.
bad() {
  number_of_sweep=$((number_of_sweep + 1))
  cat > "bad-$number_of_sweep.json5"
  code 2 plan "bad-$number_of_sweep.json5"
}
bad <<< '{'
bad <<< '{ seeds: 1, }, more'
bad <<< '{ seeds: "all" }'
bad <<< '{ name: "x", name: "y", seeds: 1 }'
bad <<< '[1, 2]'
bad <<< ''
bad <<< '{ task: { name: "synthetic" } }'
bad <<'SWEEP'
{
  task: { name: "synthetic" },
  optimizer: { learning_rat: 1e-3, beta1: "high", epsilon: 0, algorithm: "adamw", clip: "all", weight_decay: -1 },
  schedule: { kind: "cubic", warmup: -3 },
  training: { epochs: 0, batch_size: 1.5, mixout: 1, precision: "float16", shuffle: "yes", per_device_train_batch_size: 4 },
  model: { config: { hidden_size: 10, num_attention_heads: 3, layers: 2 } },
  record: { predictions: "all" },
  grid: { "schedule.warmup": [] },
  seeds: 0,
}
SWEEP
bad <<< '{ model: { init: "random", path: "embedded" }, seeds: 1 }'
bad <<< '{ model: { path: "nowhere" }, task: { name: "sst2", data: "nothing" }, seeds: 1 }'
bad <<< '{ model: { path: "embedded:none" }, seeds: 1 }'
bad <<< '{ task: { name: "rte" }, seeds: 1 }'
bad <<< '{ task: { name: "mine", train: "a.tsv", dev: "b.txt", text: "t" }, seeds: 1 }'
bad <<< '{ extends: "none.json5", seeds: 1 }'
bad <<< '{ extends: "bad-17.json5", seeds: 1 }'
bad <<< '{ seeds: { init: [1], order: [1, 2], design: "zipped" } }'
bad <<< '{ seeds: { first: 1, count: 2, design: "crossed", more: 1 } }'
bad <<< '{ seeds: [1, 1, -2, "x"] }'
bad <<< '{ seeds: 3, grid: { "optimizer.learning_rate": [1e-3, 1e-3], "seeds": [1] }, variants: {} }'
bad <<< '{ seeds: 3, variants: { a: {}, b: {} } }'
bad <<< '{ seeds: 3, variants: { a: {}, b: { "optimizer.beta1": 0.5 } }, compare: { reference: "c" } }'
bad <<< '{ seeds: 3, compare: { pairs: [["a"]] }, stop: { half_width: 2, looks: [5, 3] } }'
bad <<< '{ seeds: 3, stop: { half_width: 0.1, looks: [] } }'
bad <<< '{ seeds: 1, training: { max_steps: 5 }, schedule: { warmup: 10 } }'
bad <<< '{ seeds: 1, optimizer: { bias_correction: true, match_step_mass: true, clip: "none", max_grad_norm: 1 } }'
bad <<< '{ seeds: 1, train_subset: { seed: 4 } }'
bad <<< '{ seeds: 1, train_subset: { size: 100000 } }'
bad <<< '{ seeds: 1, task: { name: "synthetic", train_size: 1, metric: "pearson" } }'
bad <<< '{ seeds: 1, learning_rate: 1e-3, num_train_epochs: 3 }'
bad <<< '{ seeds: 1, training: { mixout_gradient: "published", evaluations_per_epoch: 3, evaluate_every: 4 } }'
bad <<< '{ seeds: 1, "a": \x41 }'
ok run tiny.json5 --output out
code 2 run tiny.json5 optimizer.learning_rate=5e-4 --output out
code 2 components out
code 2 analyze gradients out
code 2 analyze surface out
code 2 analyze forgetting out
code 2 analyze surface out --failed x --successful y
code 2 table out --rows variant --cells nothing
code 2 table out --rows colour --cells mean
code 2 compare out --reference none
code 2 compare out out
code 2 merge out out --output out
code 2 agreement out --failure-rule never
code 2 retry out --trial 0123456789abcdef
mkdir mine && echo text > mine/thesis.tex
code 2 run tiny.json5 --output mine
echo '{ claims: [{ claim: 1 }] }' > short.json5
code 2 verdict short.json5 --runs .
