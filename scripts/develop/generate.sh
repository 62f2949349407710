#!/usr/bin/env bash
# Writes the generated pages of the catalog: the references of keys, columns and verbs. A test compares them with what the program says.
#
# usage: scripts/develop/generate.sh [PROGRAM]
#
# PROGRAM is .build/release/seedsweep unless named; it must be built from this checkout.
set -euo pipefail
program=$(realpath "${1:-$(dirname "$0")/../../.build/release/seedsweep}")
cd "$(dirname "$0")/../../Sources/Programs/seedsweep/seedsweep.docc/Reference"

# write PAGE WORD ...: the page is what the program prints for these words, and stays as it was if the program fails.
write() {
  local page=$1
  shift
  "$program" "$@" > "$page.new" || { rm -f "$page.new"; echo "generate.sh: $program $* failed" >&2; exit 1; }
  mv "$page.new" "$page"
}

write Keys.md keys
write Columns.md columns
write Verbs.md --help --markdown
