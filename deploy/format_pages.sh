#!/bin/sh
# Formats templates (djangofmt), styles and scripts (prettier); with --check it only tells which are not formatted.
# Node comes from the machine or, as fetch_front_end.sh left it, from the virtualenv.
# Usage: format_pages.sh PYTHON-OF-THE-VIRTUALENV [--check]
set -u
bin=$(cd "$(dirname "$1")" && pwd)
PATH=$PATH:$bin
export PATH
status=0

"$bin/djangofmt" --quiet ${2:+"$2"} templates benchmarks/floor/templates tests/lezhi/everything.html || status=1
node_modules/.bin/prettier --log-level warn "${2:---write}" \
    "lezhi/static/lezhi/*.css" "lezhi/static/lezhi/*.js" "!lezhi/static/lezhi/icons.css" || status=1
exit $status
