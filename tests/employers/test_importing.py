"""The register as centres keep it: read rightly, checked whole, written all or nothing."""

import io
import zipfile
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.roles import Role
from employers.importing.spec import EMPLOYERS
from employers.models import Contract, Employer
from relations.duties import settlement as duties
from relations.imports import annotated_copy, cells, life_cycle, reading, uploads
from relations.imports.faults import Unreadable
from relations.imports.reading import commit, read_workbook
from relations.models import ContactPerson, Duty, HandOver, Import, Kind, Level
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import TaskFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
HEADINGS = [
    "序号",
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
    "备注",
]
PLAIN = [
    1,
    "青岚镇司法分局",
    "政府部门",
    "青岚镇",
    "和风路3号",
    "陈志远",
    "办事员",
    "0769-80001234",
    "QL-1",
    "2026-01-01",
    "2026-12-31",
    "周慧敏",
    None,
]


@pytest.fixture
def by(at):
    at(TODAY)
    UserFactory(name="周慧敏", roles=[Role.RESIDENT], department=DepartmentFactory())
    return UserFactory(roles=[Role.DIRECTOR], username="director")


@pytest.fixture
def book(tmp_path):
    """Writes rows as a workbook; returns its path."""

    def write(*rows, headings=HEADINGS, above=(), merges=(), title="用人单位信息表"):
        book = Workbook()
        ws = book.active
        ws.title = title
        for row in [*above, headings, *rows]:
            ws.append(row)
        for merge in merges:
            ws.merge_cells(merge)
        path = tmp_path / "register.xlsx"
        book.save(path)
        return path

    return write


def row(**changes):
    return [changes.get(heading, value) for heading, value in zip(HEADINGS, PLAIN, strict=True)]


def problems(reading):
    return [(fault.row, fault.column, fault.problem) for fault in reading.faults]


def imported(path, by):
    commit(read_workbook(EMPLOYERS, path, by=by), by=by, today=TODAY)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (datetime(2025, 5, 18), date(2025, 5, 18)),
        ("2025年8月3日", date(2025, 8, 3)),
        ("2025.8.23", date(2025, 8, 23)),
        ("2025/07/25", date(2025, 7, 25)),
        ("２０２６－０１－１５", date(2026, 1, 15)),
        ("20260115", date(2026, 1, 15)),
        (46037, date(2026, 1, 15)),
        (" 2026-1-5　", date(2026, 1, 5)),
        ("2026-01-15 00:00:00", date(2026, 1, 15)),
        (None, None),
        ("", None),
    ],
)
def test_date_is_read_however_it_is_written(written, meant):
    assert cells.as_date(written) == meant


@pytest.mark.parametrize(
    "written", ["2026年2月30日", "2026-13-01", "明年三月", "26.3.1", "3/4/2026", "1026-01-01", True, 12]
)
def test_date_that_is_none_is_refused(written):
    with pytest.raises(cells.CellError):
        cells.as_date(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (13732997177, ["13732997177"]),
        (13732997177.0, ["13732997177"]),
        ("０７６９－８０００４５８４", ["0769-80004584"]),
        ("0769-80005970、0769-80009278", ["0769-80005970", "0769-80009278"]),
        ("137 0000 4521", ["137 0000 4521"]),
        (None, []),
    ],
)
def test_phone_is_read_as_text(written, meant):
    assert cells.as_phones(written) == meant


@pytest.mark.parametrize("written", ["1.37E+10", "问办公室", "123", "1" * 30])
def test_phone_that_is_none_is_refused(written):
    with pytest.raises(cells.CellError):
        cells.as_phones(written)


def test_file_without_headings_is_refused(by, book):
    with pytest.raises(Unreadable, match="没有找到表头"):
        read_workbook(EMPLOYERS, book(["a", "b"], headings=["x", "y"]), by=by)


def test_file_that_is_no_workbook_is_refused(by, tmp_path):
    path = tmp_path / "old.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 an old workbook")
    with pytest.raises(Unreadable, match=r"\.xlsx"):
        read_workbook(EMPLOYERS, path, by=by)


def test_bomb_is_refused_before_it_is_unpacked(by, tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b" " * (400 * 1024 * 1024))
    with pytest.raises(Unreadable, match="太大"):
        read_workbook(EMPLOYERS, path, by=by)


def test_document_type_is_refused(by, book):
    path = book(row())
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/extra.xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(Unreadable, match="不正常"):
        read_workbook(EMPLOYERS, path, by=by)


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"单位名称": "　"}, "单位名称", "没有单位名称"),
        ({"单位类型": "外星组织"}, "单位类型", "政府部门"),
        ({"合同开始": "2026年2月30日"}, "合同开始", "没有2026年2月30日这一天"),
        ({"合同结束": "2025-12-31"}, "合同结束", "比合同开始（2026-01-01）早"),
        ({"合同编号": None}, "合同编号", "写全"),
        ({"合同结束": None}, "合同结束", "写全"),
        ({"驻点社工": "查无此人"}, "驻点社工", "查无此人"),
        ({"联系电话": "问办公室"}, "联系电话", "不像电话"),
        ({"职务": "主任、科员、办事员"}, "职务", "对不上"),
        ({"对接人": "陈志远、陈志远", "职务": "主任、主任"}, "对接人", "两次"),
        ({"单位名称": "青" * 121}, "单位名称", "太长"),
    ],
)
def test_fault_is_named_by_row_column_and_sentence(by, book, changes, column, words):
    found = problems(
        read_workbook(
            EMPLOYERS,
            book(row(), row(**({"单位名称": "荷塘街道总工会", "合同编号": "QL-2"} | changes))),
            by=by,
        )
    )
    assert [(fault[0], fault[1]) for fault in found] == [(3, column)]
    assert words in found[0][2]


def test_worker_who_left_is_no_worker(by, book):
    UserFactory(name="已离职", roles=[Role.RESIDENT], is_active=False)
    assert problems(read_workbook(EMPLOYERS, book(row(驻点社工="已离职")), by=by))[0][1] == "驻点社工"


def test_worker_of_a_common_name_is_asked_for(by, book):
    UserFactory(name="周慧敏", roles=[Role.RESIDENT])
    assert "同名" in problems(read_workbook(EMPLOYERS, book(row()), by=by))[0][2]


def test_name_and_contract_number_stand_once_in_a_file(by, book):
    found = problems(read_workbook(EMPLOYERS, book(row(), row()), by=by))
    assert [(fault[0], fault[1]) for fault in found] == [(3, "单位名称"), (3, "合同编号")]
    assert "第2行" in found[0][2]


def test_second_row_of_a_name_shows_no_change_that_is_none(by, book):
    imported(book(row()), by)
    first, second = read_workbook(EMPLOYERS, book(row(), row()), by=by).plans
    assert (first.result, second.result) == ("same", "faulty")
    assert second.changes == ()


def test_contract_number_of_another_employer_is_refused(by, book):
    imported(book(row()), by)
    found = problems(read_workbook(EMPLOYERS, book(row(单位名称="荷塘街道总工会")), by=by))
    assert found[0][1:] == ("合同编号", "这个合同编号已经登记在别的单位。")


def test_employer_out_of_sight_plays_no_part(book, by):
    supervisor = UserFactory(roles=[Role.SUPERVISOR], department=DepartmentFactory())
    EmployerFactory(name="青岚镇司法分局", active=True, contract__number="QL-1")
    reading = read_workbook(EMPLOYERS, book(row()), by=supervisor)
    assert (problems(reading), reading.counts["new"]) == ([], 1)


def test_reading_writes_nothing(by, book):
    read_workbook(EMPLOYERS, book(row()), by=by)
    assert not Employer.objects.exists()


def test_faulty_register_is_not_written_by_halves(by, book):
    reading = read_workbook(
        EMPLOYERS, book(row(), row(单位名称="荷塘街道总工会", 合同编号="QL-2", 驻点社工="查无此人")), by=by
    )
    with pytest.raises(ValueError, match="faults"):
        commit(reading, by=by, today=TODAY)
    assert not Employer.objects.exists()


def test_register_with_notes_above_other_order_and_totals_is_read(by, book):
    order = [11, 1, 9, 10, 8, 5, 6, 7, 2, 3, 4, 12, 0]
    path = book(
        [row()[i] for i in order],
        [None] * 13,
        ["合 计", "=COUNTA(B2:B3)"],
        headings=[HEADINGS[i] for i in order],
        above=[["用人单位登记表"], ["填表单位：社会服务部", None, "填表日期：2026年9月28日"]],
        merges=["A1:M1"],
    )
    reading = read_workbook(EMPLOYERS, path, by=by)
    assert problems(reading) == []
    assert [(made.entry.row, made.entry.name) for made in reading.plans] == [(4, "青岚镇司法分局")]
    assert reading.tidied["totals"] == 1


def test_several_contacts_in_one_cell_become_persons(by, book):
    imported(
        book(row(对接人="叶子轩、张雪梅", 职务="副局长、办事员", 联系电话="0769-80005970、13700004521")), by
    )
    people = ContactPerson.objects.values_list("name", "title", "level", "phone", "is_main")
    assert list(people) == [
        ("叶子轩", "副局长", Level.LEADER, "0769-80005970", True),
        ("张雪梅", "办事员", Level.CLERK, "13700004521", False),
    ]


def test_unit_merged_over_two_rows_is_one_with_two_persons(by, book):
    second = [None, None, None, None, None, "张雪梅", "办事员", "13700004521", *[None] * 5]
    imported(book(row(), second, merges=["B2:B3"]), by)
    assert Employer.objects.get().contacts.count() == 2


def test_town_merged_over_two_rows_belongs_to_both(by, book):
    other = row(单位名称="青岚镇总工会", 合同编号="QL-2", 所属镇街=None)
    imported(book(row(), other, merges=["D2:D3"]), by)
    assert list(Employer.objects.values_list("town", flat=True)) == ["青岚镇", "青岚镇"]


def test_row_without_contract_is_a_prospective_employer(by, book):
    imported(book(row(合同编号=None, 合同开始=None, 合同结束=None)), by)
    assert Employer.objects.prospective_on(TODAY).exists()
    assert not Contract.objects.exists()


def test_import_brings_number_search_standing_duties_and_history(by, book):
    imported(book(row()), by)
    employer = Employer.objects.active_on(TODAY).get()
    assert (employer.number, employer.pinyin) == (f"YR-{employer.pk:04d}", "qinglanzhensifafenju")
    assert Duty.objects.filter(stakeholder=employer, rule__code="resident-contact").count() == 1
    assert duties.differences(TODAY) == 0
    assert employer.history.get().history_user == by
    assert employer.cycles.get().number == 1


def test_second_import_changes_nothing(by, book):
    path = book(row())
    imported(path, by)
    reading = read_workbook(EMPLOYERS, path, by=by)
    assert reading.counts == {"new": 0, "changed": 0, "same": 1, "faulty": 0, "read": 1}
    commit(reading, by=by, today=TODAY)
    assert Employer.history.count() == 1


def test_changed_register_shows_old_and_new_before_it_is_written(by, book):
    imported(book(row()), by)
    reading = read_workbook(
        EMPLOYERS, book(row(联系电话="0769-80009999", 合同结束="2027-06-30", 地址=None)), by=by
    )
    changes = [(change.column.field, change.old, change.new) for change in reading.plans[0].changes]
    assert changes == [
        ("phones", "0769-80001234", "0769-80009999"),
        ("starts_on", "2026-01-01", "2026-01-01"),
        ("ends_on", "2026-12-31", "2027-06-30"),
    ]
    commit(reading, by=by, today=TODAY)
    assert Contract.objects.get().last_day == date(2027, 6, 30)
    assert Employer.objects.get().address == "和风路3号"


def test_another_worker_in_the_register_is_a_hand_over(by, book):
    before = UserFactory(resident=True, department=DepartmentFactory())
    employer = EmployerFactory(name="青岚镇司法分局", responsible=before)
    task = TaskFactory(stakeholder=employer, owner=before)

    commit(read_workbook(EMPLOYERS, book(PLAIN), by=by), by=by, today=TODAY)

    employer.refresh_from_db()
    task.refresh_from_db()
    taker = employer.responsible
    assert (taker.name, employer.department, task.owner) == ("周慧敏", taker.department, taker)
    assert list(HandOver.objects.values_list("giver", "taker", "by", "on")) == [
        (before.pk, taker.pk, by.pk, TODAY)
    ]


def test_department_set_by_hand_stays_when_the_worker_stays(by, book):
    commit(read_workbook(EMPLOYERS, book(PLAIN), by=by), by=by, today=TODAY)
    elsewhere = DepartmentFactory()
    Employer.objects.update(department=elsewhere)

    commit(read_workbook(EMPLOYERS, book([*PLAIN[:4], "文明路9号", *PLAIN[5:]]), by=by), by=by, today=TODAY)

    employer = Employer.objects.get()
    assert (employer.address, employer.department) == ("文明路9号", elsewhere)


def test_row_that_names_another_worker_hands_the_employer_over(by, book):
    imported(book(row()), by)
    other = UserFactory(name="吴浩然", roles=[Role.RESIDENT], department=DepartmentFactory())
    imported(book(row(驻点社工="吴浩然")), by)
    employer = Employer.objects.get()
    assert (employer.responsible, employer.department) == (other, other.department)
    assert HandOver.objects.filter(stakeholder=employer).count() == 1
    assert set(Duty.objects.filter(rule__tier="resident").values_list("owner", flat=True)) == {other.pk}
    assert duties.differences(TODAY) == 0


def test_query_count_does_not_grow_with_the_rows(by, book):
    def statements(count):
        rows = [row(单位名称=f"第{n}家{count}", 合同编号=f"{count}-{n}") for n in range(count)]
        reading = read_workbook(EMPLOYERS, book(*rows), by=by)
        with CaptureQueriesContext(connection) as captured:
            read_workbook(EMPLOYERS, book(*rows), by=by)
        assert reading.counts["new"] == count
        return len(captured)

    assert statements(3) == statements(60)


def sample(name):
    return Path(__file__).resolve().parents[1] / "samples" / name


@pytest.fixture
def six_workers(by):
    for name in ("吴浩然", "郑雅婷", "冯子健", "苏婉仪", "罗少芬"):
        UserFactory(name=name, roles=[Role.RESIDENT])


def test_sample_register_is_imported_by_the_command(six_workers, capsys):
    call_command("import_employers", str(sample("employers.xlsx")), "--commit", "--by", "director")
    assert "新增40家" in capsys.readouterr().out
    assert Employer.objects.count() == 40
    assert Contract.objects.count() == 27


def test_sample_with_errors_names_all_four_and_writes_nothing(six_workers, capsys):
    with pytest.raises(CommandError, match="有4处要改"):
        call_command(
            "import_employers", str(sample("employers_with_errors.xlsx")), "--commit", "--by", "director"
        )
    told = capsys.readouterr().err
    assert all(f"第{number}行" in told for number in (13, 18, 24, 29))
    assert not Employer.objects.exists()


def upload(path):
    return SimpleUploadedFile("登记表.xlsx", Path(path).read_bytes())


def test_page_checks_then_writes(client, by, book):
    client.force_login(by)
    answer = client.post(reverse("employer_imports:start"), {"file": upload(book(row()))})
    made = Import.objects.get()
    assert answer.url == reverse("employer_imports:check", args=[made.pk])
    assert "新增" in client.get(answer.url).content.decode()
    assert not Employer.objects.exists()
    client.post(reverse("employer_imports:commit", args=[made.pk]))
    client.post(reverse("employer_imports:commit", args=[made.pk]))
    assert Employer.objects.count() == 1
    done = Import.objects.get()
    assert (done.state, done.report["counts"]["new"]) == (Import.State.DONE, 1)


def test_page_shows_what_changes_although_it_has_no_column(client, by, book):
    """Address and note stand in no column of the table; a change that nobody sees is not written."""
    client.force_login(by)
    imported(book(row()), by)
    client.post(
        reverse("employer_imports:start"), {"file": upload(book(row(地址="文明路9号", 备注="新备注")))}
    )
    page = client.get(reverse("employer_imports:check", args=[Import.objects.get().pk]))
    page = " ".join(page.content.decode().split())
    assert "地址 <del>和风路3号</del> <ins>文明路9号</ins>" in page
    assert "备注 <ins>新备注</ins>" in page


def test_page_with_faults_cannot_write_and_gives_the_file_back_marked(client, by, book):
    client.force_login(by)
    client.post(reverse("employer_imports:start"), {"file": upload(book(row(驻点社工="+查无此人")))})
    made = Import.objects.get()
    client.post(reverse("employer_imports:commit", args=[made.pk]))
    assert not Employer.objects.exists()
    marked = client.get(reverse("employer_imports:annotated_copy", args=[made.pk]))
    ws = load_workbook(io.BytesIO(marked.content)).active
    assert ws["L2"].value == "'+查无此人"
    assert "驻点社工" in ws["N2"].value


def test_import_of_another_person_is_not_there(client, by, book):
    client.force_login(by)
    client.post(reverse("employer_imports:start"), {"file": upload(book(row()))})
    client.force_login(UserFactory(roles=[Role.DIRECTOR]))
    assert client.get(reverse("employer_imports:check", args=[Import.objects.get().pk])).status_code == 404


@pytest.mark.parametrize("name", ["register.xls", "register.csv"])
def test_page_refuses_other_files_with_a_sentence(client, by, name):
    client.force_login(by)
    answer = client.post(reverse("employer_imports:start"), {"file": SimpleUploadedFile(name, b"x")})
    assert answer.status_code == 422
    assert "请上传.xlsx文件" in answer.content.decode()


def test_check_that_ends_late_leaves_what_was_written(by, book):
    """A second worker read the same file; meanwhile the first one's reading was committed."""
    made = uploads.store(upload(book(row())), kind=Kind.EMPLOYER, by=by)
    life_cycle.check_import(made.pk, TODAY)
    life_cycle.begin_writing(made)
    life_cycle.write_import(made.pk, TODAY)

    late = Import.objects.get(pk=made.pk)
    late.state = Import.State.READING
    life_cycle.finish(late, Import.State.READ, {}, TODAY)

    kept = Import.objects.get(pk=made.pk)
    assert (kept.state, kept.report["counts"]["new"]) == (Import.State.DONE, 1)


def test_file_that_breaks_the_reading_is_told_and_holds_nobody_up(by, at, book, monkeypatch, caplog):
    made, other = (uploads.store(upload(book(row())), kind=Kind.EMPLOYER, by=by) for _file in range(2))
    at(TODAY, 11)
    monkeypatch.setattr(
        reading,
        "read_workbook",
        lambda *what, **how: broken.pop()() if broken else read_workbook(*what, **how),
    )
    broken = [lambda: 1 / 0]

    assert life_cycle.resume_abandoned(TODAY) == 2

    states = Import.objects.filter(pk__in=[made.pk, other.pk]).values_list("state", flat=True)
    assert sorted(states) == [Import.State.FAILED, Import.State.READ]
    failed = Import.objects.get(state=Import.State.FAILED)
    assert f"Import {failed.pk} failed" in caplog.text


@pytest.mark.parametrize("live", ["+1+1", "\u200b=1+1", "\n=1+1", "＝1+1"])
def test_marked_file_runs_no_formula_however_it_is_hidden(by, book, live):
    path = book(row(备注=live, 联系电话="打不通"))
    found = [asdict(fault) for fault in read_workbook(EMPLOYERS, path, by=by).faults]
    sheet = load_workbook(io.BytesIO(annotated_copy.annotated_workbook(EMPLOYERS, path, found))).active
    values = [cell.value for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)]
    assert f"'{live.lstrip(chr(10))}" in [value.replace("\n", "") for value in values]
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
