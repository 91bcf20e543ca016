"""Readings of a name: normalized characters, pinyin, initials; and the position of a query in a name.

Surnames have special readings (单 曾 仇 解 查 区), only as the first characters of a person's name.
"""

import re
import unicodedata
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin, load_phrases_dict

SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "冼": "xian",
    "盖": "ge",
    "员": "yun",
    "宓": "mi",
    "缪": "miao",
    "翟": "zhai",
    "阚": "kan",
    "华": "hua",
    "任": "ren",
    "葛": "ge",
    "召": "shao",
    "折": "she",
    "种": "chong",
    "逄": "pang",
    "乜": "nie",
    "黑": "he",
    "秘": "bi",
    "尉迟": "yu chi",
    "万俟": "mo qi",
    "长孙": "zhang sun",
    "单于": "chan yu",
    "澹台": "tan tai",
}
LATIN = re.compile(r"[a-z]+")
RUNS = re.compile(r"[a-z]+|[^a-z]+")
NON_WORD = re.compile(r"[\W_]+")
MAX_NAME_LENGTH = 120  # characters
MIN_PINYIN_LENGTH = 2  # letters; a single letter is an initial

load_phrases_dict({"社工": [["she"], ["gong"]]})


def normalize_width(text):
    """Replaces full-width and other compatibility characters by their usual form."""
    return unicodedata.normalize("NFKC", text)


def normalize_name(text):
    """Returns a name in lower case, without spaces and punctuation, with half-width letters, and v for ü as typed."""
    return NON_WORD.sub("", normalize_width(text)).lower().replace("ü", "v")


def name_syllables(name, is_person=False):
    """Returns one syllable per character of a normalized name; letters and digits stay as they are."""
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=list)
    if is_person:
        surname = SURNAMES.get(name[:2]) or SURNAMES.get(name[:1])
        syllables[: len(surname.split()) if surname else 0] = surname.split() if surname else []
    return syllables


def pinyin_and_initials(name, is_person=False):
    """Returns (pinyin without spaces, initials) of a name."""
    parts = name_syllables(normalize_name(name), is_person)
    return "".join(parts), "".join(part[0] for part in parts)


def ngrams(text, length):
    return {text[i : i + length] for i in range(len(text) - length + 1)}


@dataclass(frozen=True)
class NameReading:
    """A name in all searchable forms. `plain` is the normalized name, `parts` the syllable of each character.

    `pairs` has three characters for each character of the name: itself, its initial and a space, so that one pattern
    matches queries that mix characters and initials (青l). `syllables` has a space before each syllable, so that pinyin
    can be matched from the start of a syllable.
    """

    plain: str
    parts: tuple

    @property
    def pinyin(self):
        return "".join(self.parts)

    @property
    def syllables(self):
        return "".join(f" {part}" for part in self.parts)

    @property
    def initials(self):
        return "".join(part[0] for part in self.parts)

    @property
    def pairs(self):
        return "".join(f"{char}{part[0]} " for char, part in zip(self.plain, self.parts, strict=True))


def name_reading(name, is_person=False):
    bare = normalize_name(name)[:MAX_NAME_LENGTH]
    return NameReading(bare, tuple(name_syllables(bare, is_person)))


def pairs_pattern(bare):
    """Returns the regex of a normalized query for `NameReading.pairs`: a letter matches an initial."""
    return "".join(f".{char} " if LATIN.match(char) else f"{re.escape(char)}. " for char in bare)


def syllables_pattern(asked):
    """Returns the regex of pinyin without spaces for `NameReading.syllables`."""
    return " " + " ?".join(map(re.escape, asked))


def non_letter_runs(bare):
    """Returns the parts of a normalized query that are not Latin letters."""
    return [run for run in RUNS.findall(bare) if not LATIN.match(run)]


def find_match(name, query, is_person=False):
    """Returns the position of `query` in `name` as (first, end), or None when it does not match."""
    bare, reading = normalize_name(query), name_reading(name, is_person)
    span = bare and (
        match_characters(reading, bare) or match_initials(reading, bare) or match_pinyin(reading, bare)
    )
    if not span:
        return None
    positions = [i for i, char in enumerate(name) for _part in normalize_name(char)]
    if len(positions) < len(reading.plain):
        return 0, len(name)
    return positions[span[0]], positions[span[1] - 1] + 1


def match_characters(told, bare):
    first = told.plain.find(bare)
    return None if first < 0 else (first, first + len(bare))


def match_initials(told, bare):
    match = re.search(pairs_pattern(bare), told.pairs)
    return match and (match.start() // 3, match.end() // 3)


def match_pinyin(told, bare):
    """Matches pinyin of at least two letters, from the start of a syllable."""
    if len(bare) < MIN_PINYIN_LENGTH or not LATIN.search(bare):
        return None
    if not all(run in told.plain for run in non_letter_runs(bare)):
        return None
    pinyin = pinyin_and_initials(bare)[0]
    for first in range(len(told.parts)):
        if "".join(told.parts[first:]).startswith(pinyin):
            return first, first + count_syllables(told.parts[first:], len(pinyin))
    return None


def count_syllables(parts, letters):
    """Returns the number of syllables that the first `letters` letters reach into."""
    count = 0
    while letters > 0:
        letters -= len(parts[count])
        count += 1
    return count
