#!/usr/bin/env bash
# Runs every test with other versions of Node than the one installed: those named, or the ones that are maintained.
set -euo pipefail
cd "$(dirname "$0")/.."

npm run build
for version in ${@:-22 24 26}; do
  npx --yes --package "node@$version" -- sh -c 'node --version && node node_modules/vitest/vitest.mjs run'
done
