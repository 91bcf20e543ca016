"""For every field that points to a colleague, stakeholder or contact person, the handling is declared (R12, R420)."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from accounts.references import TAKE_OVER, Fate
from relations.models import ContactPerson, Stakeholder
from relations.parties.registers import MERGE, PERSONAL_DATA

RECORDS = (Stakeholder, ContactPerson)
REGISTERS = [
    (TAKE_OVER, (get_user_model(),)),
    (MERGE, RECORDS),
    (PERSONAL_DATA, RECORDS),
]


def is_kept_version(model):
    """Whether this is a history table, whose rows are treated like the rows they are versions of."""
    return hasattr(model, "instance_type")


def is_through_table(model):
    """Whether this is the table of a many-to-many field; the field itself is declared."""
    return model._meta.auto_created


def leading_to(targets, models_asked):
    """{"app.Model.field"} of the relations of `models_asked` that point to one of `targets`."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in models_asked
        if not (is_kept_version(model) or is_through_table(model))
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if field.is_relation and field.related_model and issubclass(field.related_model, targets)
    }


@pytest.mark.parametrize(("register", "targets"), REGISTERS, ids=[each.name for each, _targets in REGISTERS])
def test_every_field_is_declared_and_none_that_does_not_exist(register, targets):
    assert leading_to(targets, apps.get_models()) == set(register)


def test_new_fields_are_found():
    """Control: a foreign key, a one-to-one field and a many-to-many field of an undeclared model."""

    class Model(models.Model):
        user = models.ForeignKey(get_user_model(), on_delete=models.CASCADE, related_name="+")
        record = models.OneToOneField(Stakeholder, on_delete=models.CASCADE, related_name="+")
        people = models.ManyToManyField(ContactPerson, related_name="+")
        name = models.CharField(max_length=10)

        class Meta:
            app_label = "tests_of_references"

    try:
        assert leading_to((get_user_model(),), [Model]) == {"tests_of_references.Model.user"}
        assert leading_to(RECORDS, [Model]) == {
            "tests_of_references.Model.record",
            "tests_of_references.Model.people",
        }
    finally:
        del apps.all_models["tests_of_references"]
        apps.clear_cache()


def test_kept_versions_are_tables_of_history_alone():
    assert {model.__name__[:10] for model in apps.get_models() if is_kept_version(model)} == {"Historical"}


@pytest.mark.parametrize("register", [MERGE, PERSONAL_DATA], ids=["merge", "personal data"])
def test_only_what_somebody_leaves_is_asked_for(register):
    assert [name for name, reference in register.items() if reference.hand_over_items] == []


def test_what_is_owed_is_moved_and_anything_else_that_is_moved_says_how():
    silent = [
        name
        for name, reference in TAKE_OVER.items()
        if (reference.fate == Fate.MOVED) != bool(reference.hand_over_items or reference.note)
    ]
    assert silent == []


def test_nothing_is_moved_or_merged_when_a_person_has_to_be_forgotten():
    assert {reference.fate for reference in PERSONAL_DATA.values()} == {Fate.KEPT, Fate.ERASED}
