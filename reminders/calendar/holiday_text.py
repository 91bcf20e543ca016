"""Patterns of the State Council's holiday notices: names, numbers, years, items and clauses of a pasted text."""

import re
import unicodedata

HOLIDAY_NAMES = {
    "元旦": "元旦",
    "春节": "春节",
    "清明": "清明节",
    "劳动": "劳动节",
    "五一": "劳动节",
    "端午": "端午节",
    "中秋": "中秋节",
    "国庆": "国庆节",
}
NUMERALS = "零一二三四五六七八九十"

ONE_NAME = rf"(?:国际)?(?:{'|'.join(HOLIDAY_NAMES)})(?:节)?"
DATE = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]*)\))?"
SPAN = re.compile(rf"{DATE}(?:(?:至|到|[-~—–―])+{DATE})?")
VERB = re.compile(r"放假|上班|调休|补休")
COUNT = re.compile(r"(?:共|放假)(\d{1,2}|[一二三四五六七八九十])天")
WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")

# At most seven names: an unlimited repetition would be matched again from each name on (quadratic time).
HEADING = re.compile(
    rf"({ONE_NAME}(?:(?:、|,|和|与|及|暨){ONE_NAME}){{0,6}})(?=:|(?:\d{{4}}年)?\d{{1,2}}月\d{{1,2}}日)"
)
NUMBER = re.compile(r"(国办[一-龥]{0,4})[〔\[(【](\d{4})[〕\])】]第?(\d{1,4})号")
YEAR = re.compile(r"(20\d\d)年(?:部分节假日|节假日|放假|元旦|春节|清明|劳动|端午|中秋|国庆)")
WRITTEN_YEAR = re.compile(r"(20\d\d)年\d{1,2}月\d{1,2}日(?!$)")
UNREAD_STARTS = ("鼓励", "建议", "倡导", "国务院办公厅")
SIGNED_ON = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日$")


def normalize_text(text):
    """Removes all white space and makes digits and punctuation half-width: pasted text has line breaks anywhere."""
    return re.sub(r"[\s\u200b-\u200f\u2060\ufeff]+", "", unicodedata.normalize("NFKC", text or ""))


def find_notice_number(text):
    """The number of the notice in a normalized text, e.g. 国办发明电〔2025〕7号, or ""."""
    match = NUMBER.search(text)
    return f"{match[1]}〔{match[2]}〕{int(match[3])}号" if match else ""


def canonical_number(number):
    """A typed number with the brackets of official notices; text in another form only loses its spaces."""
    number = normalize_text(number)
    return find_notice_number(number) or number


def find_year(text):
    """The year that a normalized text is about: from title or first sentence, else the latest year among its dates."""
    match = YEAR.search(text)
    if match:
        return int(match[1])
    return max(map(int, WRITTEN_YEAR.findall(text)), default=None)


def holiday_names(heading):
    """The canonical names of the holidays in a heading, in its order."""
    names = re.findall("|".join(HOLIDAY_NAMES), heading)
    return list(dict.fromkeys(HOLIDAY_NAMES[name] for name in names))


def split_items(text):
    """Pairs (names of the holidays, clauses), one for each item; a notice about one holiday may have no heading."""
    headings = list(HEADING.finditer(text))
    if not headings:
        return [(holiday_names(text)[:1], split_clauses(text[max(text.find("如下"), 0) :]))]
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [
        (holiday_names(heading[1]), split_clauses(text[heading.end() : end]))
        for heading, end in zip(headings, ends, strict=True)
    ]


def split_clauses(text):
    """The sentences of an item, without recommendations and without the signature."""
    sentences = filter(None, (sentence.strip(":,") for sentence in re.split(r"[。;!]", text)))
    return [each for each in sentences if not each.startswith(UNREAD_STARTS) and not SIGNED_ON.match(each)]


def parse_count(count):
    """A count written in digits or as one Chinese numeral."""
    return int(count) if count.isdecimal() else NUMERALS.index(count)
