"""The page of one employer: who may open it, what it shows, the check of its information form, voiding."""

from datetime import date

import pytest
from django.urls import reverse

from employers.models import Employer
from relations.interactions import monthly
from relations.models import Duty, Interaction, Stage, Task
from tests.employers.desk import MARKER, asking
from tests.factories.accounts import UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import ContactPersonFactory, CycleFactory, InteractionFactory, TaskFactory
from tests.queries import queries_of_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def employer(place):
    return EmployerFactory(
        name="青岚镇社会事务局",
        responsible=place.worker,
        active=True,
        contract__ends_on=date(2026, 12, 14),
        with_person=True,
        caution=MARKER,
    )


def page(user, employer, query=""):
    """Requests the page as `user`. Returns the response."""
    return asking(user).get(f"/employers/{employer.pk}/{query}")


def test_absent_and_unseen_records_answer_alike(place, employer):
    unseen, absent = page(place.stranger, employer), asking(place.stranger).get("/employers/999999/")
    assert (unseen.status_code, absent.status_code) == (404, 404)
    assert len(unseen.content) == len(absent.content)


@pytest.mark.parametrize("who", ["worker", "head", "supervisor", "director"])
def test_note_of_caution_is_read_by_those_allowed(place, employer, who):
    assert MARKER in page(getattr(place, who), employer).content.decode()


@pytest.mark.parametrize("who", ["staff", "finance"])
def test_note_of_caution_leaves_no_trace_for_others(place, employer, who):
    person = employer.contacts.get()
    person.caution = MARKER
    person.save()
    user = getattr(place, who)
    addresses = [
        f"/employers/{employer.pk}/",
        "/employers/",
        f"/employers/{employer.pk}/paper/sheet/",
        f"/employers/sheets/?pick={employer.pk}",
        f"/employers/{employer.pk}/paper/month/2026-10/",
    ]
    for address in addresses:
        text = asking(user).get(address).content.decode()
        assert MARKER not in text, address
        assert "特殊事项" not in text, address
    assert asking(user).get(f"/employers/{employer.pk}/caution/").status_code == 403


def test_head_says_the_standing_and_its_term(place, employer):
    text = page(place.worker, employer).content.decode()
    assert "合同期内，至2026年12月14日" in text
    assert "还有63天" in text


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, None, "还没有签过合同"),
        ((2025, 1, 1), (2026, 10, 11), "合同已于2026年10月11日到期"),
        ((2026, 10, 13), (2027, 10, 12), "合同从2026年10月13日起"),
        ((2026, 1, 1), (2026, 10, 12), "合同期内，至2026年10月12日"),
    ],
)
def test_head_of_other_terms(place, first, last, words):
    employer = EmployerFactory(responsible=place.worker)
    if first:
        ContractFactory(stakeholder=employer, starts_on=date(*first), ends_on=date(*last))
    assert words in page(place.worker, employer).content.decode()


def test_changes_of_standing_are_kept_with_their_dates(place):
    employer = EmployerFactory(responsible=place.worker)
    ContractFactory(stakeholder=employer, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31))
    ContractFactory(stakeholder=employer, starts_on=date(2025, 1, 1), ends_on=date(2025, 6, 30))
    ContractFactory(stakeholder=employer, starts_on=date(2026, 3, 1), ends_on=date(2027, 2, 28))
    changes = page(place.worker, employer).context["standing"].changes
    assert [(str(change["on"]), change["is_active"]) for change in changes] == [
        ("2026-03-01", True),
        ("2025-07-01", False),
        ("2024-01-01", True),
    ]
    past = [
        Employer.objects.active_on(date(*day)).count()
        for day in ((2023, 12, 31), (2025, 6, 30), (2025, 7, 1))
    ]
    assert past == [0, 1, 0]


def test_ended_contract_asks_for_evaluation_and_closing(place):
    employer = EmployerFactory(responsible=place.worker, lapsed=True)
    CycleFactory(stakeholder=employer, stage=Stage.PLAN)
    assert "去评估与结案" not in page(place.worker, employer).content.decode()
    CycleFactory(stakeholder=employer, stage=Stage.EXECUTION)
    assert "去评估与结案" in page(place.worker, employer).content.decode()


@pytest.mark.parametrize("scope", ["now", "quarter", "year", "past", "nonsense"])
def test_duties_by_period(place, employer, scope, today):
    lines = page(place.worker, employer, f"?duties={scope}").context["duties"].lines
    first, last = {
        "quarter": (date(2026, 10, 1), date(2026, 12, 31)),
        "year": (date(2026, 1, 1), date(2026, 12, 31)),
        "past": (date(2000, 1, 1), date(2026, 10, 11)),
    }.get(scope, (date(2026, 1, 1), date(2026, 12, 31)))
    assert lines
    assert all(first <= line.due_on <= last for line in lines)
    if scope in ("now", "nonsense"):
        assert {line.state for line in lines} == {"over", "open"}


def test_check_without_change_meets_the_duty_of_the_quarter(place, employer):
    duty = Duty.objects.get(stakeholder=employer, rule__code="sheet-check", period_start=date(2026, 10, 1))
    assert (duty.met, duty.met_on) == (0, None)
    client = asking(place.worker)
    for _ in range(2):
        assert client.post(f"/employers/{employer.pk}/check/").status_code == 302
    duty.refresh_from_db()
    assert (duty.met, duty.met_on) == (1, date(2026, 10, 12))
    check = Interaction.objects.get(purpose="sheet_check")
    assert (check.entered_by, check.contact_on, check.content) == (
        place.worker,
        date(2026, 10, 12),
        "核对无变化",
    )
    assert "郑雅婷" in page(place.worker, employer).content.decode()


def test_check_is_no_contact(place, employer):
    asking(place.worker).post(f"/employers/{employer.pk}/check/")
    employer.refresh_from_db()
    assert employer.last_contact_on is None


def test_check_by_those_who_do_not_log_is_refused(place, employer):
    assert asking(place.finance).post(f"/employers/{employer.pk}/check/").status_code == 403
    assert asking(place.stranger).post(f"/employers/{employer.pk}/check/").status_code == 404
    assert not Interaction.objects.exists()


def test_voiding_needs_a_reason_and_the_right(place, employer):
    url = f"/employers/{employer.pk}/void/"
    assert asking(place.worker).post(url, {"reason": "登记错了"}).status_code == 403
    assert asking(place.head).post(url, {"reason": " "}).status_code == 200
    assert asking(place.head).post(url, {"reason": "登记错了"}).status_code == 302
    employer.refresh_from_db()
    assert (employer.void_reason, employer.voided_by) == ("登记错了", place.head)
    assert page(place.worker, employer).status_code == 404


def test_buttons_are_those_of_the_right(place, employer):
    shown = {}
    for who in ("worker", "head", "finance"):
        text = page(getattr(place, who), employer).content.decode()
        marks = ("/check/", "contracts/new/", "hand-over/", "people/new/")
        shown[who] = [mark in text for mark in marks]
    assert shown == {
        "worker": [True, False, False, True],
        "head": [True, True, True, True],
        "finance": [False, True, False, False],
    }


def test_record_costs_the_same_however_much_there_is(place, employer):
    client, address = asking(place.head), f"/employers/{employer.pk}/"

    def add(number):
        person = ContactPersonFactory(stakeholder=employer)
        InteractionFactory(
            stakeholder=employer,
            contact_on=date(2026, 9, 1 + number),
            theirs=[person],
            follow_up_on=date(2026, 10, 1 + number),
        )
        term = {"starts_on": date(2010 + number, 1, 1), "ends_on": date(2010 + number, 6, 30)}
        ContractFactory(stakeholder=employer, **term)

    add(0)
    before = queries_of_page(client, address)
    for number in range(1, 12):
        add(number)
    assert queries_of_page(client, address) == before <= 12
    assert queries_of_page(client, address, {"duties": "past"}) <= 12


def test_monthly_sheet_is_one_button_away(client, at):
    """R101: the task for last month's form opens that form, and so does the menu of the record."""
    at("2026-11-03")
    employer = EmployerFactory(active=True, responsible=UserFactory(resident=True))
    sheet = reverse("employers:month", args=[employer.pk, "2026-10"])
    TaskFactory(
        stakeholder=employer,
        origin=Task.Origin.MONTHLY_SHEET,
        key=monthly.key_of(employer.pk, date(2026, 10, 1)),
    )
    client.force_login(employer.responsible)
    assert f'href="{sheet}"' in client.get(reverse("my_work")).content.decode()
    assert f'href="{sheet}"' in client.get(employer.get_absolute_url()).content.decode()
