"""The structure of the demo's opinions and complaints, which cover every kind, channel, class of person and state.

`back` and the days of the acts are working days: receipt was `back` days ago, an act of day 3 took place 3 days later.
"""

from dataclasses import dataclass, field

DEMO_CODE = "DEMX-2026-2026-2026-2026-2026-2026"  # receipt code of the anonymous story of the public portal


@dataclass(frozen=True)
class Story:
    """One opinion or complaint: how it was received, and its `acts` (days after receipt, step, input)."""

    title: str
    statement: str
    back: int
    kind: str = "complaint"
    channel: str = "phone"
    method: str = ""
    person: str = "client"
    subject: str = "procedure"
    name: str = ""
    contact: str = ""
    by: str = "su"
    handler: str = ""
    is_anonymous: bool = False
    is_personnel: bool = False
    is_strict: bool = False
    of_employer: bool = False
    code: str = ""
    accused: tuple = ()
    not_told: tuple = ()
    not_told_words: str = ""
    acts: list = field(default_factory=list)


def phoned(text):
    return {"form_of_reply": "phone", "text": text}


def reply(day, text, form="phone"):
    return (day, "reply", {"form_of_reply": form, "text": text})


def told_act(day, days):
    """The step "tell" by telephone: what happens next, and until when (`days` working days after receipt)."""
    text = "电话告知：由跟进人先了解情况，最晚到期那天回复您。"
    return (day, "tell", {"form_of_reply": "phone", "text": text, "due_after": days})


def sign(day, text, finding=""):
    return (day, "sign", {"text": text, "finding": finding})


def measure(day, words, owner, due_after, **later):
    """A measure; `later`: done and checked (days after receipt), again (whether the problem recurred)."""
    return (day, "measure", {"words": words, "owner": owner, "due_after": due_after} | later)


CLOSE = "close"
