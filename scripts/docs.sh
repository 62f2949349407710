#!/usr/bin/env bash
# Makes a site of the documentation pages with docc, which ends at the first warning.
#
# usage: scripts/docs.sh [--serve [PORT]] [FOLDER]
#
# FOLDER is .build-docs unless named; the site is in its folder `site`, and the pages that docc reads are in its folder
# `seedsweep.docc`. Both are made anew each time; a FOLDER that has one of them from elsewhere is refused. --serve shows the site on
# this machine alone, at http://127.0.0.1:PORT (8080 unless named), until Ctrl-C. Needs python3 and the docc of the Swift toolchain.
#
# The pages link to one another by file name, so that a forge shows them well. docc neither resolves such links nor warns of
# them, so it gets a copy in which links between pages are docc's own and links to other files of the checkout are plain text.
set -euo pipefail

port=
folder=
while [ $# -gt 0 ]; do
  case $1 in
    --serve)
      port=8080
      if [[ "${2:-}" =~ ^[0-9]+$ ]]; then
        port=$2
        shift
      fi
      ;;
    -*)
      sed -n '4s/^# //p' "$0" >&2
      exit 2
      ;;
    *) folder=$(realpath -m "$1") ;;
  esac
  shift
done
cd "$(dirname "$0")/.."
# The file that marks a folder whose site and pages this script made.
mark=.made-by-docs.sh
if [ -n "$folder" ] && [ "$folder" != "$PWD/.build-docs" ]; then
  for name in site seedsweep.docc; do
    if [ -e "$folder/$name" ] && [ ! -e "$folder/$mark" ]; then
      echo "docs.sh: $folder/$name is there and was not made by this script, which would delete it; name another FOLDER" >&2
      exit 2
    fi
  done
fi
folder=${folder:-$PWD/.build-docs}

docc=$(command -v docc || true)
if [ -z "$docc" ] && command -v swift >/dev/null; then
  docc=$(dirname "$(readlink -f "$(command -v swift)")")/docc
fi
if ! command -v python3 >/dev/null; then
  echo "docs.sh needs python3, and there is none on the PATH." >&2
  exit 1
fi
if [ ! -x "$docc" ]; then
  echo "docs.sh needs docc, which is part of the Swift toolchain, and there is none on the PATH or beside swift." >&2
  exit 1
fi

catalog=$folder/seedsweep.docc
rm -rf "$catalog" "$folder/site"
mkdir -p "$catalog"
touch "$folder/$mark"
python3 - Sources/Programs/seedsweep/seedsweep.docc "$catalog" <<'PYTHON'
import os
import pathlib
import re
import sys

source, copy = map(pathlib.Path, sys.argv[1:])
pages = {path.relative_to(source): path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.md"))}
LINK = re.compile(r"(?<!!)\[((?:[^\[\]`]|`[^`]*`)+)\]\(([^()\s]+)\)")
CODE = re.compile(r"`[^`]*`")


def pieces(text):
    """The text in turns: outside code blocks, a code block, and so on."""
    return re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text):
    """docc's anchor of each heading by the one that forges make."""
    found = {}
    for piece in pieces(text)[::2]:
        for title in re.findall(r"^#+ +(.*)$", piece, flags=re.MULTILINE):
            letters = re.sub(r"[^\w -]", "", title)
            found[letters.lower().replace(" ", "-")] = letters.replace(" ", "-")
    return found


def converted(name, text):
    def link(match):
        title, target = match.groups()
        if "://" in target:
            return match[0]
        file, _, anchor = target.partition("#")
        page = pathlib.Path(os.path.normpath(name.parent / file)) if file else name
        if page not in pages:
            return title
        if anchor and anchor not in anchors(pages[page]):
            sys.exit(f"docs.sh: {source / name}: {page} has no heading #{anchor}")
        reference = "doc:" + page.stem + ("#" + anchors(pages[page])[anchor] if anchor else "")
        return f"[{title}]({reference})"

    def prose(piece):
        # A link may have code in its text, but none stands within code.
        spans = [match.span() for match in CODE.finditer(piece)]
        inside = lambda match: any(start <= match.start() < end for start, end in spans)
        return LINK.sub(lambda match: match[0] if inside(match) else link(match), piece)

    parts = pieces(text)
    parts[::2] = map(prose, parts[::2])
    text = "".join(parts)
    if name == pathlib.Path("seedsweep.md"):
        # Lists of topics hold nothing but references.
        head, mark, topics = text.partition("\n## Topics\n")
        text = head + mark + re.sub(r"^- \[[^\]]*\]\((doc:[^)]*)\).*$", r"- <\1>", topics, flags=re.MULTILINE)
        title, _, rest = text.partition("\n")
        text = f"{title}\n\n@Metadata {{\n  @TechnologyRoot\n}}\n{rest}"
    return text


for name, text in pages.items():
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text(converted(name, text), encoding="utf-8")
PYTHON

"$docc" convert "$catalog" --output-path "$folder/site" --warnings-as-errors --transform-for-static-hosting \
  --fallback-display-name seedsweep --fallback-bundle-identifier seedsweep --fallback-default-module-kind Program
echo "The site is in $folder/site; its first page is documentation/seedsweep/index.html."
if [ -n "$port" ]; then
  echo "http://127.0.0.1:$port/documentation/seedsweep/ (Ctrl-C ends it)"
  exec python3 -m http.server "$port" --bind 127.0.0.1 --directory "$folder/site"
fi
