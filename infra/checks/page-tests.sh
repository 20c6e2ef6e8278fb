#!/usr/bin/env bash
# Checks the Admin page, and walks it in a real Chromium against the real local stack.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

if ! command -v chromium >/dev/null; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q
    $sudo apt-get install -qy --no-install-recommends chromium
fi

cd admin
npm ci
npm run check:generated
npm run lint
npm run typecheck
npm run test
npm run build
npm run size

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
