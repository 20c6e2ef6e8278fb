#!/usr/bin/env bash
# Checks the Admin page: drift from the API document, lints, types, units, build, size.
set -euo pipefail
cd "$(dirname "$0")/../.."

infra/checks/page-tools.sh
cd admin
# No build while another check walks through the page (page-browser.sh).
exec 9<.
flock 9

npm ci
npm run check:generated
npm run lint
npm run typecheck
npm run test
npm run build
npm run size
