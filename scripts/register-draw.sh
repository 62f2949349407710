#!/usr/bin/env bash
# Prints a draw of sweeps/registration.json5 with the identifiers of its sweeps, to put in place of the draw that is there. It pre-trains
# the draw's model if it is not there (scripts/pretrain-world.sh, up to an hour), and runs the first stage of intermediate-seeds (20 short
# trials), because the second one starts from its weights; no other trial is run.
#
#   usage: scripts/register-draw.sh WORLD-N
#
# Commit the draw as it is printed; the next commit writes the commit and its time into the draw's `registered`. Only then run its sweeps,
# each with scripts/reproduce.sh NAME --draw WORLD-N: `seedsweep verdict` refuses what was begun before.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/worlds.sh

draw=${1:-}
if [ $# -ne 1 ] || [ -z "$draw" ]; then
  sed -n 's/^# *usage: /usage: /p' "$0" >&2
  exit 2
fi
require_draw "$draw"
lines=()
for name in $(registered_sweeps); do
  echo "$draw: $name" >&2
  digest=$(scripts/reproduce.sh "$name" --draw "$draw" --digest)
  case $name in *-*) key="\"$name\"" ;; *) key=$name ;; esac
  lines+=("            $key: \"$digest\",")
done
# Virtual machines hide the name of the processor, so its family and model are told too.
processor=$(awk -F ': *' '/^model name/ { name = $2 } /^cpu family/ { family = $2 } /^model[ \t]*:/ { model = $2 }
  END { if (name != "") printf "%s, family %s, model %s", name, family, model }' /proc/cpuinfo)
cat <<END
        {
          name: "$draw", pretraining: "$draw", data: ${draw##*-},
          registered: null, // { commit: "...", time: "..." } of the commit with these identifiers
          processor: "${processor:-$(uname -m)}", // if the draw runs here
          identifiers: {
$(printf '%s\n' "${lines[@]}")
          },
        },
END
