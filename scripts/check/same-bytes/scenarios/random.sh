# Random weights under both places of the layer norms, with every optimizer, schedule, clip and recipe; then every table.
# The names of keys and values stand in the sweep, so that none is forgotten when one is added: add a variant here.
precision=
if has_bfloat16; then precision='bfloat16: { training: { precision: "bfloat16" } }, bfloat16Megatron: { training: { precision: "bfloat16" }, model: { config: { model_type: "megatron-bert" } } },'; fi
tiny 'record: { curves_every: 3, gradient_norms_every: 4 },' 'seeds: 3,' 'compare: { reference: "hf" },' "variants: {
    hf: { label: \"as published\" },
    corrected: { optimizer: { bias_correction: true } },
    google: { optimizer: { algorithm: \"google\" } },
    bertAdam: { optimizer: { algorithm: \"bert_adam\" } },
    torch: { optimizer: { algorithm: \"torch\", bias_correction: true, weight_decay: 0.1, beta1: 0.8, beta2: 0.99, epsilon: 1e-8 } },
    cosine: { schedule: { kind: \"cosine\", warmup: 0.25 } },
    constant: { schedule: { kind: \"constant\", warmup: 3 } },
    googleSchedule: { schedule: { kind: \"google\", warmup: 2 } },
    horizon: { schedule: { total_steps: 30 } },
    unclipped: { optimizer: { clip: \"none\" } },
    perTensor: { optimizer: { clip: \"per_tensor\", max_grad_norm: 0.05 } },
    clipped: { optimizer: { max_grad_norm: 0.1 } },
    noDecay: { optimizer: { weight_decay: 0 } },
    mass: { optimizer: { match_step_mass: true } },
    dropout: { training: { dropout: 0.3 } },
    dropouts: { training: { hidden_dropout: 0, attention_dropout: 0.2, classifier_dropout: 0.4 } },
    ordered: { training: { shuffle: false } },
    evaluated: { training: { evaluate_every: 5 } },
    epochs: { training: { max_steps: null, epochs: 2, evaluations_per_epoch: 2 }, train_subset: { size: 40, seed: 5 } },
    shuffledLabels: { task: { shuffle_labels: 3 } },
    range: { model: { config: { initializer_range: 0.1, layer_norm_eps: 1e-6 } } },
    megatron: { model: { config: { model_type: \"megatron-bert\" } } },
    megatronTorch: { model: { config: { model_type: \"megatron-bert\" } }, optimizer: { algorithm: \"torch\", bias_correction: true }, training: { dropout: 0.2 } },
    deep: { model: { config: { num_hidden_layers: 3, hidden_size: 24, num_attention_heads: 4, intermediate_size: 40 } } },
    $precision
  }," > random.json5
ok plan random.json5 --list --ranks 2
ok run random.json5 --output out
ok status out
ok status out --exit-code
ok run random.json5 --output out
ok compare out
ok compare out --reference megatron --failure-rule below=0.55 --score best --output megatron.csv
ok agreement out
ok analyze gradients out
ok analyze gradients out --tensors output.dense.weight --output dense
ok analyze correction out
code 2 components out
for rule in constant loss below=0.53 accuracy; do
  ok summarize out --failure-rule "$rule" --score best
  cp out/summary.csv "summary-$rule.csv"
  cp out/trials.csv "trials-$rule.csv"
done
ok summarize out --failure-rule constant
ok agreement out --failure-rule constant
cp out/agreement.csv agreement-constant.csv
# The tables of another judgement are removed.
ok summarize out
ok compare out
ok agreement out
ok analyze gradients out
ok table out --rows variant --cells failure_rate,failure_interval,mean,sd,sd_successful --output table.tex --macros numbers.tex
ok verify out --sample 4
ok retry out
