#!/usr/bin/env bash
# Remakes a pre-trained model inside the program, about 25 minutes on one core. Stopped, it goes on where it was.
#
#   usage: scripts/develop/pretrain-embedded.sh [WORLD]
#
# WORLD is embedded, the default, or town. The committed files of embedded were computed with OpenBLAS's kernels for Cooperlake: with
# these they come out again, byte for byte. Those of town come out on every processor.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/worlds.sh
world=${1:-embedded}
if [ $# -gt 1 ] || ! world "$world"; then
  sed -n 's/^# *usage: /usage: /p' "$0" >&2
  exit 2
fi
case $world in
  embedded) arithmetic=openblas ;;
  *) arithmetic=portable ;;
esac
scripts/install-dependencies.sh
swift build -c release --product seedsweep
program=$(swift build -c release --show-bin-path)/seedsweep
"$program" pretrain --output "out/$world" "${words[@]}" --arithmetic "$arithmetic"
sources=Sources/Base/C/CEmbeddedModels
mkdir -p "$sources/models/$folder"
cp "out/$world"/{config.json,tokenizer_config.json,vocab.txt,model.safetensors,metrics.csv} "$sources/models/$folder"
touch "$sources/embedded_models.c" # the assembler does not track the files that it includes
grep -q "^  MODEL($folder)" "$sources/embedded_models.c" || echo "add the line MODEL($folder) to MODELS in $sources/embedded_models.c"
tail -n 1 "$sources/models/$folder/metrics.csv"
