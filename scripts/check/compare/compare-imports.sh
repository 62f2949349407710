#!/usr/bin/env bash
# Compares `seedsweep import` with what pandas computes from the same exports of wandb, Optuna, Ray Tune and Hugging Face's
# Trainer; compare-imports.py says what is made and compared.
#
#   scripts/check/compare/compare-imports.sh [--only wandb|optuna|ray|trainer] ...
#
# SEEDSWEEP_PYTHON may name a Python with pandas, scipy and statsmodels, and with those of optuna, ray, torch, transformers and
# accelerate whose own files are to be compared. Without it a virtual environment with all of them is made under the user's
# cache folder (a large download). SEEDSWEEP may name the built program. Takes some minutes.
set -euo pipefail

cd "$(dirname "$0")/../../.."
python=${SEEDSWEEP_PYTHON:-${XDG_CACHE_HOME:-$HOME/.cache}/seedsweep/python-imports/bin/python}
if ! "$python" -c "import pandas, scipy, statsmodels" 2> /dev/null; then
  if [ -n "${SEEDSWEEP_PYTHON:-}" ]; then
    echo "SEEDSWEEP_PYTHON is $python, and it cannot import pandas, scipy and statsmodels." >&2
    exit 1
  fi
  environment=${python%/bin/python}
  echo "Making a Python environment for the comparison in $environment ..." >&2
  python3 -m venv "$environment"
  "$python" -m pip install --quiet --disable-pip-version-check pandas scipy statsmodels optuna "ray[tune]" torch transformers accelerate >&2
fi
program=${SEEDSWEEP:-}
if [ -z "$program" ]; then
  swift build -c release --product seedsweep >&2
  program=$(swift build -c release --show-bin-path)/seedsweep
fi
exec "$python" scripts/check/compare/compare-imports.py "$program" "$@"
