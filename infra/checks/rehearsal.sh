#!/usr/bin/env bash
# Deploys template.yaml with the debug binaries to an emulated AWS and runs a store's life through it.
# `--functions .aws-sam/build` deploys what `sam build` built for this machine's architecture instead.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PYTHONDONTWRITEBYTECODE=1
python=$(infra/checks/venv.sh rehearsal infra/rehearsal/requirements.txt)/bin/python
# It takes less than a minute; whatever hangs ends with it.
exec timeout --kill-after=30 180 "$python" infra/rehearsal/rehearse.py \
    --binaries "${CARGO_TARGET_DIR:-target}/debug" "$@"
