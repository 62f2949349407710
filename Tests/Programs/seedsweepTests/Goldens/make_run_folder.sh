#!/usr/bin/env bash
# Makes run-76f7534/ and identifiers.txt with a built program: make_run_folder.sh PROGRAM FOLDER
# The committed ones were made by the program of commit 76f7534. They are not to be made again: identifiers, the journal's
# text and the trainer's revision must not move, and OldFolderTests.swift holds today's code against them. Results are those
# of OpenBLAS's Haswell kernels, so that other processors can compute the same ones.
set -euo pipefail
if [ $# != 2 ]; then sed -n '2s/^# //p' "$0" >&2; exit 2; fi
goldens=$(cd "$(dirname "$0")" && pwd)
output=$(mkdir -p "$2" && cd "$2" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The program is called by a relative path, which is what provenance.json keeps.
cp "$1" "$folder/seedsweep"
cp "$goldens"/*.json5 "$goldens"/words.txt "$goldens"/examples.tsv "$folder"
cd "$folder"
./seedsweep run run.json5 --output run --blas-core Haswell --limit 7
./seedsweep run run.json5 --output run --blas-core Haswell
./seedsweep verify run --sample 3 --blas-core Haswell
# Who wrote the folder and on which kernel is nobody's business.
rm -r run/.leases run/status.json
sed -i 's/"system": "[^"]*"/"system": "Linux"/' run/provenance.json
sed -i 's/"name": "[^"]*"/"name": "host"/' run/provenance.json
rm -rf "$output/run-76f7534"
cp -r run "$output/run-76f7534"
for sweep in run wide embedded files; do
  ./seedsweep plan $sweep.json5 --list | sed -n "s/^  \([0-9a-f]\{16\}\)  /$sweep \1 /p"
done > "$output/identifiers.txt"
