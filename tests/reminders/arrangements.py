"""The holiday arrangements of the State Council for 2018-2026 as a table, and short notices generated from it.

A row: holiday, first and last day off, stated number of days (None: 与周末连休), make-up working days.
"""

import datetime as dt

NAMES = {
    "元旦": "元旦",
    "春节": "春节",
    "清明": "清明节",
    "劳动": "劳动节",
    "端午": "端午节",
    "中秋": "中秋节",
    "国庆": "国庆节",
}

ARRANGEMENTS = {
    2018: [
        ("元旦", "2018-01-01", "2018-01-01", None, []),
        ("春节", "2018-02-15", "2018-02-21", 7, ["2018-02-11", "2018-02-24"]),
        ("清明", "2018-04-05", "2018-04-07", 3, ["2018-04-08"]),
        ("劳动", "2018-04-29", "2018-05-01", 3, ["2018-04-28"]),
        ("端午", "2018-06-18", "2018-06-18", None, []),
        ("中秋", "2018-09-24", "2018-09-24", None, []),
        ("国庆", "2018-10-01", "2018-10-07", 7, ["2018-09-29", "2018-09-30"]),
    ],
    2019: [
        ("元旦", "2018-12-30", "2019-01-01", 3, ["2018-12-29"]),
        ("春节", "2019-02-04", "2019-02-10", 7, ["2019-02-02", "2019-02-03"]),
        ("清明", "2019-04-05", "2019-04-05", None, []),
        ("劳动", "2019-05-01", "2019-05-04", 4, ["2019-04-28", "2019-05-05"]),
        ("端午", "2019-06-07", "2019-06-07", None, []),
        ("中秋", "2019-09-13", "2019-09-13", None, []),
        ("国庆", "2019-10-01", "2019-10-07", 7, ["2019-09-29", "2019-10-12"]),
    ],
    2020: [
        ("元旦", "2020-01-01", "2020-01-01", 1, []),
        # As extended on 26 January 2020: until 2 February; 1 February is no longer a make-up day.
        ("春节", "2020-01-24", "2020-02-02", 10, ["2020-01-19"]),
        ("清明", "2020-04-04", "2020-04-06", 3, []),
        ("劳动", "2020-05-01", "2020-05-05", 5, ["2020-04-26", "2020-05-09"]),
        ("端午", "2020-06-25", "2020-06-27", 3, ["2020-06-28"]),
        ("国庆、中秋", "2020-10-01", "2020-10-08", 8, ["2020-09-27", "2020-10-10"]),
    ],
    2021: [
        ("元旦", "2021-01-01", "2021-01-03", 3, []),
        ("春节", "2021-02-11", "2021-02-17", 7, ["2021-02-07", "2021-02-20"]),
        ("清明", "2021-04-03", "2021-04-05", 3, []),
        ("劳动", "2021-05-01", "2021-05-05", 5, ["2021-04-25", "2021-05-08"]),
        ("端午", "2021-06-12", "2021-06-14", 3, []),
        ("中秋", "2021-09-19", "2021-09-21", 3, ["2021-09-18"]),
        ("国庆", "2021-10-01", "2021-10-07", 7, ["2021-09-26", "2021-10-09"]),
    ],
    2022: [
        ("元旦", "2022-01-01", "2022-01-03", 3, []),
        ("春节", "2022-01-31", "2022-02-06", 7, ["2022-01-29", "2022-01-30"]),
        ("清明", "2022-04-03", "2022-04-05", 3, ["2022-04-02"]),
        ("劳动", "2022-04-30", "2022-05-04", 5, ["2022-04-24", "2022-05-07"]),
        ("端午", "2022-06-03", "2022-06-05", 3, []),
        ("中秋", "2022-09-10", "2022-09-12", 3, []),
        ("国庆", "2022-10-01", "2022-10-07", 7, ["2022-10-08", "2022-10-09"]),
    ],
    2023: [
        ("元旦", "2022-12-31", "2023-01-02", 3, []),
        ("春节", "2023-01-21", "2023-01-27", 7, ["2023-01-28", "2023-01-29"]),
        ("清明", "2023-04-05", "2023-04-05", 1, []),
        ("劳动", "2023-04-29", "2023-05-03", 5, ["2023-04-23", "2023-05-06"]),
        ("端午", "2023-06-22", "2023-06-24", 3, ["2023-06-25"]),
        ("中秋、国庆", "2023-09-29", "2023-10-06", 8, ["2023-10-07", "2023-10-08"]),
    ],
    2024: [
        ("元旦", "2024-01-01", "2024-01-01", None, []),
        ("春节", "2024-02-10", "2024-02-17", 8, ["2024-02-04", "2024-02-18"]),
        ("清明", "2024-04-04", "2024-04-06", 3, ["2024-04-07"]),
        ("劳动", "2024-05-01", "2024-05-05", 5, ["2024-04-28", "2024-05-11"]),
        ("端午", "2024-06-10", "2024-06-10", None, []),
        ("中秋", "2024-09-15", "2024-09-17", 3, ["2024-09-14"]),
        ("国庆", "2024-10-01", "2024-10-07", 7, ["2024-09-29", "2024-10-12"]),
    ],
    2025: [
        ("元旦", "2025-01-01", "2025-01-01", 1, []),
        ("春节", "2025-01-28", "2025-02-04", 8, ["2025-01-26", "2025-02-08"]),
        ("清明", "2025-04-04", "2025-04-06", 3, []),
        ("劳动", "2025-05-01", "2025-05-05", 5, ["2025-04-27"]),
        ("端午", "2025-05-31", "2025-06-02", 3, []),
        ("国庆、中秋", "2025-10-01", "2025-10-08", 8, ["2025-09-28", "2025-10-11"]),
    ],
    2026: [
        ("元旦", "2026-01-01", "2026-01-03", 3, ["2026-01-04"]),
        ("春节", "2026-02-15", "2026-02-23", 9, ["2026-02-14", "2026-02-28"]),
        ("清明", "2026-04-04", "2026-04-06", 3, []),
        ("劳动", "2026-05-01", "2026-05-05", 5, ["2026-05-09"]),
        ("端午", "2026-06-19", "2026-06-21", 3, []),
        ("中秋", "2026-09-25", "2026-09-27", 3, []),
        ("国庆", "2026-10-01", "2026-10-07", 7, ["2026-09-20", "2026-10-10"]),
    ],
}


def day(text):
    return dt.date.fromisoformat(text)


def days_of_span(first, last):
    """Returns the days from `first` to `last` (ISO dates), both included."""
    return [day(first) + dt.timedelta(days=n) for n in range((day(last) - day(first)).days + 1)]


def table_of(year):
    """Returns {date: is_working} of the days named in the arrangement of `year`; without the weekend of 与周末连休."""
    table = {}
    for _holiday, first, last, _count, make_up in ARRANGEMENTS[year]:
        table |= dict.fromkeys(days_of_span(first, last), False)
        table |= dict.fromkeys(map(day, make_up), True)
    return table


def worked_by_table(date):
    """Returns whether `date` (2018 to 2026) is a working day, according to the table alone."""
    for year in (date.year, date.year + 1):
        named = table_of(year) if year in ARRANGEMENTS else {}
        if date in named:
            return named[date]
    return date.weekday() < 5


def written(date, year, weekday):
    """Returns `date` as in a notice: its year only if it is not `year`; `weekday` is a pattern, or "" for none."""
    prefix = f"{date.year}年" if date.year != year else ""
    suffix = weekday.format("一二三四五六日"[date.weekday()]) if weekday else ""
    return f"{prefix}{date.month}月{date.day}日{suffix}"


def item_text(year, row, weekday):
    """Returns the sentence of a notice of `year` about one row."""
    holiday, first, last, count, make_up = row
    name = "、".join(NAMES[each] for each in holiday.split("、"))
    span = written(day(first), year, weekday)
    if first != last:
        crosses = day(first).year != day(last).year
        end = written(day(last), 0 if crosses else year, weekday)
        same_month = first[:7] == last[:7]
        span += "至" + (end.split("月", 1)[1] if same_month else end)
    off = f"{name}：{span}放假，" + ("与周末连休。" if count is None else f"共{count}天。")
    work = "、".join(written(day(each), year, weekday) for each in make_up)
    return off + (f"{work}上班。" if work else "")


def notice_text(year, weekday="（星期{}）"):
    """Returns a short notice of `year`, built like a published one; `weekday` is the pattern of the weekdays."""
    items = [item_text(year, row, weekday) for row in ARRANGEMENTS[year]]
    numbered = "\n".join(f"{'一二三四五六七'[n]}、{item}" for n, item in enumerate(items))
    return f"{year}年部分节假日安排的通知\n国办发明电〔{year - 1}〕7号\n{numbered}\n国务院办公厅\n{year - 1}年11月4日"
