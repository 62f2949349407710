#!/usr/bin/env bash
# Prints a sweep of sweeps/ as it runs in another world than the one that it was written for: it extends the shipped file, and
# has the world's task and rates (scripts/worlds.sh) in place of those that sweeps/embedded.json5 has. The rate of a variant of its own is
# that many times the world's rate as it is times the rate of sweeps/embedded.json5. The model is not said; give it as model.path.
#
#   usage: scripts/world-sweep.sh WORLD NAME [RATE [LD50S]]
#
# WORLD is town. NAME is a registered sweep, dose-search or intermediate-seeds-task. RATE, with LD50S as scripts/worlds.sh has them, shows
# what the sweep would be with other ones than those that are fixed; without LD50S those of dose follow from RATE as all others do.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/worlds.sh

fail() {
  echo "${0##*/}: $1" >&2
  exit 2
}
[ $# -ge 2 ] && [ $# -le 4 ] && [ "$1" = town ] || fail "usage: scripts/world-sweep.sh town NAME [RATE [LD50S]]"
name=$2 rate=$town_rate ld50=$town_ld50
if [ $# -ge 3 ]; then rate=$3 ld50=${4:-}; fi
case " $(registered_sweeps | tr '\n' ' ') dose-search intermediate-seeds-task " in
  *" $name "*) ;;
  *) fail "$name does not run in the town; the registered sweeps, dose-search and intermediate-seeds-task do" ;;
esac
unfixed="(scripts/worlds.sh; sweeps/CALIBRATION.md says how they are chosen)"
if [ $# -lt 3 ]; then
  [ -n "$rate" ] && [ -n "$town_difficulty" ] || fail "task and rates of the town are not fixed $unfixed"
  [ "$name" != dose ] || [ -n "$ld50" ] || fail "the LD50s of the town are not fixed; dose-search finds them $unfixed"
fi
base=$(sed -n 's/.*learning_rate: \([0-9.e-]*\).*/\1/p' sweeps/embedded.json5)

# The variants of a file that have rates, with other ones. Those of dose are scaled with their recipe's LD50 where that is known.
scaled_variants() {
  awk -v base="$base" -v rate="$rate" -v ld50="$([ "$name" = dose ] && echo "$ld50")" '
    function rates(line) {
      sub(/.*"optimizer.learning_rate": \[?/, "", line)
      sub(/[]}l].*/, "", line)
      return line
    }
    # The middle rate of each recipe of the search is its LD50 in the other world.
    FILENAME ~ /dose-search/ && /"optimizer.learning_rate"/ { split(rates($0), five, ", "); middle[$1] = five[3] }
    FILENAME ~ /dose-search/ && FILENAME != last { next }
    FNR == 1 { count = split(ld50, words, " "); for (i = 1; i < count; i += 2) known[words[i] ":"] = words[i + 1] }
    /^  [a-z]/ { isVariants = /^  variants: \{$/ }
    /^    [a-z0-9_]+: \{/ { variant = $1 }
    isVariants && /"optimizer.learning_rate"/ {
      recipe = variant
      if (recipe ~ /_at_0:$/) recipe = "warmup_0:"
      if (ld50 != "" && !(recipe in known)) { print "no LD50 of " recipe > "/dev/stderr"; exit 2 }
      factor = recipe in known ? known[recipe] / middle[recipe] : rate / base
      size = split(rates($0), values, /, */)
      text = ""
      for (i = 1; i <= size; i++) if (values[i] != "") text = text (text == "" ? "" : ", ") sprintf("%.4g", values[i] * factor)
      line = "\"optimizer.learning_rate\": "
      print "    " variant " { " (/"optimizer.learning_rate": \[/ ? "grid: { " line "[" text "] }" : line text) " },"
    }' last="sweeps/$name.json5" sweeps/dose-search.json5 $([ "$name" = dose-search ] || echo "sweeps/$name.json5")
}

echo "{"
echo "  extends: \"$PWD/sweeps/$name.json5\","
if [ "$name" = intermediate-seeds-task ]; then
  echo "  task: { name: \"$town_intermediate_task\" },"
  echo "  optimizer: { learning_rate: $town_intermediate_rate },"
else
  echo "  task: { name: \"$town_task\"${town_difficulty:+, difficulty: \"$town_difficulty\"} },"
  echo "  optimizer: { learning_rate: $rate },"
  variants=$(scaled_variants)
  [ -z "$variants" ] || printf '  variants: {\n%s\n  },\n' "$variants"
fi
echo "}"
