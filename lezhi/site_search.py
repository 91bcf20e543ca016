"""Searching the whole site: who is found, best first and by kind, with the people that were meant; and complaints."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from complaints.lists.filters import with_words
from complaints.models import Complaint
from relations.models import ContactPerson, Kind, Stakeholder
from relations.parties import record_urls
from relations.search.index import PEOPLE, numbers_in
from relations.search.pinyin import place, plain
from relations.search.ranking import first_found

COLUMNS = ("pk", "kind", "name", "number", "closed_on", "responsible__name", "department__name")


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
        return record_urls.record(self)


@dataclass(frozen=True)
class Person:
    """A contact person as the results show it; the number only when it was asked for."""

    name: str
    title: str
    phone: str


@dataclass
class Group:
    """What was found of one kind; `more` when there is more than is shown."""

    kind: str
    rows: list
    more: bool = False

    @property
    def label(self):
        return Kind(self.kind).label


COMPLAINT = "complaint"


@dataclass(frozen=True)
class FoundComplaint:
    """A complaint on whose list the asker stands, by its number and what it is about; no name."""

    number: str
    marked: str
    closed_on: object = None
    responsible: str = ""
    department: str = ""
    people: tuple = ()

    @property
    def href(self):
        return reverse("complaints:case", args=[self.number])


@dataclass
class ComplaintGroup:
    """What was found among the complaints."""

    rows: list
    more: bool = False
    kind: str = COMPLAINT

    @property
    def label(self):
        return _("意见／投诉")


def complaints(user, query, most):
    """The groups (one or none) of complaints within the sight of `user` with the words of `query`; one statement."""
    if not query.split():
        return []
    found = with_words(Complaint.objects.visible_to(user), query).order_by("-received_on", "-pk")
    rows = list(found.values_list("number", "title")[: most + 1])
    shown = [FoundComplaint(number, marked(title, query)) for number, title in rows[:most]]
    return [ComplaintGroup(shown, len(rows) > most)] if shown else []


def search(user, query, kinds, most):
    """Groups of what is found within the sight of `user`, from three statements.

    `kinds` are tuples of kinds that share the room of `most` rows; each kind is a group of its own.
    """
    found = ranked(user, query, kinds, most)
    groups = [group for together in kinds for group in grouped(together, found, most)]
    rows = [row for group in groups for row in group.rows]
    for row in rows:
        row.marked = marked(row.name, query, row.kind in PEOPLE)
    add_people(user, rows, query)
    return groups


def ranked(user, query, kinds, most):
    """What was found, best first, each row once; two statements."""
    ranks = {pk: rank for found in first_found(user, query, kinds, most + 1) for pk, rank in found.items()}
    rows = Stakeholder.objects.visible_to(user).filter(pk__in=ranks).values_list(*COLUMNS) if ranks else ()
    return sorted((Found(*row) for row in rows), key=lambda found: (ranks[found.pk], found.pk))


def grouped(together, found, most):
    """The groups of kinds that share the room of `most` rows."""
    rows = [row for row in found if row.kind in together]
    by_kind = {kind: [row for row in rows[:most] if row.kind == kind] for kind in together}
    return [Group(kind, rows_of, len(rows) > most) for kind, rows_of in by_kind.items() if rows_of]


def add_people(user, rows, query):
    """Puts the contact persons that `query` means under their units, in one statement."""
    by_pk = {row.pk: row for row in rows if row.kind not in PEOPLE}
    if not by_pk:
        return
    for person in ContactPerson.objects.visible_to(user).current().filter(stakeholder__in=by_pk):
        number = number_asked(person, query)
        if number or place(person.name, query, is_person=True):
            named = marked(person.name, query, is_person=True)
            by_pk[person.stakeholder_id].people.append(Person(named, person.title, number))


def number_asked(person, query):
    """The telephone number of `person` that ends with the query, or empty."""
    bare = plain(query)
    if not (len(bare) >= 4 and bare.isascii() and bare.isdigit()):
        return ""
    return next((number for number in numbers_in(person.phone) if number.endswith(bare)), "")


def marked(name, query, is_person=False):
    """The name with what was asked for in <mark>."""
    span = place(name, query, is_person)
    if not span:
        return name
    first, end = span
    return format_html("{}<mark>{}</mark>{}", name[:first], name[first:end], name[end:])
