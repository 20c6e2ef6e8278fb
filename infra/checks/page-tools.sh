#!/usr/bin/env bash
# Installs what the checks of the Admin page call, where it is missing: Node with npm, and Chromium.
set -euo pipefail

packages=()
command -v npm >/dev/null || packages+=(nodejs npm)
command -v chromium >/dev/null || packages+=(chromium)
if [ "${#packages[@]}" -gt 0 ]; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q
    $sudo apt-get install -qy --no-install-recommends "${packages[@]}"
fi
