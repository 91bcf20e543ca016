"""Acts on contact persons: saving one, who is the main one, who has left (R41)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.exceptions import ParameterRefused
from relations.models import ContactPerson, Stakeholder
from relations.search import index as search


@transaction.atomic
def save_person(person, *, make_main=False):
    """Saves a contact person; exactly one of those in office is the main one, the first becomes it (R41).

    Raises Refused when somebody has just added the same person.
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
    """Two people in office with one name and title cannot be told apart; the form was checked a moment earlier."""
    twice = any((other.name, other.title) == (person.name, person.title) for other in others)
    if twice and person.left_on is None:
        raise ParameterRefused(_("%s刚刚已经添加过了。") % person.name)
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
    """The person has left; the next one in the list becomes the main one. Done twice, the first day stands."""
    Stakeholder.objects.select_for_update(no_key=True).get(pk=person.stakeholder_id)
    person.refresh_from_db()
    if person.left_on:
        return person
    person.left_on = today
    person.version += 1
    return save_person(person)
