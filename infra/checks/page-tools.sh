#!/usr/bin/env bash
# Installs what the checks of the Admin page call, where it is missing: Chromium and the fonts that the tests take in
# turn as the system's only one (admin/tests/browser/chromium.mjs). Node has to be there.
set -euo pipefail

if ! command -v npm >/dev/null; then
    echo "No Node: install Node 20.19 or later, or 22, to check the page." >&2
    exit 1
fi

has_font() { [ "$(fc-match --format '%{family}' "$1" 2>/dev/null)" = "$1" ]; }

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v fc-match >/dev/null || packages+=(fontconfig)
has_font "DejaVu Sans" || packages+=(fonts-dejavu-core)
has_font "Liberation Sans" || packages+=(fonts-liberation)
if [ "${#packages[@]}" -gt 0 ]; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q
    $sudo apt-get install -qy --no-install-recommends "${packages[@]}"
fi
