"""Generated form submissions: mostly valid, with a few fields wrong in every way a browser or an attacker can send.

Everything is drawn from one random.Random, so that the seed reproduces an example.
"""

import unicodedata
from functools import cache
from io import BytesIO
from urllib.parse import quote_from_bytes

from django import forms

from tests.attack.payloads import PAYLOADS
from tests.attack.world import PNG
from tests.relations import samples

NUMBERS = "0 -1 1 1.5 1e5 ² ٣ １２ 2147483648 9223372036854775808 -9223372036854775809 NaN Infinity 0x10 1_000".split()
NUMBERS += ["9" * 30, "9" * 5000, " 1 ", "1\0", "None", ""]
DAYS = "0000-00-00 9999-12-31 0001-01-01 2026-02-30 2026-13-01 10000-01-01 -2026-10-12 20261012 2026-W01-1".split()
DAYS += [
    "２０２６-１０-１２",
    "２０２６年１０月１２日",
    "2026-10-12T25:61",
    "12/10/2026",
    "2026-10-12\0",
    "today",
]
TIMES = ["24:00", "23:59:60", "-1:00", "１０:３０", "10:30:00.123456789", "99999", "\0"]
KEYS = ["00000000-0000-0000-0000-000000000000", "not-a-uuid", "g" * 32, "{" + "0" * 32 + "}", "\0"]
FILES = [
    b"",
    PNG,
    samples.SVG,
    samples.HTML,
    samples.PDF,
    samples.MACHO,
    samples.OLE,
    samples.DOCX,
    b"PK\x03\x04",
    b"\0" * 99,
]
ENDINGS = ["png", "pdf", "docx", "xlsx", "xlsm", "exe", ""]
# Names that the forms of the page do not have: other columns, rows of formsets, the conflict page, the target of
# redirects.
STRANGE = (
    "add again anyway caution created_by csrfmiddlewaretoken department goals-0-DELETE goals-0-actions-0-id goals-0-id "
    "id is_active is_confidential keep_name keep_version kind mate mate_role next outline-0-id owner password people "
    "pick pk position resolving responsible roles session_epoch stage stakeholder tasks token user version voided_at"
).split()


@cache
def signs():
    """Returns {Unicode category: code points}, lone surrogates and private use included; every seventh code point."""
    found = {}
    for point in range(0, 0x110000, 7):
        found.setdefault(unicodedata.category(chr(point)), []).append(point)
    return found


def wild_text(rng, longest=None):
    """Returns text no user would type: a payload, random characters, one repeated character, or far too much text."""
    match rng.randrange(6):
        case 0:
            return rng.choice(PAYLOADS)[:6000]
        case 1:
            return "".join(
                chr(rng.choice(rng.choice(list(signs().values())))) for _sign in range(rng.randrange(1, 40))
            )
        case 2:
            return chr(rng.choice(rng.choice(list(signs().values())))) * rng.choice([1, 2, 41, 201])
        case 3:
            return rng.choice(NUMBERS + DAYS + TIMES + KEYS)
        case 4:
            return "字" * ((longest or 60) + rng.choice([-1, 0, 1, 1000]))
    return rng.choice(["", " ", "\0", "\ud800", "\ufeff", "\u202e", "\r\n", "\x1b[2J", "null", "[]", "{}"])


def wild_value(rng, field):
    """Returns one wrong value for a form field as a browser might send it; for a file field, a file-like object."""
    if isinstance(field, forms.FileField):
        return wild_file(rng)
    if rng.random() < 0.3:
        return wild_text(rng)
    pools = {
        forms.DateField: DAYS,
        forms.DateTimeField: DAYS,
        forms.TimeField: TIMES,
        forms.IntegerField: NUMBERS,
        forms.DecimalField: NUMBERS,
        forms.ModelChoiceField: NUMBERS,
        forms.UUIDField: KEYS,
    }
    pool = next((values for kind, values in pools.items() if isinstance(field, kind)), None)
    if pool is None and (choices := getattr(field, "choices", None)):
        pool = [str(value) for value, _label in choices] + NUMBERS
    return rng.choice(pool) if pool else wild_text(rng, getattr(field, "max_length", None))


def wild_file(rng):
    """Returns a file-like object. An upload class of Django would refuse the worst names before they are sent."""
    file = BytesIO(rng.choice(FILES))
    file.name = sendable(f"{wild_text(rng)[:300]}.{rng.choice(ENDINGS)}")
    file.content_type = rng.choice(["image/png", "x", "text/html; charset=x"])
    return file


def example(rng, fields, plain):
    """Returns {name: [values]}: the valid values `plain`, with wrong ones for some of `fields` ({name: field})."""
    data = {name: list(value) if isinstance(value, list) else [value] for name, value in plain.items()}
    names = sorted(fields)
    for name in rng.sample(names, min(len(names), rng.choice([0, 1, 1, 1, 2, 3, len(names)]))):
        match rng.randrange(8):
            case 0:
                data.pop(name, None)
            case 1:
                data[name] = [wild_value(rng, fields[name]) for _copy in range(rng.randrange(2, 5))]
            case _:
                data[name] = [wild_value(rng, fields[name])]
    for name in rng.sample(STRANGE, rng.choice([0, 0, 1, 4])):
        data.setdefault(name, [wild_text(rng)])
    return data


def sendable(text):
    """Returns `text` with the characters replaced that Django's encoder of multipart bodies cannot write."""
    return text.encode("utf-8", "replace").decode()


def body_of(data):
    """Returns the arguments with which Client.post sends an example: multipart with files, else an exact body."""
    if any(hasattr(value, "read") for values in data.values() for value in values):
        plain = {
            name: [sendable(v) if isinstance(v, str) else v for v in values] for name, values in data.items()
        }
        return {"data": plain}
    pairs = [f"{escaped(name)}={escaped(value)}" for name, values in data.items() for value in values]
    return {"data": "&".join(pairs), "content_type": "application/x-www-form-urlencoded"}


def escaped(value):
    """Returns the value percent-encoded; lone surrogates become bytes that no decoder accepts."""
    return quote_from_bytes(str(value).encode("utf-8", "surrogatepass"))
