"""Actions on contact persons: saving, choosing the main one, marking as left (R41)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from relations.models import ContactPerson, Stakeholder
from relations.search import index as search


@transaction.atomic
def save_person(person, *, make_main=False):
    """Saves a contact person; keeps exactly one current person as the main one, at first the first person (R41).

    Raises ActionRefused when the same person has just been added.
    """
    Stakeholder.objects.select_for_update(no_key=True).get(pk=person.stakeholder_id)
    in_office = ContactPerson.objects.current().filter(stakeholder=person.stakeholder_id)
    others = list(in_office.exclude(pk=person.pk))
    if person.left_on is None and (make_main or not any(other.is_main for other in others)):
        for other in others:
            unset_main(other)
        person.is_main = True
    else:
        person.is_main = False
    save_unique(person, others)
    if not person.is_main and not any(other.is_main for other in others):
        set_next_main(others[:1])
    search.index([person.stakeholder])
    return person


def save_unique(person, others):
    """Saves `person`. Raises ActionRefused when a current person has the same name and title by now (the form has
    checked this, but without a lock).
    """
    is_duplicate = any((other.name, other.title) == (person.name, person.title) for other in others)
    if is_duplicate and person.left_on is None:
        raise ActionRefused(_("%s刚刚已经添加过了。") % person.name)
    person.save()


def unset_main(person):
    if person.is_main:
        person.is_main = False
        person.version += 1
        person.save(update_fields=["is_main", "version"])


def set_next_main(people):
    for person in people:
        person.is_main = True
        person.version += 1
        person.save(update_fields=["is_main", "version"])


@transaction.atomic
def mark_left(person, *, today):
    """Marks the person as having left; the next one becomes the main one if needed. A second call changes nothing."""
    Stakeholder.objects.select_for_update(no_key=True).get(pk=person.stakeholder_id)
    person.refresh_from_db()
    if person.left_on:
        return person
    person.left_on = today
    person.version += 1
    return save_person(person)
