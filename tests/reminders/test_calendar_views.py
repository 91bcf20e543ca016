"""The pages of the holiday calendar: year, pasted notice, single day, deadline (R139-R140, R423-R424, R440)."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from reminders.calendar import workdays
from reminders.calendar.actions import save_notice
from reminders.calendar.holiday_notice import parse_notice
from reminders.calendar.models import HolidayNotice, HolidayOverride
from reminders.calendar.workdays import Calendar, calendar_changed
from reminders.clock import now
from tests.reminders.arrangements import notice_text, table_of

D = dt.date
pytestmark = pytest.mark.django_db

NOTICE_2027 = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕9号
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月30日（周六）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假，共1天。
六、中秋节：9月15日（周三）放假，共1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""
MANAGED = ["holiday_paste", "holiday_day"]
OPEN = ["holidays", "deadline"]


@pytest.fixture(autouse=True)
def today(at):
    """Sunday, 22 November 2026, with an empty calendar cache."""
    workdays.clear_cache()
    yield at("2026-11-22")
    workdays.clear_cache()


def person(role):
    return User.objects.create_user(f"u-{role}", name="郑雅婷", roles=[role])


@pytest.fixture
def clerk(client):
    """A client logged in as a resident worker, who may only view the calendar."""
    client.force_login(person(Role.RESIDENT))
    return client


@pytest.fixture
def manager(client):
    """A client logged in as an administrator, who may change the calendar."""
    client.force_login(person(Role.ADMINISTRATOR))
    return client


def paste(client, text, act="preview", **fields):
    """Submits the form for a pasted notice. Returns the response."""
    return client.post(reverse("holiday_paste"), {"text": text, "act": act, **fields})


def preview_then_save(client, text, **fields):
    """Previews a notice, then saves what the preview showed. Returns the last response."""
    seen = paste(client, text, **fields).context["form"].data["seen"]
    return paste(client, text, "save", seen=seen, **fields)


def typed_day(**changed):
    """Returns the form data for a single day."""
    return {
        "date": "2026-12-31",
        "is_working": "False",
        "name": "年末",
        "notice": "中心〔2026〕3号",
    } | changed


def fill_day(client, **changed):
    """Submits the form for a single day. Returns the response."""
    return client.post(reverse("holiday_day"), typed_day(**changed))


def errors_of(response):
    """Returns all errors of the form in the response, as a list of texts."""
    return [str(error) for errors in response.context["form"].errors.values() for error in errors]


@pytest.mark.parametrize("name", MANAGED + OPEN)
def test_pages_ask_for_the_login(client, name):
    response = client.get(reverse(name))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("login"))


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.DIRECTOR, Role.DEPUTY, Role.HEAD, Role.ADMINISTRATOR)]
)
@pytest.mark.parametrize("name", MANAGED)
def test_roles_without_the_right_may_not_change_the_calendar(client, name, role):
    client.force_login(person(role))
    assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse(name), {"text": NOTICE_2027, "act": "save"}).status_code == 403
    assert not HolidayOverride.objects.exists()


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.DEPUTY, Role.HEAD, Role.ADMINISTRATOR])
@pytest.mark.parametrize("name", MANAGED)
def test_roles_with_the_right_open_the_pages(client, name, role):
    client.force_login(person(role))
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", OPEN)
def test_everybody_with_an_account_may_look(clerk, name):
    assert clerk.get(reverse(name)).status_code == 200


def test_year_out_of_range_is_not_found(clerk):
    assert clerk.get(reverse("holidays_year", args=[2003])).status_code == 404
    assert clerk.get(reverse("holidays_year", args=[2100])).status_code == 404
    assert clerk.get(reverse("holidays_year", args=[2099])).status_code == 200
    assert clerk.get(reverse("holidays_year", args=[2004])).status_code == 200


def test_year_shows_every_day_as_it_is_counted(clerk):
    response = clerk.get(reverse("holidays"))
    cells = [cell for month in response.context["months"] for week in month.weeks for cell in week if cell]
    assert len(cells) == 365
    off = {cell.day: False for cell in cells if "hol" in cell.css.split()}
    made_up = {cell.day: True for cell in cells if "mk" in cell.css.split()}
    assert off | made_up == table_of(2026)
    assert response.context["working_days"] == sum(
        map(Calendar().is_working_day, [cell.day for cell in cells])
    )
    assert not response.context["provisional"]
    assert "粘贴放假通知" not in response.content.decode()


def test_year_lists_each_holiday_with_its_make_up_days(clerk):
    arrangements = clerk.get(reverse("holidays_year", args=[2026])).context["arrangements"]
    spring = next(each for each in arrangements if each.name == "春节")
    assert (spring.first, spring.last, spring.length) == (D(2026, 2, 15), D(2026, 2, 23), 9)
    assert spring.make_up == [D(2026, 2, 14), D(2026, 2, 28)]
    assert spring.sources == ["国务院办公厅2026年节假日安排"]
    assert [each.name for each in arrangements] == "元旦 春节 清明节 劳动节 端午节 中秋节 国庆节".split()


def test_new_year_that_begins_in_december_stands_in_its_year(clerk):
    arrangements = clerk.get(reverse("holidays_year", args=[2019])).context["arrangements"]
    assert (arrangements[0].first, arrangements[0].last) == (D(2018, 12, 30), D(2019, 1, 1))
    assert arrangements[0].make_up == [D(2018, 12, 29)]


def test_year_without_a_notice_is_marked_provisional(manager):
    page = manager.get(reverse("holidays_year", args=[2027]))
    assert page.context["provisional"]
    text = page.content.decode()
    assert "2027年的放假通知还没有登记" in text
    assert "粘贴放假通知" in text


def test_make_up_day_of_no_holiday_stands_for_itself(clerk):
    HolidayOverride.objects.create(date=D(2026, 7, 4), is_working=True, name="盘点", notice="中心1号")
    arrangements = clerk.get(reverse("holidays")).context["arrangements"]
    stock_taking = next(each for each in arrangements if each.name == "盘点")
    assert (stock_taking.first, stock_taking.make_up, stock_taking.sources) == (
        None,
        [D(2026, 7, 4)],
        ["中心1号"],
    )


@pytest.mark.parametrize(
    ("text", "fields", "sentence"),
    [
        ("", {}, "请填写这一项。"),
        ("放" * 20_001, {}, "文字太长了，只贴通知本身就行。"),
        ("2027年元旦：1月1日放假，共1天。", {}, "通知里没有读到文号，请填上，例如：国办发明电〔2025〕7号"),
        ("2027年元旦：1月1日放假，共1天。", {"number": "号" * 61}, None),
        (NOTICE_2027, {"year": "1999"}, None),
        (NOTICE_2027, {"year": "去年"}, None),
    ],
)
def test_notice_that_cannot_be_saved_stays_on_the_page_with_its_text(manager, text, fields, sentence):
    response = paste(manager, text, "save", **fields)
    assert response.status_code == 200
    assert errors_of(response)
    if sentence:
        assert errors_of(response) == [sentence]
    assert response.context["form"]["text"].value() == text
    assert not HolidayOverride.objects.exists()


def test_preview_shows_what_changes_and_writes_nothing(manager):
    response = paste(manager, NOTICE_2027)
    names = [holiday.name for holiday in response.context["holidays"]]
    assert names == "元旦 春节 清明节 劳动节 端午节 中秋节 国庆节".split()
    assert (response.context["off_count"], response.context["make_up_count"]) == (27, 5)
    spring = response.context["holidays"][1]
    assert spring.change_words == "现在按工作日算：2月9日—11日；现在按休息日算：1月30日、2月20日"
    assert response.context["change_count"] == 15
    assert "七个节日都在，保存后2027年不再是暂定。" in response.content.decode()
    assert not HolidayOverride.objects.exists()
    assert not HolidayNotice.objects.exists()


def test_saving_unseen_text_shows_it_first(manager):
    response = paste(manager, NOTICE_2027, "save")
    assert errors_of(response) == ["内容改过了，请把读到的日期再核对一遍，然后保存。"]
    assert not HolidayOverride.objects.exists()
    seen = response.context["form"].data["seen"]
    assert paste(manager, NOTICE_2027, "save", seen=seen).status_code == 302


def test_text_changed_after_the_preview_is_not_saved_unseen(manager):
    seen = paste(manager, NOTICE_2027).context["form"].data["seen"]
    response = paste(manager, NOTICE_2027.replace("2月20日（周六）", "2月27日（周六）"), "save", seen=seen)
    assert response.status_code == 200
    assert not HolidayOverride.objects.exists()


def test_saved_notice_settles_the_year(manager):
    response = preview_then_save(manager, NOTICE_2027)
    assert (response.status_code, response.url) == (302, reverse("holidays_year", args=[2027]))
    notice = HolidayNotice.objects.get()
    assert (notice.number, notice.year, notice.covers_year) == ("国办发明电〔2026〕9号", 2027, True)
    assert HolidayOverride.objects.count() == 32
    row = HolidayOverride.objects.get(date=D(2027, 2, 20))
    assert (row.is_working, row.name, row.notice, row.created_by.name) == (
        True,
        "春节",
        notice.number,
        "郑雅婷",
    )
    assert not workdays.is_provisional(D(2027, 6, 1))
    assert workdays.add_working_days(D(2027, 1, 28), 2) == D(2027, 1, 30)
    page = manager.get(response.url)
    assert not page.context["provisional"]
    assert "国办发明电〔2026〕9号" in page.content.decode()


def test_saving_the_same_notice_twice_changes_nothing(manager):
    preview_then_save(manager, NOTICE_2027)
    response = preview_then_save(manager, NOTICE_2027)
    assert response.status_code == 302
    assert HolidayOverride.objects.count() == HolidayOverride.history.count() == 32
    assert HolidayNotice.objects.count() == HolidayNotice.history.count() == 1


def test_later_notice_takes_over_its_days_and_the_history_keeps_the_old(manager):
    preview_then_save(manager, NOTICE_2027)
    later = "国办发明电〔2027〕2号 现将2027年劳动节放假安排通知如下。5月1日至4日放假调休，共4天。5月5日（星期三）上班。"
    refused = preview_then_save(manager, later)
    assert errors_of(refused) == ["有几处对不上。请对照原文核对，确认无误就勾选后再保存。"]
    assert preview_then_save(manager, later, is_checked="on").status_code == 302
    row = HolidayOverride.objects.get(date=D(2027, 5, 5))
    assert (row.is_working, row.notice) == (True, "国办发明电〔2027〕2号")
    assert [(old.is_working, old.notice) for old in row.history.all()] == [
        (True, "国办发明电〔2027〕2号"),
        (False, "国办发明电〔2026〕9号"),
    ]
    assert HolidayNotice.objects.get(number="国办发明电〔2027〕2号").covers_year is False
    assert workdays.current_calendar().is_announced(2027)


def test_text_with_a_contradiction_cannot_be_saved_even_when_checked(manager):
    text = "国办发明电〔2026〕9号 2027年元旦：1月1日至3日放假，共3天。1月3日（周日）上班。"
    response = preview_then_save(manager, text, is_checked="on")
    assert response.status_code == 200
    assert response.context["notice"].is_blocked
    assert not HolidayOverride.objects.exists()


def test_number_and_year_may_be_given_beside_the_text(manager):
    preview_then_save(manager, "元旦：1月1日至3日放假，共3天。", number="国办发明电[2026]9号", year="2027")
    assert HolidayOverride.objects.filter(notice="国办发明电〔2026〕9号", date__year=2027).count() == 3


def test_saving_a_notice_costs_the_same_for_few_and_many_days(django_assert_num_queries):
    by = person(Role.HEAD)
    few = parse_notice("国办发明电〔2026〕8号 2027年元旦：1月1日放假，共1天。")
    with django_assert_num_queries(10):
        save_notice(by=by, notice=few, text="", at=now())
    with django_assert_num_queries(10):
        saved = save_notice(by=by, notice=parse_notice(notice_text(2018)), text="", at=now())
    assert (saved.changed, saved.unchanged) == (0, 0)


def test_saved_notice_is_announced_once_with_its_days(manager, django_capture_on_commit_callbacks):
    announced = []

    def listen(days, **kwargs):
        announced.append(days)

    calendar_changed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        preview_then_save(manager, NOTICE_2027)
    with django_capture_on_commit_callbacks(execute=True):
        preview_then_save(manager, NOTICE_2027)
    calendar_changed.disconnect(listen)
    assert [len(days) for days in announced] == [32]


def test_markup_in_a_notice_is_shown_as_text(manager):
    page = paste(
        manager, "国办发明电〔2026〕9号2027年元旦：<script>alert(1)</script>1月1日。"
    ).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date", ""),
        ("date", "2026-02-30"),
        ("date", "1999-01-01"),
        ("is_working", "maybe"),
        ("name", ""),
        ("notice", " "),
    ],
)
def test_day_that_is_wrong_is_refused_and_what_was_typed_stays(manager, field, value):
    typed = typed_day(note="临时安排") | {field: value}
    response = fill_day(manager, **typed)
    assert response.status_code == 200
    form = response.context["form"]
    assert set(form.errors) == {field}
    assert {name: form[name].value() for name in typed} == typed
    assert not HolidayOverride.objects.exists()


def test_day_is_added_with_its_ground(manager):
    assert fill_day(manager).url == reverse("holidays_year", args=[2026])
    row = HolidayOverride.objects.get()
    assert (row.date, row.is_working, row.name, row.notice) == (
        D(2026, 12, 31),
        False,
        "年末",
        "中心〔2026〕3号",
    )
    assert row.created_by.name == "郑雅婷"
    assert row.history.get().history_user == row.created_by
    assert not workdays.is_working_day(D(2026, 12, 31))


def test_day_that_is_there_is_shown_before_it_is_replaced(manager):
    fill_day(manager)
    response = fill_day(manager, is_working="True", name="值班")
    assert errors_of(response) == [
        "这一天已经登记为放假（年末，中心〔2026〕3号）。您填的还在，再按一次保存就以您填的为准。"
    ]
    assert response.context["form"]["name"].value() == "值班"
    assert HolidayOverride.objects.get().name == "年末"
    seen = response.context["form"]["seen"].value()
    assert fill_day(manager, is_working="True", name="值班", seen=seen).status_code == 302
    assert (HolidayOverride.objects.get().name, HolidayOverride.objects.get().is_working) == ("值班", True)


def test_day_opened_for_correction_carries_what_is_there(manager):
    fill_day(manager, is_working="True", note="补班")
    form = manager.get(reverse("holiday_day"), {"date": "2026-12-31"}).context["form"]
    saved = {"date": D(2026, 12, 31), "is_working": "True", "note": "补班"}
    assert {name: form[name].value() for name in typed_day(note="")} == typed_day(**saved)
    assert fill_day(manager, is_working="True", note="补班", seen=form["seen"].value()).status_code == 302
    assert HolidayOverride.history.count() == 1


def test_day_without_a_row_opens_with_what_the_calendar_says(manager):
    response = manager.get(reverse("holiday_day"), {"date": "2026-10-10"})
    form = response.context["form"]
    assert (form["is_working"].value(), form["name"].value()) == ("True", "国庆节")
    assert (
        response.context["now_words"] == "10月10日周六现在按上班算（国庆节，国务院办公厅2026年节假日安排）。"
    )
    plain = manager.get(reverse("holiday_day"), {"date": "2026-10-11"})
    assert plain.context["now_words"] == "10月11日周日现在按休息算。"


@pytest.mark.parametrize("date", ["9999-12-31", "", "gestern", "2026-13-01", "0000-00-00"])
def test_odd_date_in_the_address_of_a_day_opens_an_empty_form(manager, date):
    assert manager.get(reverse("holiday_day"), {"date": date}).status_code == 200


def test_deadline_is_explained_day_by_day(clerk):
    response = clerk.get(reverse("deadline"), {"start": "2026-09-28", "days": "7"})
    assert response.context["due"] == D(2026, 10, 13)
    strip = response.context["strip"]
    assert [(day["on"].day, day["kind"], day["number"], day["note"]) for day in strip] == [
        (28, "zero", None, ""),
        (29, "work", 1, ""),
        (30, "work", 2, ""),
        *((n, "off", None, "国庆") for n in range(1, 8)),
        (8, "work", 3, ""),
        (9, "work", 4, ""),
        (10, "made_up", 5, ""),
        (11, "off", None, ""),
        (12, "work", 6, ""),
        (13, "work", 7, ""),
    ]
    assert [day["on"] for day in strip if day["due"]] == [D(2026, 10, 13)]
    assert response.context["explanation"] == (
        "9月28日周一收到，当天不计。国庆节10月1日—7日放假，跳过7天；周末跳过1天；"
        "10月10日周六调休上班，算1天。所以第7个工作日是10月13日周二。"
    )
    assert response.context["sources"] == ["国务院办公厅2026年节假日安排"]


def test_deadline_in_an_unannounced_year_says_that_it_is_provisional(clerk):
    response = clerk.get(reverse("deadline"), {"start": "2026-12-28", "days": "7"})
    assert (response.context["due"], response.context["provisional"]) == (D(2027, 1, 7), True)
    assert response.context["explanation"].endswith("2027年的放假通知还没有公布，这个日期是暂定的。")


def test_deadline_counts_back_and_stays_with_zero(clerk):
    back = clerk.get(reverse("deadline"), {"start": "2026-10-12", "days": "-2"})
    assert back.context["due"] == D(2026, 10, 9)
    assert back.context["explanation"].endswith("所以往前第2个工作日是10月9日周五。")
    zero = clerk.get(reverse("deadline"), {"start": "2026-10-12", "days": "0"})
    assert (zero.context["due"], len(zero.context["strip"])) == (D(2026, 10, 12), 1)


def test_deadline_begins_with_today_and_seven_days(clerk):
    response = clerk.get(reverse("deadline"))
    assert response.context["due"] == D(2026, 12, 1)
    assert response.context["strip"][0]["on"] == D(2026, 11, 22)


@pytest.mark.parametrize(
    "query",
    [
        {"start": "2026-02-30", "days": "7"},
        {"start": "", "days": "7"},
        {"start": "1999-01-01", "days": "7"},
        {"start": "9999-12-31", "days": "7"},
        {"start": "2026-01-01", "days": "121"},
        {"start": "2026-01-01", "days": "-121"},
        {"start": "2026-01-01", "days": "many"},
        {"days": "7"},
    ],
)
def test_deadline_of_odd_values_is_refused_in_words(clerk, query):
    response = clerk.get(reverse("deadline"), query)
    assert response.status_code == 200
    assert errors_of(response)
    assert "due" not in response.context


@pytest.mark.parametrize("name", OPEN + MANAGED)
def test_pages_are_drawn_in_english_too(client, name):
    user = person(Role.HEAD)
    user.language = "en"
    user.save()
    client.force_login(user)
    assert client.get(reverse(name)).status_code == 200


def test_pages_cost_the_same_for_few_and_many_rows(manager, django_assert_max_num_queries):
    preview_then_save(manager, NOTICE_2027)
    with django_assert_max_num_queries(8):
        manager.get(reverse("holidays_year", args=[2027]))
    with django_assert_max_num_queries(8):
        paste(manager, NOTICE_2027)
