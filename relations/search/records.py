"""Records in the search of the whole site: best first and by kind, with the people that were meant."""

from dataclasses import dataclass, field

from django.utils.http import urlencode

from relations.models import ContactPerson, Kind, Stakeholder
from relations.parties import record_urls
from relations.parties.kinds import KINDS, is_person, label_of
from relations.search.index import phone_numbers
from relations.search.pinyin import find_match, normalize_name
from relations.search.ranking import search_ranked
from relations.search.sources import Group, Source, marked

COLUMNS = ("pk", "kind", "name", "number", "closed_on", "responsible__name", "department__name")
# Kinds that share the room of one group when all are asked for; any other kind has a room of its own.
TOGETHER = ((Kind.EMPLOYER,), (Kind.CLIENT,), (Kind.PARTNER, Kind.STAFF))


@dataclass
class Found:
    """One stakeholder that was found; `people` are those of its contact persons that the query means."""

    pk: int
    kind: str
    name: str
    number: str
    closed_on: object
    responsible: str
    department: str
    marked: str = ""
    people: list = field(default_factory=list)

    @property
    def href(self):
        return record_urls.record_url(self)


@dataclass(frozen=True)
class Person:
    """A contact person as the results show it; the number only when it was asked for."""

    name: str
    title: str
    phone: str


class Records(Source):
    """Stakeholders of every kind."""

    def kinds(self):
        return tuple(dict.fromkeys([*Kind.values, *KINDS]))

    def search(self, user, query, kind, most):
        """From three statements."""
        kinds = ((kind,),) if kind else self.all_kinds()
        found = ranked(user, query, kinds, most)
        groups = [group for together in kinds for group in grouped(together, found, most)]
        rows = [row for group in groups for row in group.rows]
        for row in rows:
            row.marked = marked(row.name, query, is_person(row.kind))
        add_people(user, rows, query)
        return groups

    def all_kinds(self):
        """Tuples of kinds, each of which shares the room of one group."""
        known = {kind for together in TOGETHER for kind in together}
        return (*TOGETHER, *((kind,) for kind in KINDS if kind not in known))

    def page_of_all(self, kind, query):
        found = record_urls.list_url(kind)
        return f"{found}?{urlencode({'q': query})}" if found else ""


def ranked(user, query, kinds, most):
    """What was found, best first, each row once; two statements."""
    ranks = {pk: rank for found in search_ranked(user, query, kinds, most + 1) for pk, rank in found.items()}
    rows = Stakeholder.objects.visible_to(user).filter(pk__in=ranks).values_list(*COLUMNS) if ranks else ()
    return sorted((Found(*row) for row in rows), key=lambda found: (ranks[found.pk], found.pk))


def grouped(together, found, most):
    """The groups of kinds that share the room of `most` rows."""
    rows = [row for row in found if row.kind in together]
    by_kind = {kind: [row for row in rows[:most] if row.kind == kind] for kind in together}
    return [
        Group(kind, label_of(kind), rows_of, len(rows) > most) for kind, rows_of in by_kind.items() if rows_of
    ]


def add_people(user, rows, query):
    """Puts the contact persons that `query` means under their units, in one statement."""
    by_pk = {row.pk: row for row in rows if not is_person(row.kind)}
    if not by_pk:
        return
    for person in ContactPerson.objects.visible_to(user).current().filter(stakeholder__in=by_pk):
        number = number_asked(person, query)
        if number or find_match(person.name, query, is_person=True):
            named = marked(person.name, query, is_person=True)
            by_pk[person.stakeholder_id].people.append(Person(named, person.title, number))


def number_asked(person, query):
    """The telephone number of `person` that ends with the query, or empty."""
    bare = normalize_name(query)
    if not (len(bare) >= 4 and bare.isascii() and bare.isdigit()):
        return ""
    return next((number for number in phone_numbers(person.phone) if number.endswith(bare)), "")
