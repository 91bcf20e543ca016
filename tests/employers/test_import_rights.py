"""An import writes and shows only what the person who uploaded it may write and see at that time."""

import io
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from accounts import rights
from accounts.models import User
from accounts.roles import Role
from employers.models import Employer
from relations.imports import life_cycle, uploads
from relations.models import Import, Kind
from relations.shares import actions as shares
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)


@pytest.fixture
def here(at):
    at(TODAY)
    return DepartmentFactory(name="社会服务部")


@pytest.fixture
def boss(here):
    return UserFactory(department_head=True, department=here)


def checked(by, *rows):
    """Uploads and checks a register with these rows, of headings first. Returns the Import."""
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    upload = uploads.store(ContentFile(stream.getvalue(), name="a.xlsx"), kind=Kind.EMPLOYER, by=by)
    life_cycle.check_import(upload.pk, TODAY)
    upload.refresh_from_db()
    return upload


def page_of(upload, user):
    browser = Client()
    browser.force_login(User.objects.get(pk=user.pk))
    return browser.get(reverse("employer_imports:check", args=[upload.pk])).content.decode()


NEW = [["单位名称", "所属镇街", "备注"], ["新单位甲", "青岚镇", "x"]]


@pytest.mark.parametrize("loss", ["account", "role"])
def test_confirmed_import_is_not_written_without_the_right(boss, loss):
    administrator, upload = UserFactory(administrator=True), checked(boss, *NEW)
    assert life_cycle.begin_writing(upload)
    if loss == "account":
        rights.close_account(boss, by=administrator, today=TODAY)
    else:
        boss.roles = [Role.FRONT_LINE]
        rights.change_account(boss, by=administrator)
    life_cycle.write_import(upload.pk, TODAY)
    upload.refresh_from_db()
    assert (upload.state, Employer.objects.count()) == (Import.State.FAILED, 0)
    assert "不再有导入的权限" in upload.report["problem"]


def test_old_values_of_a_record_out_of_sight_are_not_shown(here, boss):
    EmployerFactory(
        name="记录镇办", responsible=UserFactory(department=here), department=here, address="机密地址八号"
    )
    rows = [["单位名称", "所属镇街", "地址", "备注"], ["记录镇办", "换的镇", "新地址", "x"]]
    upload = checked(boss, *rows)
    assert "机密地址八号" in page_of(upload, boss)
    User.objects.filter(pk=boss.pk).update(department=DepartmentFactory())
    page = page_of(upload, boss)
    assert "机密地址八号" not in page
    assert "新地址" in page


@pytest.mark.parametrize("way", ["share", "stand-in"])
def test_register_hands_over_no_record_seen_for_a_day(here, way):
    employer = EmployerFactory(name="记录镇办", responsible=UserFactory(department=here), department=here)
    guest = UserFactory(department_head=True, department=DepartmentFactory(), name="邻部门主任")
    if way == "share":
        head = UserFactory(roles=[Role.HEAD])
        shares.create_share(
            employer, guest, by=head, reason="看", starts_on=TODAY, ends_on=TODAY, today=TODAY
        )
    else:
        StandInFactory(absent=employer.responsible, stand_in=guest, starts_on=TODAY, ends_on=TODAY)
    taker = UserFactory(name="接手人", department=guest.department)
    upload = checked(guest, ["单位名称", "驻点社工", "备注"], ["记录镇办", taker.name, "x"])
    assert upload.state == Import.State.FAULTY
    assert "您只是代理、督导或者经授权才看得到" in page_of(upload, guest)
