"""The receipt code: 140 bits, shown to the complainant once, stored as a hash only.

A form carries a signed token of 160 random bits. The token determines a seed, and the seed determines the code and the
intake_key of the complaint; none of these steps can be reversed, and each needs the SECRET_KEY. So a form that is
submitted twice shows the same receipt, and neither the complaint nor a session in the database holds a code or a token.
"""

import hashlib
import secrets
import unicodedata

from django.core.signing import BadSignature, Signer
from django.utils.crypto import salted_hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's Base32, without look-alikes
LOOK_ALIKES = str.maketrans("OILU", "011V")
LENGTH, GROUP = 28, 4
TOKEN_BYTES, KEY_LENGTH = 20, 36
SALT = "complaints.portal"
SIGNER = Signer(salt=f"{SALT}.token")


def new_token():
    """A fresh signed token for a form."""
    return SIGNER.sign(secrets.token_urlsafe(TOKEN_BYTES))


def is_valid_token(token):
    try:
        SIGNER.unsign(token)
    except BadSignature:
        return False
    return True


def seed_of(token):
    """The seed of a token, which a session may store: it gives access to the receipt, but cannot submit a form."""
    return salted_hmac(f"{SALT}.seed", token, algorithm="sha256").hexdigest()


def key_of(seed):
    """The intake_key of the complaint submitted with the token of this seed."""
    return salted_hmac(f"{SALT}.key", seed, algorithm="sha256").hexdigest()[:KEY_LENGTH]


def code_of(seed):
    """The receipt code of the complaint submitted with the token of this seed, without groups."""
    drawn = int.from_bytes(salted_hmac(f"{SALT}.code", seed, algorithm="sha256").digest(), "big")
    return "".join(ALPHABET[drawn >> 5 * place & 31] for place in range(LENGTH))


def code_lines(code):
    """Two lines of groups of four, for reading aloud and typing: ["7MXD-4RTW-K9HB", "V2NE-6PQA-3JKC-7KQ2"]."""
    groups = [code[start : start + GROUP] for start in range(0, len(code), GROUP)]
    half = len(groups) // 2
    return ["-".join(groups[:half]), "-".join(groups[half:])]


def normalized_code(typed):
    """The typed code as it is hashed: no spaces or dashes, upper case, look-alike characters unified."""
    folded = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in folded if sign.isalnum()).translate(LOOK_ALIKES)


def code_hash(code):
    """Complaint.code_hash of a code, however it was typed."""
    return hashlib.sha256(normalized_code(code).encode()).hexdigest()
