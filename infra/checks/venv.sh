#!/usr/bin/env bash
# Installs a list of Python packages into a virtual environment of its own, when the list is new, and prints where.
# venv.sh NAME REQUIREMENTS
set -euo pipefail
cd "$(dirname "$0")/../.."
directory=${CARGO_TARGET_DIR:-$PWD/target}/python/$1
if ! cmp -s "$2" "$directory/installed.txt"; then
    rm -rf "$directory"
    python3 -m venv "$directory"
    "$directory/bin/pip" install --quiet --disable-pip-version-check --requirement "$2" >&2
    cp "$2" "$directory/installed.txt"
fi
echo "$directory"
