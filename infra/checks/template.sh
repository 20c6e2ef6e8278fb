#!/usr/bin/env bash
# Judges template.yaml and infra/openapi.json by public tools, offline.
# template.sh cfn-lint | sam | openapi
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$(infra/checks/venv.sh checks infra/checks/requirements.txt)/bin
# Any region and key: nothing is called. What sam keeps for itself goes with the run.
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_EC2_METADATA_DISABLED=true
export SAM_CLI_TELEMETRY=0 __SAM_CLI_APP_DIR=${TMPDIR:-/tmp}/sam

case $1 in
    cfn-lint) "$tools/cfn-lint" template.yaml infra/waf.yaml ;;
    sam) "$tools/sam" validate --lint --template template.yaml ;;
    openapi) "$tools/openapi-spec-validator" infra/openapi.json ;;
esac
