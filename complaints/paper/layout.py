"""Fits the texts of the record form into its boxes, and the rest onto continuation pages (续页).

Text is never made smaller. Heights are lines of 12 pt (21 pt apart) on A4; the estimate of a line errs on the side of
too few characters, so that a text that is said to fit does fit. Makes no query and knows no complaint.
"""

from dataclasses import dataclass
from math import ceil
from unicodedata import east_asian_width

# Full-width characters on a line of 159 mm; two fewer than fit, so that no line starts with punctuation.
CHARACTERS_PER_LINE = 35.5
INDENT = 2
# One of these hangs over the end of a line instead of starting the next.
CLOSING_PUNCTUATION = "，。；：、！？）”》"
# Widths of Latin characters, in full-width ones; the widest of each group.
BROAD, CAPITAL, NARROW = 1.06, 0.86, 0.66
WIDE_LETTERS = "WMm@%"
CONTINUATION_LINES = 31  # lines of a continuation page
SECTION_LINES = 2  # lines that the heading and borders of one section take on it
MIN_LINES = 3  # with fewer lines of text under its heading, a section starts on the next page


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; the first line of an indented one starts INDENT characters in."""

    text: str
    is_indented: bool = True

    @property
    def lines(self):
        return max(ceil((self.start + width(self.text)) / CHARACTERS_PER_LINE), 1)

    @property
    def start(self):
        return INDENT if self.is_indented else 0

    def with_text(self, say):
        """The paragraph with the text that the function `say` returns for it."""
        return Paragraph(say(self.text), self.is_indented)

    def cut(self, lines):
        """(the part that fits on `lines` lines, the rest or None), both as Paragraphs."""
        room = lines * CHARACTERS_PER_LINE - self.start
        for place in range(len(self.text)):
            room -= character_width(self.text[place])
            if room < (-1 if self.text[place] in CLOSING_PUNCTUATION else 0):
                return Paragraph(self.text[:place], self.is_indented), Paragraph(self.text[place:], False)
        return self, None


@dataclass(frozen=True)
class BoxContent:
    """The content of a box: its paragraphs, its height in lines of text, and the paragraphs continued elsewhere."""

    paragraphs: list
    lines: int
    rest: list


def width(text):
    """The width of the text in full-width characters."""
    return sum(map(character_width, text))


def character_width(sign):
    if sign in WIDE_LETTERS:
        return BROAD
    if east_asian_width(sign) in "WFA":
        return 1
    return CAPITAL if sign.isupper() or sign in "w&" else NARROW


def paragraphs_of(text):
    return [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]


def total_lines(paragraphs):
    return sum(paragraph.lines for paragraph in paragraphs)


def split_paragraphs(paragraphs, lines):
    """(the paragraphs that fit on `lines` lines, the others); the one on the boundary is cut."""
    shown, rest = [], list(paragraphs)
    while rest and lines > 0:
        fits, over = rest.pop(0).cut(lines)
        shown.append(fits)
        lines -= fits.lines
        rest = [over, *rest] if over else rest
    return shown, rest


def allocate_lines(needs, usual):
    """Distributes lines among the boxes: unused lines of a box go to longer ones. Returns the lines of each box.

    An empty box keeps its usual height for handwriting.
    """
    spare = sum(room - need for need, room in zip(needs, usual, strict=True) if 0 < need < room)
    allotted = [room if need == 0 else min(need, room) for need, room in zip(needs, usual, strict=True)]
    for place in sorted(range(len(needs)), key=lambda place: needs[place] - usual[place]):
        more = min(max(needs[place] - allotted[place], 0), spare)
        allotted[place], spare = allotted[place] + more, spare - more
    for place, room in enumerate(usual):
        back = min(max(room - allotted[place], 0), spare)
        allotted[place], spare = allotted[place] + back, spare - back
    return allotted


def lay_out(texts, usual):
    """Each text (a list of Paragraphs) in its box, as a list of BoxContent.

    A box whose text continues elsewhere keeps one line free for that remark.
    """
    allotted = allocate_lines([total_lines(text) for text in texts], usual)
    return [lay_out_box(text, lines) for text, lines in zip(texts, allotted, strict=True)]


def lay_out_box(text, lines):
    if total_lines(text) <= lines:
        return BoxContent(list(text), lines, [])
    shown, rest = split_paragraphs(text, lines - 1)
    return BoxContent(shown, lines, rest)


def continuation_pages(rests):
    """The continuation pages: a list of pages, each a list of (name of the section, paragraphs).

    `rests` are pairs (name, paragraphs), in order.
    """
    pages, left = [], 0
    for name, rest in rests:
        while rest:
            if left < SECTION_LINES + min(MIN_LINES, total_lines(rest)):
                pages.append([])
                left = CONTINUATION_LINES
            shown, rest = split_paragraphs(rest, left - SECTION_LINES)
            pages[-1].append((name, shown))
            left -= SECTION_LINES + total_lines(shown)
    return pages
