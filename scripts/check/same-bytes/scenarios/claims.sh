# The shipped sweeps (as REF has them), each cut to a moment, and the verdicts of the shipped claims on their folders.
cp "$SHIPPED_SWEEPS"/*.json5 .
for name in correction random-start clipping moments step-mass pre-norm gradients; do
  ok run "$name.json5" seeds=2 training.epochs=1 task.train_size=96 task.dev_size=40 --output "runs/$name"
done
ok run surface.json5 training.max_steps=3 task.dev_size=40 --output runs/surface
for name in gradients pre-norm; do ok analyze gradients "runs/$name"; done
ok analyze correction runs/step-mass
ok verdict claims.json5 --runs runs --output verdicts.csv
