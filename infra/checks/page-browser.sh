#!/usr/bin/env bash
# Walks the Admin page in a real Chromium against the real local stack: `make test-page`.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

if ! command -v chromium >/dev/null; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q
    $sudo apt-get install -qy --no-install-recommends chromium
fi

infra/checks/page.sh
cargo build --quiet --locked -p local
cd admin
data=$(mktemp -d)
"$root/target/debug/local" --port 0 --no-demo --data-dir "$data" > "$data/printed" &
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
STACK_URL=$url npm run test:browser
