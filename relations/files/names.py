"""Cleaning of the names of uploaded files, which the user's device determines."""

import re
import unicodedata

from django.utils.translation import gettext as _

INVISIBLE_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
FORBIDDEN_CHARACTERS = re.compile(r'[\\/:*?"<>|]+')


def clean_name(name):
    """Returns the file name without folders, invisible characters and characters that file systems refuse.

    At most 150 characters, extension included.
    """
    bare = unicodedata.normalize("NFC", str(name)).replace("\\", "/").rsplit("/", 1)[-1]
    bare = FORBIDDEN_CHARACTERS.sub("_", INVISIBLE_CHARACTERS.sub("", bare)).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if not stem:
        return (ending or _("附件"))[:150]
    return f"{stem[: 149 - len(ending[:10])]}{dot}{ending[:10]}"


def extension_of(name):
    return name.rpartition(".")[2].lower()
