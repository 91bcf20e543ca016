"""Names and numbers of people, masked (R153-R154)."""

STARS = "**"


def masked_name(name):
    """陈** for 陈小满, and 欧** for 欧阳修文: the first character and two stars, whatever the length.

    A surname of two characters is rare, so that in full it would nearly tell who it is.
    """
    return (name.strip() or name)[0] + STARS if name else ""


def masked_phone(number):
    """137****6021; a number of fewer than eight digits becomes stars altogether."""
    digits = "".join(character for character in number or "" if character.isdigit())
    if len(digits) < 8:
        return "****" if digits else ""
    return f"{digits[:3]}****{digits[-4:]}"
