#!/bin/sh
# `make lint`: runs every check, then tells which have failed. Usage: lint.sh PYTHON-OF-THE-VIRTUALENV
set -u
py=$1
failed=""
VAR_DIR=$(mktemp -d)
export VAR_DIR
trap 'rm -rf "$VAR_DIR"' EXIT

check() { # check TITLE COMMAND...
    title=$1
    shift
    echo "--- $title"
    "$@" || failed="$failed
  $title"
}

production() { # the settings of a site as it should stand in the open
    env DEBUG=0 HTTPS=1 TRUSTED_PROXIES=1 ALLOWED_HOSTS=lezhi.example.org SITE_URL=https://lezhi.example.org \
        SECRET_KEY="$("$py" -c 'import secrets; print(secrets.token_urlsafe(64))')" \
        DATABASE_URL=postgres://lezhi@127.0.0.1/lezhi REDIS_URL=redis://127.0.0.1/0 "$@"
}

check "style (ruff check)" "$py" -m ruff check --quiet --output-format concise .
check "format (ruff format --check)" "$py" -m ruff format --check --output-format concise .
check "format of templates, styles and scripts" sh deploy/format_pages.sh "$py" --check
check "imports point downwards (import-linter)" \
    "$py" -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))'
check "migrations are complete" "$py" manage.py makemigrations --check --dry-run
check "system checks" "$py" manage.py check --fail-level WARNING
check "production settings (check --deploy)" production "$py" manage.py check --deploy --fail-level WARNING
check "translations are complete" "$py" -m tools.catalogue

if [ -n "$failed" ]; then
    echo "Failed:$failed" >&2
    exit 1
fi
echo "All checks passed."
