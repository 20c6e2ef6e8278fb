#!/usr/bin/env bash
# Builds the Admin page and puts it, with its config.json, into a deployed stack's page bucket.
# deploy-page.sh STACK CONFIG.json
set -euo pipefail
[ $# = 2 ] || { echo "usage: $0 STACK CONFIG.json" >&2; exit 2; }
stack=$1 config=$(realpath "$2")
cd "$(dirname "$0")/.."
jq -e '.mode == "oidc" and .issuer and .clientId' "$config" >/dev/null ||
    { echo "$config: mode oidc, issuer and clientId are needed (admin/README.md)" >&2; exit 1; }

output() {
    aws cloudformation describe-stacks --stack-name "$stack" \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}
bucket=$(output PageBucketName) distribution=$(output DistributionId)
[ -n "$bucket" ] && [ -n "$distribution" ] || { echo "$stack has no page bucket" >&2; exit 1; }

(cd admin && npm ci --no-audit --no-fund && npm run build)
# Assets carry a hash of their content in their names; the other files change in place. The new assets come before the
# index that names them, and the old ones stay: a page that is open may still load a part.
aws s3 sync admin/dist/assets "s3://$bucket/assets" --cache-control 'public, max-age=31536000, immutable'
aws s3 cp "$config" "s3://$bucket/config.json" --content-type application/json --cache-control no-cache
aws s3 sync admin/dist "s3://$bucket" --exclude 'assets/*' --exclude config.json --cache-control no-cache
aws cloudfront create-invalidation --distribution-id "$distribution" \
    --paths / /index.html /config.json /icon.svg /cart.png --query Invalidation.Id --output text
