#!/usr/bin/env bash
# Sends what the API document allows, and what it forbids, to every route of a local stack: no server error, no answer
# that the document does not tell.
# schemathesis.sh [PROGRAM]: the stack's program; without it that of the debug build.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PYTHONDONTWRITEBYTECODE=1
python=$(infra/checks/venv.sh conformance infra/conformance/requirements.txt)/bin/python
# It takes half a minute; whatever hangs ends with it.
exec timeout --kill-after=30 150 "$python" infra/conformance/run.py "${1:-${CARGO_TARGET_DIR:-target}/debug/local}"
