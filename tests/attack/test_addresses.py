"""Malformed URLs: wild values in every query parameter a page reads, and keys no database holds, never give a 500."""

import pytest

from accounts.roles import Role
from tests.attack.answers import ask
from tests.attack.declared import EXPECTED
from tests.attack.resolver import by_name
from tests.attack.world import OWN
from tests.plugins.where import deep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("errors_drawn_once")]
SITE = {name: address for name, address in by_name().items() if name in EXPECTED}
ASKED = (
    "after again anonymous back before by channel class closed contact course date days department done "
    "duties duty ends entered_by find finding first from half handler kind last method next of on only "
    "outcome page people period person person_class personnel pick pk purpose q renew repeated response "
    "result role rule satisfied secret sheet show since sort stage stakeholder standing start state "
    "status subject task tier to town type until urgent version view worker year"
).split()
WILD = {
    "superscript": "²",
    "arabic": "٣",
    "long number": "9" * 25,
    "endless number": "9" * 5000,
    "largest": "9223372036854775808",
    "negative": "-1",
    "nul": "\0",
    "nul inside": "a\0b",
    "quote": "' OR 1=1 --",
    "tag": '"><script>alert(1)</script>',
    "wildcards": "%_\\",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
    "month": "9999-12",
    "emoji": "💥" * 60,  # of four bytes each; "endless number" is the longest
    "cursor": "9999-12-31~9223372036854775807~2147483647",
    "cursor of numbers": f"{10**30}~{2**63}~1",
    "first cursor": "0001-01-01~0~0",
    "half a cursor": "~~",
    "marks": "\u202e\ufeff\u200b",
    "template": "{{7*7}}{% now 'Y' %}",
}
READ = (
    "accounts:list approvals complaints:act complaints:board complaints:export complaints:file "
    "complaints:file_word complaints:list complaints:measures complaints:new complaints:review "
    "complaints:seen dashboard dashboard_export deadline duties duties_export employers:contract_add "
    "employers:create employers:detail employers:edit employers:export employers:hand_over "
    "employers:keep_view employers:list employers:nudge employers:sheets ending_contracts holiday_day "
    "employer_imports:check interactions:export interactions:keep_view interactions:list login my_work notices "
    "portal:case portal:follow portal:form portal:receipt portal:start quick_log quick_log_drafts "
    "quick_log_for relations:decide relations:meetings relations:tasks search timeline"
).split()
# Each stands for others of its kind: digits that are no number, numbers too large, texts, dates, places in a list.
ONE_OF_EACH = {
    "superscript",
    "endless number",
    "largest",
    "nul inside",
    "quote",
    "marks",
    "last day",
    "month",
    "cursor of numbers",
    "half a cursor",
}
WITH_KEY = sorted(name for name in SITE if "pk" in SITE[name].parameters)


def crashes(world, role, urls, data=None):
    """Returns the (method, URL) pairs of `urls` whose response is a 500, as text."""
    responses = [(method, url, ask(world.sessions[role], method, url, data)) for method, url in urls]
    return [f"{method} {url}"[:200] for method, url, response in responses if response.status_code >= 500]


@pytest.mark.parametrize("kind", [kind if kind in ONE_OF_EACH else deep(kind) for kind in sorted(WILD)])
def test_malformed_query_strings_are_no_server_error(world, kind):
    world.belongs_to(world.people[Role.DIRECTOR])
    urls = [("get", SITE[name].url(world.values(EXPECTED[name].of, OWN))) for name in READ]
    assert crashes(world, Role.DIRECTOR, urls, dict.fromkeys(ASKED, WILD[kind])) == []


@pytest.mark.parametrize(
    "address", ["/search/?q=%00", "/employers/?q=a%00b", "/employers/1/paper/month/a%00/"]
)
def test_nul_in_an_address_is_refused(world, address):
    """PostgreSQL accepts no NUL in a text; SQLite would ignore it."""
    for role in (None, Role.DIRECTOR):
        assert ask(world.sessions[role], "get", address).status_code == 400


@pytest.mark.parametrize("pk", [deep(0), 2**31, deep(10**18 - 1), 2**63])
def test_keys_beyond_the_database_are_absent(world, pk):
    urls = []
    for name in WITH_KEY:
        values = world.values(EXPECTED[name].of, OWN) | {"pk": 987654321}
        url = SITE[name].url(values).replace("987654321", str(pk))
        urls += [(method, url) for method in ("get", "post")]
    assert crashes(world, Role.DIRECTOR, urls) == []


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", "2026-1", "2026-W01", "٢٠٢٦-01", "a\0"])
def test_impossible_months_are_not_found(world, month):
    values = world.values("employer", OWN) | {"month": month}
    world.belongs_to(world.people[Role.DIRECTOR])
    urls = [("get", SITE[name].url(values)) for name in ("employers:month", "employers:month_word")]
    assert crashes(world, Role.DIRECTOR, urls) == []


@pytest.mark.parametrize("name", ["relations:prepare_meeting", "relations:plan"])
@pytest.mark.parametrize("kind", ["superscript", "endless number", "negative", "nul", "largest"])
def test_wild_counts_of_lines_are_answered(world, name, kind):
    world.belongs_to(world.people[Role.DIRECTOR])
    type(world.families[OWN].rows["cycle"]).objects.update(stage="4_plan")
    url = SITE[name].url(world.values(EXPECTED[name].of, OWN))
    prefixes = ("goals", "goals-0-actions", "checklist", "outline", "questions")
    wild = {f"{prefix}-{word}_FORMS": WILD[kind] for prefix in prefixes for word in ("TOTAL", "INITIAL")}
    for more in ({}, {"add": "goals"}, {"add": WILD[kind]}, {"version": WILD[kind]}):
        assert crashes(world, Role.DIRECTOR, [("post", url)], wild | more) == []
