"""The import engine needs only the declaration of columns to read, check, show and write a register of any kind."""

import io
from dataclasses import asdict
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.roles import Role
from employers.models import Employer
from relations.duties import settlement as duties
from relations.imports import annotated_copy, life_cycle, progress, uploads
from relations.imports.faults import Unreadable
from relations.imports.reading import commit, read_workbook
from relations.models import ContactPerson, Cycle, Import, Kind, Stakeholder
from relations.parties.kinds import KINDS
from relations.search.index import matching
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.relations.partner_register import PARTNER, PARTNERS

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.relations.import_urls_of_partners")]
TODAY = date(2026, 11, 22)
HEADINGS = ["序号", "联系人", "组织名称", "联系电话", "职务", "跟进社工"]
TWO = [
    [1, "何洁", "青岚镇志愿者协会", "0769-80001111", "秘书长", "周慧敏"],
    [2, "苏婷", "和风基金会", 13700001111, None, None],
]


@pytest.fixture
def by(at, monkeypatch):
    at(TODAY)
    monkeypatch.setitem(KINDS._entries, PARTNER.kind, PARTNER)
    UserFactory(name="周慧敏", roles=[Role.RESIDENT], department=DepartmentFactory())
    return UserFactory(roles=[Role.DIRECTOR])


@pytest.fixture
def book(tmp_path):
    """write(*rows) saves a workbook with a title, the headings and the rows, and returns its path."""

    def write(*rows, headings=HEADINGS):
        workbook = Workbook()
        for row in (["2026年合作单位名册"], headings, *rows):
            workbook.active.append(row)
        path = tmp_path / "partners.xlsx"
        workbook.save(path)
        return path

    return write


def imported(path, by):
    """Imports the file at `path` at once."""
    commit(read_workbook(PARTNERS, path, by=by), by=by, today=TODAY)


def uploaded(path):
    return ContentFile(path.read_bytes(), name="名册.xlsx")


def test_register_of_another_kind_is_read_and_written(by, book):
    imported(book(*TWO), by)

    first, second = Stakeholder.objects.order_by("pk")
    assert (first.kind, first.name, first.number) == ("partner", "青岚镇志愿者协会", f"HZ-{first.pk:04d}")
    assert (first.responsible.name, second.responsible) == ("周慧敏", None)
    people = ContactPerson.objects.order_by("pk").values_list("name", "title", "phone", "is_main")
    assert list(people) == [
        ("何洁", "秘书长", "0769-80001111", True),
        ("苏婷", "", "13700001111", True),
    ]
    assert Cycle.objects.filter(stakeholder=first).count() == 1
    assert list(matching(Stakeholder.objects.all(), "hfjjh")) == [second]
    assert duties.differences(TODAY) == 0
    assert not Employer.objects.exists()


def test_second_import_changes_what_was_edited_and_nothing_else(by, book):
    imported(book(*TWO), by)
    assert read_workbook(PARTNERS, book(*TWO), by=by).counts["same"] == 2

    reading = read_workbook(
        PARTNERS, book(TWO[0], [2, "苏婷", "和风基金会", 13700002222, "干事", None]), by=by
    )
    changes = [(change.column.label, change.old, change.new) for change in reading.plans[1].changes]
    assert changes == [("职务", "苏婷 ", "苏婷 干事"), ("联系电话", "13700001111", "13700002222")]
    commit(reading, by=by, today=TODAY)
    assert ContactPerson.objects.get(name="苏婷").phone == "13700002222"


def test_row_with_our_number_may_bring_another_name(by, book):
    imported(book(*TWO), by)
    number = Stakeholder.objects.get(name="和风基金会").number
    imported(book([number, "和风慈善会"], headings=["编号", "组织名称", "联系电话"]), by)
    assert Stakeholder.objects.get(number=number).name == "和风慈善会"


def test_faults_are_named_in_the_words_of_the_kind_and_marked_in_the_copy(by, book):
    path = book(TWO[0], [2, "苏婷", None, "打不通", None, "查无此人"], TWO[0])
    faults = read_workbook(PARTNERS, path, by=by).faults
    assert [(fault.row, fault.column, fault.problem) for fault in faults] == [
        (4, "组织名称", "没有名称。"),
        (4, "联系电话", "“打不通”不像电话号码，请检查。"),
        (4, "驻点社工", "没有叫“查无此人”的在职社工。请改成系统里的姓名，或先添加账号。"),
        (5, "组织名称", "和第3行同名，只能有一行。"),
    ]
    copy = annotated_copy.annotated_workbook(PARTNERS, path, [asdict(fault) for fault in faults])
    sheet = load_workbook(io.BytesIO(copy)).active
    assert [sheet["G2"].value, sheet["G3"].value] == ["要改的地方", None]
    assert "驻点社工：没有叫“查无此人”的在职社工" in sheet["G4"].value
    assert sheet["D4"].fill.fgColor.rgb == annotated_copy.RED.fgColor.rgb
    assert not Stakeholder.objects.exists()


def test_register_of_employers_is_no_register_of_partners(by, book):
    with pytest.raises(Unreadable, match="没有找到表头"):
        read_workbook(PARTNERS, book(["青岚镇司法分局"], headings=["单位名称", "对接人", "联系电话"]), by=by)


def test_pages_of_another_kind_take_a_file_show_it_and_write_it(client, by, book):
    client.force_login(by)
    start = client.get(reverse("partner_imports:start")).content.decode()
    assert "导入合作单位" in start

    client.post(reverse("partner_imports:start"), {"file": uploaded(book(*TWO))})
    upload = Import.objects.get()
    check = reverse("partner_imports:check", args=[upload.pk])
    page = client.get(check).content.decode()
    assert "读到2个" in page
    assert reverse("partner_imports:commit", args=[upload.pk]) in page
    assert client.get(reverse("employer_imports:check", args=[upload.pk])).status_code == 404
    assert upload.name not in client.get(reverse("employer_imports:start")).content.decode()

    client.post(reverse("partner_imports:commit", args=[upload.pk]))
    assert Import.objects.get().state == Import.State.DONE
    assert Stakeholder.objects.filter(kind=Kind.PARTNER).count() == 2


def test_import_is_done_and_cancelled_while_the_cache_of_progress_is_away(by, book, settings, caplog):
    away = {"BACKEND": "lezhi.redis_cache.OptionalRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"progress": away}
    first, second = (uploads.store(uploaded(book(*TWO)), kind=Kind.PARTNER, by=by) for _file in range(2))
    assert progress.progress_of(first.pk) == progress.Progress()

    life_cycle.cancel(second, TODAY)
    life_cycle.check_import(first.pk, TODAY)
    first.refresh_from_db()
    assert life_cycle.begin_writing(first)
    life_cycle.write_import(first.pk, TODAY)

    states = Import.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [Import.State.DONE, Import.State.FAILED]
    assert "The cache is unreachable" in caplog.text
