"""The last minute of a month and the first of the next in Shanghai, on a server in UTC (four p.m. there)."""

import io
from datetime import date, timedelta
from itertools import chain

import pytest
from openpyxl import load_workbook

from tests.faults.site import ahead_of_now
from tests.faults.visitor import Visitor

PAGE = 30  # notices on a page
ALL_DAY = """
    INSERT INTO reminders_parameter (key, value, effective_from, reason, set_by_id, set_at)
    VALUES ('{}', {}, '2026-07-01', '试', {}, '2026-07-01 00:00:00+00:00')
"""
MOMENTS = [
    pytest.param(date(2026, 11, 30), (23, 59, 0), "11月驻点沟通，11月30日到期", "今天到期", id="23:59"),
    pytest.param(date(2026, 12, 1), (0, 0, 1), "11月驻点沟通没有记录，11月30日已到期", "逾期", id="00:00"),
]


@pytest.fixture
def site_at_work(site):
    """The site, with working hours around the clock, so that e-mails are sent at any time."""
    by = site.people["director"]["pk"]
    site.change(ALL_DAY.format("work_starts", 0, by), ALL_DAY.format("work_ends", 24, by))
    return site


def cells(workbook):
    """Returns every value of the first worksheet as text; dates without their time."""
    rows = load_workbook(io.BytesIO(workbook), read_only=True).active.iter_rows(values_only=True)
    return {str(value).removesuffix(" 00:00:00") for value in chain.from_iterable(rows)}


def all_notices(site, visitor):
    """Returns the text of all pages of notices; each page continues below the last reminder of the one before."""
    own = f"SELECT id FROM reminders_reminder WHERE recipient_id = {visitor.pk} ORDER BY id DESC"
    ends = site.column(own)[PAGE - 1 :: PAGE]
    return "".join(visitor.get(f"/notices/{query}").text for query in ["", *(f"?before={pk}" for pk in ends)])


@pytest.mark.parametrize(("today", "moment", "title", "word"), MOMENTS)
def test_counts_and_due_dates_change_at_midnight(site_at_work, post_office, today, moment, title, word):
    site = site_at_work
    site.ahead = ahead_of_now(today, *moment)
    site.start_web(workers=1)
    assert site.sweep()["today"] == str(today)
    december = site.number("SELECT COUNT(*) FROM relations_duty WHERE period_start = '2026-12-01'")
    assert (december > 0) is (today.month == 12)
    assert set(map(str, site.column("SELECT DISTINCT raised_on FROM reminders_reminder"))) == {str(today)}

    letter = next(letter for letter in post_office.letters if letter.to == "worker00@example.com")
    assert title in letter.text

    worker = Visitor(site, "worker00")
    notices = all_notices(site, worker)
    assert title in notices
    assert word in notices

    own = site.number(f"SELECT MIN(id) FROM relations_stakeholder WHERE responsible_id = {worker.pk}")
    assert f'max="{today}"' in worker.get(f"/log/{own}/").text
    assert worker.log(own).status == worker.log(own, day="yesterday").status == 302
    logged = site.column("SELECT contact_on FROM relations_interaction WHERE channel = 'phone' ORDER BY id")
    assert list(map(str, logged)) == [str(today), str(today - timedelta(days=1))]
    assert worker.log(own, day="pick", on=today + timedelta(days=1)).status == 200

    exported = Visitor(site, "director").get("/interactions/export/")
    assert f"{today}.xlsx" in exported.headers["Content-Disposition"]
    assert str(today) in cells(exported.body)

    moment_words = f"{today.year}年{today.month}月{today.day}日 {moment[0]:02}:{moment[1]:02}"
    assert moment_words in Visitor(site, "administrator").get("/admin/reminders/delivery/").text
