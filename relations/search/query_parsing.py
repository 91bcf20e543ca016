"""Interpretations of a search query: as characters, initials, pinyin, a mixture, or a telephone number."""

from dataclasses import dataclass

from django.db.models import Q

from relations.search.pinyin import (
    LATIN,
    MAX_NAME_LENGTH,
    MIN_PINYIN_LENGTH,
    ngrams,
    non_letter_runs,
    normalize_name,
    pairs_pattern,
    pinyin_and_initials,
    syllables_pattern,
)

CHARACTER_TOKEN_LENGTHS = (1, 2, 3)
LETTER_TOKEN_LENGTHS = (2, 3, 4, 5, 6)  # of pinyin
MAX_TOKENS = 3  # looked up together; more would hardly reduce the matches


@dataclass(frozen=True)
class QueryReading:
    """One interpretation of a query.

    `pieces` are tokens that must all exist, `check` is a condition on the SearchName (None: the tokens suffice).
    `begins` (one token) and `begins_check` are the same for names that start with the query.
    """

    pieces: tuple
    check: Q | None
    begins: str = ""
    begins_check: Q | None = None
    only_people: bool = False


def parse_query(query):
    """Returns the QueryReadings of a query; [] when it has no letter, digit or Chinese character."""
    bare = normalize_name(query)
    if not bare or len(bare) > MAX_NAME_LENGTH:
        return []
    if LATIN.fullmatch(bare):
        return list(read_letters(bare))
    found = [read_as_mixed(bare) if LATIN.search(bare) else read_as_characters(bare)]
    return [*found, read_as_number(bare)] if bare.isascii() and bare.isdigit() and len(bare) >= 4 else found


def read_as_characters(bare):
    """Reads the query as characters of the name."""
    most = CHARACTER_TOKEN_LENGTHS[-1]
    if len(bare) <= most:
        return QueryReading((bare,), None, bare, None)
    return QueryReading(
        sample_tokens(ngrams(bare, most)), Q(plain__contains=bare), bare[:most], Q(plain__startswith=bare)
    )


def read_letters(bare):
    """Reads letters as initials, and from two letters on also as pinyin."""
    yield read_as_initials(bare)
    if len(bare) >= MIN_PINYIN_LENGTH:
        yield read_as_pinyin(bare)


def read_as_initials(bare):
    most = CHARACTER_TOKEN_LENGTHS[-1]
    if len(bare) <= most:
        return QueryReading((f"i:{bare}",), None, f"i:{bare}", None)
    return QueryReading(
        sample_tokens({f"i:{gram}" for gram in ngrams(bare, most)}),
        Q(initials__contains=bare),
        f"i:{bare[:most]}",
        Q(initials__startswith=bare),
    )


def read_as_pinyin(bare):
    piece = f"p:{bare[: LETTER_TOKEN_LENGTHS[-1]]}"
    if len(bare) <= LETTER_TOKEN_LENGTHS[-1]:
        return QueryReading((piece,), None, piece, None)
    pattern = syllables_pattern(bare)
    return QueryReading((piece,), Q(pinyin__regex=pattern), piece, Q(pinyin__regex=f"^{pattern}"))


def read_as_mixed(bare):
    """Reads letters among characters as initials (青l), as pinyin (青lan), or as letters of the name."""
    runs, most = non_letter_runs(bare), CHARACTER_TOKEN_LENGTHS[-1]
    pieces = sample_tokens({piece for run in runs for piece in (ngrams(run, most) or {run})})
    pattern, pinyin = pairs_pattern(bare), syllables_pattern(pinyin_and_initials(bare)[0])
    contains_runs = Q()
    for run in runs:
        contains_runs &= Q(plain__contains=run)
    return QueryReading(
        pieces,
        Q(plain__contains=bare) | Q(pairs__regex=pattern) | (contains_runs & Q(pinyin__regex=pinyin)),
        f"i:{bare[0]}" if LATIN.match(bare) else runs[0][:most],
        Q(plain__startswith=bare)
        | Q(pairs__regex=f"^{pattern}")
        | (contains_runs & Q(pinyin__regex=f"^{pinyin}")),
    )


def read_as_number(bare):
    """Reads digits as the last four or more digits of a telephone number."""
    check = Q(numbers__contains=f"{bare} ") if len(bare) > 4 else None
    return QueryReading((f"d:{bare[-4:]}",), check, only_people=True)


def sample_tokens(pieces):
    """Returns at most MAX_TOKENS of the tokens, evenly spread over the sorted list."""
    ordered = sorted(pieces)
    return tuple(ordered[:: max(1, len(ordered) // MAX_TOKENS)][:MAX_TOKENS])
