#!/usr/bin/env bash
# Builds everything as it is deployed and prints the measurements with their sizes.
# `make bench` takes all; name some to take only these: infra/checks/bench.sh receipts report
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --release --locked \
    -p bench -p ingest -p rollup -p metric-queries -p campaigns -p reports -p report-worker -p sender
exec target/release/bench "$@"
