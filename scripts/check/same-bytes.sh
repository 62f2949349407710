#!/usr/bin/env bash
# Builds another commit, runs a fixed set of commands with its program and with the present one, and compares everything
# that they write: tables, journals, weights, LaTeX, standard output and error, exit codes.
set -euo pipefail
usage() {
  cat <<'USAGE'
usage: scripts/check/same-bytes.sh REF [--old-binary FILE] [--new-binary FILE] [--only NAME] ... [--jobs N] [--keep]
                                   [--intended FILE] [--spoil PATTERN]

Builds the commit REF in a git work tree below .build-same-bytes/ (kept and used again) and the present checkout in
.build, both in release. Runs every scenario of scripts/check/same-bytes/scenarios/ with both programs, and compares all
files that they wrote. Exits 1 if anything differs but times and the like (the masks in same-bytes.py) and what
the list of REF in scripts/check/same-bytes/intended/ allows with a reason, 2 if it cannot start.

  REF                the commit to compare with, such as 76f7534 or main
  --old-binary FILE  the built program of REF, which is then not built
  --new-binary FILE  the built program of the present checkout, which is then not built
  --only NAME        run this scenario only; may be repeated
  --jobs N           scenarios at a time (default: one for each core)
  --keep             keep the working folder, whose old/ and new/ same-bytes.py compares
  --intended FILE    another list of intended differences
  --spoil PATTERN    change one byte in the new files of that SCENARIO/PATH before comparing, which must then fail
  --list             list the scenarios

It needs bash, git, Python 3, mpirun and, to build, the Swift toolchain.
USAGE
}
refuse() { echo "same-bytes.sh: $*" >&2; exit 2; }

root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/scripts/check
ref= old_binary= new_binary= only=() jobs=$(nproc) keep= intended= spoil=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --list) for file in "$here"/same-bytes/scenarios/*.sh; do printf '%-10s %s\n' "$(basename "$file" .sh)" "$(sed -n '1s/^# //p' "$file")"; done; exit 0 ;;
    --keep) keep=yes; shift; continue ;;
    --old-binary | --new-binary | --only | --jobs | --intended | --spoil)
      [ $# -ge 2 ] || refuse "$1 needs a value; see --help"
      case $1 in
        --old-binary) old_binary=$2 ;; --new-binary) new_binary=$2 ;; --only) only+=("$2") ;;
        --jobs) jobs=$2 ;; --intended) intended=$2 ;; --spoil) spoil=$2 ;;
      esac
      shift 2; continue ;;
    -*) refuse "unknown option '$1'; see --help" ;;
    *) [ -z "$ref" ] || refuse "one REF is needed, found '$ref' and '$1'"; ref=$1; shift ;;
  esac
done
[ -n "$ref" ] || { usage >&2; exit 2; }
commit=$(git -C "$root" rev-parse --verify --quiet "$ref^{commit}") || refuse "'$ref' is no commit of this repository"
if [ -z "$intended" ]; then
  intended=$here/same-bytes/intended/${commit:0:7}.txt
  [ -f "$intended" ] || { intended=/dev/null; echo "no list of intended differences since $ref: everything must be the same"; }
fi
[ -r "$intended" ] || refuse "there is no file $intended"
for name in ${only[@]+"${only[@]}"}; do
  [ -f "$here/same-bytes/scenarios/$name.sh" ] || refuse "--only: there is no scenario '$name'; --list names them"
done
for tool in python3 mpirun git; do command -v "$tool" > /dev/null || refuse "$tool is not installed"; done

# The program of a checkout, built in release.
build() {
  swift build --package-path "$1" -c release --product seedsweep >&2 || refuse "$1 does not build"
  echo "$(swift build --package-path "$1" -c release --show-bin-path)/seedsweep"
}
if [ -z "$old_binary" ]; then
  tree=$root/.build-same-bytes/$commit
  if [ ! -d "$tree" ]; then
    git -C "$root" worktree prune
    git -C "$root" worktree add --quiet --detach "$tree" "$commit" || refuse "no work tree can be made in $tree"
  fi
  echo "building $ref in ${tree#"$root/"}"
  old_binary=$(build "$tree")
fi
if [ -z "$new_binary" ]; then
  echo "building the present checkout"
  new_binary=$(build "$root")
fi
for file in "$old_binary" "$new_binary"; do [ -x "$file" ] || refuse "$file is no program"; done

work=$(mktemp -d "${TMPDIR:-/tmp}/same-bytes-XXXXXX")
finish() { if [ -n "$keep" ]; then echo "kept: $work"; else rm -rf "$work"; fi; }
trap finish EXIT
# Both programs run under the same paths, so that paths in what they write are the same. FIRST begins what SECOND continues.
mkdir -p "$work/program/first" "$work/program/second" "$work/tmp" "$work/shipped"
git -C "$root" archive "$commit" sweeps | tar -x -C "$work/shipped"
cp "$old_binary" "$work/program/first/seedsweep"
export SHIPPED_SWEEPS=$work/shipped/sweeps TMPDIR=$work/tmp
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
export work here

# Runs one scenario in its folder; what went wrong stands in $work/failed-SCENARIO.
scenario() {
  mkdir "$work/run/$1"
  cd "$work/run/$1"
  if ! "$here/same-bytes/scenario.sh" "$here/same-bytes/scenarios/$1.sh" "$work/program/first/seedsweep" \
    "$work/program/second/seedsweep" > "$work/log-$1" 2>&1; then
    mv "$work/log-$1" "$work/failed-$1"
  fi
}
export -f scenario

# Every scenario with the program $2 as SECOND; what it wrote goes to $work/$1.
run_all() {
  local began=$SECONDS failed
  cp "$2" "$work/program/second/seedsweep"
  mkdir "$work/run"
  printf '%s\n' "${scenarios[@]}" | xargs -P "$jobs" -I NAME bash -c 'scenario NAME'
  mv "$work/run" "$work/$1"
  echo "$1 build: ${#scenarios[@]} scenarios in $((SECONDS - began)) s"
  for failed in "$work"/failed-*; do
    [ -e "$failed" ] || continue
    echo "$1 build: the scenario ${failed##*/failed-} stopped:"
    sed 's/^/    /' "$failed"
    rm "$failed"
    broken=yes
  done
}
scenarios=()
for file in "$here"/same-bytes/scenarios/*.sh; do
  name=$(basename "$file" .sh)
  if [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" $name "* ]]; then scenarios+=("$name"); fi
done
broken=
run_all old "$old_binary"
[ -z "$broken" ] || refuse "the program of $ref does not do what the scenarios ask of it: mend the scenarios"
run_all new "$new_binary"
arguments=("$work/old" "$work/new" --intended "$intended")
if [ ${#only[@]} -gt 0 ]; then arguments+=(--part); fi
if [ -n "$spoil" ]; then arguments+=(--spoil "$spoil"); fi
status=0
python3 "$here/same-bytes/same-bytes.py" "${arguments[@]}" || status=$?
[ -z "$broken" ] || status=1
exit "$status"
