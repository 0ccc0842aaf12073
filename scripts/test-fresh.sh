#!/usr/bin/env bash
# Checks and tests on a machine that has only Node and npm: installs redis-server and chromium if they are missing, then runs everything.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing=()
for program in redis-server chromium; do
  command -v "$program" > /dev/null || missing+=("$program")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if ! command -v apt-get > /dev/null; then
    echo "${missing[*]} not installed and this is not Debian: install and run this again" >&2
    exit 1
  fi
  echo "${missing[*]} missing: installing from Debian (apt-get install ${missing[*]})"
  as_root apt-get update -qq
  # Without the run level, Debian would start a Redis of its own; the tests start theirs.
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

npm run check
npm run bench:guard
npm test
