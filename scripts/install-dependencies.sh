#!/usr/bin/env bash
# Installs the system packages that seedsweep builds on, where it may; otherwise names them and stops. Run it, do not source
# it; running it twice is harmless. Needs nothing of the checkout.
set -euo pipefail

if ! command -v swift >/dev/null; then
  echo "seedsweep needs the Swift toolchain 6.0 or newer, and there is no 'swift' on the PATH." >&2
  echo "Get it from https://www.swift.org/install/linux/ and run this again." >&2
  exit 2
fi

packages=(libopenmpi-dev openmpi-bin libopenblas-dev pkg-config)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
# A cluster offers these as modules: what counts is that they are found.
if pkg-config --exists ompi-c openblas 2>/dev/null && command -v mpirun >/dev/null; then exit 0; fi

if ! command -v apt-get >/dev/null; then
  echo "seedsweep needs Open MPI and OpenBLAS with pkg-config files (ompi-c, openblas), and this system has no apt-get." >&2
  echo "Install them (Debian's names: ${missing[*]}) or load your cluster's modules, then run this again." >&2
  exit 2
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "seedsweep needs these system packages, and this user may not install them:" >&2
  echo "  sudo apt-get install ${missing[*]}" >&2
  exit 2
fi
echo "Installing ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
