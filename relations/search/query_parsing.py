"""The ways in which a few typed signs may be meant: as written, as initials, as pinyin, mixed, or as a number."""

from dataclasses import dataclass

from django.db.models import Q

from relations.search.pinyin import (
    LATIN,
    LONGEST,
    SHORTEST_PINYIN,
    grams,
    literals,
    pairs_pattern,
    plain,
    spoken,
    syllables_pattern,
)

SIGNS, LETTERS = (1, 2, 3), (2, 3, 4, 5, 6)  # how long the pieces of signs and of pinyin are
PIECES = 3  # looked up together; more would not narrow it down further


@dataclass(frozen=True)
class Reading:
    """One way to understand a query: pieces that must all be there, and what the name must hold (None: they prove it).

    `begins` and `begins_check` are the same for names that begin with the query.
    """

    pieces: tuple
    check: Q | None
    begins: str = ""
    begins_check: Q | None = None
    only_people: bool = False


def readings_of(query):
    """The ways to understand a query; none when it holds nothing to look for."""
    bare = plain(query)
    if not bare or len(bare) > LONGEST:
        return []
    if LATIN.fullmatch(bare):
        return list(spoken_readings(bare))
    found = [as_mixed(bare) if LATIN.search(bare) else as_written(bare)]
    return [*found, as_number(bare)] if bare.isascii() and bare.isdigit() and len(bare) >= 4 else found


def as_written(bare):
    """Signs as they stand in the name."""
    most = SIGNS[-1]
    if len(bare) <= most:
        return Reading((bare,), None, bare, None)
    return Reading(some(grams(bare, most)), Q(plain__contains=bare), bare[:most], Q(plain__startswith=bare))


def spoken_readings(bare):
    """Letters: initials, and pinyin from two letters on."""
    yield as_initials(bare)
    if len(bare) >= SHORTEST_PINYIN:
        yield as_pinyin(bare)


def as_initials(bare):
    most = SIGNS[-1]
    if len(bare) <= most:
        return Reading((f"i:{bare}",), None, f"i:{bare}", None)
    return Reading(
        some({f"i:{gram}" for gram in grams(bare, most)}),
        Q(initials__contains=bare),
        f"i:{bare[:most]}",
        Q(initials__startswith=bare),
    )


def as_pinyin(bare):
    piece = f"p:{bare[: LETTERS[-1]]}"
    if len(bare) <= LETTERS[-1]:
        return Reading((piece,), None, piece, None)
    pattern = syllables_pattern(bare)
    return Reading((piece,), Q(pinyin__regex=pattern), piece, Q(pinyin__regex=f"^{pattern}"))


def as_mixed(bare):
    """Letters among other signs: initials of the signs that follow (青l), pinyin (青lan), or part of the name."""
    runs, most = literals(bare), SIGNS[-1]
    pieces = some({piece for run in runs for piece in (grams(run, most) or {run})})
    pattern, pinyin = pairs_pattern(bare), syllables_pattern(spoken(bare)[0])
    held = Q()
    for run in runs:
        held &= Q(plain__contains=run)
    return Reading(
        pieces,
        Q(plain__contains=bare) | Q(pairs__regex=pattern) | (held & Q(pinyin__regex=pinyin)),
        f"i:{bare[0]}" if LATIN.match(bare) else runs[0][:most],
        Q(plain__startswith=bare) | Q(pairs__regex=f"^{pattern}") | (held & Q(pinyin__regex=f"^{pinyin}")),
    )


def as_number(bare):
    """The last four or more digits of a telephone number."""
    check = Q(numbers__contains=f"{bare} ") if len(bare) > 4 else None
    return Reading((f"d:{bare[-4:]}",), check, only_people=True)


def some(pieces):
    """A few of the pieces, spread over them all."""
    ordered = sorted(pieces)
    return tuple(ordered[:: max(1, len(ordered) // PIECES)][:PIECES])
