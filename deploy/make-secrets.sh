#!/usr/bin/env bash
# Writes the secrets that compose.yaml reads, each once: a file that exists is left as it is.
# The folder is closed to other users of the host; the files inside are readable, because the containers' users
# (uid 10001 and others) see each file alone, mounted under /run/secrets.
set -euo pipefail
folder=${1:-"$(cd "$(dirname "$0")" && pwd)/secrets"}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

random() { od -An -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }

write() { # name, value
  if [ -e "$folder/$1" ]; then
    echo "kept    $1"
  else
    printf '%s' "$2" >"$folder/$1"
    chmod 444 "$folder/$1"
    echo "written $1"
  fi
}

write database_password "$(random 24)"
write minio_root_user "root-$(random 4)"
write minio_root_password "$(random 24)"
write store_access_key "mingcha-$(random 4)"
write store_secret_key "$(random 24)"
