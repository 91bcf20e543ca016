"""Finding a stakeholder by 1-4 characters of a name, by pinyin, by initials, or by a telephone number.

Each name is cut into pieces once, when it is saved; a search looks the pieces of the query up in an indexed table
and then rechecks. It is the same on SQLite and PostgreSQL, and quick for one or two characters, where trigrams and
LIKE are not. Surnames have their own readings (单 曾 仇 解 ...).
"""

import re

from django.db.models import Q
from pypinyin import Style, lazy_pinyin, load_phrases_dict

from relations.models import ContactPerson, SearchToken, Stakeholder

SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "冼": "xian",
}
HAN = re.compile(r"[一-鿿㐀-䶿]")
LATIN = re.compile(r"[a-z]+")
NOT_WORD = re.compile(r"[\W_]+")
NUMBER = re.compile(r"[A-Za-z]{2}-\d+")

load_phrases_dict({"社工": [["she"], ["gong"]]})


def plain(text):
    """Lower case, without spaces and punctuation, full-width letters made half-width."""
    narrow = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    return NOT_WORD.sub("", narrow).lower()


def syllables(name, is_person=False):
    """The pinyin syllables of a name, letters and digits standing for themselves."""
    found = lazy_pinyin(name, style=Style.NORMAL, errors=lambda rest: list(rest.lower()))
    if is_person and name[:1] in SURNAMES:
        found[0] = SURNAMES[name[0]]
    return found


def spoken(name, is_person=False):
    """(pinyin without spaces, initials) of a name."""
    parts = syllables(plain(name), is_person)
    return "".join(parts), "".join(part[0] for part in parts if part)


def grams(text, length):
    return {text[i : i + length] for i in range(len(text) - length + 1)}


def tokens_of(name, is_person=False):
    """The pieces by which `name` is found: characters, pairs, initials in ones to threes, pinyin in threes."""
    bare = plain(name)
    pinyin, initials = spoken(name, is_person)
    found = set(bare) | grams(bare, 2)
    found |= {f"i:{gram}" for length in (1, 2, 3) for gram in grams(initials, length)}
    found |= {f"p:{gram}" for gram in grams(pinyin, 3)}
    return found


def phone_tokens(phone):
    """The last four digits of each number, and each number whole."""
    numbers = re.findall(r"\d{4,}", re.sub(r"[-\s]", "", phone or ""))
    return {f"d:{number[-4:]}" for number in numbers} | {f"d:{number[:20]}" for number in numbers}


def all_tokens(stakeholder, contacts):
    found = tokens_of(stakeholder.name)
    for person in contacts:
        found |= tokens_of(person.name, is_person=True) | phone_tokens(person.phone)
    return found


def index(stakeholders):
    """Writes the pinyin and the tokens of these stakeholders anew; the number of statements does not grow with them."""
    pks = [stakeholder.pk for stakeholder in stakeholders]
    people = {}
    for person in ContactPerson.objects.current().filter(stakeholder__in=pks):
        people.setdefault(person.stakeholder_id, []).append(person)
    for stakeholder in stakeholders:
        pinyin, initials = spoken(stakeholder.name)
        stakeholder.pinyin, stakeholder.initials = pinyin[:400], initials[:120]
    Stakeholder.objects.bulk_update(
        [Stakeholder(pk=s.pk, pinyin=s.pinyin, initials=s.initials) for s in stakeholders],
        ["pinyin", "initials"],
    )
    SearchToken.objects.filter(stakeholder__in=pks).delete()
    SearchToken.objects.bulk_create(
        SearchToken(stakeholder_id=s.pk, token=token)
        for s in stakeholders
        for token in sorted(all_tokens(s, people.get(s.pk, ())))
    )


def pieces_of(query):
    """The tokens a query asks for: a list of alternatives, each a set that must all be there."""
    bare = plain(query)[:20]
    if not bare:
        return []
    if bare.isdigit() and len(bare) >= 4:
        return [{f"d:{bare}"}, {f"d:{bare[-4:]}"}]
    if LATIN.fullmatch(bare):
        initials = {f"i:{bare}"} if len(bare) <= 3 else {f"i:{gram}" for gram in grams(bare, 3)}
        return [initials, {f"p:{gram}" for gram in grams(bare, 3)}] if len(bare) >= 3 else [initials]
    return [grams(bare, 2) if len(bare) > 1 else {bare}]


def matching(stakeholders, query):
    """Narrows a queryset (already limited to what the person may see) to those found by `query`.

    An empty query gives nothing back that was not asked for: the queryset as it is.
    """
    if NUMBER.fullmatch(query.strip()):
        return stakeholders.filter(number=query.strip().upper())
    alternatives = pieces_of(query)
    if not alternatives:
        return stakeholders
    wanted = Q(pk__in=[])
    for tokens in alternatives:
        every = Q()
        for token in sorted(tokens):
            every &= Q(pk__in=SearchToken.objects.filter(token=token).values("stakeholder"))
        wanted |= every
    return stakeholders.filter(wanted)
