"""Masks the names and contact details of complainants (陈**, 137****6021); R153-R154."""

import re

from accounts.masks import STARS, masked_name

PHONE = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{4})(?!\d)")
NUMBER = re.compile(r"(?<!\d)(\d)\d{3,}(\d)(?!\d)")  # a landline or QQ number
EMAIL = re.compile(r"([^\s@])[^\s@]*@([^\s@]+)")
TOKEN = re.compile(r"[^\s@]+@[^\s@]+|\d+|[A-Za-z_][A-Za-z0-9_]*|[^\W\dA-Za-z_]+")
AREA_CODE = re.compile(r"0[1-9]\d{1,2}")
LABEL = re.compile(
    "(?:电话|手机|微信|同号|号码|邮箱|电邮|邮件|座机|固话|家里|单位|或者|[号或和是]"
    "|qq|wx|wechat|tel|phone|mobile|e?mail|or|and)+",
    re.IGNORECASE,
)


def masked_contact(contact):
    """Masks the contact details of a complainant; labels and area codes stay.

    A mobile number keeps its first three and last four digits, other numbers the first and last, an e-mail its domain.
    """
    if not contact:
        return ""
    if shape_masked(contact) == contact:
        return contact[0] + STARS
    return TOKEN.sub(lambda piece: masked_token(piece[0]), contact)


def shape_masked(text):
    return NUMBER.sub(r"\1***\2", PHONE.sub(r"\1****\2", EMAIL.sub(r"\1***@\2", text)))


def masked_token(piece):
    """Masks one token of the contact details; a label (微信, tel) or an area code stays.

    A name or an account next to a number is masked as well and keeps its first character only.
    """
    if LABEL.fullmatch(piece) or AREA_CODE.fullmatch(piece):
        return piece
    masked = shape_masked(piece) if "@" in piece or piece.isdigit() else piece
    return masked if masked != piece else piece[0] + STARS


def masker_for(complaint):
    """Returns a function that masks the complainant's name and contact details wherever a text repeats them."""
    masks = {
        complaint.name: masked_name(complaint.name),
        complaint.contact: masked_contact(complaint.contact),
    }
    hidden = {words: mask for words, mask in masks.items() if len(words) > 1}

    def say(text):
        for words, mask in hidden.items():
            text = text.replace(words, mask)
        return text

    return say
