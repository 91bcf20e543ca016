"""The only module that writes acts: each row is sealed together with the row before it (R126)."""

import hashlib
import json

from django.utils import timezone

from complaints.models import Act

SEALED_FIELDS = (
    "complaint_id",
    "place",
    "kind",
    "on",
    "by_id",
    "text",
    "form_of_reply",
    "due_on",
    "is_public",
    "from_state",
    "to_state",
)


def append_act(complaint, kind, *, by, on, text="", is_public=False, **more):
    """Adds an act to `complaint`, whose row the caller has locked or just created. Returns the Act.

    `more`: form_of_reply, due_on, from_state, to_state, details.
    """
    last = Act.objects.filter(complaint=complaint).order_by("-place").first()
    act = Act(
        complaint=complaint,
        place=last.place + 1 if last else 1,
        kind=kind,
        at=timezone.now(),
        on=on,
        by=by,
        text=text,
        is_public=is_public,
        **more,
    )
    act.seal = seal_of(act, last.seal if last else "")
    act.save(force_insert=True)
    return act


def seal_of(act, before):
    """SHA-256 over the act and the seal of the previous act (`before`): a changed row breaks the chain behind it."""
    sealed = {name: getattr(act, name) for name in SEALED_FIELDS} | {
        "at": act.at.timestamp(),
        "details": act.details,
    }
    text = json.dumps([before, sealed], default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def broken_chains():
    """The pks of the complaints whose acts differ from what was written; one query for all acts."""
    broken, seal, complaint, place = set(), "", None, 0
    for act in Act.objects.order_by("complaint_id", "place").iterator(chunk_size=2000):
        if act.complaint_id != complaint:
            seal, complaint, place = "", act.complaint_id, 0
        place += 1
        if act.place != place or act.seal != seal_of(act, seal):
            broken.add(act.complaint_id)
        seal = act.seal
    return broken
