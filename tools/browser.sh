#!/bin/sh
# Debian's Chromium, in which tests look at pages.  Without it, and without leave to install it, those tests
# are skipped, and say so.
set -eu
if [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null && exit 0
fi
echo "No Chromium here: tests of pages will be skipped. Install it, or name it with CHROMIUM=/path." >&2
