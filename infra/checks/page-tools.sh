#!/usr/bin/env bash
# Installs what the checks of the Admin page call, where it is missing: Chromium. Node has to be there.
set -euo pipefail

if ! command -v npm >/dev/null; then
    echo "No Node: install Node 20.19 or later, or 22, to check the page." >&2
    exit 1
fi
if ! command -v chromium >/dev/null; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q
    $sudo apt-get install -qy --no-install-recommends chromium
fi
