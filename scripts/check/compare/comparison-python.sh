#!/usr/bin/env bash
# Prints a Python that has torch and transformers, for the comparisons with Hugging Face: the one that SEEDSWEEP_PYTHON
# names, or a virtual environment under the user's cache folder, which the first call makes (a large download).
set -euo pipefail

if [ -n "${SEEDSWEEP_PYTHON:-}" ]; then
  python=$SEEDSWEEP_PYTHON
  if ! "$python" -c "import torch, transformers" >/dev/null; then
    echo "SEEDSWEEP_PYTHON is $python, and it cannot import torch and transformers: its message is above." >&2
    exit 1
  fi
else
  environment=${XDG_CACHE_HOME:-$HOME/.cache}/seedsweep/python
  python=$environment/bin/python
  if ! "$python" -c "import torch, transformers" 2>/dev/null; then
    echo "Making a Python environment with torch and transformers in $environment ..." >&2
    if ! { python3 -m venv "$environment" && "$python" -m pip install --quiet --disable-pip-version-check torch transformers; } >&2; then
      echo "The Python environment could not be made: the message is above. SEEDSWEEP_PYTHON may name one instead." >&2
      exit 1
    fi
  fi
fi
echo "$python"
