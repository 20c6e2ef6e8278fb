#!/usr/bin/env bash
# Runs every check in turn, stops at the first that fails, and prints the seconds of each.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Files of tests that run a database lie in memory where there is such a place: the engine
# syncs at each commit.
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
    TMPDIR=$(mktemp -d /dev/shm/campaigns-test.XXXXXX)
else
    TMPDIR=$(mktemp -d)
fi
export TMPDIR

summary=()
finish() {
    status=$?
    printf '\n%s\n' "seconds  stage"
    printf '%s\n' "${summary[@]}"
    if [ -s "$TMPDIR/failures" ]; then
        printf '\n%s\n' "what failed"
        cat "$TMPDIR/failures"
    fi
    rm -rf "$TMPDIR"
    exit "$status"
}
trap finish EXIT

stage() {
    local name=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@" 2>&1 | tee "$TMPDIR/stage"; then
        summary+=("$(printf '%7d  %s' $((SECONDS - start)) "$name")")
    else
        summary+=("$(printf '%7d  %s FAILED' $((SECONDS - start)) "$name")")
        # At the end of a long output, where it is looked for.
        sed 's/\x1b\[[0-9;]*m//g' "$TMPDIR/stage" | grep -E '^ *FAIL |Error: |^error' | awk '!seen[$0]++' \
            | head -20 > "$TMPDIR/failures" || true
        exit 1
    fi
}

snapshots_are_referenced() {
    local stale
    stale=$(comm -23 \
        <(find . -name '*.snap' -not -path './target/*' -not -path './admin/node_modules/*' -print0 | xargs -0r realpath | sort) \
        <(sort -u "$INSTA_SNAPSHOT_REFERENCES_FILE" | xargs -r realpath | sort -u))
    [ -z "$stale" ] || { printf 'snapshots that no test reads:\n%s\n' "$stale"; return 1; }
}

tests() {
    export INSTA_SNAPSHOT_REFERENCES_FILE=$TMPDIR/snapshots INSTA_UPDATE=no
    : > "$INSTA_SNAPSHOT_REFERENCES_FILE"
    cargo nextest run --workspace --locked --no-fail-fast && snapshots_are_referenced
}

stage "tools" infra/checks/tools.sh
# All platforms' crates, not only those that a build here downloads: `cargo deny` reads the whole lock file, offline.
stage "fetch" cargo fetch --locked --quiet
stage "format" cargo fmt --all --check
stage "clippy" cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
# A module's page lists its private parts too: it is read beside the source.
stage "docs" env RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" \
    cargo doc --workspace --no-deps --locked --quiet
stage "unused dependencies" cargo machete
stage "dependencies" cargo deny --locked --offline check bans licenses sources
stage "template: cfn-lint" infra/checks/template.sh cfn-lint
stage "template: sam validate" infra/checks/template.sh sam
stage "API document" infra/checks/template.sh openapi
# With the tests in one call, the binaries share the tests' build of every dependency.
stage "build tests and binaries" cargo build --workspace --bins --tests --locked --quiet
stage "tests" tests
stage "answers as documented" infra/checks/schemathesis.sh
stage "workbook in another reader" infra/checks/workbook.sh
stage "deployment rehearsal" infra/checks/rehearsal.sh
if [ -f admin/package.json ]; then
    stage "page" infra/checks/page-tests.sh
    # The tests above have built the stack.
    stage "page in a browser" infra/checks/page-browser.sh "${CARGO_TARGET_DIR:-target}/debug/local"
fi
