"""The code that lets one person set a new password: two halves, kept as hashes only, made to be typed by hand.

Each half has 15 signs of Crockford's 32, which is 75 bits: whoever holds one half alone cannot find the other.
"""

import hashlib
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none of them is read for another
LOOK_ALIKES = str.maketrans("OILU", "011V")
LENGTH, GROUP = 15, 5
SEPARATOR = "."  # between the halves in the address of a letter, behind its #


def new_code_half():
    """Half a code as it is written: three groups of five, `7MXD4-RTWK9-HBV2N`."""
    signs = "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normalized_code(typed):
    """What was typed, without spaces and dashes, in capitals, look-alikes made one."""
    folded = unicodedata.normalize("NFKC", typed or "").upper()
    return "".join(sign for sign in folded if sign.isalnum()).translate(LOOK_ALIKES)


def code_hash(typed):
    """The hash under which a half is kept, however it was typed."""
    return hashlib.sha256(normalized_code(typed).encode()).hexdigest()
