#!/usr/bin/env bash
# Remakes the pre-trained model inside the program: 40,000 steps, about 25 minutes on one core. Stopped, it goes on where it
# was. The committed files were computed with OpenBLAS's kernels for Cooperlake: with these they come out again, byte for byte.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/install-dependencies.sh
swift build -c release --product seedsweep
program=$(swift build -c release --show-bin-path)/seedsweep
"$program" pretrain --output out/embedded --layers 12 --hidden 128 --intermediate 256 --max-length 64 \
  --steps 40000 --learning-rate 1e-3 --evaluate-every 1000 --half --arithmetic openblas
models=Sources/Base/C/CEmbeddedModels/models/embedded
cp out/embedded/{config.json,tokenizer_config.json,vocab.txt,model.safetensors,metrics.csv} "$models"
touch Sources/Base/C/CEmbeddedModels/embedded_models.c # the assembler does not track the files that it includes
tail -n 1 "$models/metrics.csv"
