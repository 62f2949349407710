# Language models: the built-in language and a text, both places of the layer norms, F16, stopped and continued.
words=(--layers 2 --hidden 16 --heads 2 --max-length 40 --steps 12 --evaluate-every 4 --batch-size 8)
ok pretrain --output plain "${words[@]}"
code 75 pretrain --output stopped "${words[@]}" --limit 5
ok pretrain --output stopped "${words[@]}"
same plain/model.safetensors stopped/model.safetensors
ok pretrain --output plain "${words[@]}"
code 2 pretrain --output plain "${words[@]}" --seed 2
ok pretrain --output half "${words[@]}" --half --seed 3 --threads 2 --dropout 0.2
ok pretrain --output megatron "${words[@]}" --model-type megatron-bert --intermediate 24 --learning-rate 1e-3 --warmup 3
for i in $(seq 60); do
  echo "the $([ $((i % 2)) = 0 ] && echo dog || echo cat) $([ $((i % 3)) = 0 ] && echo sleeps || echo runs) in the Old house ."
done > text.txt
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' the dog cat sleep '##s' runs in old Old house . > vocab.txt
ok pretrain --output text --text text.txt --vocabulary vocab.txt "${words[@]}"
ok pretrain --output cased --text text.txt --vocabulary vocab.txt --cased --model-type megatron-bert --half "${words[@]}"
for model in plain half megatron; do
  tiny 'seeds: 3,' | sed "s/  model: .*/  model: { path: \"$model\" },/;/num_hidden_layers/d" > "$model.json5"
  ok run "$model.json5" --output "out-$model"
  rule=$(middle_rule "out-$model")
  ok summarize "out-$model" --failure-rule "$rule"
  ok analyze forgetting "out-$model" --runs 1 --retrain --failure-rule "$rule"
done
grep -v '^\[' plain/vocab.txt | sed -n 1,100p | paste -d ' ' - - - - > many.txt
ok analyze forgetting out-plain --runs 1 --text many.txt --failure-rule "$(middle_rule out-plain)" --output with-text
