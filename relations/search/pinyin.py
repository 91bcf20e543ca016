"""How a name is written and spoken: plain signs, pinyin, initials; and where a few typed signs stand in a name.

Surnames have readings of their own (单 曾 仇 解 查 区), as the first sign of a person's name only.
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
MAX_NAME_LENGTH = 120  # signs of a name
MIN_PINYIN_LENGTH = 2  # letters; one alone is an initial

load_phrases_dict({"社工": [["she"], ["gong"]]})


def normalize_width(text):
    """Full-width and other compatible signs in their usual form."""
    return unicodedata.normalize("NFKC", text)


def normalize_name(text):
    """Lower case, without spaces and punctuation, full-width letters made half-width; ü is typed as v."""
    return NON_WORD.sub("", normalize_width(text)).lower().replace("ü", "v")


def name_syllables(name, is_person=False):
    """One syllable for each sign of a plain name, letters and digits standing for themselves."""
    found = lazy_pinyin(name, style=Style.NORMAL, errors=list)
    if is_person:
        said = SURNAMES.get(name[:2]) or SURNAMES.get(name[:1])
        found[: len(said.split()) if said else 0] = said.split() if said else []
    return found


def pinyin_and_initials(name, is_person=False):
    """(pinyin without spaces, initials) of a name."""
    parts = name_syllables(normalize_name(name), is_person)
    return "".join(parts), "".join(part[0] for part in parts)


def ngrams(text, length):
    return {text[i : i + length] for i in range(len(text) - length + 1)}


@dataclass(frozen=True)
class NameReading:
    """A name in every form in which it can be asked for.

    `pairs` holds three signs for each sign of the name: itself, its initial and a space, so that a question of signs
    and initials mixed (青l) can be answered by one pattern; `syllables` has a space before each syllable, so that
    pinyin can be asked for from the beginning of a syllable on.
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
        return "".join(f"{sign}{part[0]} " for sign, part in zip(self.plain, self.parts, strict=True))


def name_reading(name, is_person=False):
    bare = normalize_name(name)[:MAX_NAME_LENGTH]
    return NameReading(bare, tuple(name_syllables(bare, is_person)))


def pairs_pattern(bare):
    """The pattern of a plain query in `Spelling.pairs`: a letter is an initial, any other sign is itself."""
    return "".join(f".{sign} " if LATIN.match(sign) else f"{re.escape(sign)}. " for sign in bare)


def syllables_pattern(asked):
    """The pattern of pinyin without spaces in `Spelling.syllables`."""
    return " " + " ?".join(map(re.escape, asked))


def non_letter_runs(bare):
    """The runs of a plain query that are not letters."""
    return [run for run in RUNS.findall(bare) if not LATIN.match(run)]


def find_match(name, query, is_person=False):
    """Where `query` stands in `name` as (first, end) of its signs, or None when the name does not hold it."""
    bare, told = normalize_name(query), name_reading(name, is_person)
    found = bare and (match_characters(told, bare) or match_initials(told, bare) or match_pinyin(told, bare))
    if not found:
        return None
    signs = [i for i, sign in enumerate(name) for _part in normalize_name(sign)]
    if len(signs) < len(told.plain):
        return 0, len(name)
    return signs[found[0]], signs[found[1] - 1] + 1


def match_characters(told, bare):
    first = told.plain.find(bare)
    return None if first < 0 else (first, first + len(bare))


def match_initials(told, bare):
    found = re.search(pairs_pattern(bare), told.pairs)
    return found and (found.start() // 3, found.end() // 3)


def match_pinyin(told, bare):
    """Two letters and more, from the beginning of a syllable on."""
    if len(bare) < MIN_PINYIN_LENGTH or not LATIN.search(bare):
        return None
    if not all(run in told.plain for run in non_letter_runs(bare)):
        return None
    asked = pinyin_and_initials(bare)[0]
    for first in range(len(told.parts)):
        if "".join(told.parts[first:]).startswith(asked):
            return first, first + count_syllables(told.parts[first:], len(asked))
    return None


def count_syllables(parts, letters):
    """How many of the syllables the first `letters` letters touch."""
    count = 0
    while letters > 0:
        letters -= len(parts[count])
        count += 1
    return count
