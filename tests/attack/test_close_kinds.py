"""Clients, colleagues and strictly confidential complaints (R153-R158): outside of them nothing tells of them.

Users without a right to them get, byte for byte, the site without them. They are added to the attacked centre, all
that the user may not see at once, with everything that may depend on them: nothing a page shows, counts, exports,
finds or reminds of may change (tests/attack/leaks.py). The URLs of an existing closed record must respond like those of
an absent one. tests/attack/test_complaint_leaks.py has the controls of the complaint.
"""

import re

import pytest
from django.core import mail

from accounts.models import StandIn, User
from accounts.roles import GRANTS, Permission, Role, scope_over
from relations.models import Duty, Interaction, Stakeholder, Task
from relations.models.interaction import InteractionQuerySet, TaskQuerySet
from relations.models.stakeholder import StakeholderQuerySet
from reminders.models import Reminder
from tests.attack.answers import Answer, ask, kind_of, undone
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.hidden import (
    ABOUT,
    CLIENT,
    CLOSE,
    COMPLAINT,
    MARKS,
    NUMBER,
    ROWS,
    SITE,
    STAFF,
    hidden_from,
    hide,
    planted_record,
    prepared,
    url_of,
)
from tests.attack.leaks import leaks, revealed, told_by, walk
from tests.attack.test_permission_matrix import ONE_OF_EACH
from tests.attack.world import CLOSE_SEEN_BY, TODAY
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
ABSENT = 999_999
PAGES_OF_THE_HEAD = (
    "/search/",
    "/interactions/",
    "/relations/",
    "/notices/",
    "/dashboard/duties/",
    "/approvals/",
    "/dashboard/",
)
# The director is complained about and opens most pages; the administrator sees every table of the admin site. The pages
# of the others are the same with fewer permissions or another range of visibility, also those of the resident, who
# registered the complaint and is the stand-in of the head (of that a control below asks).
OUTSIDE = [
    None,
    Role.DIRECTOR,
    Role.ADMINISTRATOR,
    *map(
        deep,
        (
            Role.RESIDENT,
            Role.FINANCE,
            Role.DEPARTMENT_HEAD,
            Role.COUNCIL,
            Role.MANAGER,
            Role.SUPERVISOR,
            Role.VOLUNTEER,
            Role.PERSONNEL,
        ),
    ),
]


@pytest.fixture(scope="module")
def centre(world):
    return prepared(world)


@pytest.mark.parametrize("who", OUTSIDE)
def test_hidden_things_change_no_page(centre, who):
    kinds = hidden_from(who)
    assert kinds
    found = leaks(centre, who, lambda: hide(centre, *kinds))
    # Asked again for each alone, to say which of them it is.
    by_kind = {kind: leaks(centre, who, lambda kind=kind: hide(centre, kind)) for kind in kinds if found}
    assert (found, by_kind) == ([], {})


@pytest.mark.deep
def test_no_page_differs_whose_rows_do_not(centre):
    """Control of the walk: of the pages of the head, who sees them all, none differs that would not be drawn again."""
    walked = walk(centre, Role.HEAD, lambda: hide(centre, *CLOSE, COMPLAINT))
    text = " ".join(walked.told[url] for url in walked.doubtful)
    assert [mark for mark in (*MARKS.values(), NUMBER) if mark not in text] == []
    not_drawn_again = [url for url in walked.told if url not in walked.doubtful]
    assert len(not_drawn_again) > len(walked.told) / 2
    assert revealed(centre, Role.HEAD, walked.told, not_drawn_again) == []


@pytest.mark.parametrize("kind", [CLIENT, deep(STAFF)])  # of the colleague the next test says it
def test_who_may_see_it_finds_it(centre, kind):
    """Control: the head finds the mark on these pages."""
    found = leaks(centre, Role.HEAD, lambda: hide(centre, kind), PAGES_OF_THE_HEAD)
    assert MARKS[kind] in " ".join(found)
    for page in PAGES_OF_THE_HEAD:
        assert [line for line in found if line.startswith(page)], page


def test_personnel_finds_the_colleague(centre):
    found = leaks(centre, Role.PERSONNEL, lambda: hide(centre, STAFF), ["/search/", "/relations/"])
    assert MARKS[STAFF] in " ".join(found)


@pytest.mark.parametrize("kind", CLOSE)
def test_nobody_outside_is_told_and_no_letter_names_it(centre, kind):
    mark = MARKS[kind]
    with undone():
        mail.outbox = []
        planted_record(centre, kind)
        recipients = set(Reminder.objects.filter(title__contains=mark).values_list("recipient", flat=True))
        inside = {centre.people[role].pk for role in CLOSE_SEEN_BY[kind]} | {centre.worker.pk}
        assert recipients <= inside
        assert centre.people[Role.HEAD].pk in recipients
        assert mail.outbox
        assert [
            letter
            for letter in mail.outbox
            if mark in f"{letter.subject}{letter.body}{letter.alternatives[0].content}"
        ] == []


def outline(session, method, address, pk):
    """Returns the status and the length of the response for the row `pk`, tokens removed."""
    answer = ask(session, method, url_of(address, pk))
    return answer.status_code, len(re.sub(r'(token" (?:value|content)=")[^"]*', "", told_by(answer)))


def askers(line, method, is_deep):
    """Returns one role of each class: refused by the page, or admitted; if deep, by its sight of the two kinds."""
    classes = {}
    for role in ONE_OF_EACH:
        sees = {Permission.VIEW, Permission.CONFIDENTIAL} & GRANTS[role].permissions
        sight = (*(scope_over(role, kind) for kind in CLOSE), *sorted(sees)) if is_deep else "admitted"
        closed = tuple(kind for kind in CLOSE if role not in CLOSE_SEEN_BY[kind])
        classes.setdefault((sight, closed) if line.admits(role, method, is_own=False) else closed, role)
    return classes.values()


@pytest.mark.parametrize("name", ABOUT)
def test_closed_record_answers_as_one_that_is_not_there(centre, name, is_deep):
    line, wrong = EXPECTED[name], []
    asked = [
        (role, method)
        for method in ("get", "post")
        if line.for_method(method) != NOBODY
        for role in askers(line, method, is_deep)
    ]
    for role, method in asked:
        absent = outline(centre.sessions[role], method, SITE[name], ABSENT)
        closed = [kind for kind in CLOSE if role not in CLOSE_SEEN_BY[kind]]
        pks = {kind: centre.close[kind].rows[ROWS[line.of]].pk for kind in closed}
        wrong += [
            f"{method} {kind} as {role}"
            for kind, pk in pks.items()
            if outline(centre.sessions[role], method, SITE[name], pk) != absent
        ]
    assert wrong == []


NOT_OF_CLIENTS = {"sheet_check"}  # no kind but the employers has an information sheet


@pytest.mark.parametrize(
    "name", [name for name in ABOUT if not name.startswith("employers:") and name not in NOT_OF_CLIENTS]
)
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
    assert leaks(centre, who, lambda: hide(centre, CLIENT), [where]) != []


def test_reminder_handed_to_the_stand_in_of_the_head_is_found(centre, monkeypatch):
    monkeypatch.setattr("relations.reminding.raising.personal_sql", lambda of, step: "FALSE")
    assert StandIn.objects.active_on(TODAY).filter(stand_in=centre.people[Role.RESIDENT]).exists()
    assert leaks(centre, Role.RESIDENT, lambda: hide(centre, CLIENT), ["/notices/"]) != []


def test_permission_to_look_is_what_the_roles_outside_have_in_common(centre):
    """The records are not hidden for lack of the general permission: all roles but one may view stakeholders."""
    looking = [role for role in Role if centre.people[role].may(Permission.VIEW)]
    assert len(looking) == len(Role) - 1
