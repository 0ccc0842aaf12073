#!/usr/bin/env bash
# Checks and tests on a machine that has only Node and npm: installs redis-server if it is missing, then runs everything.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v redis-server > /dev/null; then
  if ! command -v apt-get > /dev/null; then
    echo 'redis-server is not installed and this is not Debian: install it and run this again' >&2
    exit 1
  fi
  echo 'redis-server is missing: installing it from Debian (apt-get install redis-server)'
  as_root apt-get update -qq
  # Without this, Debian would start a server of its own; the tests start theirs.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends redis-server
fi

npm run check
npm test
