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

# Whether all registered sweeps of a draw are done in its folder, with every file that a copy of the draw has.
is_whole_draw() { # PROGRAM FOLDER COPY
  local name file
  for name in $(registered_sweeps); do
    if ! "$1" status "$2/$name" --exit-code >/dev/null 2>&1; then return 1; fi
  done
  while read -r file; do
    if [ ! -e "$2/$file" ]; then return 1; fi
  done < <(cd "$3" && find . -type f)
}

# Fills a folder with links to the draws that are to be judged, and prints where each is: the committed ones of sweeps/draws
# (scripts/keep-draw.sh), and those that were run here, which count in place of committed ones where they are whole.
link_draws() { # PROGRAM FOLDER LINKS
  local draw from note
  mkdir -p "$3"
  find "$3" -mindepth 1 -maxdepth 1 -type l -delete
  for draw in $(registered_draws); do
    from=sweeps/draws/$draw note=''
    if [ ! -d "$from" ]; then
      from=$2/$draw
    elif [ -d "$2/$draw" ]; then
      if is_whole_draw "$1" "$2/$draw" "$from"; then from=$2/$draw; else note=", because $2/$draw is not whole"; fi
    fi
    if [ ! -d "$from" ]; then
      echo "  $draw: not run"
      continue
    fi
    echo "  $draw: $from$note"
    ln -sT "$(realpath "$from")" "$3/$draw"
  done
  # `verdict` names what is no registered draw.
  for from in "$2"/*/; do
    draw=$(basename "$from")
    if [ -d "$from" ] && [ ! -e "$3/$draw" ]; then ln -sT "$(realpath "$from")" "$3/$draw"; fi
  done
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
