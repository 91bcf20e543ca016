"""The names and ways of contact of those who raise something, masked (陈**, 137****6021); R153-R154."""

import re

STARS = "**"
PHONE = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{4})(?!\d)")
NUMBER = re.compile(r"(?<!\d)(\d)\d{3,}(\d)(?!\d)")  # of a landline, of QQ
EMAIL = re.compile(r"([^\s@])[^\s@]*@([^\s@]+)")


def masked_name(name):
    """The surname and two stars, whatever the length."""
    return name[0] + STARS if name else ""


def masked_contact(contact):
    """A mobile number keeps its first three and last four digits, others the first and last, an e-mail its domain."""
    if not contact:
        return ""
    masked = NUMBER.sub(r"\1***\2", PHONE.sub(r"\1****\2", EMAIL.sub(r"\1***@\2", contact)))
    return masked if masked != contact else contact[0] + STARS


def hiding(complaint):
    """A function that masks the name and the contact of the person wherever a text repeats them."""
    told = {complaint.name: masked_name(complaint.name), complaint.contact: masked_contact(complaint.contact)}
    hidden = {words: mask for words, mask in told.items() if len(words) > 1}

    def say(text):
        for words, mask in hidden.items():
            text = text.replace(words, mask)
        return text

    return say
