"""`import_employers FILE [--commit]`: checks a register of employers and, when asked to and all is right, writes it."""

from employers.importing.spec import EMPLOYERS
from relations.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Checks an Excel register of employers; with --commit writes it, all or nothing. Exits 1 on any fault."
    spec = EMPLOYERS
