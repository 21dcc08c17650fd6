#!/bin/sh
# Lays this version's hashed files beside those of earlier versions, so that a page opened before an upgrade can
# still fetch its chunks; what no version of the last 90 days has brought is removed.
set -eu
to=${1:?folder that Caddy serves}
mkdir -p "$to/assets"
cp -R /opt/mingcha/pwa/assets/. "$to/assets/"
find /opt/mingcha/pwa/assets -type f | while read -r file; do touch "$to/assets/${file#/opt/mingcha/pwa/assets/}"; done
find "$to/assets" -type f -mtime +90 -delete
