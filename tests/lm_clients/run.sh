#!/usr/bin/env bash
# Runs a test of this folder with a Python that has the package openai; exits with 77 (skipped) where there is none.
#
#   CACO_LM=build/release/bin/caco-lm tests/lm_clients/run.sh openai_client_test.py
#
# CACO_CLIENTS_PYTHON names such a Python. Without it: the virtual environment in build/clients, which is made, with pip, when
# CACO_INSTALL_CLIENTS is 1 (continuous integration sets it) and left out when that fails; then python3.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/../../build/clients
has_client() { "$1" -c 'import openai' 2>/dev/null; }

if [ -n "${CACO_CLIENTS_PYTHON:-}" ]; then
  python=$CACO_CLIENTS_PYTHON
elif has_client "$venv/bin/python"; then
  python=$venv/bin/python
elif has_client python3; then
  python=python3
elif [ "${CACO_INSTALL_CLIENTS:-}" = 1 ]; then
  { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'openai>=1.40'; } ||
    { echo "skipped: cannot install the Python package openai"; exit 77; }
  python=$venv/bin/python
else
  echo "skipped: no Python with the package openai: set CACO_CLIENTS_PYTHON, or CACO_INSTALL_CLIENTS=1 to install it in build/clients"
  exit 77
fi
exec "$python" "$here/$1"
