"""Masking of personal names and phone numbers (R153-R154)."""

STARS = "**"


def masked_name(name):
    """陈** for 陈小满, and 欧** for 欧阳修文: the first character and two stars, whatever the length.

    Surnames of two characters are rare: shown in full, one would nearly identify the person.
    """
    return (name.strip() or name)[0] + STARS if name else ""


def masked_phone(number):
    """137****6021; a number of fewer than eight digits is replaced by stars entirely."""
    digits = "".join(character for character in number or "" if character.isdigit())
    if len(digits) < 8:
        return "****" if digits else ""
    return f"{digits[:3]}****{digits[-4:]}"
