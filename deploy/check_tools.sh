#!/bin/sh
# Names every missing tool with the Debian command that installs it. Called by make before anything is installed.
# Usage: check_tools.sh PYTHON
set -u
python=$1
missing=0

name() { # name WHAT COMMAND
    echo "Missing: $1" >&2
    echo "  install it with:  $2" >&2
    missing=1
}

command -v git >/dev/null || name "git" "sudo apt-get install git"
if ! command -v "$python" >/dev/null; then
    name "$python" "sudo apt-get install python3 python3-venv"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    name "Python 3.11 or newer ($python is $("$python" -V 2>&1))" \
        "sudo apt-get install python3.11 python3.11-venv   and then   make PYTHON=python3.11 ..."
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    name "the venv module of $python" "sudo apt-get install python3-venv"
fi
exit $missing
