"""Search for stakeholders by characters of a name, by pinyin, by initials, or by a telephone number.

Each name is split into tokens (SearchToken) once, when it is saved. A search looks up the tokens of the query in an
indexed table; where tokens alone do not prove a match, a condition on the whole name (SearchName) does. This works the
same on SQLite and PostgreSQL, and is fast for one or two characters, for which trigrams and LIKE are slow.

Tokens of the stakeholder's own name have no prefix, those of its start have "^", those of its contact persons "@".
"""

import re

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.roles import is_person
from relations import bulk
from relations.models import ContactPerson, SearchName, SearchToken, Stakeholder
from relations.search.pinyin import name_reading, ngrams, normalize_width, pinyin_and_initials
from relations.search.query_parsing import CHARACTER_TOKEN_LENGTHS, LETTER_TOKEN_LENGTHS, parse_query

OWN, BEGINNING, PERSON = "", "^", "@"
NUMBER = re.compile(r"[A-Za-z]{2}-\d+")


def tokens_of(name, is_person=False):
    """Returns the tokens of a stakeholder's own `name`, anywhere and at its start."""
    return name_tokens(name_reading(name, is_person))


def name_tokens(told):
    return inner_tokens(told) | {f"{BEGINNING}{piece}" for piece in prefix_tokens(told)}


def inner_tokens(told):
    """Returns the tokens of a NameReading: 1-3 characters or initials, 2-6 letters of pinyin from each syllable on."""
    tokens = {gram for length in CHARACTER_TOKEN_LENGTHS for gram in ngrams(told.plain, length)}
    tokens |= {f"i:{gram}" for length in CHARACTER_TOKEN_LENGTHS for gram in ngrams(told.initials, length)}
    starts = ("".join(told.parts[place:][: LETTER_TOKEN_LENGTHS[-1]]) for place in range(len(told.parts)))
    return tokens | {f"p:{start[:length]}" for start in starts for length in LETTER_TOKEN_LENGTHS}


def prefix_tokens(told):
    tokens = {told.plain[:length] for length in CHARACTER_TOKEN_LENGTHS}
    tokens |= {f"i:{told.initials[:length]}" for length in CHARACTER_TOKEN_LENGTHS}
    return tokens | {f"p:{told.pinyin[:length]}" for length in LETTER_TOKEN_LENGTHS}


def searchable_numbers(phone):
    """Returns the telephone numbers in a text, digits only."""
    return re.findall(r"\d{4,}", re.sub(r"[-\s]", "", normalize_width(phone or "")))


def person_tokens(person, told):
    """Returns the tokens of a contact person: those of the name, and the last four digits of each telephone number."""
    tokens = inner_tokens(told) | {f"d:{number[-4:]}" for number in searchable_numbers(person.phone)}
    return {f"{PERSON}{piece}" for piece in tokens}


def index(stakeholders):
    """Rebuilds pinyin and tokens of these stakeholders, in a number of queries that does not depend on theirs."""
    pks = [stakeholder.pk for stakeholder in stakeholders]
    for stakeholder in stakeholders:
        pinyin, initials = pinyin_and_initials(stakeholder.name, is_person(stakeholder.kind))
        stakeholder.pinyin, stakeholder.initials = pinyin[:400], initials[:120]
    with transaction.atomic():
        # Updating the rows first locks them, so that concurrent calls for the same stakeholders wait.
        Stakeholder.objects.bulk_update(
            [Stakeholder(pk=s.pk, pinyin=s.pinyin, initials=s.initials) for s in stakeholders],
            ["pinyin", "initials"],
        )
        SearchToken.objects.filter(stakeholder__in=pks).delete()
        SearchName.objects.filter(stakeholder__in=pks).delete()
        index_new(stakeholders, ContactPerson.objects.current().filter(stakeholder__in=pks))


def index_new(stakeholders, people):
    """Indexes new stakeholders in two queries; `people` are all their ContactPersons.

    The caller has to write the pinyin of the stakeholders themselves.
    """
    own = [(each.pk, name_reading(each.name, is_person(each.kind))) for each in stakeholders]
    write_tokens([(pk, reading, name_tokens(reading)) for pk, reading in own], people)


def reindex_people(stakeholders, people):
    """Rebuilds the tokens of contact persons; `people` are all current ContactPersons of the `stakeholders` (pks)."""
    SearchToken.objects.filter(stakeholder__in=stakeholders, token__startswith=PERSON).delete()
    SearchName.objects.filter(stakeholder__in=stakeholders, person__isnull=False).delete()
    write_tokens([], people)


def write_tokens(own, people):
    """Inserts tokens and names. `own` are (pk, NameReading, tokens) of stakeholders, `people` are ContactPersons."""
    theirs = [(person, name_reading(person.name, is_person=True)) for person in people]
    tokens_by_pk = {pk: tokens for pk, _reading, tokens in own}
    for person, reading in theirs:
        tokens_by_pk.setdefault(person.stakeholder_id, set()).update(person_tokens(person, reading))
    rows = ((token, pk) for pk, tokens in tokens_by_pk.items() for token in tokens)
    bulk.copy_rows(SearchToken._meta.db_table, ("token", "stakeholder_id"), rows)
    names = [search_name(pk, reading) for pk, reading, _tokens in own]
    bulk.insert_without_keys(names + [person_search_name(*each) for each in theirs])


def person_search_name(person, told):
    numbers = "".join(f"{number} " for number in searchable_numbers(person.phone))
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
    """Filters a queryset (already limited to what the user may see) by `query`.

    An empty query returns the queryset unchanged; one without any letter, digit or Chinese character matches nothing.
    """
    query = query.strip()
    return filter_by_query(stakeholders, query, OWN, PERSON) if query else stakeholders


def ranked_conditions(query):
    """Yields the conditions of `query` for relations.search.ranking, best first: (rank, place, tokens, check).

    Rank 0: the name starts with the query; 1: it contains the query; 2: a contact person matches.
    """
    for rank, place in enumerate((BEGINNING, OWN, PERSON)):
        for reading in parse_query(query):
            if place == PERSON or not reading.only_people:
                tokens, check = tokens_and_check(place, reading)
                yield rank, place, tuple(tokens), check


def tokens_and_check(place, reading):
    """Returns the tokens and the check of a QueryReading in one place (OWN, BEGINNING, PERSON)."""
    if place == BEGINNING:
        return [f"{place}{reading.begins}"], reading.begins_check
    return [f"{place}{piece}" for piece in reading.pieces], reading.check


def names_queryset(place, stakeholder):
    return SearchName.objects.filter(stakeholder=OuterRef(stakeholder), person__isnull=place != PERSON)


def filter_by_query(stakeholders, query, *places):
    """Filters stakeholders to those that match in any of `places` (OWN, BEGINNING, PERSON)."""
    if NUMBER.fullmatch(normalize_width(query)):
        return stakeholders.filter(number=normalize_width(query).upper())
    matches = [matches_in(place, reading) for reading in parse_query(query) for place in places]
    possible = [match for match in matches if match is not None]
    proven = [token for token in possible if isinstance(token, str)]
    checked = [rows for rows in possible if not isinstance(rows, str)]
    if proven:
        checked.insert(0, SearchToken.objects.filter(token__in=proven).values("stakeholder"))
    if not checked:
        return stakeholders.none()
    return stakeholders.filter(pk__in=checked[0].union(*checked[1:], all=True) if checked[1:] else checked[0])


def matches_in(place, reading):
    """Returns the matches of a reading in one place: a token that alone proves a match, or a queryset of stakeholder
    pks; None when the reading does not apply there.
    """
    if reading.only_people and place != PERSON:
        return None
    (first, *others), check = tokens_and_check(place, reading)
    if check is None and not others:
        return first
    rows = SearchToken.objects.filter(token=first)
    for token in others:
        rows = rows.filter(stakeholder__in=SearchToken.objects.filter(token=token).values("stakeholder"))
    return rows.filter(Exists(names_queryset(place, "stakeholder").filter(check))).values("stakeholder")
