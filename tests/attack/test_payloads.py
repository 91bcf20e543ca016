"""Payloads in every text field of every form: no 500, nothing executed by a template, nothing unescaped."""

import pytest
from django.template import Context, Template
from django.urls import reverse

from accounts.roles import Role
from complaints.models import Complaint
from complaints.portal import codes
from complaints.workflow.lifecycle import STEPS
from tests.attack.answers import ask, asking, undone
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.filling import cut, filled, forms_of, is_text
from tests.attack.payloads import BREAKOUTS, PAYLOADS, RAN, SCRIPTS, TEMPLATES, name_of
from tests.attack.resolver import by_name
from tests.attack.world import OWN, TODAY
from tests.factories.approvals import decide
from tests.factories.complaints import ComplaintFactory

pytestmark = pytest.mark.django_db
SITE = {name: address for name, address in by_name().items() if name in EXPECTED}
STAGES = {
    "assessment": "2_assessment",
    "decide": "3_decision",
    "plan": "4_plan",
    "evaluation": "6_evaluation",
}
# One of each kind of breakout: a tag, an attribute, the end of an attribute, a template. Their pages are rendered.
DRAWN = [SCRIPTS[0], SCRIPTS[4], BREAKOUTS[0], TEMPLATES[0]]
MOST_LIVELY = [SCRIPTS[0], BREAKOUTS[0]]  # with characters that all others consist of, too
UNDRAWN = [text for text in PAYLOADS if text not in DRAWN]
# Undrawn, one script is like another: they are the same characters.
ODD = [text for text in UNDRAWN if text not in (*SCRIPTS, *BREAKOUTS, *TEMPLATES)]
LONGEST = max(PAYLOADS, key=len)
WITHOUT_TEXT = {
    "accounts:deactivate",
    "attachment_withdraw",
    "complaints:handed",
    "complaints:paper",
    "complaints:paper_word",
    "employers:hand_over",
    "employers:contract_scans",
    "interactions:add_files",
    "login_notice",
    "notice",
    "portal:case",
    "relations:move_task",
    "sheet_check",
    "slip",
    "supervision",
}
# Pages with a form; `writer_of` returns who fills it in.
WRITTEN = sorted(
    name
    for name in SITE
    if NOBODY not in (EXPECTED[name].get, EXPECTED[name].post)
    and name not in ("employer_imports:start", "logout")
)


def writer_of(name):
    """Returns the role that fills in a form; None for a visitor who is not logged in."""
    if name == "login":
        return None
    manages = "account" in name or "department" in name or EXPECTED[name].of == "account"
    return Role.ADMINISTRATOR if manages else Role.DIRECTOR


def prepared(world, name):
    """Returns the URL of a form, with the record in the state that opens it."""
    world.belongs_to(world.people.get(writer_of(name), world.colleague))
    cycles = type(world.families[OWN].rows["cycle"]).objects.filter(pk=world.families[OWN].rows["cycle"].pk)
    cycles.update(stage=STAGES.get(name.partition(":")[2], "1_contact"))
    if name in {"relations:decide", "relations:assessment"}:  # a waiting decision locks both
        decide(cycles.get().decisions.get(), "returned", world.people[Role.COUNCIL], "2026-10-01")
    values = world.values(EXPECTED[name].of, OWN)
    values |= {"name": "back_to_assessment"} if name == "relations:move" else {}
    return SITE[name].url(values) + EXPECTED[name].query.format(pk=world.families[OWN].employer.pk)


def shown(world, name):
    """Returns the URL of a page and its forms, as the writer sees them."""
    url = prepared(world, name)
    response = asking(world.sessions[writer_of(name)]).get(url)
    return url, [form for form in forms_of(response.context) if form.fields]


def sent(world, name, text, url, forms):
    """Submits the forms of a page with `text` in every text field, cut to its length; returns the response."""
    data = {}
    for form in forms:
        data |= cut(form, filled(form, text))
    return ask(world.sessions[writer_of(name)], "post", url, data)


@pytest.mark.parametrize("name", WRITTEN)
def test_payloads_in_every_text_field_are_no_error(world, name, request, is_deep):
    url, forms = shown(world, name)
    request.getfixturevalue("without_drawing")
    texts = UNDRAWN if is_deep else ODD
    found = {name_of(text): sent(world, name, text, url, forms).status_code for text in texts}
    whole = {bound.html_name: LONGEST for form in forms for bound in form if is_text(bound)}
    found["far too long"] = ask(world.sessions[writer_of(name)], "post", url, whole).status_code
    assert {payload: status for payload, status in found.items() if status >= 500} == {}


@pytest.mark.parametrize("name", WRITTEN)
def test_payloads_come_back_escaped_once(world, name, is_deep):
    url, forms = shown(world, name)
    found = []
    for text in DRAWN if is_deep else MOST_LIVELY:
        response = sent(world, name, text, url, forms)
        found += [f"{name_of(text)}: {response.status_code}"] if response.status_code >= 500 else []
        found += [f"{name_of(text)}: {what}" for what in harm_in(response.content.decode(errors="replace"))]
    assert found == []


@pytest.mark.parametrize("name", sorted(STEPS))
def test_payloads_in_every_act_of_a_complaint(world, name, is_deep):
    """Each step of the complaint procedure, in the first state it is open in: no error, nothing unescaped."""
    world.belongs_to(world.people[Role.DIRECTOR])
    case = world.families[OWN].rows["complaint"]
    state = STEPS[name].sources[0]
    with undone():
        closed_on = TODAY if state == "closed" else None
        Complaint.objects.filter(pk=case.pk).update(state=state, closed_on=closed_on)
        client, url = (
            asking(world.sessions[Role.DIRECTOR]),
            reverse("complaints:act", args=[case.number, name]),
        )
        forms = [form for form in forms_of(client.get(url).context) if form.fields]
        found = []
        for text in DRAWN if is_deep else MOST_LIVELY:
            data = {key: value for form in forms for key, value in cut(form, filled(form, text)).items()}
            with undone():
                answer = client.post(url, data, follow=True)
                found += [(answer.status_code, harm) for harm in harm_in(answer.content.decode())]
                assert answer.status_code in (200, 409)
    assert forms
    assert found == []


def test_payloads_in_the_dialogue_of_the_public_door(world):
    code = codes.code_of(codes.new_token())
    ComplaintFactory(with_code=True, code_hash=codes.code_hash(code))
    client = asking()
    assert client.post(reverse("portal:follow"), {"code": code}).status_code == 302
    for text in (SCRIPTS[0], BREAKOUTS[0], TEMPLATES[0]):
        page = client.post(reverse("portal:case"), {"text": text}, follow=True)
        assert (page.status_code, harm_in(page.content.decode())) == (200, [])


def harm_in(text):
    """Returns descriptions of the payloads that took effect in a page."""
    lively = ("<script>window.", f"='{RAN}", f'="{RAN}', "href='javascript:", 'href="javascript:')
    twice = "&amp;lt;script&amp;gt;window"  # of SCRIPTS[0]; no payload that is drawn contains entities itself
    found = [f"live {sign}" for sign in lively if sign in text]
    found += [f"escaped twice {twice}"] if twice in text else []
    return found + (["template ran"] if "ran-template" in text else [])


def test_forms_of_the_site_are_found(world):
    """Control: all forms are found with their text fields; those without any are listed."""
    fields = {name: [is_text(bound) for form in shown(world, name)[1] for bound in form] for name in WRITTEN}
    assert sum(sum(texts) for texts in fields.values()) > 90
    assert {name for name, texts in fields.items() if not any(texts)} == WITHOUT_TEXT


@pytest.mark.parametrize("template", ["{{ text|safe }}", "{% autoescape off %}{{ text }}{% endautoescape %}"])
def test_unescaped_text_is_noticed(template):
    page = Template(f"<p>{template}</p>").render(Context({"text": PAYLOADS[0]}))
    assert harm_in(page) == ["live <script>window."]
    assert harm_in(Template("<p>{{ text }}</p>").render(Context({"text": PAYLOADS[0]}))) == []


def test_text_escaped_twice_is_noticed():
    page = Template("{{ text|force_escape|force_escape }}").render(Context({"text": SCRIPTS[0]}))
    assert harm_in(page) == ["escaped twice &amp;lt;script&amp;gt;window"]
