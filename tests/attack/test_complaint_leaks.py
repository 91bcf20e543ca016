"""A strictly confidential complaint (R153-R158): users not on its list get, byte for byte, the site without it.

Each of them requests every URL of the resolver twice: with the complaint, its acts, files, reminders, e-mails and an
escalation, and after all of that is rolled back. Both responses must be the same.
"""

import difflib
import io
import re
import zipfile
from datetime import date

import pytest
from django.contrib import admin
from django.core import mail
from django.core.files.base import ContentFile
from django.template.backends.django import Template
from django.urls import reverse

from accounts.roles import Role
from complaints.access import access_list
from complaints.intake import actions as intake
from complaints.models import Access, AccessRole, Appointment, Complaint, Enclosure, Improvement, Viewing
from complaints.models.case import ComplaintQuerySet
from reminders import clock, steps
from reminders.deliveries import deliver
from reminders.models import Delivery, DeliveryQuerySet, Reminder, ReminderQuerySet
from tests.attack.answers import ask, undone
from tests.attack.declared import EXPECTED
from tests.attack.resolver import by_name
from tests.attack.world import OWN, PNG, TODAY
from tests.factories.accounts import StandInFactory
from tests.factories.complaints import ComplaintFactory, take_step

pytestmark = pytest.mark.django_db
SITE = {name: address for name, address in by_name().items() if not name.startswith("admin:")}
MARK, NUMBER, RECEIVED = "天机", "2026-ZZZZZZ", date(2026, 9, 1)
# On the access list: the head, the deputy who handles it, and the council member to whom it is escalated. The director
# is complained about, and a manager was on the list earlier. The resident registered it and is the stand-in of the
# head; the supervisor must not be informed; the administrator sees every table of the admin site.
OUTSIDE = [
    None,
    Role.DIRECTOR,
    Role.RESIDENT,
    Role.ADMINISTRATOR,
    # The same pages with fewer permissions; none of their queries depends on the database.
    *(
        pytest.param(role, marks=pytest.mark.sqlite)
        for role in (Role.MANAGER, Role.SUPERVISOR, Role.FINANCE, Role.VOLUNTEER)
    ),
]
VOLATILE = [
    (re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*'), r"\1"),
    (re.compile(r'(name="(?:\w+-)?token" value=")[^"]*'), r"\1"),
    (re.compile(r'(<meta name="csrf-token" content=")[^"]*'), r"\1"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "uuid"),
    (re.compile(r"nonce-?=?[\"']?[\w+/=-]{16,}"), "nonce"),
]


@pytest.fixture(scope="module")
def centre(world):
    """The world in which every user gets e-mails, the head and the handler are absent, and the daily sweep has run."""
    people = world.people
    for user in (*people.values(), world.colleague, world.worker):
        user.email = user.confirmed_email = f"{user.username}@example.com"
        user.save(update_fields=["email", "confirmed_email"])
    for absent in (people[Role.HEAD], people[Role.DEPUTY]):
        StandInFactory(absent=absent, stand_in=people[Role.RESIDENT], starts_on=TODAY, ends_on=TODAY)
    Appointment.objects.create(head=people[Role.HEAD], alternate=people[Role.COUNCIL], reason="理事会决议")
    world.belongs_to(world.people[Role.RESIDENT])
    steps.sweep(TODAY)
    deliver(clock.now())
    return world


def planted(world):
    """Returns a complaint six weeks old, with MARK in every text and file and everything that follows."""
    people, on = world.people, {"on": TODAY, "form_of_reply": "phone", "text": f"{MARK}的话"}
    head, deputy = people[Role.HEAD], people[Role.DEPUTY]
    case = ComplaintFactory(
        by=people[Role.RESIDENT],
        received_on=RECEIVED,
        name=f"陈{MARK}",
        contact=f"{MARK}13700006021",
        title=f"{MARK}的主题",
        statement=f"{MARK}的陈述",
        is_strictly_confidential=True,
        stakeholder=world.families[OWN].employer.stakeholder_ptr,
        code_hash="0" * 64,
        accused=[people[Role.DIRECTOR]],
        not_told=[people[Role.SUPERVISOR]],
        not_told_words=f"{MARK}的家人",
        files=[(ContentFile(PNG + MARK.encode(), name=f"{MARK}照片.png"), "image/png")],
    )
    take_step(case, "appoint", head, user=deputy, text=f"{MARK}派人")
    take_step(case, "list", head, user=people[Role.MANAGER], text=f"{MARK}要知道")
    take_step(case, "delist", head, user=people[Role.MANAGER])
    for name in ("tell", "note", "ask"):
        take_step(case, name, deputy, **on)
    escalate_and_tell()
    take_step(case, "reply", deputy, **on)
    take_step(case, "unsatisfied", deputy, **on)
    take_step(case, "plan", head, **on | {"due_on": TODAY, "words": f"{MARK}原因"})
    take_step(case, "file", deputy, files=((ContentFile(MARK.encode(), name=f"{MARK}.txt"), "text/plain"),))
    take_step(case, "follow_up" if case.state == "replied" else "note", deputy, **on)
    Improvement.objects.create(
        complaint=case, measure=f"{MARK}措施", owner=deputy, due_on=TODAY, check_on=TODAY, done_on=TODAY
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


@pytest.fixture(autouse=True)
def _number_known_beforehand(monkeypatch):
    """The complaint gets NUMBER, so that pages can be searched for it."""
    monkeypatch.setattr(intake, "new_number", lambda day: NUMBER)


def urls_of(world, case):
    """Returns every URL about the complaint or the family `own`, of the admin site, and searches for it."""
    urls = [url_of(world, case, name) for name in SITE]
    searches = {"search": "q", "employers:list": "q", "interactions:list": "q", "notices": "before"}
    urls += [
        f"{reverse(name)}?{key}={word}" for name, key in searches.items() for word in (MARK, NUMBER, "9999")
    ]
    for model in admin.site._registry:
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls += [
            f"{reverse(f'{label}_changelist')}{question}" for question in ("", f"?q={MARK}", f"?q={NUMBER}")
        ]
    for model, pks in about(case).items():
        label = f"admin:reminders_{model}"
        urls += [reverse(f"{label}_{page}", args=[pk]) for pk in pks for page in ("change", "history")]
    urls += [reverse("notice", args=[pk]) for pk in about(case)["reminder"]]
    inside = [world.people[role].pk for role in (Role.HEAD, Role.DEPUTY, Role.COUNCIL)]
    urls += [
        reverse(f"accounts:{page}", args=[pk]) for pk in inside for page in ("edit", "history", "deactivate")
    ]
    return list(dict.fromkeys(urls))


def about(case):
    """Returns the keys of up to three reminders of the complaint, and of up to three of their deliveries."""
    reminders = Reminder.objects.filter(subject__contains=f":{case.pk}:").order_by("pk")[:3]
    return {
        "reminder": [each.pk for each in reminders],
        "delivery": list(
            Delivery.objects.filter(reminder__in=list(reminders)).values_list("pk", flat=True)[:3]
        ),
    }


def url_of(world, case, name):
    """Returns the URL `name` of the complaint, of its file or its measure, or of the family `own`."""
    address, line = SITE[name], EXPECTED.get(name)
    if name.startswith(("complaints:", "portal:")):
        pk = Enclosure.objects.filter(complaint=case).first().pk
        if "measure" in name:
            pk = Improvement.objects.get(complaint=case).pk
        return address.url({"number": case.number, "name": "note", "key": "rights", "pk": pk})
    query = line.query.format(pk=world.families[OWN].employer.pk)
    return address.url(world.values(line.of, OWN)) + query


def told_by(response):
    """Returns status, headers and content of a response as text, without the values that change with each request."""
    content = response.whole if response.streaming else response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            content = b"\n".join(package.read(part) for part in sorted(package.namelist()))
    text = content.decode("utf-8", "replace")
    for pattern, instead in VOLATILE:
        text = pattern.sub(instead, text)
    headers = [response.get(name, "") for name in ("Location", "Content-Disposition", "Content-Type")]
    return f"{response.status_code} {headers}\n{text}"


def answers(world, who, urls):
    """Returns {URL: response as text} for the user `who`."""
    return {url: told_by(ask(world.sessions[who], "get", url)) for url in urls}


def leaks(world, who, some=None):
    """Returns the URLs (only those with one of the words `some`) that reveal it to `who`, each with the difference."""
    with undone():
        case = planted(world)
        urls = [url for url in urls_of(world, case) if some is None or any(word in url for word in some)]
        with_it = answers(world, who, urls)
    without = answers(world, who, urls)
    return [
        f"{url}: {difference(without[url], with_it[url])}" for url in urls if with_it[url] != without[url]
    ]


def difference(before, after):
    """Returns the changed lines of two texts on one line, at most 300 characters."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return " | ".join(line.strip() for line in lines if line[:2] not in ("--", "++", "@@"))[:300]


@pytest.mark.parametrize("who", OUTSIDE)
def test_hidden_complaint_changes_no_page(centre, who):
    assert leaks(centre, who) == []


def test_complaint_is_what_it_should_be(centre):
    """Control of the setup: the complaint is escalated and notified to the users on the list, and to no other user."""
    with undone():
        mail.outbox = []
        case = planted(centre)
        on_list = {access.user for access in Access.objects.current().filter(complaint=case)}
        inside = {centre.people[role] for role in (Role.HEAD, Role.DEPUTY, Role.COUNCIL)}
        assert on_list == inside
        deliveries = Delivery.objects.filter(reminder__subject__startswith=f"complaint:{case.pk}:")
        assert {row.recipient for row in deliveries} == inside
        letters = [letter for letter in mail.outbox if NUMBER in letter.body]
        assert {address for letter in letters for address in letter.to} == {user.email for user in inside}
        assert [letter for letter in mail.outbox if MARK in f"{letter.subject}{letter.body}"] == []
        assert [letter for letter in mail.outbox if NUMBER in letter.subject] == []
        assert Access.objects.filter(complaint=case, role=AccessRole.ESCALATED).count() == 1


def test_those_on_the_list_find_it(centre):
    """Control: the head finds the mark and the changed pages."""
    found = " ".join(leaks(centre, Role.HEAD, ["/complaints/", "/notices/"]))
    assert NUMBER in found
    assert MARK in found
    assert len(re.findall(r"/complaints/", found)) > 3


# Controls: a deliberate leak is found.


def everything(self, user):
    """A `visible_to` that shows every row."""
    return self.all()


@pytest.mark.parametrize(
    ("rows", "who", "where"),
    [
        (ComplaintQuerySet, Role.DIRECTOR, "/complaints/"),
        (ReminderQuerySet, Role.ADMINISTRATOR, "/admin/reminders/"),
        (DeliveryQuerySet, Role.ADMINISTRATOR, "/admin/reminders/"),
    ],
)
def test_rows_shown_to_all_are_found(centre, monkeypatch, rows, who, where):
    monkeypatch.setattr(rows, "visible_to", everything)
    assert leaks(centre, who, [where]) != []


def test_reminder_handed_to_a_stand_in_is_found(centre, monkeypatch):
    made = Reminder.__init__

    def impersonal(self, *args, **fields):
        made(self, *args, **fields | ({"is_personal": False} if "is_personal" in fields else {}))

    monkeypatch.setattr(Reminder, "__init__", impersonal)
    assert leaks(centre, Role.RESIDENT, ["/notices/"]) != []


def test_access_given_by_mistake_is_found(centre, monkeypatch):
    monkeypatch.setattr(access_list, "remove_person", lambda *args, **kwargs: True)
    assert leaks(centre, Role.MANAGER, ["/complaints/"]) != []


def test_number_that_counts_it_is_found(centre, monkeypatch):
    """Pages whose only fault is that they reveal the number of complaints."""
    draw = Template.render

    def render(self, context=None, request=None):
        return draw(self, context, request) + f"<!-- {Complaint.objects.count()} -->"

    monkeypatch.setattr(Template, "render", render)
    assert leaks(centre, Role.VOLUNTEER, ["/me/", "/notices/"]) != []
