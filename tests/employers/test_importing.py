"""The register as centres keep it: read correctly, checked as a whole, written completely or not at all."""

import io
import zipfile
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.exceptions import EditConflict
from accounts.roles import Role
from employers.forms import NewEmployerForm
from employers.importing.spec import EMPLOYERS
from employers.models import Contract, Employer
from relations.duties import settlement as duties
from relations.imports import annotated_copy, cells, life_cycle, package_checks, reading, uploads
from relations.imports.faults import Unreadable
from relations.imports.reading import commit, read_workbook
from relations.lists.forms import assignable_workers
from relations.models import ContactPerson, Duty, HandOver, Import, Kind, Level
from relations.parties.actions import register_stakeholder
from relations.parties.forms import clean_phone_number
from tests.employers.imports import TODAY, imported
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import TaskFactory
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
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
    """A function that writes rows as a workbook and returns its path."""

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
    """Returns the row PLAIN with `changes` ({heading: value})."""
    return [changes.get(heading, value) for heading, value in zip(HEADINGS, PLAIN, strict=True)]


def problems(reading):
    """Returns (row, column, sentence) of each fault."""
    return [(fault.row, fault.column, fault.problem) for fault in reading.faults]


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


@pytest.mark.parametrize("written", ["1.37E+10", "问办公室", "123", "1" * 30, "13700004521或问办公室"])
def test_phone_that_is_none_is_refused_by_the_file_and_by_the_form(written):
    with pytest.raises(cells.CellError):
        cells.as_phones(written)
    with pytest.raises(ValidationError):
        clean_phone_number(written)


@pytest.mark.parametrize(
    "written",
    ["0769-80001234 转 8", "0769-80001234转8", "（0769）80001234", "80001234 x12", "+86 137 0000 4521"],
)
def test_phone_that_the_form_takes_is_taken_from_the_file(written):
    assert cells.as_phones(written) == [clean_phone_number(written)]


def test_file_without_headings_is_refused(by, book):
    with pytest.raises(Unreadable, match="没有找到表头"):
        read_workbook(EMPLOYERS, book(["a", "b"], headings=["x", "y"]), by=by)


def test_file_that_is_no_workbook_is_refused(by, tmp_path):
    path = tmp_path / "old.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 an old workbook")
    with pytest.raises(Unreadable, match=r"\.xlsx"):
        read_workbook(EMPLOYERS, path, by=by)


@pytest.mark.parametrize(
    ("limit", "value"),
    [("MAX_FILE_BYTES", 1_000), ("MAX_UNPACKED_BYTES", 10_000), ("MAX_COMPRESSION_RATIO", 2)],
)
def test_bomb_is_refused_before_it_is_unpacked(by, book, monkeypatch, limit, value):
    path = book(row())
    assert read_workbook(EMPLOYERS, path, by=by).faults == []

    def unpack(*args, **kwargs):
        raise AssertionError("The package is being unpacked.")

    monkeypatch.setattr(package_checks, limit, value)
    monkeypatch.setattr(zipfile.ZipFile, "open", unpack)
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


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.SUPERVISOR, True), (Role.DEPARTMENT_STAFF, True), (Role.FINANCE, False), (Role.PERSONNEL, False)],
)
def test_file_takes_as_responsible_whoever_the_form_takes(by, book, role, may):
    """One rule: whoever may log contacts."""
    colleague = UserFactory(name="方静宜", roles=[role])
    found = problems(read_workbook(EMPLOYERS, book(row(驻点社工="方静宜")), by=by))
    assert ([column for _row, column, _words in found] == []) is may
    assert (colleague in assignable_workers(by)) is may
    offered = NewEmployerForm(user=by, today=TODAY).fields
    assert (colleague in offered["responsible"].queryset) is may
    assert (colleague in offered["received_by"].queryset) is may


def test_record_without_a_worker_belongs_to_the_department_of_whoever_enters_it(by, book):
    """By the page and by the file alike: otherwise they would not see it afterwards."""
    lead = UserFactory(roles=[Role.DEPARTMENT_HEAD], department=DepartmentFactory())
    imported(book(row(驻点社工=None)), lead)
    typed = register_stakeholder(Employer(name="荷塘街道总工会"), by=lead, today=TODAY)
    assert Employer.objects.exclude(pk=typed.pk).get().department == typed.department == lead.department


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


def test_contract_number_of_another_case_is_the_same_number(by, book):
    """As in the form and in the nightly check."""
    imported(book(row()), by)
    found = problems(read_workbook(EMPLOYERS, book(row(单位名称="荷塘街道总工会", 合同编号="ql-1")), by=by))
    assert found[0][1:] == ("合同编号", "这个合同编号已经登记在别的单位。")
    twice = book(row(单位名称="甲局", 合同编号="HT-1"), row(单位名称="乙局", 合同编号="ht-1"))
    assert [fault[:2] for fault in problems(read_workbook(EMPLOYERS, twice, by=by))] == [(3, "合同编号")]
    again = read_workbook(EMPLOYERS, book(row(合同编号="ql-1", 合同结束="2027-12-31")), by=by)
    commit(again, by=by, today=TODAY)
    assert [(each.number, each.ends_on) for each in Contract.objects.all()] == [("QL-1", date(2027, 12, 31))]


def test_contract_registered_since_the_file_was_read_in_another_case_stops_the_import(by, book):
    employer = EmployerFactory(name="青岚镇司法分局")
    read = read_workbook(EMPLOYERS, book(row()), by=by)
    ContractFactory(stakeholder=employer, number="ql-1")
    with pytest.raises(EditConflict):
        commit(read, by=by, today=TODAY)


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
    assert [(plan.entry.row, plan.entry.name) for plan in reading.plans] == [(4, "青岚镇司法分局")]
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
    assert Employer.objects.exists()
    assert not Employer.objects.active_on(TODAY).exists()
    assert not Contract.objects.exists()


def test_import_brings_number_search_standing_duties_and_history(by, book):
    imported(book(row()), by)
    employer = Employer.objects.active_on(TODAY).get()
    assert (employer.number, employer.pinyin) == (f"YR-{employer.pk:04d}", "qinglanzhensifafenju")
    assert Duty.objects.filter(stakeholder=employer, rule__code="resident-contact").count() == 1
    assert duties.differences(TODAY) == 0
    assert employer.history.get().history_user == by
    assert employer.cycles.get().number == 1


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


def test_department_set_by_hand_stays_when_the_worker_stays(by, book):
    imported(book(row()), by)
    elsewhere = DepartmentFactory()
    Employer.objects.update(department=elsewhere)

    imported(book(row(地址="文明路9号")), by)

    employer = Employer.objects.get()
    assert (employer.address, employer.department) == ("文明路9号", elsewhere)


def test_row_that_names_another_worker_hands_the_employer_over(by, book):
    imported(book(row()), by)
    employer = Employer.objects.get()
    giver = employer.responsible
    taker = UserFactory(name="吴浩然", resident=True, department=DepartmentFactory())
    task = TaskFactory(stakeholder=employer, owner=giver)
    imported(book(row(驻点社工="吴浩然")), by)
    employer.refresh_from_db()
    task.refresh_from_db()
    assert (employer.responsible, employer.department, task.owner) == (taker, taker.department, taker)
    assert list(HandOver.objects.values_list("stakeholder", "giver", "taker", "by", "on")) == [
        (employer.pk, giver.pk, taker.pk, by.pk, TODAY)
    ]
    assert set(Duty.objects.filter(rule__tier="resident").values_list("owner", flat=True)) == {taker.pk}
    assert duties.differences(TODAY) == 0


def test_query_count_does_not_grow_with_the_rows(by, book):
    def statements(count):
        rows = [row(单位名称=f"第{n}家{count}", 合同编号=f"{count}-{n}") for n in range(count)]
        path = book(*rows)
        assert read_workbook(EMPLOYERS, path, by=by).counts["new"] == count
        return queries_of(lambda: read_workbook(EMPLOYERS, path, by=by))

    assert statements(3) == statements(60)


def sample(name):
    """Returns the path of a sample file."""
    return Path(__file__).resolve().parents[1] / "samples" / name


@pytest.fixture
def six_workers(by):
    """The five other workers whom the sample names, in addition to that of `by`."""
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
    errors = capsys.readouterr().err
    assert all(f"第{number}行" in errors for number in (13, 18, 24, 29))
    assert not Employer.objects.exists()


def file_of(path):
    """Returns the file at `path` as a file of a form."""
    return SimpleUploadedFile("登记表.xlsx", Path(path).read_bytes())


def test_page_checks_then_writes(client, by, book):
    client.force_login(by)
    answer = client.post(reverse("employer_imports:start"), {"file": file_of(book(row()))})
    upload = Import.objects.get()
    assert answer.url == reverse("employer_imports:check", args=[upload.pk])
    assert "新增" in client.get(answer.url).content.decode()
    assert not Employer.objects.exists()
    client.post(reverse("employer_imports:commit", args=[upload.pk]))
    client.post(reverse("employer_imports:commit", args=[upload.pk]))
    assert Employer.objects.count() == 1
    done = Import.objects.get()
    assert (done.state, done.report["counts"]["new"]) == (Import.State.DONE, 1)


def test_page_shows_what_changes_although_it_has_no_column(client, by, book):
    """The table has no columns for address and note, but no change is written that the page does not show."""
    client.force_login(by)
    imported(book(row()), by)
    client.post(
        reverse("employer_imports:start"), {"file": file_of(book(row(地址="文明路9号", 备注="新备注")))}
    )
    page = client.get(reverse("employer_imports:check", args=[Import.objects.get().pk]))
    page = " ".join(page.content.decode().split())
    assert "地址 <del>和风路3号</del> <ins>文明路9号</ins>" in page
    assert "备注 <ins>新备注</ins>" in page


def test_page_with_faults_cannot_write_and_gives_the_file_back_marked(client, by, book):
    client.force_login(by)
    client.post(reverse("employer_imports:start"), {"file": file_of(book(row(驻点社工="+查无此人")))})
    upload = Import.objects.get()
    client.post(reverse("employer_imports:commit", args=[upload.pk]))
    assert not Employer.objects.exists()
    marked = client.get(reverse("employer_imports:annotated_copy", args=[upload.pk]))
    ws = load_workbook(io.BytesIO(marked.content)).active
    assert ws["L2"].value == "'+查无此人"
    assert "驻点社工" in ws["N2"].value


def test_import_of_another_person_is_not_there(client, by, book):
    client.force_login(by)
    client.post(reverse("employer_imports:start"), {"file": file_of(book(row()))})
    client.force_login(UserFactory(roles=[Role.DIRECTOR]))
    assert client.get(reverse("employer_imports:check", args=[Import.objects.get().pk])).status_code == 404


@pytest.mark.parametrize("name", ["register.xls", "register.csv"])
def test_page_refuses_other_files_with_a_sentence(client, by, name):
    client.force_login(by)
    answer = client.post(reverse("employer_imports:start"), {"file": SimpleUploadedFile(name, b"x")})
    assert answer.status_code == 422
    assert "请上传.xlsx文件" in answer.content.decode()


def test_check_that_ends_late_leaves_what_was_written(by, book):
    """A second worker read the same file, and ends after the first one's reading was written."""
    upload = uploads.store(file_of(book(row())), kind=Kind.EMPLOYER, by=by)
    life_cycle.check_import(upload.pk, TODAY)
    life_cycle.begin_writing(upload)
    life_cycle.write_import(upload.pk, TODAY)

    late = Import.objects.get(pk=upload.pk)
    late.state = Import.State.READING
    life_cycle.finish(late, Import.State.READ, {}, TODAY)

    stored = Import.objects.get(pk=upload.pk)
    assert (stored.state, stored.report["counts"]["new"]) == (Import.State.DONE, 1)


def test_file_that_breaks_the_reading_is_told_and_holds_nobody_up(by, at, book, monkeypatch, caplog):
    upload, other = (uploads.store(file_of(book(row())), kind=Kind.EMPLOYER, by=by) for _file in range(2))
    at(TODAY, 11)
    monkeypatch.setattr(
        reading,
        "read_workbook",
        lambda *what, **how: broken.pop()() if broken else read_workbook(*what, **how),
    )
    broken = [lambda: 1 / 0]

    assert life_cycle.resume_abandoned(TODAY) == 2

    states = Import.objects.filter(pk__in=[upload.pk, other.pk]).values_list("state", flat=True)
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
