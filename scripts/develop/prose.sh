#!/usr/bin/env bash
# Finds phrases that the project's prose avoids, and says what to write instead. Exits with 1 if it finds any.
#
# usage: scripts/develop/prose.sh [FILE or FOLDER ...]
#
# Without arguments it reads the whole checkout but for tests. It judges words and not meaning: it knows nothing of passive
# sentences, riddles or missing subjects. In Markdown it skips code spans and code blocks, in which a page may quote a phrase.
set -euo pipefail
cd "$(dirname "$0")/../.."

paths=("$@")
[ $# -gt 0 ] || paths=(README.md CHANGELOG.md Package.swift Sources sweeps scripts hosts)
for path in "${paths[@]}"; do
  if [ ! -e "$path" ]; then
    echo "prose.sh: there is no $path (paths are relative to the checkout)" >&2
    exit 2
  fi
done
# What is left out: this file, which must name the phrases, and texts that are data.
mapfile -t files < <(find "${paths[@]}" -type f \( -name '*.swift' -o -name '*.md' -o -name '*.sh' -o -name '*.py' \
  -o -name '*.sbatch' -o -name '*.json5' -o -name '*.c' -o -name '*.h' -o -path 'hosts/*.txt' \) \
  -not -path '*/develop/prose.sh' -not -path '*/models/*' | sed 's#^\./##' | LC_ALL=C sort)

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
# Every line as FILE:NUMBER:TEXT, the code of Markdown left out.
if [ ${#files[@]} -gt 0 ]; then
  awk '
    FNR == 1 { is_markdown = FILENAME ~ /\.md$/; is_code = 0 }
    is_markdown && /^ *```/ { is_code = !is_code; next }
    is_markdown && is_code { next }
    is_markdown { gsub(/`[^`]*`/, "``") }
    { print FILENAME ":" FNR ":" $0 }' "${files[@]}" > "$lines"
fi

found=0
# rule KIND PATTERN ALLOWED PHRASE ADVICE: KIND is a pattern of file names; a line that also has ALLOWED is passed over.
rule() {
  local kind=$1 pattern=$2 allowed=$3 phrase=$4 advice=$5 hits
  hits=$(grep -E "^[^:]*$kind:[0-9]+:.*$pattern" "$lines" | grep -vE "${allowed:-^$}" | cut -d : -f 1,2) || true
  [ -n "$hits" ] || return 0
  found=1
  sed "s|\$|: $phrase: $advice|" <<< "$hits"
}
any='' swift='\.swift' code='\.(swift|py|sh)'

rule "$any" '\b[Ss]o (many|much|few)\b' '\bso (many|much|few) [a-z, ]*that\b|so few runs cannot' '"so many", "so much"' \
  'name the parameter in backticks, or "this number of"'
rule "$any" '\bfor so long\b|\bso long(, |\.|$)' '' '"so long"' 'name the time in backticks'
rule "$any" '\bwith everything given\b' '' '"with everything given"' 'leave the comment out'
rule "$any" '\b[Aa]nswer(s|ed|ing)? with\b' '' '"answers with"' '"returns"'
rule "$any" '\b(takes?|taken|taking|took) (its |their )?leave\b' '' '"takes leave"' '"says that it leaves"'
rule "$any" '\b(kept|keeps?|sends?|sent|sending|comes?|came|brings?|brought) (them |it )?home\b|\bat home\b' '' '"home"' \
  '"the leader", "kept files"'
rule "$any" '\b([Aa]|[Oo]ne) (row|sentence|column|field|panel|matrix|line|cell|file|folder|record) an? [a-z]+' '' '"a row a recipe"' \
  '"one row for each recipe"'
rule "$any" '\bunless told otherwise\b' '' '"unless told otherwise"' '"by default"'
rule "$any" '\b(became|becomes?) of\b' '' '"what became of"' '"what happened to", "the outcome of"'
rule "$any" '\b(needs?|knows?|reads?|takes?) (it |them )not\b|\b(needs|knows|reads|takes) not\b' '' '"needs it not"' '"does not need it"'
rule "$any" '\b(ends?|ended|leaves?|stops?|does so|goes|starts?|comes?) of (itself|themselves)\b' '' '"of itself"' '"by itself"'
rule "$any" '\bWhat of\b' '' '"What of"' '"The part of"'
rule "$any" '\b(thereof|whereof|wherein|whereupon|whereby|hitherto|heretofore)\b' '' 'a word of contracts' 'a plain one'
rule "$code" '(\b(let|var|for)\b[^"]*\bplaces?\b|\[places?\]|\bplaces?\.)' '(//|#|").*\bplaces?\b' '"place" as a name' '"index", or "position" in a text or sequence'
rule "$any" '\b([Tt]he|[Ii]ts|[Aa]) place (of|in) (a|an|the|`|``)' '\b(in the|takes?) place of\b' '"the place of"' '"the index of", or "the position of"'
rule "$any" '\bplaces? in plan order\b' '' '"place in plan order"' '"index in plan order"'
# A question in the text of an error; "did you mean" is one that helps.
rule "$swift" '"[^"]*[a-z)]\?("|\\n| [A-Z])' 'did you mean|try\? |^[^:]*:[0-9]+: *//' 'a question' 'say what is wrong and what to type'

exit "$found"
