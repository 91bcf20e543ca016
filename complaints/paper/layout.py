"""How the texts of the record form are laid into its boxes, and what goes on a continuation page (续页).

Nothing is ever made smaller. Measured in lines of 12 pt (21 pt apart) on A4; the estimate of a line errs on the side
of too few signs, so that what is said to fit does fit. Asks no database and knows no complaint.
"""

from dataclasses import dataclass
from math import ceil
from unicodedata import east_asian_width

CHARACTERS_PER_LINE = (
    35.5  # full-width signs on a line of 159 mm, two less than there are: no sign begins a line that must not
)
INDENT = 2
CLOSING_PUNCTUATION = "，。；：、！？）”》"  # one hangs over the edge of a line rather than begin the next
BROAD, CAPITAL, NARROW = (
    1.06,
    0.86,
    0.66,
)  # widths of Latin signs, in full-width ones; the widest of each sort
WIDE_LETTERS = "WMm@%"
CONTINUATION_LINES = 31  # lines of a continuation page
SECTION_LINES = 2  # lines that the head and the edges of one section take on it
MIN_LINES = 3  # lines of text under a head, below which the section begins on the next page


@dataclass(frozen=True)
class Paragraph:
    """Some text; the first line of an indented one begins two signs in."""

    text: str
    is_indented: bool = True

    @property
    def lines(self):
        return max(ceil((self.start + width(self.text)) / CHARACTERS_PER_LINE), 1)

    @property
    def start(self):
        return INDENT if self.is_indented else 0

    def with_text(self, say):
        """The same place with the text that the function `say` makes of it."""
        return Paragraph(say(self.text), self.is_indented)

    def cut(self, lines):
        """(what fits on so many lines, what does not), both as Paragraphs."""
        room = lines * CHARACTERS_PER_LINE - self.start
        for place in range(len(self.text)):
            room -= character_width(self.text[place])
            if room < (-1 if self.text[place] in CLOSING_PUNCTUATION else 0):
                return Paragraph(self.text[:place], self.is_indented), Paragraph(self.text[place:], False)
        return self, None


@dataclass(frozen=True)
class BoxContent:
    """What a box shows: its paragraphs, how many lines of text it is high, and what goes on elsewhere."""

    paragraphs: list
    lines: int
    rest: list


def width(text):
    """How many full-width signs the text is wide."""
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
    """(the paragraphs that fit on so many lines, the others); the one at the edge is cut."""
    shown, rest = [], list(paragraphs)
    while rest and lines > 0:
        fits, over = rest.pop(0).cut(lines)
        shown.append(fits)
        lines -= fits.lines
        rest = [over, *rest] if over else rest
    return shown, rest


def allocate_lines(needs, usual):
    """How many lines each box gets. What one box leaves of its `usual` room goes to those that need more.

    An empty box keeps its room: it is written into by hand.
    """
    spare = sum(room - need for need, room in zip(needs, usual, strict=True) if 0 < need < room)
    given = [room if need == 0 else min(need, room) for need, room in zip(needs, usual, strict=True)]
    for place in sorted(range(len(needs)), key=lambda place: needs[place] - usual[place]):
        more = min(max(needs[place] - given[place], 0), spare)
        given[place], spare = given[place] + more, spare - more
    for place, room in enumerate(usual):
        back = min(max(room - given[place], 0), spare)
        given[place], spare = given[place] + back, spare - back
    return given


def lay_out(texts, usual):
    """Each text (a list of Paragraphs) in its box: a list of Laid. Where it goes on elsewhere, one line says so."""
    given = allocate_lines([total_lines(text) for text in texts], usual)
    return [lay_out_box(text, lines) for text, lines in zip(texts, given, strict=True)]


def lay_out_box(text, lines):
    if total_lines(text) <= lines:
        return BoxContent(list(text), lines, [])
    shown, rest = split_paragraphs(text, lines - 1)
    return BoxContent(shown, lines, rest)


def continuation_pages(rests):
    """The pages for what did not fit: a list of pages, each a list of (name of the section, paragraphs).

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
