# Files of one's own (TSV, CSV, JSONL, pairs, three classes, a regression), GLUE's layouts, and `evaluate`.
words=(the a dog cat bird sleeps sees runs red big small house)
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' "${words[@]}" '##s' . '!' > vocab.txt
sentence() { echo "${words[$(($1 % 2))]} ${words[$((2 + $1 % 3))]} ${words[$((5 + $1 * 7 % 3))]} ${words[$((8 + $1 * 5 % 4))]}s Café$(($1 % 2 ? 1 : 2)) ."; }
rows() { for i in $(seq "$1" "$2"); do printf "$3\n" "$i" "$(sentence "$i")" "$(sentence $((i * 3 + 1)))" "$(($i % $4))"; done; }
{ printf 'id\tone\ttwo\tgold\n'; rows 1 60 '%s\t%s\t%s\t%s' 2; } > train.tsv
{ printf 'id\tone\ttwo\tgold\n'; rows 61 90 '%s\t%s\t%s\t%s' 2; } > dev.tsv
{ echo 'id,one,two,gold'; rows 1 60 '%s,"%s, ""so""",%s,class %s' 3; } > train.csv
rows 61 90 '{"id": %s, "one": "%s", "two": "%s", "gold": "class %s"}' 3 > dev.jsonl
{ printf 'id\tone\ttwo\tgold\n'; rows 1 60 '%s\t%s\t%s\t%s.5' 5; } > score.tsv
cat > own.json5 <<'SWEEP'
{
  name: "own",
  model: { init: "random", vocab: "vocab.txt", config: {
    num_hidden_layers: 1, hidden_size: 16, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 64 } },
  task: { name: "mine", train: "train.tsv", dev: "dev.tsv", text: "one", label: "gold", max_length: 16 },
  training: { max_steps: 8, batch_size: 8 }, optimizer: { learning_rate: 3e-3 }, seeds: 2,
  variants: {
    single: {},
    pair: { task: { pair: "two" } },
    f1: { task: { metric: "f1" } },
    matthews: { task: { metric: "matthews" } },
  },
}
SWEEP
ok plan own.json5
ok run own.json5 --output own
ok agreement own
ok verify own --sample 2
cat > classes.json5 <<'SWEEP'
{ extends: "own.json5", name: "classes", variants: { single: null, pair: null, f1: null, matthews: null },
  task: { name: "three", train: "train.csv", dev: "dev.jsonl", pair: "two" } }
SWEEP
ok run classes.json5 --output classes
ok agreement classes
cat > regression.json5 <<'SWEEP'
{ extends: "own.json5", name: "regression", variants: { single: null, f1: null, matthews: null, pair: {}, spearman: { task: { metric: "spearman" } } },
  task: { name: "score", train: "score.tsv", dev: "score.tsv", pair: "two", regression: true } }
SWEEP
ok run regression.json5 --output regression
ok summarize regression --failure-rule below=0.1
mkdir CoLA SST-2 RTE MRPC QNLI QQP WNLI MNLI STS-B
for split in '1 40 train' '41 60 dev'; do
  read -r from to name <<< "$split"
  for i in $(seq "$from" "$to"); do printf 'gj04\t%s\t\t%s\n' $((i % 2)) "$(sentence "$i")"; done > "CoLA/$name.tsv"
  { printf 'sentence\tlabel\n'; for i in $(seq "$from" "$to"); do printf '%s\t%s\n' "$(sentence "$i")" $((i % 2)); done; } > "SST-2/$name.tsv"
  entailed() { if [ $(($1 % 3)) = 0 ]; then echo entailment; else echo not_entailment; fi; }
  pairs() { for i in $(seq "$from" "$to"); do printf '%s\t%s\t%s\t%s\n' "$i" "$(sentence "$i")" "$(sentence $((i + 5)))" "$($1 "$i")"; done; }
  parity() { echo $(($1 % 3 == 0)); }
  { printf 'index\tsentence1\tsentence2\tlabel\n'; pairs entailed; } > "RTE/$name.tsv"
  { printf 'index\tquestion\tsentence\tlabel\n'; pairs entailed; } > "QNLI/$name.tsv"
  { printf 'index\tsentence1\tsentence2\tlabel\n'; pairs parity; } > "WNLI/$name.tsv"
  { printf 'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n'; pairs parity | sed 's/\t/\t1\t2\t/'; } > "QQP/$name.tsv"
  { printf 'Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n'; for i in $(seq "$from" "$to"); do printf '%s\t1\t2\t%s\t%s\n' $((i % 3 > 0)) "$(sentence "$i")" "$(sentence $((i + 2)))"; done; } > "MRPC/$name.tsv"
  { printf 'index\tgenre\tsentence1\tsentence2\tscore\n'; pairs parity | sed 's/\t/\tg\t/;s/$/.25/'; } > "STS-B/$name.tsv"
  label() { case $(($1 % 3)) in 0) echo entailment ;; 1) echo neutral ;; *) echo contradiction ;; esac; }
  [ "$name" = dev ] && name=dev_matched
  { printf 'index\tsentence1\tsentence2\tgold_label\n'; pairs label; } > "MNLI/$name.tsv"
done
cp MNLI/dev_matched.tsv MNLI/dev_mismatched.tsv
sed -n '1,2d;p' MNLI/dev_matched.tsv | sed '1i index\tsentence1\tsentence2\tgold_label' > MNLI/dev_mismatched.tsv
cat > glue.json5 <<'SWEEP'
{ extends: "own.json5", name: "glue", variants: { single: null, pair: null, f1: null, matthews: null }, seeds: 1,
  model: { config: { max_position_embeddings: 128 } },
  tasks: [
    { name: "cola", data: "CoLA" }, { name: "sst2", data: "SST-2" }, { name: "rte", data: "RTE" }, { name: "mrpc", data: "MRPC" },
    { name: "qnli", data: "QNLI" }, { name: "qqp", data: "QQP" }, { name: "wnli", data: "WNLI" }, { name: "mnli", data: "MNLI" },
    { name: "mnli-mm", data: "MNLI" }, { name: "stsb", data: "STS-B" },
  ],
}
SWEEP
sed -i 's/task: { name: "mine".*},$//' own.json5 && cp own.json5 base.json5
sed -i 's/extends: "own.json5"/extends: "base.json5"/' glue.json5
ok run glue.json5 --output glue --keep-weights all
ok table glue --rows task --cells failure_rate,mean --score-matrix scores.csv --macros numbers.tex
i=0
for pair in cola:CoLA sst2:SST-2 rte:RTE mrpc:MRPC qnli:QNLI qqp:QQP wnli:WNLI mnli:MNLI mnli-mm:MNLI stsb:STS-B; do
  i=$((i + 1))
  ok evaluate --model "glue/weights/$(trial glue "$i")" --task "${pair%:*}" --data "${pair#*:}" --predictions "evaluated-${pair%:*}.csv"
done
ok evaluate --model "glue/weights/$(trial glue 3)" --task rte --data RTE --split train --max-length 12
