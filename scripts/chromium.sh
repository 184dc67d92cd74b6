#!/usr/bin/env bash
# Debian's chromium for the browser tests. Installed only by root and only when missing; never an error: the tests that
# need it skip and name this script.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
hint="browser tests will be skipped: install chromium (Debian: apt-get install chromium)"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "setup: $hint"
    exit 0
fi
echo "setup: installing chromium for the browser tests"
export DEBIAN_FRONTEND=noninteractive
if ! { timeout 120 apt-get update -qq && timeout 600 apt-get install -qq -y --no-install-recommends chromium; } >/dev/null; then
    echo "setup: that failed; $hint"
fi
