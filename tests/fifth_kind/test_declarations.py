"""What a kind declares is asked at every door: its permissions, its terms, its levels, its clauses, its sight."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.models import Department
from accounts.roles import FURTHER_KINDS, Role, Scope
from accounts.roles import Permission as P
from lezhi.kind_checks import problems_of
from relations.duties import settlement as duties
from relations.interactions import monthly
from relations.interactions.filters import filter_choices
from relations.models import Duty, Task, level_mask
from relations.parties.kinds import KINDS, KindLevel, RecordSpec
from relations.rules.wording import levels
from reminders import clock
from tests.attack.declared import EXPECTED
from tests.attack.resolver import by_name
from tests.employers.desk import asking
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory
from tests.fifth_kind.test_schools import LIST, page
from tests.schools.kind import SCHOOL, SIGHT
from tests.schools.models import SchoolAgreement

pytestmark = pytest.mark.django_db


# Permissions

ACTS = {P.EDIT, P.LOG, P.MOVE, P.CONTRACT, P.HAND_OVER, P.CAUTION, P.EXPORT, P.IMPORT}
OF_SCHOOLS = ("schools:", "school_imports:", "relations:", "interactions:", "quick_log_", "sheet_check")
# Pages that are not about one kind, or about a row that no school has here.
NOT_OF_SCHOOLS = {"interactions:export", "quick_log_drafts", "relations:emergency", "relations:answer"}
NOT_HERE = {"relations:share_back", "relations:share_review", "schools:drop_view"}


def methods_of(line):
    """The methods of a Line that need a permission of ACTS."""
    found = []
    for method in ("get", "post"):
        who = line.for_method(method)
        needed = ({who} if isinstance(who, str) else set(who)) | {line.beyond}
        found += [method] if who != "nobody" and needed & ACTS else []
    return found


def acts_on_schools():
    """{name of a URL: (its Line, methods)} of what is done with a school, as the permission matrix has it."""
    names = {name for name in EXPECTED if name.startswith(OF_SCHOOLS)} - NOT_OF_SCHOOLS - NOT_HERE
    lines = {name: (EXPECTED[name], methods_of(EXPECTED[name])) for name in sorted(names)}
    return {name: (line, methods) for name, (line, methods) in lines.items() if methods}


@pytest.fixture
def rows(place, school):
    """{what a line of the permission matrix speaks of: the pk of such a row, of the school}"""
    cycle = school.cycles.get()
    meeting = school.meetings.create(
        cycle=cycle, lead=place.worker, planned_on="2026-10-20", form="face", created_by=place.worker
    )
    found = {
        "school": school,
        "employer": school,
        "cycle": cycle,
        "meeting": meeting,
        "interaction": InteractionFactory(stakeholder=school, content="谈了课后服务。"),
        "task": TaskFactory(stakeholder=school, owner=place.head),
        "term": SchoolAgreement.objects.create(stakeholder=school, number="XY-1", starts_on=date(2026, 1, 1)),
        "person": school.contacts.get(),
    }
    return {what: row.pk for what, row in found.items()} | {"school import": 1}


def answers(user, rows):
    """{(name of a URL, method): status} of everything that is done with a school; nothing of it stays."""
    desk, addresses, found = asking(user), by_name(), {}
    for name, (line, methods) in acts_on_schools().items():
        values = {
            "pk": rows.get(line.of),
            "month": "2026-09",
            "name": "assess",
            "contact": rows["interaction"],
        }
        url = addresses[name].url(values | {"term": rows["term"], "person": rows["person"]})
        for method in methods:
            with transaction.atomic():
                sent = getattr(desk, method)(url + line.query.format(**rows, pk=rows["school"]))
                transaction.set_rollback(True)
            found[name, method] = sent.status_code
            if sent.streaming:
                list(sent)  # closes the file
    return found


def test_permission_of_the_kind_is_asked_wherever_something_is_done_with_a_record(place, rows, monkeypatch):
    allowed = answers(place.director, rows)
    assert {where for where, status in allowed.items() if status == 403} == set()
    for act in ACTS:
        monkeypatch.setitem(SCHOOL.permissions, act, P.MANAGE_ACCOUNTS)
    refused = answers(place.director, rows)
    there = {where: status for where, status in refused.items() if allowed[where] != 404}
    assert len(there) > 50
    assert {where: status for where, status in there.items() if status != 403} == {}


def test_permission_of_one_kind_changes_no_other(place, rows, monkeypatch):
    monkeypatch.setitem(SCHOOL.permissions, P.EDIT, P.MANAGE_ACCOUNTS)
    employer, director = EmployerFactory(), asking(place.director)
    assert director.get(f"/employers/{employer.pk}/edit/").status_code == 200
    assert director.get(f"{LIST}{rows['school']}/edit/").status_code == 403


def test_buttons_of_a_record_are_those_that_the_kind_allows(place, rows, monkeypatch):
    def offered():
        context = asking(place.director).get(f"{LIST}{rows['school']}/").context
        allowed = [context[name] for name in ("may_edit", "may_log", "may_agree", "caution")]
        return allowed, len(context["more_acts"]), context["panel"].next_step is not None

    assert offered() == ([True] * 4, 8, True)
    for act in ACTS:
        monkeypatch.setitem(SCHOOL.permissions, act, P.MANAGE_ACCOUNTS)
    assert offered() == ([False] * 4, 2, False)


# Terms


def test_term_is_named_by_the_field_that_the_kind_declares(place, rows):
    shown = page(asking(place.director).get(f"{LIST}{rows['school']}/"))
    assert "<dt>协议编号</dt>" in shown
    assert ">XY-1</a>" in shown


def test_only_a_term_with_an_end_is_renewed(place, rows):
    director, record = asking(place.director), f"{LIST}{rows['school']}/"
    pages = (record, f"{record}terms/{rows['term']}/")
    assert ["续签" in page(director.get(address)) for address in pages] == [False, False]
    SchoolAgreement.objects.get().delete()
    term = SchoolAgreement(stakeholder_id=rows["school"], number="XY-2")
    term.starts_on, term.ends_on = date(2026, 1, 1), date(2026, 12, 31)
    term.save()
    assert "续签" in page(director.get(record))
    assert "续签" in page(director.get(f"{record}terms/{term.pk}/"))


def test_term_without_such_a_field_is_named_by_its_label():
    term = SchoolAgreement(number="XY-1", starts_on=date(2026, 1, 1))
    oral = replace(SCHOOL.terms, identity_field="")
    assert [(spec.identity_label, spec.name_of(term)) for spec in (SCHOOL.terms, oral)] == [
        ("协议编号", "XY-1"),
        ("协议", "协议"),
    ]


def test_summary_of_a_term_leaves_out_what_is_empty():
    spec = replace(SCHOOL.terms, summary_fields=("number", "end_reason"))
    assert spec.facts_of(SchoolAgreement(number="XY-1")) == [("协议编号", "XY-1")]


# Levels of the other side


def test_level_of_the_kind_can_be_chosen_and_counted(place, school, rule):
    director = asking(place.director)
    form = director.get(f"{LIST}{school.pk}/people/new/").context["form"]
    assert ("principal", "校长") in form.fields["level"].choices
    employer = EmployerFactory()
    other = director.get(f"/employers/{employer.pk}/people/new/").context["form"]
    assert "principal" not in dict(other.fields["level"].choices)
    director.post(f"{LIST}{school.pk}/people/new/", {"name": "苏婷", "level": "principal"})
    principal = school.contacts.get(name="苏婷")
    assert "校长" in page(director.get(f"{LIST}{school.pk}/"))
    rule.level_mask = level_mask(["principal"])
    rule.save()
    assert levels(rule) == "校长"
    duties.derive(first=date(2026, 10, 1), last=date(2026, 10, 12), stakeholders=[school.pk])
    for person, met in ((school.contacts.get(name="梁晓东"), 0), (principal, 1)):
        log(place, school, person)
        assert Duty.objects.get().met == met


def test_level_of_an_imported_person_is_one_of_the_kind(monkeypatch):
    assert SCHOOL.imports.level_of("校长") == "other"
    few = replace(SCHOOL, levels=("principal", "clerk"))
    monkeypatch.setitem(KINDS._entries, "school", few)
    assert SCHOOL.imports.level_of("校长") == "clerk"


def log(place, school, person):
    typed = {"channel": "face", "purpose": "ordinary", "content": "谈了课后服务。", "day": "today"}
    asking(place.worker).post(f"/log/{school.pk}/", typed | {"people": [person.pk]})


# Clauses


def test_clause_is_that_of_the_kind_and_never_that_of_another(place, rows, school):
    director = asking(place.director)
    for address in (f"meetings/{rows['meeting']}/record/", f"meetings/{rows['meeting']}/prepare/"):
        shown = page(director.get(f"/relations/{address}"))
        assert not any(clause in shown for clause in KINDS["employer"].clauses.values())
        assert ("学校关系管理指引：紧急事项" in shown) == ("record" in address)
    filed = monthly.mark_filed(school, date(2026, 9, 1), by=place.worker, today=clock.today())
    assert filed.clause == ""
    assert not Task.objects.filter(clause__contains="用人单位").exists()


# Sight


def test_list_is_in_the_navigation_of_those_who_see_records_of_the_kind(place, school):
    def linked(user):
        context = asking(user).get("/").context
        return [item.href for _heading, items in context["nav"].groups for item in items]

    assert LIST in linked(place.director)
    assert LIST not in linked(place.council)
    assert "/schools/import/" in linked(place.director)
    assert "/schools/import/" not in linked(place.worker)


def test_filters_follow_the_widest_sight_and_leadership_does_not(monkeypatch):
    """All schools are seen: their departments can be chosen; colleagues are not led for it."""
    DepartmentFactory()
    resident = UserFactory(roles=[Role.RESIDENT])
    assert filter_choices(resident, {})["department"] == []
    sees_all = replace(SIGHT, scopes={Role.RESIDENT: Scope.ALL})
    monkeypatch.setitem(FURTHER_KINDS._entries, "school", sees_all)
    resident = type(resident).objects.get(pk=resident.pk)
    assert len(filter_choices(resident, {})["department"]) == Department.objects.count()
    assert not resident.covers_centre


# The check of a kind


def test_declared_kinds_are_complete():
    call_command("check", fail_level="ERROR")
    assert {kind: problems_of(spec) for kind, spec in KINDS.items()} == {"employer": [], "school": []}


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"kind": "pupil"}, ["says of no role", "no Record with this KIND", "`list`", "`imports`"]),
        ({"forms": None}, ["has no forms"]),
        ({"list": None}, ["has no list"]),
        ({"prefix": "YR"}, ["two capital letters"]),
        ({"own_levels": (KindLevel("clerk", "文员", 7),)}, ["value of another"]),
        ({"own_levels": (KindLevel("pupil", "学生", 6),)}, ["a bit from 7 to 14"]),
        ({"levels": ("other",)}, ["its default level “clerk”"]),
        ({"permissions": {P.VIEW: P.EDIT}}, ["replaces “view”"]),
        ({"url_namespace": "shools"}, ["no page shools:list", "no page shools:detail", "refusals at shools"]),
        ({"record": RecordSpec(has_sheet=True)}, ["no page schools:sheets"]),
        ({"papers": (("sheet", "信息表"),)}, ["no page schools:sheet", "no page schools:sheet_word"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_missing_is_named(monkeypatch, changed, problems):
    half = replace(SCHOOL, **changed)
    monkeypatch.setitem(KINDS._entries, "school", half)
    found = [problem for _place, problem in problems_of(half)]
    assert len(found) == len(problems), found
    assert [text for text, problem in zip(problems, found, strict=True) if text not in problem] == []
