"""Writes an Excel file of employers of any size, as centres write theirs: several worksheets with different headings.

    python -m benchmarks.register 50000 register.xlsx              without faults
    python -m benchmarks.register 50000 faulty.xlsx --faults       faults in the first, the middle and the last row

The same arguments always give the same file. The workers are the six of the demo data (`populate`).
"""

import argparse
from datetime import date, datetime, timedelta
from random import Random

from openpyxl import Workbook

WORKERS = ("罗少芬", "冯子健", "郑雅婷", "苏婉仪", "吴浩然", "周慧敏")
HEADINGS = {
    "serial": "序号",
    "name": "单位名称",
    "body_type": "单位类型",
    "town": "所属镇街",
    "address": "地址",
    "contacts": "对接人",
    "titles": "职务",
    "phones": "联系电话",
    "contract_number": "合同编号",
    "starts_on": "合同开始",
    "ends_on": "合同结束",
    "worker": "驻点社工",
    "note": "备注",
}
OTHER_WORDS = {"name": "用人单位名称 ", "contacts": "联系人", "phones": "手机号码", "ends_on": "合同到期日期"}
TOWNS = (
    "云溪镇",
    "松湖街道",
    "石埠镇",
    "南坑镇",
    "凤岭街道",
    "樟林镇",
    "清湾镇",
    "东桥街道",
    "青岚镇",
    "荷塘街道",
)
UNITS = {
    "民政办公室": "政府部门",
    "社会事务局": "政府部门",
    "司法分局": "机关",
    "总工会": "群团组织",
    "妇女联合会": "群团",
    "残疾人联合会": "群团组织",
    "卫生服务中心": "事业单位",
    "中心小学": "学校",
}
TITLES = ("办事员", "副局长", "局长", "社区干部", "镇委委员", "科长")
SURNAMES = "陈林黄张李王吴刘蔡杨郑梁何冯罗叶苏周谢卢"
GIVEN = "志远美玲强丽华淑芬晓雯子轩雪梅俊杰慧敏浩然雅婷健婉仪少"
DIGITS = "零一二三四五六七八九"
FIRST_DAY = date(2025, 7, 1)
ROWS_ABOVE = 2
WRONG = {"ends_on": "2020-01-01", "worker": "查无此人", "phones": "问办公室"}
DAY_WORDS = ("{0:%Y-%m-%d}", "{0.year}年{0.month}月{0.day}日", "{0.year}.{0.month}.{0.day}", "{0:%Y/%m/%d}")


def record(place, *, edition=1):
    """The row of the employer number `place` (from 0) as {field: value}; `edition` 2 has new telephones and notes."""
    random = Random(place)
    town, unit = random.choice(TOWNS), random.choice(list(UNITS))
    people = [person(random) for _each in range(2 if place % 9 == 0 else 1)]
    number = f"0769-{80_000_000 + place + (edition - 1) * 1_000_000}"
    row = {
        "serial": place + 1,
        "name": f"{town}{in_words(place)}{unit}",
        "body_type": UNITS[unit],
        "town": town,
        "address": f"{town}人民路{1 + place % 300}号",
        "contacts": "、".join(people),
        "titles": "、".join(random.choice(TITLES) for _each in people),
        "phones": 13_000_000_000 + place if place % 5 == 0 and edition == 1 else number,
        "contract_number": None,
        "starts_on": None,
        "ends_on": None,
        "worker": WORKERS[place % len(WORKERS)],
        "note": None if edition == 1 else f"第{edition}次填报",
    }
    if place % 4:
        starts_on = FIRST_DAY + timedelta(days=place % 400)
        row |= {"contract_number": f"HT-{starts_on.year}-{place:06d}"}
        row |= {"starts_on": day(starts_on, place), "ends_on": day(starts_on + timedelta(days=364), place)}
    return row


def in_words(place):
    """`place` as five Chinese digits, which makes names unique without Arabic numerals."""
    return "".join(DIGITS[int(digit)] for digit in f"{place:05d}")


def person(random):
    return random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(GIVEN)


def day(value, place):
    """A date as users enter it: mostly a date cell, sometimes text."""
    if place % 3:
        return datetime.combine(value, datetime.min.time())
    return DAY_WORDS[place // 3 % len(DAY_WORDS)].format(value)


def fault_places(count):
    """{place: field} of the faults that `write` inserts: in the first, the middle and the last row."""
    return dict(zip((0, count // 2, count - 1), WRONG, strict=True))


def sheets(count):
    """[(title, places of the rows, fields)]: three worksheets, the second with other headings in another order."""
    parts = [range(count // 2), range(count // 2, count * 3 // 4), range(count * 3 // 4, count)]
    turned = list(reversed(HEADINGS))
    return [
        ("用人单位信息表", parts[0], list(HEADINGS)),
        ("二季度", parts[1], turned),
        ("三季度", parts[2], list(HEADINGS)),
    ]


def write(path, count, *, faults=False, edition=1):
    """Writes `count` employers to `path`, with constant memory.

    Returns [(worksheet, row, heading)] of the faults, in order.
    """
    book = Workbook(write_only=True)
    spoiled, written = fault_places(count) if faults else {}, []
    for title, places, fields in sheets(count):
        ws = book.create_sheet(title)
        words = HEADINGS | OTHER_WORDS if fields[0] != "serial" else HEADINGS
        ws.append([f"用人单位信息表（{title}）"])
        ws.append(["填表单位：社会服务部", None, None, "填表日期：2026年9月28日"])
        ws.append([words[field] for field in fields])
        for place in places:
            row = record(place, edition=edition)
            if place in spoiled:
                row |= wrong(row, spoiled[place])
                written.append((title, place - places.start + ROWS_ABOVE + 2, HEADINGS[spoiled[place]]))
            ws.append([row[field] for field in fields])
        ws.append(["合计", None, f"{len(places)}家"])
    book.save(path)
    return written


def wrong(row, field):
    """The changed values of a faulty row; a contract that ends too early needs a start date as well."""
    if field == "ends_on":
        return {"contract_number": "HT-0", "starts_on": datetime(2026, 1, 1), "ends_on": WRONG[field]}
    return {field: WRONG[field]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("path")
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--edition", type=int, default=1)
    options = parser.parse_args()
    for fault in write(options.path, options.count, faults=options.faults, edition=options.edition):
        print(*fault)


if __name__ == "__main__":
    main()
