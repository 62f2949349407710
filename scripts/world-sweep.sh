#!/usr/bin/env bash
# Prints a sweep of sweeps/ as it runs in another world than the one that it was written for. A sweep with several learning rates has a
# file of its own in sweeps/WORLD; any other one gets the world's task and rate (scripts/worlds.sh) in place of those of
# sweeps/embedded.json5. The model is not said; give it as model.path.
#
#   usage: scripts/world-sweep.sh WORLD NAME
#
# WORLD is town. NAME is a registered sweep, dose-search or intermediate-seeds-task.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/worlds.sh

fail() {
  echo "${0##*/}: $1" >&2
  exit 2
}
[ $# -eq 2 ] && [ "$1" = town ] || fail "usage: scripts/world-sweep.sh town NAME"
name=$2
case " $(registered_sweeps | tr '\n' ' ') dose-search intermediate-seeds-task " in
  *" $name "*) ;;
  *) fail "$name does not run in the town; the registered sweeps, dose-search and intermediate-seeds-task do" ;;
esac
if [ -e "sweeps/town/$name.json5" ]; then
  echo "{ extends: \"$PWD/sweeps/town/$name.json5\" }"
else
  cat <<END
{
  extends: "$PWD/sweeps/$name.json5",
  task: { name: "$town_task", difficulty: "$town_difficulty" },
  optimizer: { learning_rate: $town_rate },
}
END
fi
