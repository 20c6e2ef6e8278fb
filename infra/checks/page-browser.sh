#!/usr/bin/env bash
# Walks the Admin page in a real Chromium against the real local stack: `make test-page`.
# An argument names the stack's program where it is built already; without one it is built.
set -euo pipefail
cd "$(dirname "$0")/../.."

infra/checks/page-tools.sh
infra/checks/page.sh
if [ $# -gt 0 ]; then
    program=$(realpath "$1")
else
    cargo build --quiet --locked -p local
    program=$(realpath "${CARGO_TARGET_DIR:-target}/debug/local")
fi

# No build may take the page's files away while they are looked at: builds wait for the same lock (page.sh).
exec 9<admin
flock --shared 9

data=$(mktemp -d)
"$program" --port 0 --no-demo --data-dir "$data" > "$data/printed" 9<&- &
stack=$!
trap 'kill "$stack" 2>/dev/null; wait "$stack" 2>/dev/null; rm -rf "$data"' EXIT
# The line is the stack's promise that it answers.
url=
for _ in $(seq 600); do
    url=$(sed -n 's/^listening on //p' "$data/printed")
    if [ -n "$url" ] || ! kill -0 "$stack" 2>/dev/null; then break; fi
    sleep 0.1
done
[ -n "$url" ] || { echo "the stack did not start" >&2; exit 1; }
cd admin
STACK_URL=$url npm run test:browser
