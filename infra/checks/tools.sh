#!/usr/bin/env bash
# Installs the tools that the checks call, where they are missing.
set -euo pipefail

have() { command -v "$1" >/dev/null; }

packages=()
have cc || packages+=(build-essential)
have cmake || packages+=(cmake)
have curl || packages+=(curl)
have jq || packages+=(jq)
have openssl || packages+=(openssl)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3 python3-venv)
if [ "${#packages[@]}" -gt 0 ]; then
    sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -q
    $sudo apt-get install -qy --no-install-recommends "${packages[@]}"
fi

# Debug builds: they run for a second and build in a third of the time.
have cargo-nextest || cargo install --quiet --locked --debug cargo-nextest
have cargo-deny || cargo install --quiet --locked --debug cargo-deny
have cargo-machete || cargo install --quiet --locked --debug cargo-machete
