"""An exported list can be imported again: untouched it changes nothing, edited it changes only what was edited."""

from datetime import date, datetime

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from accounts.roles import Role
from employers.importing.spec import EMPLOYERS
from employers.lists import EMPLOYER_LIST
from employers.models import BodyType, Contract, Employer
from relations.duties import settlement as duties
from relations.imports import annotated_copy
from relations.imports.reading import read_workbook
from relations.lists import workbook
from relations.models import ContactPerson
from relations.parties import actions as register
from relations.search.index import matching
from tests.employers.imports import imported
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import ContactPersonFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
NOTHING = {"new": 0, "changed": 0, "faulty": 0}
NASTY = [
    *("=1+1", "+86街道办", "-小区", "@办公室", "＝等号社区", "＋加号社区", "－减号社区", "＠社区", "﹦1"),
    *("'=1+1", "''=1+1", "'单引号社区", "'", "'\t=", "\u200b'=1", "_x003D_1+1", "_x000D_", "_x005F_x003D_"),
    *(
        "\t制表符",
        "行一\n行二",
        "\r\n=1",
        "  前后空格  ",
        "　全角空格　",
        "两  格",
        "\u200b\u200e看不见\ufeff",
        "\u202e=1",
    ),
    *(
        "007",
        "0769",
        "13700004521",
        "441900199001011234",
        "4.419E+17",
        "12.50%",
        "2026-01-05",
        "2026年1月5日",
    ),
    *(
        "46037",
        "1/2",
        "TRUE",
        "#N/A",
        "#REF!",
        "None",
        "０７６９－８０００",
        "Ａ社区",
        "（括号）社区",
        "[方] 社区",
    ),
    *(
        "合计",
        "单位名称",
        "联系人",
        "空\x07铃\x1f声",
        "\x85",
        "\u2028",
        "𠮷野社区",
        "e\u0301社区",
        "⼀⼆社区",
        "长" * 120,
    ),
    *("欧阳  修", "John Smith", "王芳、李明", "王芳/李明", "陈局（局长）", "无", "—", ";", "、", "，"),
]


@pytest.fixture
def by(at):
    at(TODAY)
    return UserFactory(name="何婉清", roles=[Role.DIRECTOR], username="director")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "register.xlsx"


def exported(path, by):
    """Exports all employers visible to `by` to `path`. Returns `path`."""
    rows = EMPLOYER_LIST.export_rows(Employer.objects.visible_to(by).order_by("pk"), TODAY)
    answer = workbook.export(rows, EMPLOYER_LIST.export_columns(), "用人单位", by=by)
    path.write_bytes(b"".join(answer.streaming_content))
    return path


def counts(path, by):
    """Returns how many rows of the file are new, changed and faulty."""
    return {
        name: count for name, count in read_workbook(EMPLOYERS, path, by=by).counts.items() if name in NOTHING
    }


def edited(path, **cells):
    """Sets cells of the file as Excel does: {"B2": text}; None empties a cell. Returns `path`."""
    book = load_workbook(path)
    for place, value in cells.items():
        book.active[place].value = value
        if isinstance(value, str):
            book.active[place].data_type = "s"
    book.save(path)
    return path


def column(path, heading, row=2):
    """Returns the coordinate of the cell in `row` under a heading, such as B2."""
    found = next(cell for cell in load_workbook(path).active[1] if cell.value == heading)
    return f"{found.column_letter}{row}"


def changes(reading):
    """Returns (field, old, new) of each change."""
    return [
        (change.column.field, change.old, change.new) for plan in reading.plans for change in plan.changes
    ]


def with_all(text, place=0):
    """Creates an employer with `text` in all its text fields."""
    worker = UserFactory(name=text[:40], department=DepartmentFactory())
    employer = EmployerFactory(
        name=text,
        town=text[:40],
        address=text,
        note=text,
        responsible=worker,
        body_type=BodyType.values[place % len(BodyType.values)],
        active=True,
        contract__number=f"{text[:50]}{place}",
    )
    ContactPersonFactory(
        stakeholder=employer, main=True, name=text[:40], title=text[:60], phone=text[:60], level="other"
    )
    return employer


# Untouched


def test_list_of_nasty_texts_comes_back_without_a_change(by, path):
    for place, text in enumerate(NASTY):
        with_all(text, place)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            exported(path, by)
        assert counts(path, by) == NOTHING
        assert len(read_workbook(EMPLOYERS, path, by=by).plans) == len(NASTY)


text = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.sampled_from("'=+-@＝\t\n\u200b_x0D3 、/"),
    min_size=1,
    max_size=40,
)


@settings(max_examples=12)
@given(texts=st.lists(text, min_size=1, max_size=3), twice=st.booleans())
def test_any_list_comes_back_without_a_change(make_centre, texts, twice):
    with make_centre() as (by, path):
        for place, each in enumerate(texts + texts[:1] * twice):
            with_all(each, place)
        assert counts(exported(path, by), by) == NOTHING


@pytest.fixture(scope="module")
def make_centre(django_db_setup, django_db_blocker, tmp_path_factory):
    """A context manager of an empty centre, rolled back afterwards: one for each example."""
    path = tmp_path_factory.mktemp("lists") / "register.xlsx"

    class Centre:
        def __enter__(self):
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            return UserFactory(roles=[Role.DIRECTOR]), path

        def __exit__(self, *raised):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    return Centre


def test_two_of_one_name_closed_bare_and_ended_ones_come_back_without_a_change(by, path):
    for _twice in range(2):
        EmployerFactory(name="青岚镇总工会", with_person=True)
    EmployerFactory(responsible=None, town="", address="")
    EmployerFactory(closed_on=TODAY, lapsed=True)
    EmployerFactory(confidential=True, responsible__name="何婉清")
    ended = EmployerFactory(active=True)
    Contract.objects.filter(stakeholder=ended).update(ended_on=TODAY, last_day=TODAY)
    for first in (date(2024, 1, 1), date(2025, 1, 1)):
        ContractFactory(stakeholder=ended, starts_on=first, ends_on=first.replace(month=12))
    UserFactory(name=ended.responsible.name, roles=[Role.RESIDENT])
    assert counts(exported(path, by), by) == NOTHING
    with translation.override("en"):
        assert counts(exported(path, by), by) == NOTHING


def test_rows_that_a_filter_hides_are_read_all_the_same(by, path):
    for _each in range(3):
        EmployerFactory()
    book = load_workbook(exported(path, by))
    book.active.auto_filter.ref = "A1:T4"
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    assert counts(path, by) == NOTHING
    assert len(read_workbook(EMPLOYERS, path, by=by).plans) == 3


def test_names_known_by_a_plain_spelling_are_the_same_too(by, path):
    """The control for the column of numbers: without it, the names alone find the records."""
    for place, text in enumerate(["=1+1", "'=1", "+86街道办", "'单引号社区", "007", "_x003D_1"]):
        EmployerFactory(name=text, responsible__name=f"社工{place}", responsible__roles=[Role.RESIDENT])
    book = load_workbook(exported(path, by))
    book.active.delete_cols(1)
    book.save(path)
    assert counts(path, by) == NOTHING


def test_import_export_import_changes_nothing(by, path):
    UserFactory(name="周慧敏", roles=[Role.RESIDENT], department=DepartmentFactory())
    rows = [
        (
            text,
            "政府部门",
            "青岚镇",
            "=路3号",
            "陈志远、叶子",
            "主任、",
            "0769-80001234、13700004521",
            f"'=QL-{place}",
        )
        for place, text in enumerate(["'=1+1", "青岚镇司法分局", "－号", "''=2", "007"])
    ]
    book = Workbook()
    book.active.append(
        [
            "单位名称",
            "单位类型",
            "所属镇街",
            "地址",
            "对接人",
            "职务",
            "联系电话",
            "合同编号",
            "合同开始",
            "合同结束",
            "驻点社工",
        ]
    )
    for row in rows:
        book.active.append([*row, datetime(2026, 1, 1), "2026年12月31日", "周慧敏"])
    for line in book.active.iter_rows(min_row=2):
        for cell in line:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    book.save(path)
    imported(path, by, TODAY)
    names = ["=1+1", "青岚镇司法分局", "－号", "'=2", "007"]
    assert list(Employer.objects.values_list("name", flat=True)) == names
    assert counts(exported(path, by), by) == NOTHING


# Edited


def test_name_edited_in_the_list_is_a_rename_that_the_preview_shows(by, path):
    employer = EmployerFactory(name="青岚镇第九社会事务局", with_person=True, active=True)
    EmployerFactory()
    edited(exported(path, by), B2="荷塘街道办事处")
    reading = read_workbook(EMPLOYERS, path, by=by)
    assert changes(reading) == [("name", "青岚镇第九社会事务局", "荷塘街道办事处")]
    imported(path, by, TODAY)
    employer.refresh_from_db()
    assert (employer.name, employer.pinyin) == ("荷塘街道办事处", "hetangjiedaobanshichu")
    assert Employer.objects.count() == 2
    assert list(matching(Employer.objects.all(), "荷塘")) == [employer]
    assert not matching(Employer.objects.all(), "第九").exists()
    assert employer.history.first().name == "荷塘街道办事处"
    assert duties.differences(TODAY) == 0
    assert counts(exported(path, by), by) == NOTHING


def test_other_cells_edited_change_just_that(by, path):
    employer = EmployerFactory(active=True, contract__number="QL-1")
    ContactPersonFactory(
        stakeholder=employer, main=True, name="John Smith", title="主任", phone="0769-80001234"
    )
    ContactPersonFactory(stakeholder=employer, name="John Smith", title="")
    exported(path, by)
    edited(
        path,
        **{
            column(path, "联系电话"): "0769-80001235、13700004521",
            column(path, "地址"): "'=和风路",
            column(path, "合同结束"): datetime(2027, 6, 30),
        },
    )
    assert changes(read_workbook(EMPLOYERS, path, by=by)) == [
        ("address", "和风路12号", "=和风路"),
        ("phones", "0769-80001234", "0769-80001235、13700004521"),
        ("starts_on", "2026-01-01", "2026-01-01"),
        ("ends_on", "2026-12-31", "2027-06-30"),
    ]
    imported(path, by, TODAY)
    assert ContactPerson.objects.get(is_main=True).phone == "0769-80001235、13700004521"
    assert ContactPerson.objects.count() == 2
    assert counts(exported(path, by), by) == NOTHING


def test_empty_cells_change_nothing(by, path):
    with_all("=1+1")
    EmployerFactory()
    exported(path, by)
    edited(path, **{f"{letter}2": None for letter in "BCDEFGHIJKLMNOPQRST"})
    assert counts(path, by) == NOTHING


def faults(path, by):
    """Returns (row, column, sentence) of each fault of the file."""
    return [
        (fault.row, fault.column, fault.problem) for fault in read_workbook(EMPLOYERS, path, by=by).faults
    ]


def test_name_of_another_record_is_refused(by, path):
    one, other = EmployerFactory(name="甲单位"), EmployerFactory(name="乙单位")
    edited(exported(path, by), B2="乙单位")
    words = f"编号{one.number}是“甲单位”，这个名称是{other.number}的，请检查编号和名称。"
    assert (2, "单位名称", words) in faults(path, by)


def test_two_rows_of_one_number_are_doubted(by, path):
    one, _other = EmployerFactory(), EmployerFactory()
    edited(exported(path, by), A3=one.number)
    assert (3, "编号", "和第2行是同一家单位。") in faults(path, by)


def test_two_rows_with_one_new_name_are_doubted(by, path):
    for _each in range(2):
        EmployerFactory()
    edited(exported(path, by), B2="丙单位", B3="丙单位")
    assert faults(path, by) == [(3, "单位名称", "和第2行同名，一家单位只能有一行。")]


def test_name_that_two_have_is_asked_for_its_number(by, path):
    numbers = [EmployerFactory(name="青岚镇总工会").number for _twice in range(2)]
    edited(exported(path, by), A2=None, A3=None)
    sentence = f"有2家单位叫这个名称，请加一列“编号”写明是哪一家（{'、'.join(numbers)}）。"
    assert faults(path, by)[0] == (2, "单位名称", sentence)


def test_duplicate_person_with_same_title_is_refused(by, path):
    employer = EmployerFactory()
    ContactPersonFactory(stakeholder=employer, main=True, name="王芳", title="主任")
    ContactPersonFactory(stakeholder=employer, name="王芳", title="科员")
    exported(path, by)
    edited(path, **{column(path, "职务"): "科员"})
    assert faults(path, by) == [(2, "职务", "这家单位已经有同名同职务的对接人。")]


def test_number_that_is_none_of_ours_is_passed_over(by, path):
    EmployerFactory(name="甲单位", responsible=None)
    edited(exported(path, by), A2=1)
    assert counts(path, by) == NOTHING


@pytest.mark.parametrize("which", ["absent", "void", "confidential", "elsewhere"])
def test_number_out_of_sight_answers_as_one_that_is_not_there(by, path, which):
    head = UserFactory(department_head=True, department=DepartmentFactory())
    if which != "absent":
        traits = {"confidential": True, "department": head.department} if which == "confidential" else {}
        employer = EmployerFactory(**traits)
        if which == "void":
            employer = EmployerFactory(department=head.department)
            register.void_record(employer, by=by, reason="重复", today=TODAY)
    number = "YR-99999" if which == "absent" else employer.number
    book = Workbook()
    book.active.append(["编号", "单位名称", "地址"])
    book.active.append([number, "荷塘街道总工会", "文明路"])
    book.save(path)
    sentence = f"您负责的范围里没有编号是{number}的单位，请检查编号；新单位请把编号留空。"
    assert faults(path, head) == [(2, "编号", sentence)]


# The copy that marks the faults


def test_marked_register_holds_what_was_read(by, path):
    """Whatever the file contains, its copy means the same: once corrected, it is read as the file would have been."""
    book = Workbook()
    book.active.append(["单位名称", "单位类型", "地址", "备注"])
    for text in NASTY:
        book.active.append([clean(text), "外星组织", clean(text), clean(text)])
    book.active.append(["乙单位", "政府部门", 0.125, datetime(2026, 1, 5)])
    for cell in (cell for line in book.active.iter_rows(max_row=len(NASTY) + 1) for cell in line):
        cell.data_type = "s"
    book.save(path)
    before = contents(path, by)
    assert len(before[0]) > len(NASTY) - 5
    for _again in range(2):
        path.write_bytes(annotated_copy.annotated_workbook(EMPLOYERS, path, fault_values(path, by)))
        assert contents(path, by) == before
        assert read_workbook(EMPLOYERS, path, by=by).unused == []


def clean(value):
    """Returns `value` without the control characters that a workbook cannot contain."""
    return (
        "".join(sign for sign in value if sign >= " " or sign in "\t\n\r")
        if isinstance(value, str)
        else value
    )


def contents(path, by):
    """Returns the rows as read (row, name, address, note), and the faults."""
    reading = read_workbook(EMPLOYERS, path, by=by)
    found = [(plan.entry.row, plan.entry.name, plan.entry.address, plan.entry.note) for plan in reading.plans]
    return found, faults(path, by)


def fault_values(path, by):
    """Returns the faults of the file as dicts."""
    return [vars(fault) for fault in read_workbook(EMPLOYERS, path, by=by).faults]


def test_marked_register_keeps_cells_that_are_merged(by, path):
    book = Workbook()
    book.active.append(["单位名称", "单位类型", "对接人", "联系电话"])
    book.active.append(["青岚镇司法分局", "外星组织", "陈志远", "0769-80001234"])
    book.active.append([None, None, "叶子", "0769-80001235"])
    book.active.merge_cells("A2:A3")
    book.save(path)
    path.write_bytes(annotated_copy.annotated_workbook(EMPLOYERS, path, fault_values(path, by)))
    (plan,) = read_workbook(EMPLOYERS, path, by=by).plans
    assert [person.name for person in plan.entry.people] == ["陈志远", "叶子"]
    assert [fault[1] for fault in faults(path, by)] == ["单位类型"]
    edited(path, B2="政府部门")
    imported(path, by, TODAY)
    assert Employer.objects.get().contacts.count() == 2
