"""Fields that are submitted although the form does not have them: no guarded column changes."""

import pytest
from django.db import models

from accounts.roles import Role
from tests.attack.answers import asking, undone
from tests.attack.filling import cut, filled
from tests.attack.test_payloads import shown, writer_of
from tests.attack.world import OWN

pytestmark = pytest.mark.django_db
EDITED = (
    "accounts:edit department_edit employers:caution employers:contract_edit employers:edit employers:person_edit "
    "interactions:correct me relations:assessment relations:contact relations:edit_meeting relations:evaluation "
    "relations:prepare_meeting"
).split()
# Columns for actor, owner and status; they are set only by actions of their own.
GUARDED = (
    "assessed_by_id by_id caution closed_on confirmed_email created_by_id decided_by_id decided_on decision_note "
    "ended_on "
    "entered_by_id interaction_id is_active is_confidential is_main key kind left_on must_change_password number "
    "opened_on owner_id password proposed_by_id responsible_id session_epoch sha256 stage stakeholder_id state "
    "tier_mask token "
    "uploaded_by_id username void_reason voided_at voided_by_id withdraw_reason withdrawn_at withdrawn_by_id"
).split()

FITTING = {"email": "a@example.com", "phone": "0769-80001234", "starter": ""}  # they need a valid value


def rows_of(world):
    """Returns every row of the family `own`, the accounts that write, and the department."""
    people = [world.people[role] for role in (Role.DIRECTOR, Role.ADMINISTRATOR)]
    return [*world.families[OWN].rows.values(), *people, world.near]


def guarded(world):
    """Returns {(model, pk, column): value} of the columns that no form may write."""
    found = {}
    for row in rows_of(world):
        stored = type(row)._base_manager.get(pk=row.pk)
        for field in stored._meta.concrete_fields:
            if field.attname in GUARDED:
                found[type(row).__name__, row.pk, field.attname] = getattr(stored, field.attname)
    return found


def extra(world):
    """Returns {field name: value} for every column of every row, named as a form would name it."""
    values = {}
    for row in rows_of(world):
        for field in row._meta.concrete_fields:
            for name in (field.name, field.attname):
                values[name] = value_for(field, world)
    return values


def value_for(field, world):
    """Returns a value that this column would accept."""
    if isinstance(field, models.ForeignKey):
        return str(world.worker.pk)
    kinds = {
        models.BooleanField: "on",
        models.DateField: "2020-01-01",
        models.DateTimeField: "2020-01-01 00:00",
    }
    return kinds.get(type(field), "7" if isinstance(field, models.IntegerField) else "偷改")


def send(world, name, more):
    """Submits a form with plausible values and `more`; returns the response and the names of its fields."""
    url, forms = shown(world, name)
    plain = {field: value for form in forms for field, value in cut(form, filled(form, "文字")).items()}
    plain |= {field: value for field, value in FITTING.items() if field in plain}
    plain.setdefault("version", world.families[OWN].rows["meeting"].version)
    plain |= {"mate": [world.colleague.username], "mate_role": ["with"]}
    names = {bound.html_name.rpartition("-")[2] for form in forms for bound in form}
    return asking(world.sessions[writer_of(name)]).post(url, more | plain), names


@pytest.mark.parametrize("name", EDITED)
def test_extra_form_fields_are_not_saved(world, name):
    with undone():
        shown(world, name)
        before = guarded(world)
        answer, names = send(world, name, extra(world))
        after = guarded(world)
    assert answer.status_code == 302
    names |= {f"{field}_id" for field in names}
    changed = {key for key in before if before[key] != after[key] and key[2] not in names}
    assert changed == set()


def test_guarded_column_that_is_written_is_noticed(world):
    """Control: the guarded columns are read, and a change of one is detected."""
    before = guarded(world)
    assert {column for _model, _pk, column in before} > {"responsible_id", "caution", "stage", "password"}
    type(world.families[OWN].rows["task"]).objects.update(owner=world.worker)
    assert [key[2] for key, value in guarded(world).items() if before[key] != value] == ["owner_id"]
