#!/bin/sh
# Writes requirements.lock and requirements-dev.lock: what a clean virtualenv holds after installing the .txt of each.
# Called by `make lock`, after a version in requirements.txt or requirements-dev.txt was changed. The oldest Python that
# is supported (Debian 12's) makes it: redis needs one package more there than from Python 3.11.3 on.
set -eu
cd "$(dirname "$0")/.."
python=${LOCK_PYTHON:-/usr/bin/python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

lock() { # lock NAME: NAME.txt -> NAME.lock
    venv=$scratch/$1
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$1.txt"
    "$venv/bin/python" -m pip check
    {
        echo "# Made by \`make lock\` from $1.txt. Do not edit."
        "$venv/bin/python" -m pip freeze --disable-pip-version-check
    } >"$venv.lock"
    if grep -qiE '^psycopg([=-]|$)' "$venv.lock"; then
        echo "psycopg 3 came in with $1.txt: Django would use it instead of psycopg2. Take it out." >&2
        exit 1
    fi
    mv "$venv.lock" "$1.lock"
}

lock requirements
lock requirements-dev
