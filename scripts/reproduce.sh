#!/usr/bin/env bash
# Runs one of the paper's experiments on the model inside the program: sweep, analysis, figures, into out/NAME. Stopped or
# run again, it goes on where it was. `verdict` judges sweeps/claims.json5 by whatever has been run, on every shift of seeds, and
# sweeps/registration.json5 by the draws of sweeps/draws and of out/draws. A draw of out/draws counts in place of the committed one
# where it is whole: all its registered sweeps are done, with the tables of their analyses.
#
#   usage: scripts/reproduce.sh NAME [--shift-seeds N] [--shift-data N] [--world town] [--draw WORLD-N [--digest]] [KEY=VALUE ...]
#
# --shift-seeds N runs on seeds that nobody has looked at, into out/shifted-N/NAME; --shift-data N on other training and dev
# examples, into out/data-N/NAME (both: out/shifted-N/data-N/NAME). --world town runs it on the town's task with the town's rates
# (scripts/world-sweep.sh), into out/town/NAME; another model than the one inside the program is model.path=FOLDER.
# --draw WORLD-N runs a draw of sweeps/registration.json5, into out/draws/WORLD-N/NAME: on the N-th pre-training of a world
# (scripts/pretrain-world.sh), with data and seeds of its own and the KEY=VALUE words that the registration has. With --digest it prints the
# SHA-256 of the trials' identifiers instead (scripts/register-draw.sh); only a first stage that they need is run.
# KEY=VALUE replaces a value of the sweep, such as seeds=5, or its model and task. OUT names another folder than out, which another
# model or task needs:
#   OUT=out/minilm scripts/reproduce.sh correction model.path=models/minilm tasks='[{ name: "rte", data: "glue/RTE" }]'
#
# NAME `all` runs every experiment, one after the other, and ends with the number of steps that were trained (scripts/steps.py). In
# a draw and in the town these are the registered sweeps.
#
#   NAME             trials   steps
#   quickstart           30     9,000   in the town, whose pairs are longer
#   correction           50     9,450
#   ablation            300    56,700
#   moments             100    18,900
#   clipping             75    14,175
#   step-mass            75    14,175
#   gradients           120    22,680
#   size                120    49,608   9,072 of them are taken from longer trials
#   size-full            24    18,000
#   generalization      180    31,680
#   surface              12     2,268
#   baseline             75    40,950
#   intermediate        302    57,950
#   pre-norm             60    30,000
#   reproducibility      12       720
#   families             54    10,206   and those of pre-training its models, once
#   cures               1050   198,450   with its other parts (sweeps/CURES.md) at most 2,905 trials, 514,860 steps
#   dose-search         160    52,680
#   dose                600   197,550
#   warmup               50     9,450   15 of its trials are taken from dose where that has run
#   dose-clipping       300    56,700   half of its trials are taken from dose where that has run
#   clipping-thresholds 275    51,975
#   gradients-beta2      60    11,340
#   label-noise          36    45,360
#   diagnostic           20    25,200
#   mixout               80    57,960
#   intermediate-seeds  230    52,190
#   averaging            48     9,072
#   verdict
#
#   `seedsweep plan sweeps/NAME.json5` says how long a sweep takes.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/worlds.sh

names="quickstart correction ablation moments clipping step-mass gradients size size-full generalization surface baseline intermediate pre-norm reproducibility families cures dose-search dose warmup dose-clipping clipping-thresholds gradients-beta2 label-noise diagnostic mixout intermediate-seeds averaging"
name=${1:-}
given=("${@:2}")
case " $names all verdict " in
  *" ${name:-none} "*) shift ;;
  *)
    sed -n 's/^# *usage: /usage: /p' "$0" >&2
    echo "NAME is one of $names, all, verdict" >&2
    exit 2
    ;;
esac
out=${OUT:-out}
all=$out
shift_words=()
draw='' world='' digest='' seeds_shift='' data_shift=''
while :; do
  case ${1:-} in
    --world | --shift-seeds | --shift-data | --draw)
      if [ -z "${2:-}" ]; then
        echo "reproduce.sh: $1 needs a value, such as --world town, --shift-seeds 100, --shift-data 1 or --draw embedded-2" >&2
        exit 2
      fi
      ;;
  esac
  case ${1:-} in
    --digest)
      digest=1
      shift
      continue
      ;;
    --world) world=$2 ;;
    --shift-seeds) shift_words+=("$1" "$2") seeds_shift=$2 ;;
    --shift-data) shift_words+=("$1" "$2") data_shift=$2 ;;
    --draw) draw=$2 ;;
    *) break ;;
  esac
  shift 2
done
out=$out${seeds_shift:+/shifted-$seeds_shift}${data_shift:+/data-$data_shift}
number=${draw##*-}
if [ -n "$draw" ]; then
  require_draw "$draw"
  if [ -n "$seeds_shift$data_shift" ]; then
    echo "reproduce.sh: --draw $draw: a draw has seeds and data of its own; leave --shift-seeds and --shift-data out" >&2
    exit 2
  fi
  if [ -n "$world" ] && [ "$world" != "${draw%-*}" ]; then
    echo "reproduce.sh: --draw $draw is of the world ${draw%-*}; leave --world out" >&2
    exit 2
  fi
  world=${draw%-*}
fi
case $world in
  '' | embedded) ;;
  town)
    # The second stage is refused with the first one.
    if [ "$name" != verdict ] && [ "$name" != all ]; then scripts/world-sweep.sh town "$name" >/dev/null; fi
    ;;
  *)
    echo "reproduce.sh: --world $world: there is town, and without --world the first language" >&2
    exit 2
    ;;
esac
if [ "$name" = verdict ] && { [ -n "$draw$digest$seeds_shift$data_shift" ] || [ $# -gt 0 ]; }; then
  echo "reproduce.sh: verdict judges all shifts and draws that have been run; give it nothing, or --world town" >&2
  exit 2
fi
if [ "$name" = all ]; then
  if [ -n "$world" ]; then names=$(registered_sweeps); fi
  for each in $names; do scripts/reproduce.sh "$each" ${given[@]+"${given[@]}"}; done
  if [ -n "$digest" ]; then exit; fi
  if [ -n "$draw" ]; then out=$all/draws/$draw; elif [ -n "$world" ]; then out=$out/$world; fi
  # With first stages and the parts of a sweep, which are called like it.
  for each in $names; do
    for folder in "$out/$each" "$out/$each"-*; do if [ -d "$folder" ]; then echo "$folder"; fi; done
  done | sort -u | tr '\n' '\0' | xargs -0 python3 scripts/steps.py
  exit
fi
registered=" $(registered_sweeps | tr '\n' ' ')"
if [ -n "$digest" ] && { [ -z "$draw" ] || [[ "$registered" != *" $name "* ]]; }; then
  echo "reproduce.sh: --digest is for registered sweeps in a draw:${registered}with --draw WORLD-N" >&2
  exit 2
fi

scripts/install-dependencies.sh >&2
swift build -c release --product seedsweep >&2
program=$(swift build -c release --show-bin-path)/seedsweep
if [ -n "$draw" ]; then
  out=$all/draws/$draw
  shift_words+=(--shift-seeds 19800 --shift-data "$number")
  model=$(scripts/pretrain-world.sh "$world" "$number")
  read -ra words <<<"$(registered_words "$name")"
  set -- "model.path=$model" ${words[@]+"${words[@]}"} "$@"
elif [ -n "$world" ]; then
  out=$out/$world
  world "$world"
  [[ " $* " = *" model.path="* ]] || set -- "model.path=$inside" "$@"
fi
# Sets `file` to a sweep, as it runs in the world.
choose() { # NAME
  file=sweeps/$1.json5
  if [ "$world" = town ]; then
    mkdir -p "$out/sweeps"
    file=$(realpath "$out")/sweeps/$1.json5
    scripts/world-sweep.sh town "$1" >"$file"
  fi
}
if [ "$name" != verdict ]; then choose "$name"; fi
# These sweeps may have trials in common, which are taken from those that have been run.
sharing="correction ablation moments clipping step-mass surface baseline clipping-thresholds dose warmup dose-clipping"
reuse_words=()
# Fills `reuse_words` with the folders that have a trial of the sweep: --reuse refuses others.
find_shared() { # KEY=VALUE...
  [[ " $sharing " = *" $name "* ]] || return 0
  local identifiers='' other
  reuse_words=()
  for other in $sharing; do
    if [ "$other" = "$name" ] || [ ! -e "$out/$other/journal.jsonl" ]; then continue; fi
    if [ -z "$identifiers" ]; then
      identifiers=$("$program" plan "$file" "$@" ${shift_words[@]+"${shift_words[@]}"} --list | sed -n 's/^  \([0-9a-f]\{16\}\) .*/\1/p')
    fi
    if grep -qF -- "$identifiers" "$out/$other/journal.jsonl"; then reuse_words+=(--reuse "$out/$other"); fi
  done
}
# Some of size's trials are the beginning of longer ones. At its end each run prints how many steps it trained and did not have to.
if [ "$name" = size ]; then reuse_words+=(--share-steps); fi
sweep() { # FOLDER RANKS KEY=VALUE... FLAG...
  local folder=$1 ranks=$2 word words=()
  shift 2
  for word in "$@"; do
    case $word in
      --*) break ;;
      *) words+=("$word") ;;
    esac
  done
  if [ -n "$digest" ] && [ "$folder" = "$out/$name" ]; then
    "$program" plan "$file" "${words[@]}" "${shift_words[@]}" --digest
    exit
  fi
  find_shared ${words[@]+"${words[@]}"}
  "$program" run "$file" "$@" ${shift_words[@]+"${shift_words[@]}"} ${reuse_words[@]+"${reuse_words[@]}"} --output "$folder" \
    --processes "$ranks"
}
analyze() { "$program" analyze "$1" "$out/$name" "${@:2}"; }
# Analyzes what may have no failed or no successful run to compare. That is a result too, but not in a draw.
compare_runs() {
  local code=0
  analyze "$@" || code=$?
  if [ "$code" -eq 0 ]; then return; fi
  if [ "$code" -ne 2 ] || [ -n "$draw" ]; then exit "$code"; fi
  echo "no $1 of $out/$name: the reason is above" >&2
}
# Draws figures where that is possible.
figures() { python3 scripts/figures.py "$@" || echo "no figures of $1: the reason is above" >&2; }
kept() { awk -F, -v variant="$2" '$3 == variant { print $1; exit }' "$1/trials.csv"; }
kept_paths() { awk -F, -v variant="$2" -v folder="$1" '$3 == variant { printf "\"%s/weights/%s\", ", folder, $1 }' "$1/trials.csv"; }

case $name in
  verdict)
    mkdir -p "$out"
    folders=(--runs "$out")
    for folder in "$out"/shifted-* "$out"/data-* "$out"/shifted-*/data-*; do
      [ -d "$folder" ] && folders+=(--runs "$folder")
    done
    "$program" verdict sweeps/claims.json5 "${folders[@]}" --output "$out/verdicts.csv"
    echo "registered claims, by these draws:"
    link_draws "$program" "$all/draws" "$out/judged-draws"
    "$program" verdict sweeps/registration.json5 --runs "$out/judged-draws" --output "$out/registered-verdicts.csv" \
      --page "$out/registered-verdicts.md"
    exit
    ;;
  reproducibility)
    sweep "$out/reproducibility" 1 "$@"
    # On two ranks, and in two pieces.
    sweep "$out/reproducibility-2" 2 "$@" --limit 5
    sweep "$out/reproducibility-2" 2 "$@"
    ;;
  quickstart | correction)
    sweep "$out/$name" "$(nproc)" "$@" --keep-weights all
    "$program" compare "$out/$name"
    compare_runs forgetting --runs 10 --processes "$(nproc)"
    ;;
  intermediate | intermediate-seeds)
    # Two stages. The model is the first stage's, the arithmetic that of both, any other KEY=VALUE the second's.
    first=$name-task
    stage=$file model=embedded words=() both=()
    for word in "$@"; do
      case $word in
        model.path=*) model=${word#*=} ;;
        training.arithmetic=*) both+=("$word") ;;
        *) words+=("$word") ;;
      esac
    done
    case $model in
      embedded | embedded:*) ;;
      *) model=$(realpath "$model") ;;
    esac
    choose "$first"
    sweep "$out/$first" "$(nproc)" model.path="$model" ${both[@]+"${both[@]}"} --keep-weights all >&2
    stage=$(realpath "$stage") file=$out/$name.json5
    if [ "$name" = intermediate ]; then
      intermediate="model: { path: \"$first/weights/$(kept "$out/$first" pairs)\" }"
      shuffled="model: { path: \"$first/weights/$(kept "$out/$first" shuffled)\" }"
    else
      intermediate="grid: { \"model.path\": [$(cd "$out" && kept_paths "$first" pairs)] }"
      shuffled="grid: { \"model.path\": [$(cd "$out" && kept_paths "$first" shuffled)] }"
    fi
    cat >"$file" <<END
{
  extends: "$stage",
  model: { path: "$model" },
  variants: {
    intermediate: { $intermediate },
    shuffled: { $shuffled },
  },
}
END
    sweep "$out/$name" "$(nproc)" ${both[@]+"${both[@]}"} ${words[@]+"${words[@]}"}
    ;;
  families)
    for type in bert roberta albert; do
      "$program" pretrain --model-type "$type" --output "models/families/$type" --layers 12 --hidden 64 --max-length 66 \
        --steps 4000 --learning-rate 1e-3 --evaluate-every 2000 --arithmetic portable
    done
    sweep "$out/$name" "$(nproc)" "$@"
    "$program" compare "$out/$name"
    ;;
  cures)
    # What has to be chosen is chosen on seeds 1001 and up, by runs of 60 of 189 steps and, for the factor, by whole ones.
    search=$out/cures-search
    steps=(seeds='{ first: 1001, count: 5 }' training.max_steps=60 schedule.total_steps=189 evaluation.train_examples=0)
    ladder='[1e-5, 3e-5, 1e-4, 2e-4, 3e-4, 4.5e-4, 6e-4, 9e-4, 1.2e-3, 1.8e-3, 2.4e-3, 4.8e-3, 9.6e-3, 2e-2]'
    sweep "$search/cures" "$(nproc)" "$@" "${steps[@]}"
    reuse_words=(--reuse "$search/cures")
    sweep "$search/ladder" "$(nproc)" "$@" "${steps[@]}" variants=plain optimizer.learning_rate="$ladder"
    reuse_words=()
    file=sweeps/cures-few.json5
    sweep "$search/factor" "$(nproc)" "$@" seeds='{ first: 1001, count: 5 }'
    rates=$(python3 scripts/cures.py rates "$out")
    echo "matched rates: $rates"
    sweep "$out/cures-few" "$(nproc)" "$@"
    file=sweeps/cures.json5
    sweep "$out/$name" "$(nproc)" "$@"
    reuse_words=(--reuse "$out/$name")
    sweep "$out/cures-matched" "$(nproc)" "$@" variants=plain optimizer.learning_rate="$rates"
    python3 scripts/cures.py table "$out"
    ;;
  averaging)
    sweep "$out/$name" "$(nproc)" "$@" --keep-weights all
    "$program" ensemble "$out/$name"
    "$program" pick "$out/$name"
    analyze soups --processes "$(nproc)"
    "$program" report "$out/$name"
    ;;
  surface)
    sweep "$out/$name" "$(nproc)" "$@" --keep-weights all
    if [ -n "$draw" ]; then
      compare_runs surface --all-pairs --processes "$(nproc)"
    else
      compare_runs surface --processes "$(nproc)"
    fi
    ;;
  moments)
    sweep "$out/$name" "$(nproc)" "$@"
    analyze correction
    ;;
  gradients | gradients-beta2 | pre-norm)
    sweep "$out/$name" "$(nproc)" "$@"
    analyze gradients
    ;;
  dose | dose-search | dose-clipping)
    sweep "$out/$name" "$(nproc)" "$@"
    analyze dose
    ;;
  *) sweep "$out/$name" "$(nproc)" "$@" ;;
esac
if python3 -c "import matplotlib, pandas" 2>/dev/null; then
  figures "$out/$name"
  # The paper's figure 3 has both.
  case $name in
    size | size-full)
      if [ -e "$out/size/summary.csv" ] && [ -e "$out/size-full/summary.csv" ]; then
        figures "$out/size" "$out/size-full"
      fi
      ;;
  esac
else
  echo "no figures: python3 lacks matplotlib or pandas, which scripts/figures.py needs"
fi
