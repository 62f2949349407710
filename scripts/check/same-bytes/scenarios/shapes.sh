# Shapes that no vector width divides, long and short sequences, several classes, threads: the edges of every kernel.
awk 'BEGIN { print "text\tother\tgold"
  for (i = 1; i <= 48; i++) {
    line = ""; for (j = 0; j < 1 + i * 37 % 90; j++) line = line "w" (i * 7 + j * 3) % 50 " "
    print line "\tw" i % 11 " w" i % 3 "\t" (i * i % 3)
  } }' > long.tsv
{ printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]'; for i in $(seq 0 49); do echo "w$i"; done; } > vocab.txt
precision=
if has_bfloat16; then precision='bfloat16: { training: { precision: "bfloat16" } }, bfloat16Odd: { training: { precision: "bfloat16" }, model: { config: { hidden_size: 35, num_attention_heads: 5, intermediate_size: 61 } } },'; fi
cat > shapes.json5 <<SWEEP
{
  name: "shapes",
  model: { init: "random", vocab: "vocab.txt", config: {
    num_hidden_layers: 2, hidden_size: 21, num_attention_heads: 3, intermediate_size: 37, max_position_embeddings: 128 } },
  task: { name: "long", train: "long.tsv", dev: "long.tsv", text: "text", pair: "other", label: "gold", max_length: 101 },
  training: { max_steps: 4, batch_size: 7 }, optimizer: { learning_rate: 2e-3 }, seeds: 1,
  record: { curves_every: 1, gradient_norms_every: 1 },
  variants: {
    odd: {},
    oddMegatron: { model: { config: { model_type: "megatron-bert" } } },
    wide: { model: { config: { hidden_size: 200, num_attention_heads: 5, intermediate_size: 333 } } },
    head: { model: { config: { hidden_size: 64, num_attention_heads: 1, intermediate_size: 128 } } },
    heads: { model: { config: { hidden_size: 32, num_attention_heads: 32, intermediate_size: 8 } } },
    batch: { training: { batch_size: 33 } },
    one: { training: { batch_size: 1 } },
    short: { task: { max_length: 5 } },
    $precision
  },
}
SWEEP
ok run shapes.json5 --output out --keep-weights all
ok run shapes.json5 --output threads --threads 3
for table in trials.csv curves.csv summary.csv gradient_norms.csv; do same "out/$table" "threads/$table"; done
ok run shapes.json5 --output haswell --blas-core Haswell --limit 3
ok verify out --sample 5
