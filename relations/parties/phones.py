"""What a telephone number is: one rule for the forms and for the import of a register."""

import re
import unicodedata

LOOK_ALIKES = {ord(dash): "-" for dash in "—–"} | {ord(space): " " for space in "\u200b\ufeff"}
SEPARATORS = re.compile(r"[、,;\n\r|/]+")
NUMBER = re.compile(r"\+?[\d()\-. ]+(?: ?(?:转|至|[xX#*-]) ?\d{1,6})*")
FEWEST_DIGITS, MOST_DIGITS = 5, 20


class NotAPhoneNumber(ValueError):
    """The text between two separators is no telephone number; the message is that text."""


def half_width(text):
    """Returns the text with half-width digits, brackets and dashes, without spaces around it."""
    return unicodedata.normalize("NFKC", text).translate(LOOK_ALIKES).strip()


def phone_numbers(text):
    """Returns the telephone numbers in a text that has several, a list. Raises NotAPhoneNumber."""
    pieces = (" ".join(piece.split()) for piece in SEPARATORS.split(half_width(text)))
    numbers = [piece for piece in pieces if piece]
    for number in numbers:
        digits = sum(char.isdigit() for char in number)
        if not NUMBER.fullmatch(number) or not FEWEST_DIGITS <= digits <= MOST_DIGITS:
            raise NotAPhoneNumber(number)
    return numbers
