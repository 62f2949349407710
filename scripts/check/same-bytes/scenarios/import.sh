# Runs of others (tables and trainer_state.json files), papers, verdicts.
awk 'BEGIN { print "dataset,method,seed,metric,last,best,last_b,best_b"
  for (t = 0; t < 2; t++) for (s = 0; s < 12; s++) for (m = 0; m < 3; m++) {
    task = t ? "CoLA" : "RTE"; method = m == 0 ? "old one" : m == 1 ? "new" : "other"
    fails = m == 0 && s < 7 || m == 2 && s % 5 == 0
    last = fails ? (t ? 0 : 0.5271) : 0.6 + ((s * 7 + m * 3 + t) % 13) / 100
    printf "%s,%s,%d,%s,%s,%.4f,%.4f,%.4f\n", task, method, s, t ? "mcc" : "acc", s == 11 && m == 2 ? "nan" : sprintf("%.4f", last), last + 0.01, last - 0.005, last + 0.002
  } }' > runs.csv
tr ',' '\t' < runs.csv > runs.tsv
awk -F, 'NR > 1 { printf "{\"dataset\": \"%s\", \"method\": \"%s\", \"seed\": %s, \"metric\": \"%s\", \"last\": %s}\n", $1, $2, $3, $4, $5 == "nan" ? "\"nan\"" : $5 }' runs.csv > runs.jsonl
columns=(--task-column dataset --variant-column method --seed-column seed --metric-column metric --final-column last)
baselines=(--baseline RTE=0.5271 --baseline CoLA=0)
ok import runs.csv --output csv "${columns[@]}" --best-column best --final-b-column last_b --best-b-column best_b "${baselines[@]}"
ok import runs.tsv --output tsv "${columns[@]}" --best-column best --score best --reference new "${baselines[@]}"
ok import runs.jsonl --output jsonl "${columns[@]}" --tolerance 0.01 "${baselines[@]}"
ok import runs.csv --output percent "${columns[@]}" --baseline RTE=52.71 --baseline CoLA=0
code 2 import runs.csv --output none "${columns[@]}" --baseline RTE=0.5
state() {
  mkdir -p "$1"
  echo "{\"global_step\": $2, \"log_history\": [{\"loss\": 0.6, \"step\": 10}, {\"eval_accuracy\": $3, \"eval_f1\": 0.5, \"step\": 50}, {\"eval_accuracy\": $4, \"eval_f1\": 0.6, \"step\": $2}]}" > "$1/trainer_state.json"
}
for seed in 1 2 3 4; do
  state "hf/rte/old-s$seed/checkpoint-90" 90 0.6 0.61
  state "hf/rte/old-s$seed/checkpoint-100" 100 0.6 "$([ "$seed" -lt 3 ] && echo 0.5 || echo 0.7)"
  state "hf/rte/new-s$seed" 100 0.6 "0.7$seed"
done
state hf/rte/new-s5 100 0.6 NaN
ok import hf/ --output states --path-pattern '{task}/{variant}-s{seed}' --baseline rte=0.5
ok import hf --output f1 --path-pattern '{task}/{variant}-s{seed}' --metric-key eval_f1 --baseline rte=0.55
code 2 import hf --output none --path-pattern '{variant}_{seed}' --baseline rte=0.5
code 2 compare csv --output again.csv
mkdir paper
ok table csv --rows task --columns variant --cells failure_rate,failure_interval,mean,sd_successful --output paper/table.tex --macros paper/numbers.tex
ok table csv --rows task,variant --cells n,n_failed,failure_rate,mean,mean_interval,sd,sd_successful,median --wide --output paper/rows.tex
ok table states --rows variant --columns task --cells mean,sd --digits 2 --prefix States --macros paper/states.tex
ok table csv --score-matrix scores.csv
printf '%s\n' '\input{numbers}' '% \input{gone}' '\input{table.tex}' '\include{rows}' '\input{states}' > paper/paper.tex
ok check paper/paper.tex csv states
ok import tsv/../runs.tsv --output csv "${columns[@]}" --best-column best --score best "${baselines[@]}"
code 1 check paper/paper.tex csv states
code 2 summarize csv
cat > claims.json5 <<'CLAIMS'
{ claims: [
  { claim: 1, says: "the new recipe fails less", conditions: [
    { what: "failed runs", value: { run: "csv", table: "summary.csv", where: { variant: "new" }, column: "n_failed", reduce: "sum" }, at_most: 1 },
    { what: "p of the rates", value: { boschloo: [{ run: "tsv", where: { variant: "old one" } }, { run: "tsv", where: { variant: "new" } }] }, below: 0.05 },
  ] },
  { claim: 2, says: "spread", conditions: [
    { what: "levene", value: { levene: [{ run: "tsv", where: { variant: "old one" }, column: "value_final" }, { run: "tsv", where: { variant: "new" }, column: "value_final" }] }, below: 0.05 },
    { what: "ratio", value: { ratio: [{ run: "tsv", column: "value_final", reduce: "max" }, { run: "tsv", column: "value_final", reduce: "median" }] }, above: 1 },
    { what: "mean", value: { run: "tsv", column: "value_final", where: { variant: ["new", "other"] }, reduce: "mean" }, at_least: 0.6 },
  ] },
  { claim: 3, says: "something else ran", conditions: [{ what: "x", value: { run: "none", column: "value_final" }, above: 0 }] },
] }
CLAIMS
ok verdict claims.json5 --runs . --output verdicts.csv
mkdir other && cp -r jsonl other/csv && cp -r csv other/tsv
ok verdict claims.json5 --runs . --runs other --output both.csv
