"""Thousands of generated form submissions never give a 500.

`LEZHI_EXAMPLES=10000` sends that many. A failure names the seed that reproduces the example.
"""

import os
import random
import sys

import pytest
from django import forms
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpResponse
from django.template.backends.django import Template
from django.urls import path, reverse

from accounts.roles import Role
from complaints.models import Complaint
from complaints.workflow.lifecycle import STEPS
from tests.attack.answers import Answer, asking, undone
from tests.attack.conftest import PAPERS
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.filling import cut, filled, forms_of
from tests.attack.generating import NUMBERS, body_of, example, signs, wild_text
from tests.attack.resolver import by_name
from tests.attack.test_addresses import ASKED, READ
from tests.attack.test_admin_matrix import MODELS, expected, url_of
from tests.attack.test_payloads import WRITTEN, shown, writer_of
from tests.attack.world import OWN, TODAY

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("LEZHI_EXAMPLES") or 500)
DRAWN = 10  # one of so many examples is rendered as a page
SITE = by_name()
BUTTONS = sorted(n for n, line in EXPECTED.items() if line.post != NOBODY and n not in {*WRITTEN, "logout"})
# Forms that have only buttons, and tables without a row to change.
WITHOUT_FIELDS = {"accounts:deactivate", "attachment_withdraw", "sheet_check", "supervision"}
WITHOUT_FIELDS |= {"complaints:handed", "complaints:paper", "complaints:paper_word", "portal:case"}
WITHOUT_FIELDS |= {"login_notice", "notice", "slip"}
WITHOUT_FIELDS |= {"admin change reminders.holidayoverride", "admin change reminders.holidaynotice"}
PAGES = [f"{page} {label}" for label in sorted(MODELS) for page in ("change", "add")]


def editor_of(page, label):
    """Returns the role that fills in this page of the admin site, or None when no role may."""
    roles = (Role.ADMINISTRATOR, Role.DIRECTOR)
    return next((role for role in roles if expected(role, label, page, "post") == {Answer.OPEN}), None)


ADMIN = [f"admin {words}" for words in PAGES if editor_of(*words.split())]
ACTS = [f"act {name}" for name in STEPS]  # of a complaint
FORMS = sorted(
    {*WRITTEN, "employer_imports:start", *BUTTONS, *(f"asking {name}" for name in READ), *ADMIN, *ACTS}
)
EACH = -(-EXAMPLES // len(FORMS))


class Sender:
    """Sends examples to one form: its URL, the session that sends, its fields and a valid submission (`plain`)."""

    def __init__(self, session, url, forms=(), method="post"):
        self.session, self.url, self.method = session, url, method
        self.fields = {bound.html_name: bound.field for form in forms for bound in form}
        self.plain = {
            name: value for form in forms for name, value in cut(form, filled(form, "文字")).items()
        }

    def send(self, seed):
        """Sends the example of this seed; returns the status of the response."""
        rng = random.Random(seed)
        with undone():
            answer = self.answer(asking(self.session), rng)
            if answer.streaming:  # read to its end so that the file behind it is closed
                b"".join(answer.streaming_content)
            return answer.status_code

    def answer(self, client, rng):
        """Returns the response to one random example."""
        if self.method == "post":
            return client.post(self.url, **body_of(example(rng, self.fields, self.plain)))
        query = {name: [rng.choice([wild_text(rng), *NUMBERS])] for name in rng.sample(ASKED, 3)}
        return client.get(f"{self.url}?{body_of(query)['data']}".replace("%00", ""))


def sender_for(world, name):
    """Returns the Sender of the form `name` (an entry of FORMS)."""
    sort, _space, rest = name.partition(" ")
    if sort == "asking":
        world.belongs_to(world.people[Role.DIRECTOR])
        url = SITE[rest].url(world.values(EXPECTED[rest].of, OWN))
        return Sender(world.sessions[Role.DIRECTOR], url, method="get")
    if sort == "admin":
        return admin_sender(world, *rest.split())
    if sort == "act":
        return act_sender(world, rest)
    url, forms = shown(world, name) if name in {*WRITTEN, "employer_imports:start"} else (None, ())
    line, role = EXPECTED[name], writer_of(name)
    if url is None:
        world.belongs_to(world.people.get(role, world.colleague))
        url = SITE[name].url(world.values(line.of, OWN)) + line.query.format(
            pk=world.families[OWN].employer.pk
        )
    return Sender(world.sessions[role], url, forms)


def act_sender(world, name):
    """Returns the Sender of a step, with the complaint in the first state in which the step is open."""
    world.belongs_to(world.people[Role.DIRECTOR])
    case, state = world.families[OWN].rows["complaint"], STEPS[name].sources[0]
    closed_on = TODAY if state == "closed" else None
    Complaint.objects.filter(pk=case.pk).update(state=state, closed_on=closed_on)
    session, url = world.sessions[Role.DIRECTOR], reverse("complaints:act", args=[case.number, name])
    return Sender(session, url, forms_of(asking(session).get(url).context))


def admin_sender(world, page, label):
    """Returns the Sender of one page of the admin site."""
    session, url = world.sessions[editor_of(page, label)], url_of(world, label, page)
    return Sender(session, url, forms_of(asking(session).get(url).context))


@pytest.fixture
def seldom_drawn(monkeypatch):
    """A list; while it is empty, pages are not rendered, which would take most of the time."""
    drawing, draw = [], Template.render

    def render(self, context=None, request=None):
        return draw(self, context, request) if drawing else ""

    monkeypatch.setattr(Template, "render", render)
    for module in PAPERS:
        monkeypatch.setattr(f"{module}.word_answer", lambda *papers: HttpResponse("paper"))
    return drawing


@pytest.fixture
def crashes():
    """The exceptions raised by the requests, as text."""
    found = []

    def note(sender, **_signal):
        found.append(repr(sys.exc_info()[1])[:300])

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


@pytest.mark.allow_missing
@pytest.mark.parametrize("name", FORMS)
def test_generated_answers_are_no_error(world, name, crashes, request):
    sender = sender_for(world, name)
    drawing = request.getfixturevalue("seldom_drawn")
    found = []
    for number in range(EACH):
        drawing[:] = [True] * (number % DRAWN == 0)
        seed = f"{connection.vendor} {name} {number}"
        status = sender.send(seed)
        found += [f"{seed}: {status}"] if status >= 500 else []
    assert (found, crashes) == ([], [])


def test_examples_are_as_many_as_promised_and_of_every_form(world):
    """Control: no form is left out, each has its fields, and the fields get every category of characters."""
    assert EACH * len(FORMS) >= EXAMPLES
    fields = {name: sender_for(world, name).fields for name in (*WRITTEN, *ADMIN, *ACTS)}
    assert {name for name, found in fields.items() if not found} == WITHOUT_FIELDS
    assert {"Lu", "Lo", "Mn", "Nd", "Cc", "Cf", "Cs", "Co", "Cn", "Zs", "So", "Sm"} <= set(signs())


class Trusted(forms.Form):
    count = forms.IntegerField(initial=1)


urlpatterns = [path("trusting/", lambda request: HttpResponse(str(int(request.POST.get("count", "1")))))]
handler500 = "lezhi.errors.server_error"


def test_server_error_is_detected(world, crashes, settings):
    """Control: a page that trusts one field is found by the examples of its form."""
    settings.ROOT_URLCONF = __name__
    sender = Sender(world.sessions[Role.DIRECTOR], "/trusting/", [Trusted()])
    assert 500 in [sender.send(f"control {number}") for number in range(50)]
    assert crashes[0].startswith("ValueError")
