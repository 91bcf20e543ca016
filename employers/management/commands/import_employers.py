"""`import_employers FILE [--commit]`: checks an Excel file of employers; with --commit stores it if it has no fault."""

from employers.importing.spec import EMPLOYERS
from relations.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Checks an Excel register of employers; with --commit writes it, all or nothing. Exits 1 on any fault."
    spec = EMPLOYERS
