"""Made confidential after others saw it, were notified of it and saved it: hidden from the next request on; and back.

A record: a user who may not view confidential ones gets, byte for byte, the site in which the record was voided. A
complaint: a user who is added to those not to be informed gets the site as if it had never been received (R158).
"""

from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import GRANTS, Role
from accounts.roles import Permission as P
from complaints.intake import actions as intake
from complaints.models import Access, Appointment, Improvement
from employers.models import Employer
from relations.models import SavedView, Stakeholder
from relations.models.stakeholder import StakeholderQuerySet
from relations.parties.actions import after_visibility_change
from reminders import clock, notices, steps
from reminders.deliveries import deliver
from reminders.models import Delivery, Reminder
from tests.attack.answers import ask, undone
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.leaks import changed, difference, noted, told_by
from tests.attack.resolver import by_name
from tests.attack.test_revoked import GENERAL, create_reminders_for
from tests.attack.world import MARKS, OWN, TODAY
from tests.factories.complaints import ComplaintFactory, take_step
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
SITE = by_name()
MARK, NUMBER = MARKS[OWN], "2026-ZZZZZZ"
# Roles that may see the record of a colleague, but no confidential one.
ROLES = [Role.DEPARTMENT_HEAD, Role.ADMINISTRATOR]
READERS = [Role.DEPARTMENT_HEAD, deep(Role.ADMINISTRATOR)]
OF_THE_RECORD = {
    "employer",
    "cycle",
    "person",
    "contract",
    "interaction",
    "meeting",
    "item",
    "goal",
    "action",
}
OF_THE_RECORD |= {"decision", "attachment", "task"}


@pytest.fixture(scope="module")
def centre(world):
    """The world in which these roles have reminders, pending e-mails and a saved view about the record."""
    world.belongs_to(world.colleague)
    for role in ROLES:
        reader = User.objects.get(pk=world.people[role].pk)
        create_reminders_for(world, reader)
        reader.email = reader.confirmed_email = f"{role}@example.com"
        reader.save()
        SavedView.objects.create(owner=reader, page="employers", name="我的", query=f"q={quote(MARK)}")
    steps.sweep(TODAY)
    return world


def set_mark(world, value):
    """Sets or clears the confidential mark as the form of the record does."""
    employer = Employer.objects.get(pk=world.families[OWN].employer.pk)
    Stakeholder.objects.filter(pk=employer.pk).update(is_confidential=value)
    employer.refresh_from_db()
    after_visibility_change(employer, today=TODAY)


def general(world):
    """Returns every page that is not about one record, and every search for the record."""
    urls = [SITE[name].url(world.values(None, OWN)) for name in GENERAL]
    pk = world.families[OWN].employer.pk
    for name in ("search", "employers:list", "employers:export", "interactions:list", "interactions:export"):
        urls += [f"{reverse(name)}?q={quote(word)}" for word in (MARK, f"{MARK}镇", "第九社会")]
    urls += [f"{reverse('interactions:list')}?stakeholder={pk}", f"{reverse('quick_log')}?stakeholder={pk}"]
    urls += [f"{reverse('quick_log_drafts')}?pk={pk}", f"{reverse('complaints:new')}?stakeholder={pk}"]
    return list(dict.fromkeys(urls))


def of_the_record(world):
    """Returns every URL that names the record or something that belongs to it."""
    lines = {name: line for name, line in EXPECTED.items() if line.of in OF_THE_RECORD and line.get != NOBODY}
    return [
        SITE[name].url(world.values(line.of, OWN)) + line.query.format(pk=world.families[OWN].employer.pk)
        for name, line in lines.items()
    ]


def answers(world, role, urls):
    """Returns {URL: response as text} for `role`."""
    return {url: told_by(ask(world.sessions[role], "get", url)) for url in urls}


def differences(before, after):
    """Returns the URLs whose responses differ, each with the difference."""
    return [f"{url}: {difference(before[url], after[url])}" for url in before if before[url] != after[url]]


@contextmanager
def record_voided(world):
    """Context manager: a centre in which the record has been voided."""
    with undone():
        Stakeholder.objects.filter(pk=world.families[OWN].employer.pk).update(
            voided_at=timezone.now(), void_reason="试", voided_by=world.people[Role.DIRECTOR]
        )
        yield


def differences_from_voided(world, role, urls):
    """Returns ({URL: page}, which of them differ from those of a centre in which the record has been voided).

    Pages whose queries return the same rows there are not drawn again (tests/attack/leaks.py).
    """
    now, queries = noted(world, role, urls)
    rows = queries.rows()
    with record_voided(world):
        doubtful = queries.pages_with(changed(rows, queries.rows()))
        voided = answers(world, role, doubtful)
    return now, differences(voided, now)


@pytest.mark.parametrize("role", READERS)
def test_record_made_confidential_is_as_if_it_were_not_there(centre, role):
    urls = general(centre)
    with undone():
        seen = answers(centre, role, [reverse("employers:list"), reverse("notices"), reverse("my_work")])
        assert MARK in "".join(seen.values())  # control: it was visible before
        set_mark(centre, True)
        now, differing = differences_from_voided(centre, role, urls)
        assert [url for url, text in now.items() if MARK in text and quote(MARK) not in url] == []
        assert differing == []


def what_is_told(pages):
    """Returns for each page its status and how often the record is named; the number of notices may differ."""
    return {url: (text[:3], text.count(MARK)) for url, text in pages.items()}


@pytest.mark.parametrize("role", READERS)
def test_every_address_of_a_record_made_confidential_is_absent(centre, role):
    urls = of_the_record(centre)
    with undone():
        own = centre.families[OWN].employer.get_absolute_url()
        assert answers(centre, role, [own])[own].startswith("200")  # control
        set_mark(centre, True)
        opened = [
            url
            for url, text in answers(centre, role, urls).items()
            if not text.startswith(("404", "403", "302")) or MARK in text
        ]
        assert opened == []


@pytest.mark.parametrize("role", READERS)
def test_letters_and_notices_that_wait_are_not_told(centre, role):
    morning = clock.now().replace(hour=2)  # ten o'clock in Shanghai
    with undone():
        mail.outbox = []
        reader = User.objects.get(pk=centre.people[role].pk)
        assert Delivery.objects.filter(recipient=reader, reminder__title__contains=MARK).exists()
        set_mark(centre, True)
        assert notices.unread(reader).filter(reminder__title__contains=MARK).count() == 0
        deliver(morning)
        letters = [letter for letter in mail.outbox if reader.email in letter.to]
        assert [letter.body for letter in letters if MARK in f"{letter.subject}{letter.body}"] == []


@pytest.mark.parametrize("role", READERS)
def test_mark_removed_brings_the_record_back(centre, role):
    """Every page, list, search and file is as before, and due reminders return to their recipients."""
    employer, rows = centre.families[OWN].employer, centre.families[OWN].rows
    urls = [employer.get_absolute_url(), reverse("relations:record", args=[employer.pk])]
    urls += [SITE["interactions:detail"].url({"pk": rows["interaction"].pk})]
    urls += [
        reverse(name) for name in ("employers:list", "employers:export", "interactions:list", "dashboard")
    ]
    urls += [f"{reverse('search')}?q={quote(MARK)}"]
    with undone():
        before = what_is_told(answers(centre, role, urls))
        due = set(Reminder.objects.open().filter(kind="due").values_list("key", "recipient"))
        set_mark(centre, True)
        set_mark(centre, False)
        assert what_is_told(answers(centre, role, urls)) == before
        assert set(Reminder.objects.open().filter(kind="due").values_list("key", "recipient")) == due


def test_whoever_may_see_confidential_records_loses_nothing(centre):
    """Control: the director still opens the record and finds the mark."""
    with undone():
        set_mark(centre, True)
        assert P.CONFIDENTIAL in GRANTS[Role.DIRECTOR].permissions
        page = told_by(
            ask(centre.sessions[Role.DIRECTOR], "get", centre.families[OWN].employer.get_absolute_url())
        )
        assert (page.startswith("200"), MARK in page) == (True, True)


def test_record_still_shown_is_found(centre, monkeypatch):
    """Control of the comparison: a search without the visibility rule."""
    with undone():
        set_mark(centre, True)
        monkeypatch.setattr(StakeholderQuerySet, "visible_to", lambda self, user: self.filter(voided_at=None))
        urls = [f"{reverse('search')}?q={quote(MARK)}"]
        assert differences_from_voided(centre, Role.DEPARTMENT_HEAD, urls)[1] != []


# A complaint whose earlier readers were on the list, worked on it, had a measure, reminders and e-mails.


@pytest.fixture
def known(centre, monkeypatch):
    """Returns a function that registers a complaint which the deputy handles and a manager reads; both are notified."""
    monkeypatch.setattr(intake, "new_number", lambda day: NUMBER)
    people = centre.people
    for role in (Role.DEPUTY, Role.MANAGER):
        people[role].email = people[role].confirmed_email = f"{role}@example.com"
        people[role].save(update_fields=["email", "confirmed_email"])
    Appointment.objects.create(head=people[Role.HEAD], alternate=people[Role.COUNCIL], reason="理事会决议")

    def make():
        case = ComplaintFactory(
            by=people[Role.RESIDENT],
            title="天机的主题",
            statement="天机的陈述",
            stakeholder=centre.families[OWN].employer.stakeholder_ptr,
        )
        take_step(case, "appoint", people[Role.HEAD], user=people[Role.DEPUTY], text="天机派人")
        take_step(case, "list", people[Role.HEAD], user=people[Role.MANAGER], text="天机要知道")
        take_step(case, "note", people[Role.DEPUTY], text="天机记录", on=TODAY)
        Improvement.objects.create(
            complaint=case, measure="天机措施", owner=people[Role.DEPUTY], due_on=TODAY, check_on=TODAY
        )
        steps.sweep(TODAY)
        return case

    return make


def pages_of(world, case):
    """Returns the pages of the complaint, and the pages that may mention it."""
    names = [name for name in EXPECTED if name.startswith("complaints:") and EXPECTED[name].get != NOBODY]
    pk = Improvement.objects.get(complaint=case).pk
    urls = [SITE[name].url({"number": NUMBER, "name": "note", "key": "rights", "pk": pk}) for name in names]
    urls += [f"{reverse('complaints:list')}?q={quote('天机')}", f"{reverse('search')}?q={NUMBER}"]
    urls += [world.families[OWN].employer.get_absolute_url(), "/", reverse("notices"), reverse("me")]
    return list(dict.fromkeys(urls))


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.MANAGER])
def test_complaint_kept_from_somebody_later_is_as_if_it_had_never_come_in(centre, known, role):
    people = centre.people
    with undone():
        case = known()
        urls = pages_of(centre, case)
        seen = answers(centre, role, urls)
        assert "天机" in "".join(seen.values())  # control: it was visible, and they were notified
        assert (NUMBER in seen[reverse("notices")]) == (role == Role.DEPUTY)  # a reader gets no reminders
        kept_from = [people[Role.DEPUTY], people[Role.MANAGER]]
        take_step(case, "mark", people[Role.HEAD], users=kept_from, is_strict=True, text="反映人要求")
        now = answers(centre, role, urls)
        mail.outbox = []
        deliver(clock.now().replace(hour=2))
        assert [
            letter for letter in mail.outbox if f"{role}@example.com" in letter.to and NUMBER in letter.body
        ] == []
        assert not Access.objects.current().filter(complaint=case, user=people[role]).exists()
    assert differences(answers(centre, role, urls), now) == []


def exported(world, role):
    """Returns the export of complaints for `role`, as text."""
    return told_by(ask(world.sessions[role], "get", f"{reverse('complaints:export')}?show=all"))


@pytest.mark.parametrize("who", [Role.DEPUTY, Role.MANAGER])
def test_complaint_made_strict_later_leaves_the_workbook_of_readers_and_comes_back(centre, known, who):
    """Users still on the list may read it but no longer export it; after the mark is removed, both."""
    people = centre.people
    with undone():
        case = known()
        url = case.get_absolute_url()
        assert NUMBER in exported(centre, who)
        take_step(case, "mark", people[Role.HEAD], users=[], is_strict=True, text="反映人要求")
        assert NUMBER not in exported(centre, who)
        assert told_by(ask(centre.sessions[who], "get", url)).startswith("200")
        take_step(case, "mark", people[Role.HEAD], users=[], is_strict=False, text="反映人同意")
        assert NUMBER in exported(centre, who)
