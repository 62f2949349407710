#!/usr/bin/env bash
# Formats every Swift file; with --check only lints. Either way it also checks which modules import the C libraries, and that
# no file is mapped.
set -euo pipefail
cd "$(dirname "$0")/../.."

paths=(Package.swift Sources Tests)
if [ "${1:-}" = "--check" ]; then
  swift format lint --strict --parallel --recursive "${paths[@]}"
  scripts/develop/prose.sh
else
  swift format --in-place --parallel --recursive "${paths[@]}"
fi

# The compiler's import check does not see system-library targets.
only_importer() {
  local module=$1 owner=$2
  if grep -rnE "^ *(@[a-z]+ )?import $module\b" Sources --include='*.swift' | grep -v "^Sources/$owner/"; then
    echo "Only $owner may import $module." >&2
    exit 1
  fi
}
only_importer CMPI Farm/MPITransport
only_importer COpenBLAS Trainer/Kernels

# A file that is cut while it is mapped ends the program with a signal.
if grep -rnE 'mappedIfSafe|alwaysMapped|dataReadingMapped' Sources --include='*.swift'; then
  echo "Files are read, not mapped." >&2
  exit 1
fi
