"""An estimate of the strength of a SECRET_KEY. Length is not enough: "password" seven times is long too.

The estimate reads the key from the left and leaves out what could be guessed: words and common passwords, repetitions,
sequences of the alphabet and of the keyboard. The rest is treated as random characters from an alphabet of as many
characters as there are different ones in it.
"""

import gzip
import math
from functools import cache
from itertools import pairwise
from pathlib import Path

import django

MIN_LENGTH = 50  # characters
MIN_BITS = 128
SHORTEST_REPEAT, SHORTEST_WORD, LONGEST_WORD = 3, 4, 16
PLACEHOLDERS = ("development-only", "django-insecure")
ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "qazwsxedcrfvtgb",
    "1qaz2wsx3edc4rfv",
    "!@#$%^&*()",
)
OWN_WORDS = (
    "secret key django lezhi change changeme please this that your here random text long insecure example placeholder "
    "fill value production development site server token replace with must never tell anybody very much correct horse "
    "battery staple lorem ipsum dolor amet characters least fifty only quick brown jumps over lazy"
).split()
HINT = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


def problem_of(key):
    """The sentence that says why `key` is unsafe and how to make a new one; "" when it is safe."""
    if len(key) < MIN_LENGTH or key.startswith(PLACEHOLDERS):
        return f"SECRET_KEY must be a random text of at least {MIN_LENGTH} characters when DEBUG=0. {HINT}"
    if strength(key) < MIN_BITS:
        return f"SECRET_KEY can be guessed: it repeats itself, or is made of words or sequences. {HINT}"
    return ""


def strength(key):
    """The estimated entropy of the key in bits; rather too low than too high."""
    left, place = [], 0
    while place < len(key):
        step = guessable_length(key, place)
        if not step:
            left.append(key[place])
        place += step or 1
    return len(left) * math.log2(max(1, len(set(left)))) if left else 0


def guessable_length(key, place):
    """The number of characters from `place` on that could be guessed."""
    return max(repeated(key, place), sequence(key, place), word(key.lower(), place))


def repeated(key, place):
    """The length of the longest part from `place` that occurs earlier; a run of one character counts as repetition."""
    length = 0
    while place + length < len(key) and key[place : place + length + 1] in key[: place + length]:
        length += 1
    return length if length >= SHORTEST_REPEAT else 0


def sequence(key, place):
    """The length of the longest sequence such as abcdef, 987654 or a row of the keyboard, in either direction."""
    by_code = alphabetic(key, place)
    rows = (row for each in ROWS for row in (each, each[::-1]))
    on_keys = max(common_start(key.lower()[place:], row) for row in rows)
    return max(by_code if by_code >= SHORTEST_WORD else 0, on_keys if on_keys >= SHORTEST_WORD else 0)


def alphabetic(key, place):
    """The number of characters in alphabetical order, ascending or descending, single or doubled (aabbcc)."""
    codes = [ord(sign) for sign in key[place:]]
    steps = [later - earlier for earlier, later in pairwise(codes)]
    ways = ({0, 1}, {0, -1})
    return 1 + max(next((n for n, step in enumerate(steps) if step not in way), len(steps)) for way in ways)


def common_start(text, row):
    """The number of characters at the start of `text` that occur in this order anywhere in `row`."""
    begin = row.find(text[:1])
    if begin < 0:
        return 0
    pairs = zip(text, row[begin:], strict=False)
    return next((count for count, (one, other) in enumerate(pairs) if one != other), len(row) - begin)


def word(key, place):
    """The length of the longest known word from `place`, or 0."""
    lengths = range(LONGEST_WORD, SHORTEST_WORD - 1, -1)
    return next((length for length in lengths if key[place : place + length] in words()), 0)


@cache
def words():
    """A set of Django's 20,000 common passwords and of words that are common in placeholder keys."""
    file = Path(django.__file__).parent / "contrib" / "auth" / "common-passwords.txt.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        common = {line.strip() for line in lines}
    return {each for each in common | set(OWN_WORDS) if len(each) >= SHORTEST_WORD}
