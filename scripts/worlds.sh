# The worlds of sweeps/registration.json5, for the scripts that source this: built-in languages, with the words of `seedsweep pretrain`
# for each, the pre-training that is inside the program, and what is fine-tuned there.

# Sets `words`, `inside` and `folder` (below Sources/Base/C/CEmbeddedModels/models) for a world; 1 for an unknown one.
world() {
  words=(--layers 12 --hidden 128 --intermediate 256 --max-length 64 --learning-rate 1e-3 --evaluate-every 1000 --half)
  case $1 in
    embedded) words+=(--steps 40000) inside=embedded ;;
    town) words+=(--language town --pairs continuation --steps 20000) inside=embedded:town ;;
    *) return 1 ;;
  esac
  folder=$1
}

# What the sweeps of sweeps/ fine-tune in the town in place of what sweeps/embedded.json5 says (scripts/world-sweep.sh): the task, which
# sweeps/CALIBRATION.md chose, and the rate at which about half of the runs without bias correction fail, which sweeps/SEARCH.md found.
town_task=town-entailment
town_difficulty=distant
town_rate=3.5e-4

# Prints the names of the registered sweeps.
registered_sweeps() { registered_texts | sed 's/ .*//'; }

# Prints the names of the registered draws, WORLD-N each.
registered_draws() { sed -n '/^ *\/\//d; s/^.*[{ ]name: "\([a-z]*-[0-9]*\)", pretraining: .*/\1/p' sweeps/registration.json5; }

# Ends the script unless a draw is registered.
require_draw() { # DRAW
  local draws
  draws=$(registered_draws)
  if ! grep -qxF -- "$1" <<<"$draws"; then
    echo "${0##*/}: $1 is no draw; sweeps/registration.json5 has ${draws//$'\n'/, }" >&2
    exit 2
  fi
}

# Prints the names of the tables of analyses that registered claims read; a law of the dose reads two, which it does not name.
registered_tables() {
  {
    grep -o ' table: "[^"]*"' sweeps/registration.json5 | cut -d '"' -f 2
    if grep -q '^ *law: {' sweeps/registration.json5; then printf '%s\n' dose_fits.csv dose_models.csv; fi
  } | sort -u
}

# Prints the KEY=VALUE words that a sweep is registered with; nothing for one that is not registered or has none.
registered_words() { registered_texts | sed -n "s/^$1 [^ ;]* *\([^;]*\).*/\1/p"; }

# The registered sweeps, one a line: the name, the file, its words, and behind a semicolon what else is done.
registered_texts() {
  sed -n '/^  sweeps: {/,/^  },/s/^    "\{0,1\}\([a-z0-9-]*\)"\{0,1\}: "\(.*\)",$/\1 \2/p' sweeps/registration.json5
}
