"""The names of the participants of many contacts, in one query."""

from dataclasses import dataclass, field

from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Concat

from relations.models import OurParticipant, TheirParticipant


@dataclass
class ContactPeople:
    """The names of the participants of one contact."""

    ours: list = field(default_factory=list)
    accompanying: list = field(default_factory=list)
    theirs: list = field(default_factory=list)


def people_of(interactions):
    """Returns {pk: ContactPeople} of these contacts (a list)."""
    pks = [interaction.pk for interaction in interactions]
    people = {pk: ContactPeople() for pk in pks}
    if not pks:
        return people
    for pk, side, name, _place in (
        our_participants(pks).union(their_participants(pks), all=True).order_by("place")
    ):
        getattr(people[pk], side).append(name.strip())
    return people


def our_participants(pks):
    side = Case(
        When(is_accompanying=True, then=Value("accompanying")),
        default=Value("ours"),
        output_field=CharField(),
    )
    rows = OurParticipant.objects.filter(interaction__in=pks).order_by()
    return rows.annotate(side=side, shown=Cast(F("user__name"), CharField()), place=F("pk")).values_list(
        "interaction", "side", "shown", "place"
    )


def their_participants(pks):
    words = Concat("person__name", Value(" "), "person__title", output_field=CharField())
    rows = TheirParticipant.objects.filter(interaction__in=pks).order_by()
    side = Value("theirs", output_field=CharField())
    return rows.annotate(side=side, shown=words, place=F("pk")).values_list(
        "interaction", "side", "shown", "place"
    )
