"""Stakeholders in the site-wide search: best match first, by kind, with the matching contact persons."""

from dataclasses import dataclass, field

from django.utils.http import urlencode

from accounts.roles import is_person
from relations.models import ContactPerson, Kind, Stakeholder
from relations.parties import record_urls
from relations.parties.kinds import KINDS, label_of
from relations.search.index import searchable_numbers
from relations.search.pinyin import find_match, normalize_name
from relations.search.ranking import search_ranked
from relations.search.sources import ResultGroup, SearchSource, highlighted

COLUMNS = ("pk", "kind", "name", "number", "closed_on", "responsible__name", "department__name")
# Kinds that share one limit of rows when all kinds are searched; any other kind has its own limit.
KIND_GROUPS = ((Kind.EMPLOYER,), (Kind.CLIENT,), (Kind.PARTNER, Kind.STAFF))


@dataclass
class StakeholderResult:
    """A matching stakeholder; `people` are its contact persons that match the query."""

    pk: int
    kind: str
    name: str
    number: str
    closed_on: object
    responsible: str
    department: str
    highlighted_name: str = ""
    people: list = field(default_factory=list)

    @property
    def href(self):
        return record_urls.record_url(self)


@dataclass(frozen=True)
class PersonResult:
    """A contact person in the results; `phone` is set only when the query matches a telephone number."""

    name: str
    title: str
    phone: str


class Records(SearchSource):
    """The stakeholders of all kinds."""

    def kinds(self):
        return tuple(dict.fromkeys([*Kind.values, *KINDS]))

    def search(self, user, query, kind, most):
        """Returns the groups, in three queries."""
        kinds = ((kind,),) if kind else self.all_kinds()
        results = ranked_results(user, query, kinds, most)
        groups = [group for together in kinds for group in group_results(together, results, most)]
        rows = [row for group in groups for row in group.rows]
        for row in rows:
            row.highlighted_name = highlighted(row.name, query, is_person(row.kind))
        add_people(user, rows, query)
        return groups

    def all_kinds(self):
        """Returns tuples of kinds that share one limit of rows."""
        known = {kind for together in KIND_GROUPS for kind in together}
        return (*KIND_GROUPS, *((kind,) for kind in KINDS if kind not in known))

    def all_results_url(self, kind, query):
        url = record_urls.list_url(kind)
        return f"{url}?{urlencode({'q': query})}" if url else ""


def ranked_results(user, query, kinds, most):
    """Returns the matches as a list of StakeholderResult, best first and without duplicates; two queries."""
    ranks = {pk: rank for found in search_ranked(user, query, kinds, most + 1) for pk, rank in found.items()}
    rows = Stakeholder.objects.visible_to(user).filter(pk__in=ranks).values_list(*COLUMNS) if ranks else ()
    return sorted((StakeholderResult(*row) for row in rows), key=lambda found: (ranks[found.pk], found.pk))


def group_results(together, found, most):
    """Returns the Groups of the kinds `together`, which share the limit of `most` rows."""
    rows = [row for row in found if row.kind in together]
    by_kind = {kind: [row for row in rows[:most] if row.kind == kind] for kind in together}
    return [
        ResultGroup(kind, label_of(kind), rows_of, len(rows) > most)
        for kind, rows_of in by_kind.items()
        if rows_of
    ]


def add_people(user, rows, query):
    """Adds the contact persons that match `query` to their stakeholders in `rows`, in one query."""
    by_pk = {row.pk: row for row in rows if not is_person(row.kind)}
    if not by_pk:
        return
    for person in ContactPerson.objects.visible_to(user).current().filter(stakeholder__in=by_pk):
        number = matching_phone(person, query)
        if number or find_match(person.name, query, is_person=True):
            name = highlighted(person.name, query, is_person=True)
            by_pk[person.stakeholder_id].people.append(PersonResult(name, person.title, number))


def matching_phone(person, query):
    """Returns the telephone number of `person` that ends with the query, or ""."""
    bare = normalize_name(query)
    if not (len(bare) >= 4 and bare.isascii() and bare.isdigit()):
        return ""
    return next((number for number in searchable_numbers(person.phone) if number.endswith(bare)), "")
