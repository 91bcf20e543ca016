"""What is hidden from users outside of it: a client, a colleague's record and a strictly confidential complaint.

`hide` puts them into the centre (`prepared`: its e-mails are sent, its sweep has run), with everything that may depend
on them and with their mark in every text, and returns every URL that could tell of them.
"""

from datetime import date
from unittest.mock import patch

from django.contrib import admin
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.roles import Role
from complaints.intake import actions as intake
from complaints.models import Appointment, Enclosure, Improvement, Viewing
from relations.models import Share, Stakeholder
from reminders import clock, steps
from reminders.deliveries import deliver
from reminders.models import Delivery, Reminder
from tests.attack.declared import EXPECTED
from tests.attack.resolver import by_name
from tests.attack.world import CLOSE_SEEN_BY, OWN, PNG, TODAY, close_family
from tests.factories.accounts import StandInFactory
from tests.factories.complaints import ComplaintFactory, take_step

SITE = {name: address for name, address in by_name().items() if not name.startswith("admin:")}
CLIENT, STAFF, COMPLAINT = "client", "staff", "complaint"
CLOSE = (CLIENT, STAFF)
MARKS = {CLIENT: "天眷", STAFF: "天职", COMPLAINT: "天机"}
NUMBER, RECEIVED = "2026-ZZZZZZ", date(2026, 9, 1)
# The head of complaints, the deputy who handles it, and the council member to whom it is escalated.
ON_LIST = {Role.HEAD, Role.DEPUTY, Role.COUNCIL}
# For each kind of row named in a URL (tests/attack/declared.py), the name of that row in a close family.
ROWS = {
    "employer": "record",
    "cycle": "cycle",
    "interaction": "interaction",
    "meeting": "meeting",
    "task": "task",
}
ROWS |= {"decision": "decision", "attachment": "attachment", "share": "share"}
ABOUT = sorted(name for name, line in EXPECTED.items() if line.of in ROWS and "(" not in name)
SEARCHES = {
    "search": "q",
    "employers:list": "q",
    "interactions:list": "q",
    "quick_log": "q",
    "duties": "q",
    "complaints:new": "find",
    "accounts:list": "q",
    "notices": "before",
}


def hidden_from(who):
    """Returns which of them the user `who` may not see."""
    return [kind for kind in CLOSE if who not in CLOSE_SEEN_BY[kind]] + [COMPLAINT] * (who not in ON_LIST)


def prepared(world):
    """The world in which every user gets e-mails, the head and the handler are absent, and the daily sweep has run."""
    people = world.people
    for user in (*people.values(), world.colleague, world.worker):
        user.email = user.confirmed_email = f"{user.username}@example.com"
        user.save(update_fields=["email", "confirmed_email"])
    for absent in (people[Role.HEAD], people[Role.DEPUTY]):
        StandInFactory(absent=absent, stand_in=people[Role.RESIDENT], starts_on=TODAY, ends_on=TODAY)
    Appointment.objects.create(head=people[Role.HEAD], alternate=people[Role.COUNCIL], reason="理事会决议")
    world.belongs_to(people[Role.RESIDENT])
    steps.sweep(TODAY)
    deliver(clock.now())
    return world


def hide(world, *kinds):
    """Puts these into the centre; returns every URL of the site, of their rows and the admin site, and searches."""
    close = {kind: planted_record(world, kind) for kind in kinds if kind in CLOSE}
    case = planted_complaint(world) if COMPLAINT in kinds else None
    urls = urls_of_the_site(world, case)
    words = [MARKS[kind] for kind in kinds] + [kin.rows["record"].number for kin in close.values()]
    for kin in close.values():
        urls += urls_of_the_record(kin)
    if case:
        words += [NUMBER, "9999"]
        urls += urls_of_the_complaint(world, case)
    urls += [f"{reverse(name)}?{key}={word}" for name, key in SEARCHES.items() for word in words]
    for model in admin.site._registry:
        page = reverse(f"{label_of(model)}_changelist")
        urls += [page, *(f"{page}?q={word}" for word in words if word in (*MARKS.values(), NUMBER))]
    about = Reminder.objects.filter(title__regex="|".join(MARKS[kind] for kind in kinds))
    urls += [reverse("notice", args=[pk]) for pk in about.values_list("pk", flat=True)]
    inside = [world.worker, *(world.people[role] for role in ON_LIST)]
    urls += [
        reverse(f"accounts:{page}", args=[user.pk])
        for user in inside
        for page in ("edit", "history", "deactivate")
    ]
    return list(dict.fromkeys(urls))


def urls_of_the_site(world, case=None):
    """Returns every URL about the family `own`; those of a complaint are about `case`."""
    urls = []
    for name, address in SITE.items():
        line = EXPECTED.get(name)
        if not name.startswith("portal:"):
            query = line.query.format(pk=world.families[OWN].employer.pk)
            urls.append(address.url(world.values(line.of, OWN)) + query)
        if case and name.startswith(("complaints:", "portal:")):
            pk = Enclosure.objects.filter(complaint=case).first().pk
            if "measure" in name:
                pk = Improvement.objects.get(complaint=case).pk
            urls.append(address.url({"number": case.number, "name": "note", "key": "rights", "pk": pk}))
    return urls


def label_of(model):
    """Returns the name of the admin pages of a model, without the page."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


# A client or a colleague's record


def planted_record(world, kind):
    """Adds a record of `kind`, its mark in every text and overdue in everything; sweeps, sends; returns its family."""
    worker, mark = world.worker, MARKS[kind]
    if kind == STAFF:  # each worker has only one such record
        Stakeholder.objects.filter(account=worker).update(account=None)
    kin = close_family(kind, worker, world.colleague, mark)
    Share.objects.create(
        stakeholder=kin.rows["record"],
        user=world.owed[OWN],
        kind=Share.Kind.EMERGENCY,
        reason=f"{mark}失联",
        starts_on=TODAY,
        ends_on=TODAY,
        given_by=world.owed[OWN],
    )
    assert steps.sweep(TODAY)[1] == []
    deliver(clock.now())
    return kin


def url_of(address, pk):
    """Returns the URL with the key `pk`; its other parameters name things that exist."""
    fixed = {"pk": pk, "month": "2026-10", "name": "assess", "answer": "approve", "slug": "interview"}
    return address.url(fixed | dict.fromkeys(("person", "term", "contact"), pk))


def urls_of_the_record(kin):
    """Returns the URLs that name the record or one of its rows, on the site and on the admin site."""
    pk = kin.rows["record"].pk
    urls = [url_of(SITE[name], kin.rows[ROWS[EXPECTED[name].of]].pk) for name in ABOUT]
    asked = [name for name, line in EXPECTED.items() if line.query and name not in ABOUT and name in SITE]
    urls += [
        SITE[name].url({}) + EXPECTED[name].query.format(pk=pk) for name in asked if not SITE[name].parameters
    ]
    urls += [f"{reverse('quick_log_drafts')}?pk={pk}"]
    for model in admin.site._registry:
        pks = [row.pk for row in kin.rows.values() if isinstance(row, model)]
        urls += [
            reverse(f"{label_of(model)}_{page}", args=[pk]) for pk in pks for page in ("change", "history")
        ]
    return urls


# A strictly confidential complaint


def planted_complaint(world):
    """Returns a complaint six weeks old, its mark in every text and file, with everything that follows.

    The director is complained about, and a manager was on the list earlier. The resident registered it and is the
    stand-in of the head; the supervisor must not be informed.
    """
    mark = MARKS[COMPLAINT]
    people, on = world.people, {"on": TODAY, "form_of_reply": "phone", "text": f"{mark}的话"}
    head, deputy = people[Role.HEAD], people[Role.DEPUTY]
    with patch.object(intake, "new_number", lambda day: NUMBER):  # so that pages can be searched for it
        case = ComplaintFactory(
            by=people[Role.RESIDENT],
            received_on=RECEIVED,
            name=f"陈{mark}",
            contact=f"{mark}13700006021",
            title=f"{mark}的主题",
            statement=f"{mark}的陈述",
            is_strictly_confidential=True,
            stakeholder=world.families[OWN].employer.stakeholder_ptr,
            code_hash="0" * 64,
            accused=[people[Role.DIRECTOR]],
            not_told=[people[Role.SUPERVISOR]],
            not_told_words=f"{mark}的家人",
            files=[(ContentFile(PNG + mark.encode(), name=f"{mark}照片.png"), "image/png")],
        )
    take_step(case, "appoint", head, user=deputy, text=f"{mark}派人")
    take_step(case, "list", head, user=people[Role.MANAGER], text=f"{mark}要知道")
    take_step(case, "delist", head, user=people[Role.MANAGER])
    for name in ("tell", "note", "ask"):
        take_step(case, name, deputy, **on)
    escalate_and_tell()
    take_step(case, "reply", deputy, **on)
    take_step(case, "unsatisfied", deputy, **on)
    take_step(case, "plan", head, **on | {"due_on": TODAY, "words": f"{mark}原因"})
    take_step(case, "file", deputy, files=((ContentFile(mark.encode(), name=f"{mark}.txt"), "text/plain"),))
    take_step(case, "follow_up" if case.state == "replied" else "note", deputy, **on)
    Improvement.objects.create(
        complaint=case, measure=f"{mark}措施", owner=deputy, due_on=TODAY, check_on=TODAY, done_on=TODAY
    )
    escalate_and_tell()
    Viewing.objects.create(complaint=case, user=head)
    return case


def escalate_and_tell():
    """Runs the sweep, sends the e-mails, and marks those about the complaint as failed."""
    assert steps.sweep(TODAY)[1] == []
    deliver(clock.now())
    about = Delivery.objects.filter(reminder__title__contains=NUMBER, channel=Delivery.Channel.EMAIL)
    about.update(state=Delivery.State.FAILED, error="x")


def urls_of_the_complaint(world, case):
    """Returns the URLs of up to three reminders of the complaint and of their deliveries."""
    reminders = list(Reminder.objects.filter(subject__contains=f":{case.pk}:").order_by("pk")[:3])
    letters = Delivery.objects.filter(reminder__in=reminders)[:3]
    urls = [
        reverse(f"{label_of(type(row))}_{page}", args=[row.pk])
        for row in (*reminders, *letters)
        for page in ("change", "history")
    ]
    return urls + [reverse("notice", args=[row.pk]) for row in reminders]
