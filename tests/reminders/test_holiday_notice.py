"""Parsing pasted holiday notices (R140)."""

import datetime as dt

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.calendar.holiday_notice import NoticeDay, parse_notice
from reminders.calendar.workdays import Calendar, Override
from tests.reminders.arrangements import ARRANGEMENTS, notice_text, table_of, worked_by_table

D = dt.date

NOTICE_2026 = """国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号

各有关单位：
　　现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期安排如下。
　　一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
　　二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、
2月28日（周六）上班。
　　三、清明节：4月4日（周六）至6日（周一）放假，共3天。
　　四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
　　五、端午节：6月19日（周五）至21日（周日）放假，共3天。
　　六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
　　七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
　　鼓励单位结合年休假安排12月31日（周四）休息。节假日期间请安排好值班。
国务院办公厅
2025年11月4日
"""


def named(notice):
    """Returns {date: is_working} of the days that the notice names."""
    return {day.date: day.is_working for day in notice.days}


def sentences(notice):
    """Returns the texts of the problems found in the notice."""
    return [problem.text for problem in notice.problems]


def only(text, year=2026):
    """Parses `text`, given its year."""
    return parse_notice(text, year=year)


def test_text_without_a_year_is_blocked_and_says_so():
    notice = parse_notice("元旦：1月1日至3日放假，共3天。")
    assert notice.is_blocked
    assert sentences(notice) == ["没有读到是哪一年的安排，请在“年份”里填上。"]


@pytest.mark.parametrize("text", ["", "今天天气很好。", "2026年元旦怎么放假？"])
def test_text_without_dates_is_blocked(text):
    notice = only(text)
    assert notice.days == ()
    assert notice.is_blocked


@pytest.mark.parametrize(
    ("text", "sentence", "blocks"),
    [
        ("元旦：1月1日（周五）放假，共1天。", "2026-01-01是周四，通知里写的是周五。", False),
        ("元旦：1月1日至3日放假，共4天。", "“元旦”写的是共4天，读到的是3天（1月1日—3日）。", False),
        (
            "元旦：1月1日至3日放假，共三天。1月5日上班。",
            "1月5日是周一，本来就是工作日，通知里却写了上班。",
            False,
        ),
        ("清明节：2月30日放假。劳动节：5月1日放假。", "没有2026年2月30日这一天。", True),
        ("元旦：1月1日至3日放假。1月3日上班。", "1月3日又放假又上班（“元旦”和“元旦”），请核对原文。", True),
        ("中秋节：10月1日放假。国庆节：10月1日放假。", "10月1日写了两次：“中秋节”和“国庆节”。", False),
        ("元旦：2024年1月1日放假。春节：2月17日放假。", "2024-01-01不在2026年的安排之内，请检查年份。", True),
        ("国庆节：10月7日至10月1日放假。", "“2026-10-07至2026-10-01”这一段读不通，请检查日期。", True),
        ("元旦：1日放假。", "“1日”前面没有写月份。", True),
        ("春节：假期延长至2月2日。元旦：1月1日放假。", "这一句没有读懂，请核对：“假期延长至2月2日”。", False),
        (
            "元旦：放假时间为1月1日至3日。春节：2月17日放假。",
            "这一句没有读懂，请核对：“放假时间为1月1日至3日”。",
            False,
        ),
    ],
)
def test_what_does_not_add_up_is_said_in_a_sentence(text, sentence, blocks):
    notice = only(text)
    assert sentence in sentences(notice)
    assert notice.is_blocked == blocks


def test_prolonging_a_holiday_is_not_guessed():
    notice = parse_notice("延长2020年春节假期至2月2日（星期日），2月3日（星期一）起正常上班。")
    assert notice.days == ()
    assert any("没有读懂" in sentence for sentence in sentences(notice))


def test_full_notice_as_published_is_read_without_a_problem():
    notice = parse_notice(NOTICE_2026)
    assert (notice.year, notice.number, notice.covers_year) == (2026, "国办发明电〔2025〕7号", True)
    assert sentences(notice) == []
    assert named(notice) == table_of(2026)


def test_days_carry_the_name_of_their_holiday_in_order_of_date():
    notice = parse_notice(notice_text(2023))
    assert [day.date for day in notice.days] == sorted(day.date for day in notice.days)
    assert {day.name for day in notice.days if day.date.month == 10} == {"中秋节、国庆节"}
    assert notice.days[0] == NoticeDay(D(2022, 12, 31), False, "元旦")


@pytest.mark.parametrize("weekday", ["", "（星期{}）", "（周{}）", "(星期{})"])
@pytest.mark.parametrize("year", ARRANGEMENTS)
def test_every_arrangement_since_2018_is_read_rightly(year, weekday):
    notice = parse_notice(notice_text(year, weekday))
    assert sentences(notice) == []
    assert (notice.year, notice.covers_year) == (year, True)
    weekends = {day: False for day, working in named(notice).items() if day.weekday() >= 5 and not working}
    assert named(notice) == weekends | table_of(year)


@pytest.mark.parametrize("year", ARRANGEMENTS)
def test_calendar_made_of_the_notices_agrees_with_the_library_on_all_days(year):
    overrides = {}
    for each in (year, year + 1):
        if each in ARRANGEMENTS:
            read = parse_notice(notice_text(each)).days
            overrides |= {day.date: Override(day.is_working, day.name, "n") for day in read}
    calendar = Calendar(overrides, announced_years=[year])
    days = [D(year, 1, 1) + dt.timedelta(days=n) for n in range((D(year + 1, 1, 1) - D(year, 1, 1)).days)]
    assert [calendar.is_working_day(day) for day in days] == [
        chinese_calendar.is_workday(day) for day in days
    ]
    assert [calendar.is_working_day(day) for day in days] == [worked_by_table(day) for day in days]


def test_december_before_the_year_is_read_with_and_without_its_year():
    explicit = only("元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。", 2019)
    implied = only("元旦：12月30日至1月1日放假调休，共3天。12月29日（星期六）上班。", 2019)
    expected = {D(2018, 12, 29): True, D(2018, 12, 30): False, D(2018, 12, 31): False, D(2019, 1, 1): False}
    assert named(explicit) == named(implied) == expected
    assert sentences(explicit) == sentences(implied) == []


def test_holiday_joined_to_the_weekend_takes_the_weekend_with_it():
    monday = only("元旦：1月1日放假，与周末连休。", 2024)
    friday = only("清明节：4月5日放假，与周末连休，共3天。", 2019)
    assert set(named(monday)) == {D(2023, 12, 30), D(2023, 12, 31), D(2024, 1, 1)}
    assert set(named(friday)) == {D(2019, 4, 5), D(2019, 4, 6), D(2019, 4, 7)}
    assert sentences(monday) == sentences(friday) == []


@pytest.mark.parametrize(
    "text",
    [
        "元旦：１月１日（周四）至３日（周六）放假调休，共３天。１月４日（周日）上班。",
        "元 旦 ：1月1日\n至3\n日放假调休, 共3天; 1月4日(星期天)上班",
        "元旦1月1日—1月3日放假，共三天，1月4日上班",
        "元旦：2026年1月1日（周四至周六）至2026年1月3日（周四至周六）放假3天，1月4日上班！",
        "元旦:1月1日~3日调休放假.共3天。1月4日补班；1月4日上班",
    ],
)
def test_digits_punctuation_and_line_breaks_may_vary(text):
    expected = {D(2026, 1, 1): False, D(2026, 1, 2): False, D(2026, 1, 3): False, D(2026, 1, 4): True}
    assert named(only(text)) == expected


def test_notice_on_one_holiday_has_no_heading_and_does_not_announce_the_year():
    text = (
        "国务院办公厅关于调整2019年劳动节假期安排的通知\n国办发明电[2019]3号\n"
        "经批准，现将2019年劳动节放假调休日期安排通知如下。\n"
        "一、2019年5月1日至4日放假调休，共4天。4月28日（星期日）、5月5日（星期日）上班。\n国务院办公厅\n2019年3月21日"
    )
    notice = parse_notice(text)
    assert (notice.year, notice.number, notice.covers_year) == (2019, "国办发明电〔2019〕3号", False)
    assert {day.name for day in notice.days} == {"劳动节"}
    assert sum(day.is_working for day in notice.days) == 2
    assert sentences(notice) == []


def test_parts_of_one_holiday_repeated_in_a_sentence_count_once():
    text = (
        "劳动节：9月3日至5日调休放假，共3天。"
        "其中9月3日（星期四）放假，9月4日（星期五）调休，9月6日（星期日）上班。"
    )
    notice = parse_notice(text, year=2015)
    assert named(notice) == {
        D(2015, 9, 3): False,
        D(2015, 9, 4): False,
        D(2015, 9, 5): False,
        D(2015, 9, 6): True,
    }
    assert sentences(notice) == []


def test_given_year_and_number_win_over_the_text():
    notice = parse_notice("2025年元旦：1月1日放假。", year=2026, number=" 国办发明电[2025]07号 ")
    assert (notice.year, notice.number) == (2026, "国办发明电〔2025〕7号")


@given(
    st.text(
        alphabet="元旦春节国庆：:、。，至—（）()周一六日放假上班调休共天与末连休12390年月\n ", max_size=80
    ),
    st.sampled_from([None, 2026]),
)
def test_any_text_is_answered_without_an_error(text, year):
    notice = parse_notice(text, year)
    assert notice.days or notice.is_blocked
