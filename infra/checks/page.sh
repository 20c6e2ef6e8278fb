#!/usr/bin/env bash
# Builds the Admin page when it is there, Node is there, and a source is newer than the build.
# The stack runs without it.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -f admin/package.json ] || exit 0
if ! command -v npm >/dev/null; then
    echo "No Node: the API runs without the page. Install Node 20 or 22 to get it." >&2
    exit 0
fi
# One build at a time, and none while the page is walked through (page-browser.sh).
exec 9<admin
flock 9
built=admin/dist/index.html
if [ -f "$built" ] && [ -z "$(find admin -path admin/node_modules -prune -o -path admin/dist -prune -o -path admin/screenshots -prune -o -type f -newer "$built" -print -quit)" ]; then
    exit 0
fi
cd admin
[ -d node_modules ] && [ node_modules -nt package-lock.json ] || npm ci --no-audit --no-fund
npm run build
