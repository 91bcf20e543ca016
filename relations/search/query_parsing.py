"""The ways in which a few typed signs may be meant: as written, as initials, as pinyin, mixed, or as a number."""

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

SIGNS, LETTERS = (1, 2, 3), (2, 3, 4, 5, 6)  # how long the pieces of signs and of pinyin are
MAX_TOKENS = 3  # looked up together; more would not narrow it down further


@dataclass(frozen=True)
class QueryReading:
    """One way to understand a query: pieces that must all be there, and what the name must hold (None: they prove it).

    `begins` and `begins_check` are the same for names that begin with the query.
    """

    pieces: tuple
    check: Q | None
    begins: str = ""
    begins_check: Q | None = None
    only_people: bool = False


def parse_query(query):
    """The ways to understand a query; none when it holds nothing to look for."""
    bare = normalize_name(query)
    if not bare or len(bare) > MAX_NAME_LENGTH:
        return []
    if LATIN.fullmatch(bare):
        return list(read_letters(bare))
    found = [read_as_mixed(bare) if LATIN.search(bare) else read_as_characters(bare)]
    return [*found, read_as_number(bare)] if bare.isascii() and bare.isdigit() and len(bare) >= 4 else found


def read_as_characters(bare):
    """Signs as they stand in the name."""
    most = SIGNS[-1]
    if len(bare) <= most:
        return QueryReading((bare,), None, bare, None)
    return QueryReading(
        sample_tokens(ngrams(bare, most)), Q(plain__contains=bare), bare[:most], Q(plain__startswith=bare)
    )


def read_letters(bare):
    """Letters: initials, and pinyin from two letters on."""
    yield read_as_initials(bare)
    if len(bare) >= MIN_PINYIN_LENGTH:
        yield read_as_pinyin(bare)


def read_as_initials(bare):
    most = SIGNS[-1]
    if len(bare) <= most:
        return QueryReading((f"i:{bare}",), None, f"i:{bare}", None)
    return QueryReading(
        sample_tokens({f"i:{gram}" for gram in ngrams(bare, most)}),
        Q(initials__contains=bare),
        f"i:{bare[:most]}",
        Q(initials__startswith=bare),
    )


def read_as_pinyin(bare):
    piece = f"p:{bare[: LETTERS[-1]]}"
    if len(bare) <= LETTERS[-1]:
        return QueryReading((piece,), None, piece, None)
    pattern = syllables_pattern(bare)
    return QueryReading((piece,), Q(pinyin__regex=pattern), piece, Q(pinyin__regex=f"^{pattern}"))


def read_as_mixed(bare):
    """Letters among other signs: initials of the signs that follow (青l), pinyin (青lan), or part of the name."""
    runs, most = non_letter_runs(bare), SIGNS[-1]
    pieces = sample_tokens({piece for run in runs for piece in (ngrams(run, most) or {run})})
    pattern, pinyin = pairs_pattern(bare), syllables_pattern(pinyin_and_initials(bare)[0])
    held = Q()
    for run in runs:
        held &= Q(plain__contains=run)
    return QueryReading(
        pieces,
        Q(plain__contains=bare) | Q(pairs__regex=pattern) | (held & Q(pinyin__regex=pinyin)),
        f"i:{bare[0]}" if LATIN.match(bare) else runs[0][:most],
        Q(plain__startswith=bare) | Q(pairs__regex=f"^{pattern}") | (held & Q(pinyin__regex=f"^{pinyin}")),
    )


def read_as_number(bare):
    """The last four or more digits of a telephone number."""
    check = Q(numbers__contains=f"{bare} ") if len(bare) > 4 else None
    return QueryReading((f"d:{bare[-4:]}",), check, only_people=True)


def sample_tokens(pieces):
    """A few of the pieces, spread over them all."""
    ordered = sorted(pieces)
    return tuple(ordered[:: max(1, len(ordered) // MAX_TOKENS)][:MAX_TOKENS])
