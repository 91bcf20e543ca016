"""Checks the English catalogue: no string missing, superfluous, untranslated, or with wrong placeholders.

python -m tools.catalogue            check; part of `make lint`
python -m tools.catalogue --write    collect the strings into lezhi/locale/en (`make makemessages`)
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from tests.plugins.services import REQUIRE_ALL, find_program, how_to_install

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = Path("lezhi/locale/en/LC_MESSAGES")
DOMAINS = ("django", "djangojs")
SHOWN = 40
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def copy_code(folder):
    """Copies all source files that git does not ignore into `folder`, without downloaded or generated ones."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for source in filter(Path.is_file, (ROOT / name for name in names)):
        if source.suffix in {".py", ".html", ".txt", ".js"}:
            target = folder / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def collect(folder):
    """Runs makemessages on a copy of the code in `folder`. Raises CalledProcessError when it fails."""
    copy_code(folder)
    (folder / CATALOGUES).mkdir(parents=True, exist_ok=True)
    options = ["--locale=en", "--no-obsolete", "--add-location=file", "--no-wrap", "--ignore=tests"]
    environment = os.environ | {"VAR_DIR": str(folder / "var"), "DEBUG": "1"}
    for domain in DOMAINS:
        command = [sys.executable, "manage.py", "makemessages", f"--domain={domain}", *options]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)


def write():
    """Updates the committed catalogues; translations stay."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / CATALOGUES, Path(folder) / CATALOGUES, dirs_exist_ok=True)
        collect(Path(folder))
        for domain in DOMAINS:
            if (Path(folder) / CATALOGUES / f"{domain}.po").exists():
                shutil.copy(Path(folder) / CATALOGUES / f"{domain}.po", ROOT / CATALOGUES)


def read(folder):
    """The catalogues under a folder, {domain: polib.POFile}."""
    paths = {domain: folder / CATALOGUES / f"{domain}.po" for domain in DOMAINS}
    return {domain: polib.pofile(str(path)) for domain, path in paths.items() if path.exists()}


def keys(catalogue):
    return {(entry.msgctxt or "", entry.msgid) for entry in catalogue if not entry.obsolete}


def differences(committed, fresh):
    """Lines about strings that are missing or superfluous in the committed catalogues."""
    lines = []
    for domain in DOMAINS:
        have, want = (keys(each.get(domain, ())) for each in (committed, fresh))
        lines += [f"{domain}: not collected yet: {msgid!r}" for _, msgid in sorted(want - have)]
        lines += [f"{domain}: no longer in the code: {msgid!r}" for _, msgid in sorted(have - want)]
    return lines


def faults(catalogue):
    """Lines about entries that are untranslated, fuzzy, or have other placeholders than the source."""
    lines = []
    for entry in catalogue:
        if entry.obsolete:
            continue
        if entry.fuzzy or not entry.translated():
            lines.append(f"{'fuzzy' if entry.fuzzy else 'untranslated'}: {entry.msgid!r}")
        elif "python-format" in entry.flags or "python-brace-format" in entry.flags:
            lines += [f"other placeholders: {entry.msgid!r} -> {text!r}" for text in broken(entry)]
    return lines


def broken(entry):
    """The translations of an entry whose placeholders differ from those of the source."""
    expected = {frozenset(PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text}
    texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    return [text for text in texts if frozenset(PLACEHOLDER.findall(text)) not in expected]


def check():
    """Prints the faults, SHOWN lines at most. Returns the number of faults."""
    committed = read(ROOT)
    lines = [f"{domain}: {line}" for domain, catalogue in committed.items() for line in faults(catalogue)]
    if find_program("xgettext"):
        with tempfile.TemporaryDirectory() as folder:
            collect(Path(folder))
            lines += differences(committed, read(Path(folder)))
    else:
        print(f"*** NOT CHECKED: whether all strings were collected: {how_to_install('xgettext')}")
        lines += ["xgettext is required"] if REQUIRE_ALL else []
    print("\n".join(lines[:SHOWN]))
    if len(lines) > SHOWN:
        print(f"... and {len(lines) - SHOWN} more")
    total = sum(len(keys(catalogue)) for catalogue in committed.values())
    print(f"English catalogue: {total} strings, {len(lines)} faults")
    return len(lines)


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        (ROOT / CATALOGUES).mkdir(parents=True, exist_ok=True)
        write()
    else:
        sys.exit(1 if check() else 0)
