# What is wrong inside files: JSON5, data, vocabularies, model folders, claims, imported tables, LaTeX.
# json TEXT: a sweep file with this text, which `plan` must refuse.
count=0
json() { count=$((count + 1)); printf '%b' "$1" > "json-$count.json5"; code 2 plan "json-$count.json5"; }
json '{ seeds: 1, /* open'
json '{ seeds: 1, / }'
json '{ seeds: 1, name: "open\n }'
json '{ seeds: 1, name: "open'
json '{ seeds: 1, name: "\\012" }'
json '{ seeds: 1, name: "\\uD800" }'
json '{ seeds: 1, name: "\\uZZZZ" }'
json '{ seeds: 01 }'
json '{ seeds: 0x }'
json '{ seeds: 1e }'
json '{ seeds: 0x11112222333344445 }'
json '{ seeds: - }'
json '{ seeds 1 }'
json '{ a.b: 1, seeds: 1 }'
json '{ seeds: 1,, }'
json '{ seeds: [1 2] }'
json '{ seeds: nul }'
json '{ seeds: 1, name: 5, task: 3, grid: [], variants: 1, compare: 2, stop: 3, extends: 4, tasks: [] }'
json '{ seeds: 1, tasks: [1] , record: [] }'
json '{ seeds: 1, name: "" , variants: { "": {} } }'
json '{ seeds: 1, variants: { a: 1 }, compare: { reference: "a", pairs: [] , more: 1 } }'
json '{ seeds: 1, variants: { a: {}, b: { "optimizer.beta1": 0.1 } }, compare: { pairs: [["a", "b"], ["b", "a"]] } }'
json '{ seeds: { order: [1] } }'
json '{ seeds: { init: [1], order: [1], design: "square" } }'
json '{ seeds: { init: [1], order: [1], design: "tied" } }'
json '{ seeds: { order: [1], design: "tied" } }'
json '{ seeds: { init: [1, 1], order: [2, 2], design: "zipped" } }'
json '{ seeds: { init: 10000, order: 10000 } }'
json '{ seeds: { first: 18446744073709551615, count: 5 } }'
json '{ seeds: { first: 1 } }'
json '{ seeds: { init: { first: 1, count: 2, step: 2 }, order: [1], dropout: "both" } }'
json '{ seeds: { init: [1, 2], order: [1, 2] }, stop: { half_width: 0.1, looks: [2] } }'
json '{ seeds: 9, stop: { looks: [2], more: 1 } }'
json '{ seeds: 1, task: { name: "nothing" } }'
json '{ seeds: 1, task: { name: "sst-2", data: "x" } }'
json '{ seeds: 1, model: { head: "keep" } }'
json '{ seeds: 1, training: { mixout: 0.5 } }'
json '{ seeds: 1, optimizer: { decay_towards: "pretrained", weight_decay: 0 } }'
json '{ seeds: 1, grid: { "training.dropout": [0.1], "training.hidden_dropout": [0.2] } }'
json '{ seeds: 1, grid: { "optimizer.beta1": [0.1] }, variants: { a: { "optimizer.beta1": 0.2 }, b: {} } }'
json '{ seeds: 1, extends: "json-42.json5" }\n'
json '{ seeds: 1, extends: "json-42.json5", record: { curves_evry: 1 } }'
tiny 'seeds: 2,' 'variants: { a: {}, b: { "optimizer.beta1": 0.5 } },' > tiny.json5
for word in seeds=1,seeds=2 extends=x name= variants=c variants= grid=1 optimizer=3 'optimizer.beta1=[]' 'optimizer.beta1=0.5x' stop=1 compare=a; do
  # shellcheck disable=SC2086
  code 2 plan tiny.json5 ${word//,/ }
done
code 2 plan tiny.json5 optimizer.beta1=0.7
code 2 plan tiny.json5 'optimizer.beta1=[0.6,0.7]'
ok plan tiny.json5 variants=a optimizer.beta1=0.7
ok plan tiny.json5 'variants=a,b' 'schedule.warmup=[0,0.2]' name=other

# Data. `data TEXT [ENDING] [KEYS]`: a training file with this text.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a b c d > vocab.txt
printf 'text\tgold\na b\t0\nc d\t1\n' > sound.tsv
own() {
  cat > own.json5 <<SWEEP
{ model: { init: "random", vocab: "$2", config: { num_hidden_layers: 1, hidden_size: 8, num_attention_heads: 2 } },
  task: { name: "mine", train: "$1", dev: "${4:-sound.tsv}", text: "text", label: "gold", max_length: 16, ${3:-} }, seeds: 1, training: { max_steps: 1 } }
SWEEP
  code 2 plan own.json5
}
data() { count=$((count + 1)); printf "$1" > "data-$count.${2:-tsv}"; own "data-$count.${2:-tsv}" vocab.txt "${3:-}" "${4:-}"; }
data ''
data 'text\tgold\n'
data 'text\tlabel\na\t0\n'
data 'text\ttext\tgold\na\tb\t0\n'
data 'text\tgold\na b\n'
data 'text\tgold\na\t0\n\xc3\t1\n'
data 'text\tgold\na\t\nb\t1\n'
data 'text\tgold\na\t1\nb\t1\n'
data 'text\tgold\na\t1\nb\t2\n' tsv '' sound.tsv
data 'text\tgold\na\t1\nb\tx\n' tsv 'regression: true'
data 'text,gold\n"a,0\n' csv
data 'text,gold\na,0\nb,0\n' csv
data 'text,gold\n"a"b,0\nc,1\n' csv
data '{"text": "a", "gold": 0}\n[1]\n' jsonl
data '{"text": ["a"], "gold": 0}\n{"text": "b", "gold": 1}\n' jsonl
data '{"text": "a"}\n{"text": "b", "gold": 1}\n' jsonl
data '{"text": "a", "gold": 0\n' jsonl
data 'a b' txt
mkdir folder.tsv
own folder.tsv vocab.txt
own sound.tsv none.txt
printf '%s\n' '[PAD]' a > short.txt
own sound.tsv short.txt
printf '[UNK]\n[CLS]\n[SEP]\n\xc3\n' > broken.txt
own sound.tsv broken.txt
own sound.tsv vocab.txt 'metric: "pearson"'

# Model folders. `model SED`: the folder of a pre-trained model with its config.json changed by this expression.
ok pretrain --output lm --layers 1 --hidden 8 --heads 2 --max-length 40 --steps 2 --batch-size 4
model() {
  rm -rf changed && cp -r lm changed
  eval "$1"
  tiny 'seeds: 1,' | sed "s/  model: .*/  model: { path: \"changed\", ${2:-} },/;/num_hidden_layers/d" > changed.json5
  code 2 run changed.json5 --output never
}
config() { model "sed -i '$1' changed/config.json"; }
config 's/"hidden_act": *"[^"]*"/"hidden_act": "tanh"/'
config 's/"num_attention_heads": *2/"num_attention_heads": 3/'
config 's/"num_hidden_layers": *1/"num_hidden_layers": 2/'
config 's/"num_hidden_layers": *1/"num_hidden_layers": "one"/'
config 's/"hidden_size": *8/"hidden_size": 16/'
config 's/"model_type": *"[^"]*"/"model_type": "t5"/'
config 's/"vocab_size": *[0-9]*/"vocab_size": 3/'
config 's/"type_vocab_size": *[0-9]*/"type_vocab_size": 0/'
config 's/"layer_norm_eps": *[^,]*/"layer_norm_eps": 0/'
config 's/"max_position_embeddings": *[0-9]*/"max_position_embeddings": 16/'
config 's/^{/[/'
model 'rm changed/config.json'
model 'rm changed/vocab.txt'
model 'rm changed/model.safetensors'
model 'truncate -s 5 changed/model.safetensors'
model 'truncate -s 3000 changed/model.safetensors'
model 'printf 123456789 >> changed/model.safetensors'
model 'LC_ALL=C sed -i "0,/F32/s//F33/" changed/model.safetensors'
model 'LC_ALL=C sed -i "0,/embeddings.word/s//embeddings.ward/" changed/model.safetensors'
model 'LC_ALL=C sed -i "0,/dtype/s//dtipe/" changed/model.safetensors'
model 'LC_ALL=C sed -i "s/BertTokenizer/GPT2Tokenizer/" changed/tokenizer_config.json'
model ':' 'head: "keep"'
echo 'the dog' > line.txt
code 2 pretrain --output none --text line.txt --vocabulary lm/vocab.txt
code 2 pretrain --output none --text line.txt --vocabulary short.txt
code 2 pretrain --output none --text none.txt --vocabulary lm/vocab.txt
code 2 pretrain --output tiny.json5
code 1 pretrain --output diverged --layers 1 --hidden 8 --heads 2 --steps 9 --learning-rate 1e30 --warmup 0
rm -r diverged
printf X | dd of=lm/checkpoint bs=1 seek=200 conv=notrunc status=none
code 2 pretrain --output lm --layers 1 --hidden 8 --heads 2 --max-length 40 --steps 2 --batch-size 4

# Claims.
ok run tiny.json5 --output runs/tiny
claim() { count=$((count + 1)); echo "{ claims: [{ claim: 1, says: \"s\", conditions: [{ what: \"w\", $1 }] }] }" > "claims-$count.json5"; code "${2:-2}" verdict "claims-$count.json5" --runs runs; }
claim 'value: 1'
claim 'value: 1, above: 0, below: 2'
claim 'value: "x", above: 0'
claim 'value: { median: [] }, above: 0'
claim 'value: { ratio: [1] }, above: 0'
claim 'value: { run: "tiny", where: 3, column: "value_final" }, above: 0'
claim 'value: { run: "tiny", colum: "value_final" }, above: 0'
claim 'value: { run: "tiny", column: "value_final", reduce: "mode" }, above: 0'
claim 'value: { run: "tiny", column: "value_dev_none" }, above: 0' 0
claim 'value: { run: "tiny", table: "none.csv", column: "x" }, above: 0' 0
claim 'value: { run: "tiny", column: "value_final" }, above: 0' 0
claim 'value: { run: "tiny", column: "variant", reduce: "mean" }, above: 0' 0
claim 'value: { levene: [{ run: "tiny", column: "value_final" }, { run: "tiny", column: "value_final" }] }, above: 0' 0
claim 'value: { spearman: { run: "tiny", columns: ["value_final", "train_loss_final"] } }, above: 0'
echo '{ claims: [], more: 1 }' > more.json5
code 2 verdict more.json5 --runs runs
code 2 verdict claims-1.json5 --runs runs --runs runs/

# Imported tables and LaTeX.
table() { printf "$1" > runs.csv; code 2 import runs.csv --output imported --task-column t --variant-column v --seed-column s --final-column f "${@:2}"; }
table 't,v,s,f\nRTE,a,one,0.5\nRTE,,2,high\n' --baseline RTE=0.5
table 't,v,sed,f\nRTE,a,1,0.5\n' --baseline RTE=0.5
table 't,v,s,f\nRTE,a,1,0.5\nRTE,a,1,0.6\n' --baseline RTE=0.5
table 't,v,s,f\nRTE,a,1,0.5\n' --baseline CoLA=0.5
table 't,v,s,f\nRTE,a,1,0.5\n' --baseline RTE --baseline RTE=1 --baseline RTE=2
table 't,v,s,f\nRTE,a,1,0.5\n' --baseline RTE=0.5 --reference b
table 't,v,s,f\nRTE,a,1,0.5\n' --baseline RTE=0.5 --score best
table 't,v,s,f\nRTE,a,1,0.5\n' --baseline RTE=0.5 --path-pattern '{seed}'
code 2 import runs.csv --output runs/tiny --task-column t --variant-column v --seed-column s --final-column f --baseline RTE=0.5
code 2 import runs --output imported --baseline RTE=0.5
code 2 import runs --output imported --baseline RTE=0.5 --path-pattern 's{seed}'
ok import runs.csv --output imported --task-column t --variant-column v --seed-column s --final-column f --baseline RTE=0.5
code 2 run tiny.json5 --output imported
echo 'no numbers' > paper.tex
code 2 check paper.tex runs/tiny
code 2 table runs/tiny --rows task --cells mean
code 2 table runs/tiny --rows variant --columns variant --cells mean
code 2 table runs/tiny --rows learning_rate --cells mean
code 2 table runs/tiny --rows variant --cells mean --output table.txt
code 2 table runs/tiny --rows variant --cells mean --prefix 1 --macros numbers.tex
code 2 table runs/tiny --rows variant --cells mean --digits 99
code 2 analyze surface runs/tiny --failed x
code 2 compare runs/tiny runs/tiny --output both.csv --reference a
code 2 compare runs/tiny --output both.txt
code 2 status runs/tiny --exit-code=1
code 2 run tiny.json5 --output=
