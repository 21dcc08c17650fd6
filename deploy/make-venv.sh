#!/usr/bin/env bash
# Makes .venv with the given Python; on a bare Debian the venv module is a package of its own.
set -euo pipefail
python=${1:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Mingcha needs Python 3.11 or newer; $python is $("$python" --version 2>&1)." >&2; exit 1; }
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "→ this Python has no venv module: installing Debian's python3-venv"
    apt-get install -qq -y python3-venv >/dev/null 2>&1 || { apt-get update -qq && apt-get install -qq -y python3-venv >/dev/null; }
  else
    echo "This Python has no venv module. Install it first: sudo apt install python3-venv" >&2; exit 1
  fi
fi
rm -rf .venv
exec "$python" -m venv .venv
