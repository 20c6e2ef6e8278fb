#!/usr/bin/env bash
# Reads a workbook of a local stack with openpyxl, cell by cell.
# workbook.sh [PROGRAM [FILE]]: the stack's program, without it that of the debug build; where the workbook is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PYTHONDONTWRITEBYTECODE=1
python=$(infra/checks/venv.sh workbook infra/workbook/requirements.txt)/bin/python
# It takes seconds; whatever hangs ends with it.
exec timeout --kill-after=30 120 "$python" infra/workbook/read.py "${1:-${CARGO_TARGET_DIR:-target}/debug/local}" "${@:2}"
