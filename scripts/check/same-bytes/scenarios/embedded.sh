# The model inside the program: kept weights, gradient norms, every analysis, training from kept weights, mixout and decay
# towards pre-trained values.
cat > embedded.json5 <<'SWEEP'
{
  name: "embedded",
  model: { path: "embedded" },
  task: { name: "synthetic", difficulty: "distant", train_size: 96, dev_size: 60, max_length: 32 },
  training: { max_steps: 8, batch_size: 8, evaluations_per_epoch: 2 },
  optimizer: { learning_rate: 6e-4, bias_correction: false },
  schedule: { kind: "linear", warmup: 0.1 },
  variants: {
    uncorrected: { label: "no bias correction" },
    corrected: { "optimizer.bias_correction": true, label: "bias correction" },
  },
  compare: { reference: "uncorrected" },
  record: { gradient_norms_every: 2, curves_every: 2 },
  seeds: { init: [201, 202], order: [201, 202], design: "crossed" },
}
SWEEP
ok plan embedded.json5
ok run embedded.json5 --output out --keep-weights all
rule=$(middle_rule out)
ok summarize out --failure-rule "$rule"
ok compare out --failure-rule "$rule"
ok components out
ok analyze gradients out --failure-rule "$rule"
ok analyze correction out
ok analyze surface out --points 3 --examples 8 --failure-rule "$rule"
ok analyze surface out --points 3 --examples 8 --failure-rule "$rule" --processes 2 --output two
same out/surface.csv two/surface.csv
ok analyze surface out --points 2 --examples 8 --range 1 --failure-rule "$rule" --output range
ok analyze forgetting out --runs 1 --failure-rule "$rule"
ok verify out --sample 2
cat > second.json5 <<SWEEP
{
  extends: "embedded.json5",
  name: "second",
  training: { max_steps: 4, evaluations_per_epoch: 1 },
  variants: {
    uncorrected: null, corrected: null,
    direct: {},
    kept: { model: { path: "out/weights/$(trial out 1)" } },
    head: { model: { path: "out/weights/$(trial out 2)", head: "keep" } },
    mixout: { training: { mixout: 0.7 } },
    published: { training: { mixout: 0.5, mixout_gradient: "published" } },
    towards: { optimizer: { decay_towards: "pretrained", weight_decay: 0.1 } },
    towardsTorch: { optimizer: { decay_towards: "pretrained", algorithm: "torch", bias_correction: true } },
    mass: { optimizer: { match_step_mass: true } },
  },
  compare: { pairs: [["kept", "direct"], ["mixout", "published"]] },
  seeds: 2,
}
SWEEP
ok run second.json5 --output second --keep-weights all
ok compare second
ok agreement second
ok verify second --sample 3
ok table second --rows task,variant --cells failure_rate,mean --output second.tex --macros second-macros.tex --prefix Second
