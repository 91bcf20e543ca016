"""Finding a stakeholder by 1-4 characters of a name, by pinyin, by initials, or by a telephone number.

Each name is cut into pieces once, when it is saved; a search looks the pieces of the query up in an indexed table, and
what pieces alone cannot prove is checked against the whole name. It is the same on SQLite and PostgreSQL, and quick for
one or two characters, where trigrams and LIKE are not.

The pieces of a stakeholder's own name stand as they are, its beginnings after "^", those of its people after "@".
"""

import re

from django.db import transaction
from django.db.models import Exists, OuterRef

from relations import bulk
from relations.models import ContactPerson, SearchName, SearchToken, Stakeholder
from relations.parties.kinds import is_person
from relations.search.pinyin import name_reading, ngrams, normalize_width, pinyin_and_initials
from relations.search.query_parsing import LETTERS, SIGNS, parse_query

OWN, BEGINNING, PERSON = "", "^", "@"
NUMBER = re.compile(r"[A-Za-z]{2}-\d+")


def tokens_of(name, is_person=False):
    """The pieces by which a stakeholder's own `name` is found, and those of its beginning."""
    return name_tokens(name_reading(name, is_person))


def name_tokens(told):
    return inner_tokens(told) | {f"{BEGINNING}{piece}" for piece in prefix_tokens(told)}


def inner_tokens(told):
    """Signs and initials in ones to threes, and pinyin in twos to sixes from the beginning of each syllable on."""
    found = {gram for length in SIGNS for gram in ngrams(told.plain, length)}
    found |= {f"i:{gram}" for length in SIGNS for gram in ngrams(told.initials, length)}
    starts = ("".join(told.parts[place:][: LETTERS[-1]]) for place in range(len(told.parts)))
    return found | {f"p:{start[:length]}" for start in starts for length in LETTERS}


def prefix_tokens(told):
    found = {told.plain[:length] for length in SIGNS} | {f"i:{told.initials[:length]}" for length in SIGNS}
    return found | {f"p:{told.pinyin[:length]}" for length in LETTERS}


def phone_numbers(phone):
    """The telephone numbers in a text, digits only."""
    return re.findall(r"\d{4,}", re.sub(r"[-\s]", "", normalize_width(phone or "")))


def tokens_of_contact(person):
    """The pieces of a contact person's name, the last four digits of each number, and each number whole."""
    return person_tokens(person, name_reading(person.name, is_person=True))


def person_tokens(person, told):
    found = inner_tokens(told) | {f"d:{number[-4:]}" for number in phone_numbers(person.phone)}
    return {f"{PERSON}{piece}" for piece in found}


def index(stakeholders):
    """Writes the pinyin and the pieces of these stakeholders anew; the number of statements does not grow with them."""
    pks = [stakeholder.pk for stakeholder in stakeholders]
    for stakeholder in stakeholders:
        pinyin, initials = pinyin_and_initials(stakeholder.name, is_person(stakeholder.kind))
        stakeholder.pinyin, stakeholder.initials = pinyin[:400], initials[:120]
    with transaction.atomic():
        # Changing the rows first holds back others who index the same ones, until this is done.
        Stakeholder.objects.bulk_update(
            [Stakeholder(pk=s.pk, pinyin=s.pinyin, initials=s.initials) for s in stakeholders],
            ["pinyin", "initials"],
        )
        people = {}
        for person in ContactPerson.objects.current().filter(stakeholder__in=pks):
            people.setdefault(person.stakeholder_id, []).append(person)
        SearchToken.objects.filter(stakeholder__in=pks).delete()
        SearchName.objects.filter(stakeholder__in=pks).delete()
        written = [(stakeholder, people.get(stakeholder.pk, ())) for stakeholder in stakeholders]
        SearchToken.objects.bulk_create(
            SearchToken(stakeholder_id=stakeholder.pk, token=token)
            for stakeholder, contacts in written
            for token in sorted(all_tokens(stakeholder, contacts))
        )
        SearchName.objects.bulk_create(
            name for stakeholder, contacts in written for name in search_names(stakeholder, contacts)
        )


def all_tokens(stakeholder, contacts):
    found = tokens_of(stakeholder.name, is_person(stakeholder.kind))
    return found.union(*map(tokens_of_contact, contacts))


def index_new(stakeholders, people):
    """Writes the pieces of many that have none, in two statements; `people` are the ContactPersons of all of them.

    The pinyin of the stakeholders themselves is the caller's to write.
    """
    own = [(each.pk, name_reading(each.name, is_person(each.kind))) for each in stakeholders]
    write_tokens([(pk, told, name_tokens(told)) for pk, told in own], people)


def reindex_people(stakeholders, people):
    """Writes the pieces of the people of many anew; `people` are all ContactPersons in office of these pks."""
    SearchToken.objects.filter(stakeholder__in=stakeholders, token__startswith=PERSON).delete()
    SearchName.objects.filter(stakeholder__in=stakeholders, person__isnull=False).delete()
    write_tokens([], people)


def write_tokens(own, people):
    """`own` are a pk, the Spelling and the pieces of the stakeholders themselves; their people come behind them."""
    theirs = [(person, name_reading(person.name, is_person=True)) for person in people]
    found = {pk: pieces for pk, _told, pieces in own}
    for person, told in theirs:
        found.setdefault(person.stakeholder_id, set()).update(person_tokens(person, told))
    rows = ((piece, pk) for pk, pieces in found.items() for piece in pieces)
    bulk.copy_rows(SearchToken._meta.db_table, ("token", "stakeholder_id"), rows)
    names = [search_name(pk, told) for pk, told, _pieces in own]
    bulk.insert_without_keys(names + [person_search_name(*each) for each in theirs])


def search_names(stakeholder, contacts=()):
    """The unsaved SearchNames of a stakeholder and its people."""
    yield search_name(stakeholder.pk, name_reading(stakeholder.name, is_person(stakeholder.kind)))
    for person in contacts:
        yield person_search_name(person, name_reading(person.name, is_person=True))


def person_search_name(person, told):
    numbers = "".join(f"{number} " for number in phone_numbers(person.phone))
    return search_name(person.stakeholder_id, told, person=person, numbers=numbers)


def search_name(stakeholder_pk, told, **fields):
    return SearchName(
        stakeholder_id=stakeholder_pk,
        plain=told.plain,
        pinyin=told.syllables,
        initials=told.initials,
        pairs=told.pairs,
        **fields,
    )


def matching(stakeholders, query):
    """Narrows a queryset (already limited to what the person may see) to those found by `query`.

    An empty query leaves the queryset as it is; one without a letter, digit or character finds nothing.
    """
    query = query.strip()
    return filter_by_query(stakeholders, query, OWN, PERSON) if query else stakeholders


def ranked_conditions(query):
    """What `query` asks of the pieces, best first: (rank, place, pieces, check), for relations.search.ranking.

    Rank 0: the name begins with the query, 1: it holds it, 2: one of its people is meant.
    """
    for rank, place in enumerate((BEGINNING, OWN, PERSON)):
        for reading in parse_query(query):
            if place == PERSON or not reading.only_people:
                pieces, check = tokens_and_check(place, reading)
                yield rank, place, tuple(pieces), check


def tokens_and_check(place, reading):
    """The tokens and the check of a reading in one place."""
    if place == BEGINNING:
        return [f"{place}{reading.begins}"], reading.begins_check
    return [f"{place}{piece}" for piece in reading.pieces], reading.check


def names_queryset(place, stakeholder):
    return SearchName.objects.filter(stakeholder=OuterRef(stakeholder), person__isnull=place != PERSON)


def filter_by_query(stakeholders, query, *places):
    """Those found in any of `places` (OWN, BEGINNING, PERSON)."""
    if NUMBER.fullmatch(normalize_width(query)):
        return stakeholders.filter(number=normalize_width(query).upper())
    asked = [matches_in(place, reading) for reading in parse_query(query) for place in places]
    found = [rows for rows in asked if rows is not None]
    proven = [token for token in found if isinstance(token, str)]
    checked = [rows for rows in found if not isinstance(rows, str)]
    if proven:
        checked.insert(0, SearchToken.objects.filter(token__in=proven).values("stakeholder"))
    if not checked:
        return stakeholders.none()
    return stakeholders.filter(pk__in=checked[0].union(*checked[1:], all=True) if checked[1:] else checked[0])


def matches_in(place, reading):
    """What a reading asks of one place: one token that proves it, a queryset, or None when it does not ask there."""
    if reading.only_people and place != PERSON:
        return None
    (first, *others), check = tokens_and_check(place, reading)
    if check is None and not others:
        return first
    rows = SearchToken.objects.filter(token=first)
    for token in others:
        rows = rows.filter(stakeholder__in=SearchToken.objects.filter(token=token).values("stakeholder"))
    return rows.filter(Exists(names_queryset(place, "stakeholder").filter(check))).values("stakeholder")
