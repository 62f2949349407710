# The sweeps that the repository ships (as REF has them): what `plan` says about those that need no other files.
for file in "$SHIPPED_SWEEPS"/*.json5; do
  name=$(basename "$file" .json5)
  case $name in claims | minilm-* | intermediate) continue ;; esac
  cp "$SHIPPED_SWEEPS"/*.json5 . 2> /dev/null
  code_of=0
  "$first_program" plan "$name.json5" --ranks 2 > /dev/null 2>&1 || code_of=$?
  code "$code_of" plan "$name.json5" --ranks 2 --list
done
ok run quickstart.json5 seeds=2 training.max_steps=3 task.dev_size=40 --output out
