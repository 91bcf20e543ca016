"""Masks the names and contact details of complainants (陈**, 137****6021); R153-R154."""

import re

from accounts.masks import STARS, masked_name

PHONE = re.compile(r"(?<!\d)(\d{3})\d{4,}(\d{4})(?!\d)")
NUMBER = re.compile(r"(?<!\d)(\d)\d{3,}(\d)(?!\d)")  # a landline or QQ number
EMAIL = re.compile(r"(?<![^\s@])([^\s@])[^\s@]*@([^\s@]+)")  # tried once a word, or a long text takes seconds
TOKEN = re.compile(r"[^\s@]+@[^\s@]+|\d+|[A-Za-z_][A-Za-z0-9_]*|[^\W\dA-Za-z_]+")
MIN_TOKEN_LENGTH = 5  # characters; shorter ones also occur in words that name nobody
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
        **tokens_of(complaint.contact),
        complaint.name: masked_name(complaint.name),
        complaint.contact: masked_contact(complaint.contact),
    }
    # The longest first: contact details may contain the name, and would not be found once that is masked.
    hidden = sorted((pair for pair in masks.items() if len(pair[0]) > 1), key=lambda pair: -len(pair[0]))

    def say(text):
        for words, mask in hidden:
            text = text.replace(words, mask)
        return text

    return say


def tokens_of(contact):
    """The numbers and addresses in contact details that a text may repeat alone: {token: masked token}."""
    tokens = (token for token in TOKEN.findall(contact) if token.isascii() and len(token) >= MIN_TOKEN_LENGTH)
    return {token: mask for token in tokens if (mask := masked_token(token)) != token}


def shows_in_full(complaint, user):
    """Whether `user` reads the texts of a complaint unmasked: its head and its handler (R153)."""
    return user.pk in (complaint.head_id, complaint.handler_id)


def with_shown_titles(complaints, user):
    """The complaints as a list, each with `shown_title`: its title as `user` may read it.

    Load `name`, `contact`, `head` and `handler` with them, otherwise each row costs a query.
    """
    shown = list(complaints)
    for each in shown:
        say = str if shows_in_full(each, user) else masker_for(each)
        each.shown_title = say(each.title)
    return shown
