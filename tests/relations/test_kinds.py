"""The declaration of a kind decides what its records show and allow; other kinds keep the general texts and guards."""

import sys
from types import ModuleType

import pytest
from django.urls import include, path
from django.views import View

from employers.forms import EmployerForm, NewEmployerForm
from employers.models import Employer
from lezhi import urls
from relations.approvals.forms import DecisionForm
from relations.cycle.diagram import diagram
from relations.cycle.forms import EvaluationForm
from relations.cycle.lifecycle import MOVES_BY_NAME, obstacle
from relations.cycle.panel import cycle_panel
from relations.models import (
    ClosingType,
    Cycle,
    Decision,
    Evaluation,
    Kind,
    Level,
    Stage,
    Stakeholder,
    TerminationReason,
    levels_of,
)
from relations.parties import record_urls, sweep
from relations.parties.kinds import KINDS, FormSpec, KindSpec
from relations.parties.urls import patterns_of
from tests.employers.desk import asking
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import StakeholderFactory

pytestmark = pytest.mark.django_db

REASONS = (("moved", "已离开服务区域"), ("died", "服务对象去世"))
TYPES = (("handed", "转交其他机构"),)


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def clients(monkeypatch):
    """A kind with its own text wherever a kind may declare one."""

    def consent(cycle, today):
        return "还没有同意书。"

    spec = KindSpec(
        kind=Kind.CLIENT,
        unit="位",
        prefix="FW",
        url_namespace="clients",
        model=Stakeholder,
        stage_labels={Stage.CONTACT: "接案"},
        guards={"assess": (consent,)},
        termination_reasons=REASONS,
        closing_types=TYPES,
        past=(lambda stakeholder: ["以前来过"],),
        levels=(Level.OTHER,),
    )
    monkeypatch.setitem(KINDS._entries, Kind.CLIENT, spec)
    return spec


@pytest.fixture
def client_record(today, clients):
    return StakeholderFactory(kind=Kind.CLIENT)


@pytest.fixture
def employer(today):
    return EmployerFactory()


def test_number_begins_with_the_prefix_of_the_kind(client_record, employer):
    assert client_record.number.startswith("FW-")
    assert employer.number.startswith("YR-")


def test_stage_has_the_label_of_the_kind(client_record, employer, today):
    director = UserFactory(director=True)
    first = [cycle_panel(director, one, today).stages[0]["label"] for one in (client_record, employer)]
    assert first == ["接案", "初步建立联系"]
    assert [diagram(one.kind, None)[0].label for one in (client_record, employer)] == first


def test_guard_of_one_kind_stands_before_no_other(client_record, employer, today):
    move = MOVES_BY_NAME["assess"]
    Cycle.objects.update(
        class_confirmed=True,
        preliminary_needs="需求",
        first_contact_on=today,
        received_by=UserFactory(),
    )
    assert obstacle(client_record.cycles.get(), move, today) == "还没有同意书。"
    assert obstacle(employer.cycles.get(), move, today) is None


def test_decision_offers_the_reasons_of_the_kind(client_record, employer):
    def offered(record):
        form = DecisionForm(instance=Decision(cycle=record.cycles.get()))
        return [value for value, _label in form.fields["termination_reason"].choices]

    assert offered(client_record) == ["moved", "died"]
    assert offered(employer) == TerminationReason.values


def test_evaluation_offers_the_closing_types_of_the_kind(client_record, employer, today):
    def offered(record):
        form = EvaluationForm(instance=Evaluation(cycle=record.cycles.get()), by=UserFactory(), today=today)
        return [value for value, _label in form.fields["closing_type"].choices]

    assert offered(client_record) == ["handed"]
    assert offered(employer) == ClosingType.values


def test_reason_of_a_kind_may_be_kept_and_is_worded(client_record):
    decision = Decision(cycle=client_record.cycles.get(), course="terminate", termination_reason="died")
    decision.clean_fields(
        exclude=["justification", "help_offered", "proposed_by", "decided_by", "decided_on"]
    )
    assert decision.termination_words == "服务对象去世"


def test_levels_are_those_of_the_kind(client_record, employer):
    assert [value for value, _label in levels_of(client_record.kind)] == [Level.OTHER]
    assert levels_of(employer.kind) == Level.choices


def test_kind_without_pages_has_no_address(client_record, employer):
    assert record_urls.kind_page_url(client_record) == ""
    assert record_urls.kind_page_url(employer) == employer.get_absolute_url()


def test_kind_without_cycle_begins_none(today, monkeypatch):
    staff = KindSpec(Kind.STAFF, "位", "YG", "staff", Stakeholder, has_cycle=False)
    monkeypatch.setitem(KINDS._entries, Kind.STAFF, staff)
    assert not StakeholderFactory(kind=Kind.STAFF).cycles.exists()
    assert StakeholderFactory(kind=Kind.PARTNER).cycles.exists()


@pytest.fixture
def plain(monkeypatch, settings, employer):
    """A kind that declares only what is required: no cycle, terms, sheet or template of its own."""
    spec = KindSpec(
        kind="plain",
        unit="个",
        prefix="PT",
        url_namespace="plain",
        model=Employer,
        has_cycle=False,
        forms=FormSpec(NewEmployerForm, EmployerForm, "新增普通对象", "修改资料"),
    )
    monkeypatch.setitem(KINDS._entries, "plain", spec)
    lists = [path("", View.as_view(), name="list"), path("hand-over/", View.as_view(), name="hand_over")]
    site = ModuleType("site_with_plain")
    site.urlpatterns = [path("plain/", include(([*lists, *patterns_of(spec)], "plain"))), *urls.urlpatterns]
    monkeypatch.setitem(sys.modules, site.__name__, site)
    settings.ROOT_URLCONF = site.__name__
    return spec


@pytest.mark.parametrize(
    "address",
    [
        "{pk}/",
        "{pk}/edit/",
        "{pk}/caution/",
        "{pk}/void/",
        "{pk}/people/new/",
        "{pk}/paper/month/2026-09/",
        "new/",
    ],
)
def test_pages_of_a_kind_that_declares_little_can_be_read(plain, employer, address):
    answer = asking(UserFactory(director=True)).get(f"/plain/{address.format(pk=employer.pk)}")
    assert answer.status_code == 200
    assert "合同" not in answer.content.decode().split("</nav>")[-1]


def test_kind_without_terms_has_no_address_for_them(plain, employer):
    director = asking(UserFactory(director=True))
    assert director.get(f"/plain/{employer.pk}/contracts/new/").status_code == 404
    assert director.get(f"/employers/{employer.pk}/contracts/new/").status_code == 200


def test_menu_of_a_kind_offers_the_sheets_of_contacts_alone(plain, employer):
    answer = asking(UserFactory(director=True)).get(f"/plain/{employer.pk}/")
    assert [act["label"] for act in answer.context["print_acts"]] == [
        "10月沟通记录表",
        "10月沟通记录表（Word）",
        "9月沟通记录表",
        "9月沟通记录表（Word）",
    ]
    assert answer.context["panel"] is None
    assert answer.context["standing"] is None


@pytest.mark.parametrize("step", [sweep.GREETINGS, sweep.MONTHLY_SHEETS, sweep.REPORTS])
def test_calendar_asks_only_of_kinds_that_declare_the_step(client_record, employer, step):
    (records, clause), *others = sweep.participating_kinds(step)
    assert list(records) == [employer.stakeholder_ptr]
    assert clause.startswith(("用人单位", "公共关系"))
    assert others == []
