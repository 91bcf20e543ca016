"""A kind without cycle, terms, responsible worker, sheet and import: each of its pages is right without them."""

import sys
from dataclasses import replace
from types import ModuleType
from uuid import uuid4

import pytest
from django.urls import include, path, reverse

from accounts.query_cache import PreparedQuery
from accounts.roles import FURTHER_KINDS
from lezhi.kind_checks import problems_of
from relations.lists.spec import ListSpec
from relations.models import Cycle
from relations.parties.forms import NewRecordForm, RecordForm
from relations.parties.kinds import KINDS, FormSpec, RecordSpec
from relations.parties.urls import patterns_of
from tests.employers.desk import asking
from tests.fifth_kind.test_schools import names, page, rows_of
from tests.schools import site
from tests.schools.kind import SCHOOL, SIGHT
from tests.schools.models import School

pytestmark = pytest.mark.django_db
LIST = "/bare/"


class BareForm(RecordForm):
    SECTIONS = (("来源", ("source", "source_detail")), ("学校", ("name", "town")))

    class Meta:
        model = School
        fields = ("name", "town", "source", "source_detail")


class NewBareForm(NewRecordForm, BareForm):
    SECTIONS = (NewRecordForm.KIND_FIRST, *BareForm.SECTIONS, NewRecordForm.FIRST_PERSON)


class BareList(ListSpec):
    kind, page = School.KIND, "bare"


@pytest.fixture
def bare(monkeypatch, settings):
    """The kind of schools with the least that a kind may declare, at /bare/."""
    spec = replace(
        SCHOOL,
        url_namespace="bare",
        has_cycle=False,
        terms=None,
        imports=None,
        record=RecordSpec(),
        list=BareList(),
        forms=FormSpec(NewBareForm, BareForm, "新增", "修改"),
    )
    monkeypatch.setitem(KINDS._entries, "school", spec)
    monkeypatch.setitem(FURTHER_KINDS._entries, "school", replace(SIGHT, by_responsible=False))
    # A query that was compiled for one declaration of the kind must not be used for the other.
    monkeypatch.setattr(PreparedQuery, "cached", lambda *_args: None)
    urls = ModuleType("site_with_a_bare_kind")
    urls.urlpatterns = [path("bare/", include((patterns_of(spec), "bare"))), *site.urlpatterns]
    monkeypatch.setitem(sys.modules, urls.__name__, urls)
    settings.ROOT_URLCONF = urls.__name__
    return spec


@pytest.fixture
def record(bare, new_school):
    return new_school("青岚镇中心小学", town="青岚镇")


@pytest.fixture
def director(place):
    return asking(place.director)


# Words that speak of what the kind does not have.
ABSENT = ("显在", "潜在", "阶段", "第1轮", "负责社工", "协议", "信息表", "会谈", "导入")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "?standing=active&stage=1_contact&sort=standing",
        "new/",
        "{pk}/",
        "{pk}/edit/",
        "{pk}/caution/",
        "{pk}/void/",
        "{pk}/people/new/",
    ],
)
def test_page_says_nothing_of_what_the_kind_does_not_have(record, director, address):
    shown = page(director.get(f"{LIST}{address.format(pk=record.pk)}"))
    content = shown.partition("<main")[2].partition("</main>")[0]
    assert content
    content = content.replace("只有负责社工、督导和管理层看得到", "")  # of notes of caution
    assert [word for word in ABSENT if word in content] == []


@pytest.mark.parametrize("name", ["timeline", "relations:tasks", "relations:access", "quick_log_for"])
def test_shared_pages_open_for_a_record(record, director, name):
    assert record.name in page(director.get(reverse(name, args=[record.pk])))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("relations:process", "get"),
        ("relations:begin_again", "post"),
        ("relations:meetings", "get"),
        ("relations:plan_meeting", "get"),
    ],
)
def test_pages_of_the_cycle_are_absent(record, director, name, method):
    assert getattr(director, method)(reverse(name, args=[record.pk])).status_code == 404
    assert not Cycle.objects.exists()


def test_list_is_sorted_by_name_with_the_filters_and_tabs_that_apply(record, new_school, director):
    new_school("安和小学")
    answer = director.get(LIST)
    assert names(answer) == ["安和小学", "青岚镇中心小学"]
    assert {item["name"] for item in answer.context["filters"]} & {"standing", "stage", "worker"} == set()
    assert [tab["label"] for tab in answer.context["views"]] == ["全部", "有逾期", "10月还没联系"]
    assert set(answer.context["columns"]) == {"name", "last"}
    assert [act["label"] for act in answer.context["acts"]] == ["导出"]


@pytest.mark.parametrize("act", ["hand-over", "remind"])
def test_acts_on_responsible_workers_are_absent(record, director, act):
    assert director.get(f"{LIST}{act}/?pick={record.pk}").status_code == 404


def test_export_has_the_columns_that_apply(record, director):
    [row] = rows_of(director.get(f"{LIST}export/"))
    assert (row["名称"], row["部门"]) == (record.name, "社会服务部")
    assert {"关系", "阶段", "负责社工"} & set(row) == set()


def sent(**more):
    given = {"kind": "school", "source": "we_came", "token": str(uuid4()), "person_name": "梁晓东"}
    return given | more


def test_record_is_registered_without_first_contact_and_worker(bare, director):
    director.post(f"{LIST}new/", sent(name="和风中学"))
    school = School.objects.get()
    assert (school.name, school.responsible, school.cycles.count()) == ("和风中学", None, 0)
    assert school.contacts.get().level == "clerk"


def test_confirmation_of_a_similar_name_stands_below_the_name(record, director):
    shown = page(director.post(f"{LIST}new/", sent(name=record.name)))
    places = [shown.index(f'name="{name}"') for name in ("source", "name", "anyway", "town")]
    assert places == sorted(places)
    director.post(f"{LIST}new/", sent(name=record.name, anyway="on"))
    assert School.objects.count() == 2


def test_bare_kind_is_complete_but_for_its_place(bare):
    assert [problem for _place, problem in problems_of(bare)] == [
        "has no Place in PLACES for the refusals at bare."
    ]
