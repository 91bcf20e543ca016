"""A specification gives a kind its list, import, export, record, cycle, log, search, printed forms and reminders."""

import io
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from openpyxl import Workbook, load_workbook

from accounts.roles import FURTHER_KINDS, Role, Scope, is_sensitive, mask_of
from relations.duties import settlement as duties
from relations.models import ContactPerson, Cycle, Duty, Import
from relations.parties import sweep
from reminders.models import Reminder
from reminders.steps import sweep as sweep_day
from tests.employers.desk import asking
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import CycleFactory, InteractionFactory, TaskFactory
from tests.html import packed
from tests.schools.models import School, SchoolAgreement

pytestmark = pytest.mark.django_db
LIST = "/schools/"


def page(answer):
    """Returns the HTML of a response, which must have status 200."""
    assert answer.status_code == 200, answer
    return packed(answer.content.decode())


def names(answer):
    """Returns the names in the list, in its order."""
    return [row.record.name for row in answer.context["rows"]]


def rows_of(answer):
    """Returns the rows of the workbook in a response, as dicts with the headings as keys."""
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    headings, *rows = book.active.iter_rows(values_only=True)
    book.close()
    return [dict(zip(headings, row, strict=True)) for row in rows]


# List and export


def test_list_has_the_schools_in_sight_and_its_own_filters(place, desk, new_school):
    new_school("青岚小学", town="青岚镇")
    new_school("荷塘小学", town="荷塘街道")
    new_school("别人的学校", town="青岚镇", responsible=place.stranger)
    assert sorted(names(desk.get(LIST))) == ["荷塘小学", "青岚小学"]
    assert names(desk.get(LIST, {"town": "荷塘街道"})) == ["荷塘小学"]
    assert names(desk.get(LIST, {"q": "qlxx"})) == ["青岚小学"]
    assert "没有协议" in page(desk.get(LIST))
    assert len(names(desk.get(LIST, {"ends": "none"}))) == 2


def test_view_of_the_list_is_kept(desk, school):
    desk.post(f"{LIST}views/keep/?town=青岚镇", {"name": "青岚的学校"})
    assert "青岚的学校" in page(desk.get(LIST))


def test_export_holds_what_is_shown_with_the_columns_of_the_kind(desk, school, new_school):
    new_school("荷塘小学", town="荷塘街道")
    [row] = rows_of(desk.get(f"{LIST}export/", {"town": "青岚镇"}))
    assert (row["名称"], row["镇街"], row["主要对接人"]) == (school.name, "青岚镇", "梁晓东")


def test_schools_are_handed_over_from_the_list(place, school):
    url = f"{LIST}hand-over/?pick={school.pk}"
    desk = asking(place.head)
    desk.post(url, {"to": place.head.pk, "seen": desk.get(url).context["form"]["seen"].value()})
    school.refresh_from_db()
    assert school.responsible == place.head


def test_navigation_and_help_of_keys_name_the_kind(desk, school):
    shown = page(desk.get(LIST))
    assert 'data-key="g x"' in shown
    assert "<kbd>G</kbd> <kbd>X</kbd>" in shown


# Import

HEADINGS = [
    "序号",
    "学校名称",
    "镇街",
    "对接人",
    "职务",
    "联系电话",
    "协议编号",
    "协议开始",
    "协议结束",
    "驻点社工",
]
RIGHT = [
    1,
    "和风中学",
    "和风镇",
    "苏婷",
    "主任",
    "0769-80001234",
    "XY-1",
    "2026-01-01",
    "2026-12-31",
    "郑雅婷",
]
WRONG = [2, "东塘小学", "东塘社区", "何洁", None, "打不通", "XY-2", "2026-05-01", "2026-01-31", None]


def register_of(*rows):
    """Returns an Excel file with HEADINGS and these rows, as an upload."""
    book, saved = Workbook(), io.BytesIO()
    for row in (HEADINGS, *rows):
        book.active.append(row)
    book.save(saved)
    book.close()
    return SimpleUploadedFile("名册.xlsx", saved.getvalue())


def sent(desk, *rows):
    """Uploads an Excel file with these rows. Returns the Import."""
    desk.post("/schools/import/", {"file": register_of(*rows)})
    return Import.objects.latest("pk")


def test_register_is_imported_with_people_and_agreements(place):
    director = asking(place.director)
    assert 'href="/schools/import/"' in page(director.get(LIST))
    upload = sent(director, RIGHT)
    assert "读到1个" in page(director.get(f"/schools/import/{upload.pk}/"))
    director.post(f"/schools/import/{upload.pk}/commit/")
    school = School.objects.get()
    assert (school.name, school.town, school.responsible, school.number) == (
        "和风中学",
        "和风镇",
        place.worker,
        f"XX-{school.pk:04d}",
    )
    assert SchoolAgreement.objects.get().number == "XY-1"
    assert ContactPerson.objects.get().title == "主任"
    assert School.objects.active_on(date(2026, 10, 12)).exists()


def test_faults_of_a_register_are_told_and_nothing_is_written(place):
    director = asking(place.director)
    upload = sent(director, RIGHT, WRONG)
    shown = page(director.get(f"/schools/import/{upload.pk}/"))
    assert "“打不通”不像电话号码，请检查。" in shown
    assert "比协议开始（2026-05-01）早。" in shown
    assert not School.objects.exists()
    copy = director.get(f"/schools/import/{upload.pk}/marked.xlsx")
    assert copy.status_code == 200


# Record and agreements


def test_record_shows_its_own_facts_people_and_what_was_agreed(desk, place, school):
    director = asking(place.director)
    director.post(
        f"{LIST}{school.pk}/terms/new/", {"number": "XY-9", "starts_on": "2026-01-01", "ends_on": ""}
    )
    shown = page(desk.get(f"{LIST}{school.pk}/"))
    for text in ("学生320人", "梁晓东", "XY-9", "协议期内，没有约定结束日期", "初次走访", "修改学校资料"):
        assert text in shown, text
    term = SchoolAgreement.objects.get()
    assert "XY-9" in page(director.get(f"{LIST}{school.pk}/terms/{term.pk}/"))


def test_school_is_registered_and_edited(desk, place):
    assert "<h1>新增学校</h1>" in page(desk.get(f"{LIST}new/"))
    typed = {
        "kind": "school",
        "name": "和风中学",
        "town": "和风镇",
        "source": "we_came",
        "responsible": place.worker.pk,
        "first_contact_on": "2026-10-12",
        "received_by": place.worker.pk,
        "token": str(uuid4()),
    }
    desk.post(f"{LIST}new/", typed)
    school = School.objects.get()
    assert Cycle.objects.get(stakeholder=school).class_confirmed
    desk.post(f"{LIST}{school.pk}/edit/", typed | {"pupils": 90, "version": school.version})
    school.refresh_from_db()
    assert school.pupils == 90
    assert [row.pupils for row in school.history.order_by("history_id")][-1] == 90


def test_form_of_another_kind_sends_to_the_list_of_schools(desk, place):
    answer = desk.post("/employers/new/", {"kind": "school", "name": "和风中学", "token": str(uuid4())})
    assert "学校请在它自己的名册里登记。" in page(answer)


# Cycle


def test_guard_of_the_kind_stands_before_its_move_and_no_other_kind_has_it(desk, place, new_school):
    nowhere = new_school("和风中学")
    cycle = CycleFactory(stakeholder=nowhere, stage="1_contact")
    url = reverse("relations:move", args=[cycle.pk, "assess"])
    text = desk.post(url, {"stage": cycle.stage}, follow=True).content.decode()
    assert "还没有登记这所学校在哪个镇街。" in text
    School.objects.update(town="和风镇")
    desk.post(url, {"stage": cycle.stage})
    cycle.refresh_from_db()
    assert cycle.stage == "2_assessment"
    employer = EmployerFactory(responsible=place.worker, town="")
    other = CycleFactory(stakeholder=employer, stage="1_contact")
    desk.post(reverse("relations:move", args=[other.pk, "assess"]), {"stage": other.stage})
    other.refresh_from_db()
    assert other.stage == "2_assessment"


# Quick log, duties, reminders


def test_quick_log_meets_the_duty(desk, school, rule):
    duties.derive(first=date(2026, 10, 1), last=date(2026, 10, 12), stakeholders=[school.pk])
    duty = Duty.objects.get(stakeholder=school, period_start=date(2026, 10, 1))
    assert (duty.owed, duty.met) == (1, 0)
    typed = {
        "token": str(uuid4()),
        "people": [str(school.contacts.get().pk)],
        "channel": "face",
        "purpose": "ordinary",
        "day": "today",
        "content": "谈了开学的事。",
        "mate": ["", "", ""],
        "mate_role": ["with", "with", "with"],
    }
    desk.post(f"/log/{school.pk}/", typed)
    duty.refresh_from_db()
    assert (duty.met, duty.met_on) == (1, date(2026, 10, 12))
    assert "青岚镇中心小学" in page(desk.get("/log/", {"q": "zxxx"}))


def test_sweep_reminds_of_what_the_rule_of_the_kind_owes(at, place, school, rule):
    at("2026-10-26")
    assert sweep_day(date(2026, 10, 26))[1] == []
    reminder = Reminder.objects.open().get(
        recipient=place.worker, subject__startswith="duty", due_on=date(2026, 10, 31)
    )
    assert school.name in reminder.title
    assert school.name in page(asking(place.worker).get("/notices/"))


def test_greetings_are_asked_for_with_the_clause_of_the_kind(school):
    clauses = {clause for _records, clause in sweep.participating_kinds(sweep.GREETINGS)}
    assert "学校关系管理指引：节日慰问" in clauses


def test_rules_page_names_the_kind(desk, rule):
    rule.tier_mask = mask_of(["resident"])
    rule.save()
    assert "对接学校层级安排" in page(desk.get("/rules/"))
    assert '<p class="mut s13">学校' in page(desk.get(reverse("rule", args=["school-visit"])))


# Search, timeline, printed forms


@pytest.mark.parametrize("query", ["qlzzxxx", "zhongxin", "中心小", "梁晓东"])
def test_search_finds_a_school_and_leads_to_its_list(desk, school, query):
    assert school.name in page(desk.get("/search/", {"q": query})).replace("<mark>", "").replace(
        "</mark>", ""
    )
    response = desk.get("/search/", {"q": query}, headers={"HX-Request": "true"})
    [group] = response.context["groups"]
    assert (group.kind, str(group.label), group.rows[0].href) == ("school", "学校", f"{LIST}{school.pk}/")


def test_timeline_of_a_school(desk, school):
    contact = InteractionFactory(stakeholder=school, content="谈了课后服务。")
    TaskFactory(stakeholder=school, title="送去课程表")
    assert "看这所学校" in page(desk.get(reverse("interactions:detail", args=[contact.pk])))
    assert "谈了课后服务。" in page(desk.get(f"{LIST}{school.pk}/"))
    assert "谈了课后服务。" in page(desk.get(reverse("timeline", args=[school.pk])))


def test_papers_of_contacts(desk, school):
    contact = InteractionFactory(stakeholder=school, content="谈了课后服务。", theirs=[school.contacts.get()])
    assert "谈了课后服务。" in page(desk.get(f"{LIST}{school.pk}/paper/contact/{contact.pk}/"))
    assert school.name in page(desk.get(f"{LIST}{school.pk}/paper/month/2026-10/"))
    word = desk.get(f"{LIST}{school.pk}/paper/contact/{contact.pk}/word/")
    content = b"".join(word.streaming_content) if word.streaming else word.content
    texts = [
        cell.text
        for table in Document(io.BytesIO(content)).tables
        for row in table.rows
        for cell in row.cells
    ]
    assert any("谈了课后服务。" in text for text in texts)


def test_what_a_leaver_leaves_counts_schools(place, school):
    address = reverse("accounts:deactivate", args=[place.worker.pk])
    sees_schools = UserFactory(roles=[Role.ADMINISTRATOR, Role.DIRECTOR])
    for by, counted in (
        (sees_schools, [("学校", 1, f"{LIST}?worker={place.worker.pk}")]),
        (place.administrator, []),
    ):
        items = asking(by).get(address).context["owed"]
        assert [(item.label, item.count, item.href) for item in items] == counted


def test_role_that_sees_all_schools_is_given_by_two_people(monkeypatch):
    assert not is_sensitive(Role.RESIDENT)
    sees_all = replace(FURTHER_KINDS["school"], scopes={Role.RESIDENT: Scope.ALL})
    monkeypatch.setitem(FURTHER_KINDS._entries, "school", sees_all)
    assert is_sensitive(Role.RESIDENT)
