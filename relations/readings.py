"""The ways in which a few typed signs may be meant: as written, as initials, as pinyin, mixed, or as a number."""

from dataclasses import dataclass

from django.db.models import Q

from relations.spelling import (
    LATIN,
    LONGEST,
    SHORTEST_PART,
    grams,
    literals,
    pairs_pattern,
    plain,
    spoken,
)

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
    if len(bare) <= 2:
        return Reading((bare,), None, bare, None)
    return Reading(some(grams(bare, 2)), Q(plain__contains=bare), bare[:2], Q(plain__startswith=bare))


def spoken_readings(bare):
    """Letters: initials, or pinyin from two letters on (two only as a whole syllable)."""
    yield as_letters("i", "initials", bare, whole_up_to=3)
    if len(bare) >= 2:
        yield as_letters("p", "pinyin", bare, whole_up_to=SHORTEST_PART)


def as_letters(mark, column, bare, whole_up_to):
    if len(bare) <= whole_up_to:
        return Reading((f"{mark}:{bare}",), None, f"{mark}:{bare}", None)
    return Reading(
        some({f"{mark}:{gram}" for gram in grams(bare, 3)}),
        Q(**{f"{column}__contains": bare}),
        f"{mark}:{bare[:3]}",
        Q(**{f"{column}__startswith": bare}),
    )


def as_mixed(bare):
    """Letters among other signs: initials of the signs that follow (青l), pinyin (青lan), or part of the name."""
    runs = literals(bare)
    pieces = some({piece for run in runs for piece in (grams(run, 2) if len(run) > 1 else {run})})
    pattern, (pinyin, _initials) = pairs_pattern(bare), spoken(bare)
    held = Q()
    for run in runs:
        held &= Q(plain__contains=run)
    return Reading(
        pieces,
        Q(plain__contains=bare) | Q(pairs__regex=pattern) | (held & Q(pinyin__contains=pinyin)),
        f"i:{bare[0]}" if LATIN.match(bare) else bare[0],
        Q(plain__startswith=bare) | Q(pairs__regex=f"^{pattern}") | (held & Q(pinyin__startswith=pinyin)),
    )


def as_number(bare):
    """The last four or more digits of a telephone number."""
    check = Q(numbers__contains=f"{bare} ") if len(bare) > 4 else None
    return Reading((f"d:{bare[-4:]}",), check, only_people=True)


def some(pieces):
    """A few of the pieces, spread over them all."""
    ordered = sorted(pieces)
    return tuple(ordered[:: max(1, len(ordered) // PIECES)][:PIECES])
