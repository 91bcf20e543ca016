"""Importing a register: who may, the import itself, and its state."""

from datetime import date

from accounts.roles import Role
from benchmarks import register
from employers.importing.spec import EMPLOYERS
from relations.imports.reading import commit, read_workbook
from relations.models import Import
from tests.factories.accounts import DepartmentFactory, UserFactory

TODAY = date(2026, 11, 22)


def director_of_the_register():
    """Creates the workers named in the registers of benchmarks/register.py. Returns a director, who may import them."""
    department = DepartmentFactory()
    for name in register.WORKERS:
        UserFactory(name=name, roles=[Role.RESIDENT], department=department)
    return UserFactory(roles=[Role.DIRECTOR], username="director")


def imported(path, by, today=TODAY):
    """Imports the file at `path`, which must have no faults."""
    reading = read_workbook(EMPLOYERS, path, by=by)
    assert [str(fault) for fault in reading.faults] == []
    commit(reading, by=by, today=today)


def state_of(upload):
    """Returns the stored state of an Import."""
    return Import.objects.values_list("state", flat=True).get(pk=upload.pk)
