"""Codes with which a user sets a new password: two halves, stored only as hashes, made to be typed by hand.

Each half has 15 of Crockford's 32 characters, which is 75 bits: the other half cannot be guessed from one half.
"""

import hashlib
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without characters that are easily confused
LOOK_ALIKES = str.maketrans("OILU", "011V")
LENGTH, GROUP = 15, 5
SEPARATOR = "."  # between the halves in the fragment (#...) of the URL in an e-mail


def new_code_half():
    """Returns a new half as it is written: three groups of five, `7MXD4-RTWK9-HBV2N`."""
    half = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    return "-".join(half[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normalized_code(typed):
    """Returns the typed half in capitals, without spaces and dashes, with look-alike characters replaced."""
    folded = unicodedata.normalize("NFKC", typed or "").upper()
    return "".join(character for character in folded if character.isalnum()).translate(LOOK_ALIKES)


def code_hash(typed):
    """Returns the hash under which a half is stored, however it was typed."""
    return hashlib.sha256(normalized_code(typed).encode()).hexdigest()
