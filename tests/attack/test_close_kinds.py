"""Clients and colleagues: users without a right to them get, byte for byte, the site without the record.

The attacked centre has one record of each kind from the start, with a mark in every text. Here another is added with
everything that may depend on a record, and rolled back: nothing a page shows, counts, exports, finds or reminds of may
change. The URLs of an existing closed record must respond like those of an absent one.
"""

import re
from itertools import product

import pytest
from django.contrib import admin
from django.core import mail
from django.urls import reverse

from accounts.models import StandIn, User
from accounts.roles import Permission, Role
from relations.models import Duty, Interaction, Share, Stakeholder, Task
from relations.models.interaction import InteractionQuerySet, TaskQuerySet
from relations.models.stakeholder import StakeholderQuerySet
from reminders import clock, steps
from reminders.deliveries import deliver
from reminders.models import Reminder
from tests.attack.answers import Answer, ask, kind_of, undone
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.test_complaint_leaks import answers, difference, told_by
from tests.attack.test_permission_matrix import ONE_OF_EACH
from tests.attack.world import CLOSE_SEEN_BY, OWN, TODAY, close_family
from tests.factories.accounts import StandInFactory

pytestmark = pytest.mark.django_db
SITE = {name: address for name, address in by_name().items() if not name.startswith("admin:")}
MARK = "天眷"
ABSENT = 999_999
KINDS = ("client", "staff")
# The resident is the stand-in of the head. Of the other roles, one for each range of visibility also runs on SQLite.
OUTSIDE = [None, Role.COUNCIL, Role.ADMINISTRATOR, Role.RESIDENT, Role.DEPARTMENT_HEAD]
FURTHER = [Role.DIRECTOR, Role.SUPERVISOR, Role.PERSONNEL, Role.VOLUNTEER]
CASES = [
    pytest.param(who, kind, marks=[pytest.mark.sqlite] if who in FURTHER else [])
    for who in (*OUTSIDE, *FURTHER)
    for kind in KINDS
    if who not in CLOSE_SEEN_BY[kind]
]
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


@pytest.fixture(scope="module")
def centre(world):
    """The world in which every user gets e-mails, the head is absent, and the daily sweep has run."""
    for user in (*world.people.values(), world.colleague, world.worker):
        user.email = user.confirmed_email = f"{user.username}@example.com"
        user.save(update_fields=["email", "confirmed_email"])
    head, resident = world.people[Role.HEAD], world.people[Role.RESIDENT]
    StandInFactory(absent=head, stand_in=resident, starts_on=TODAY, ends_on=TODAY)
    world.belongs_to(resident)
    steps.sweep(TODAY)
    deliver(clock.now())
    return world


def planted(world, kind):
    """Adds a record of `kind`, MARK in every text and overdue in everything; sweeps and sends; returns its family."""
    worker = world.worker
    if kind == "staff":  # each worker has only one such record
        Stakeholder.objects.filter(account=worker).update(account=None)
    kin = close_family(kind, worker, world.colleague, MARK)
    Share.objects.create(
        stakeholder=kin.rows["record"],
        user=world.owed[OWN],
        kind=Share.Kind.EMERGENCY,
        reason=f"{MARK}失联",
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


def urls_of(world, kin):
    """Returns every URL of the site, of the record, its rows and the admin site, and searches for the record."""
    urls = []
    for name, address in SITE.items():
        line = EXPECTED.get(name)
        if name in ABOUT:
            urls.append(url_of(address, kin.rows[ROWS[line.of]].pk))
        elif not name.startswith("portal:"):
            query = line.query.format(pk=kin.rows["record"].pk)
            urls.append(address.url(world.values(line.of, OWN)) + query)
    searches = (
        "search",
        "employers:list",
        "interactions:list",
        "quick_log",
        "duties",
        "complaints:new",
        "accounts:list",
    )
    searches = [(name, "find" if name == "complaints:new" else "q") for name in searches]
    urls += [
        f"{reverse(name)}?{key}={word}"
        for name, key in searches
        for word in (MARK, kin.rows["record"].number)
    ]
    urls += [f"{reverse('quick_log_drafts')}?pk={kin.rows['record'].pk}"]
    for model in admin.site._registry:
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls += [f"{reverse(f'{label}_changelist')}{question}" for question in ("", f"?q={MARK}")]
        pks = [row.pk for row in kin.rows.values() if isinstance(row, model)]
        urls += [reverse(f"{label}_{page}", args=[pk]) for pk in pks for page in ("change", "history")]
    about = Reminder.objects.filter(title__contains=MARK).values_list("pk", flat=True)
    urls += [reverse("notice", args=[pk]) for pk in about]
    urls += [reverse("accounts:deactivate", args=[world.worker.pk])]
    return list(dict.fromkeys(urls))


def leaks(world, who, kind, some=None, known=None):
    """Returns the URLs (only those with one of the words `some`) that reveal the record to `who`, each with the
    difference.

    `known` caches the responses without the record between calls, by user.
    """
    with undone():
        urls = urls_of(world, planted(world, kind))
        urls = [url for url in urls if some is None or any(word in url for word in some)]
        with_it = answers(world, who, urls)
    without = {} if known is None else known.setdefault(who, {})
    without |= answers(world, who, [url for url in urls if url not in without])
    return [
        f"{url}: {difference(without[url], with_it[url])}" for url in urls if with_it[url] != without[url]
    ]


@pytest.fixture(scope="module")
def known():
    """A cache of the responses without the record."""
    return {}


@pytest.mark.parametrize(("who", "kind"), CASES)
def test_hidden_record_changes_no_page(centre, who, kind, known):
    assert leaks(centre, who, kind, known=known) == []


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_see_it_finds_it(centre, kind):
    """Control: the head finds the mark on these pages."""
    found = leaks(centre, Role.HEAD, kind)
    text = " ".join(found)
    assert MARK in text
    for page in (
        "/search/",
        "/interactions/",
        "/relations/",
        "/notices/",
        "/duties/",
        "/approvals/",
        "/dashboard/",
    ):
        assert [line for line in found if page in line.partition(": ")[0]], page


def test_personnel_finds_the_colleague(centre):
    assert MARK in " ".join(leaks(centre, Role.PERSONNEL, "staff", ["/search/", "/relations/"]))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_outside_is_told_and_no_letter_names_it(centre, kind):
    with undone():
        mail.outbox = []
        planted(centre, kind)
        recipients = set(Reminder.objects.filter(title__contains=MARK).values_list("recipient", flat=True))
        inside = {centre.people[role].pk for role in CLOSE_SEEN_BY[kind]} | {centre.worker.pk}
        assert recipients <= inside
        assert centre.people[Role.HEAD].pk in recipients
        assert mail.outbox
        assert [
            letter
            for letter in mail.outbox
            if MARK in f"{letter.subject}{letter.body}{letter.alternatives[0].content}"
        ] == []


def outline(session, method, address, pk):
    """Returns the status and the length of the response for the row `pk`, tokens removed."""
    answer = ask(session, method, url_of(address, pk))
    return answer.status_code, len(re.sub(r'(token" (?:value|content)=")[^"]*', "", told_by(answer)))


@pytest.mark.parametrize("name", ABOUT)
def test_closed_record_answers_as_one_that_is_not_there(centre, name):
    line, wrong = EXPECTED[name], []
    methods = [method for method in ("get", "post") if line.for_method(method) != NOBODY]
    for role, method in product(ONE_OF_EACH, methods):
        absent = outline(centre.sessions[role], method, SITE[name], ABSENT)
        closed = [kind for kind in KINDS if role not in CLOSE_SEEN_BY[kind]]
        pks = {kind: centre.close[kind].rows[ROWS[line.of]].pk for kind in closed}
        wrong += [
            f"{method} {kind} as {role}"
            for kind, pk in pks.items()
            if outline(centre.sessions[role], method, SITE[name], pk) != absent
        ]
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in ABOUT if not name.startswith("employers:")])
def test_open_record_is_there_to_the_head(centre, name):
    """Control of the comparison above."""
    line = EXPECTED[name]
    method = "get" if line.get != NOBODY else "post"
    pk = centre.close["client"].rows[ROWS[line.of]].pk
    answer = ask(centre.sessions[Role.HEAD], method, url_of(SITE[name], pk))
    assert kind_of(answer) == (Answer.OPEN if line.admits(Role.HEAD, method) else Answer.FORBIDDEN)


def test_worker_whose_client_it_is_finds_it(centre):
    worker = User.objects.get(pk=centre.worker.pk)
    for model in (Stakeholder, Interaction, Task, Duty):
        path = "kind" if model is Stakeholder else "stakeholder__kind"
        assert "client" in set(model.objects.visible_to(worker).values_list(path, flat=True))


# Controls: a deliberate leak is found.


def everything(self, user):
    """A `visible_to` that shows every row."""
    return self.all()


@pytest.mark.parametrize(
    ("rows", "who", "where"),
    [
        (StakeholderQuerySet, Role.COUNCIL, "/search/"),
        (StakeholderQuerySet, Role.ADMINISTRATOR, "/admin/relations/"),
        (InteractionQuerySet, Role.MANAGER, "/interactions/"),
        (TaskQuerySet, Role.ADMINISTRATOR, "/admin/relations/"),
    ],
)
def test_rows_shown_to_all_are_found(centre, monkeypatch, rows, who, where):
    monkeypatch.setattr(rows, "visible_to", everything)
    assert leaks(centre, who, "client", [where]) != []


def test_reminder_handed_to_the_stand_in_of_the_head_is_found(centre, monkeypatch):
    monkeypatch.setattr("relations.reminding.raising.personal_sql", lambda of, step: "FALSE")
    assert StandIn.objects.active_on(TODAY).filter(stand_in=centre.people[Role.RESIDENT]).exists()
    assert leaks(centre, Role.RESIDENT, "client", ["/notices/"]) != []


def test_permission_to_look_is_what_the_roles_outside_have_in_common(centre):
    """The records are not hidden for lack of the general permission: all roles but one may view stakeholders."""
    looking = [role for role in Role if centre.people[role].may(Permission.VIEW)]
    assert len(looking) == len(Role) - 1
