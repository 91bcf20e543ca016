"""From the rows of a sheet to employers as the register means them, with every fault collected."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.utils.translation import gettext as _

from employers.importing import cells
from employers.importing.columns import LABELS, in_every_language
from employers.importing.faults import Fault
from employers.models import NUMBER_PREFIX, BodyType
from relations.models import Level

TOTALS = re.compile(r"^(合计|总计|小计|共计|累计)")
TITLED = re.compile(r"^(?P<name>[^\s（(]+)[\s（(]+(?P<title>[^）)]+)[）)]?$")
BODY_TYPES = {
    BodyType.GOVERNMENT: ("政府部门", "政府", "机关", "行政单位", "行政机关", "党政机关"),
    BodyType.ENTERPRISE: ("企业", "公司", "国企", "民企", "国有企业", "民营企业"),
    BodyType.INSTITUTION: ("事业单位", "学校", "医院", "事业"),
    BodyType.MASS: ("群团组织", "群团", "人民团体", "群众团体", "社会团体"),
    BodyType.OTHER: ("其他", "其它"),
}
BODY_TYPE_OF = {word: body for body, words in BODY_TYPES.items() for word in words}
# the first pattern found in a title gives the level (R86); what none matches is "other"
LEVELS = [
    (re.compile("副局长|副主任|副站长|副所长|副院长|副校长|副书记|副镇长"), Level.LEADER),
    (re.compile("镇委|党委|党工委|书记|镇长|街道办主任"), Level.PARTY_COMMITTEE),
    (re.compile("局长"), Level.BUREAU_DIRECTOR),
    (re.compile("社区|村委|居委|村干部"), Level.COMMUNITY_CADRE),
    (re.compile("办事员|科员|干事|专干|职员|文员|社工"), Level.CLERK),
    (re.compile("负责人|主任|股长|科长|所长|站长|组长|部长|主席|院长|校长|园长|经理"), Level.DEPARTMENT_HEAD),
]
OWN_NUMBER = re.compile(rf"{NUMBER_PREFIX}-?(\d{{4,12}})", re.IGNORECASE)
COUNTED = {"serial", "number"}  # what stands before the rows of a register that is otherwise empty
LONGEST_SHOWN = 80
MOST_PEOPLE = 60
LONGEST = {"name": 120, "town": 40, "address": 200, "contract_number": 60, "note": 2000}


@dataclass(slots=True)
class Person:
    """A contact person of the file; `kept` is the record it is known to be, when the row says so."""

    name: str
    title: str = ""
    phone: str = ""
    kept: object = None

    @property
    def level(self):
        return level_of(self.title)


@dataclass(slots=True)
class Candidate:
    """One employer of the file. `row` is where it begins; `faults` are those of its rows.

    `number` is ours when the row has one; only then are its `cells` kept ({field: value as it stands in the file}).
    """

    sheet: str
    row: int
    number: str = ""
    cells: dict = field(default_factory=dict)
    name: str = ""
    body_type: str = ""
    body_word: str = ""
    town: str = ""
    address: str = ""
    people: list = field(default_factory=list)
    contract_number: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    worker: str = ""
    note: str = ""
    faults: list = field(default_factory=list)

    def blame(self, column, value, problem):
        shown = cells.as_text(value)[:LONGEST_SHOWN]
        self.faults.append(Fault(self.sheet, self.row, LABELS[column], shown, problem))

    @property
    def has_contract(self):
        return bool(self.contract_number or self.starts_on or self.ends_on)


def level_of(title):
    return next((level for pattern, level in LEVELS if pattern.search(title)), Level.OTHER)


@dataclass
class Tidied:
    """What was put right by itself, counted, to be told to the person."""

    counts: dict = field(default_factory=dict)

    def note(self, what, times=1):
        if times:
            self.counts[what] = self.counts.get(what, 0) + times


def candidates(sheet, layout, tidied, tell=lambda: None):
    """Yields a Candidate for each employer below the headings; totals rows and empty rows are left out.

    `tell` is called after every row that was read.
    """
    below = merged_below(sheet, layout)
    current, above = None, {}
    for number, values in sheet.rows:
        tell()
        if number <= layout.row:
            continue
        if is_total(values):
            tidied.note("totals")
            continue
        record = {name: cell(values, index) for name, index in layout.places.items()}
        if current and "name" in below.get(number, ()):
            add_people(current, record, tidied)
            continue
        record |= {name: above.get(name) for name in below.get(number, ()) if current and name != "name"}
        if all(value in (None, "") for name, value in record.items() if name not in COUNTED):
            tidied.note("empty")
            continue
        if current:
            yield current
        current, above = candidate(sheet.title, number, record, tidied), record
    if current:
        yield current


def merged_below(sheet, layout):
    """{row number: fields} whose value stands in the merged cell above."""
    field_at = {index + 1: name for name, index in layout.places.items()}
    below = {}
    for left, top, _right, bottom in sheet.merges:
        if left in field_at and top > layout.row:
            for row in range(top + 1, bottom + 1):
                below.setdefault(row, set()).add(field_at[left])
    return below


def cell(values, index):
    return values[index] if index < len(values) else None


def is_total(values):
    first = next((cells.as_text(value) for value in values if value not in (None, "")), "")
    return bool(TOTALS.match(first.replace(" ", "")))


def candidate(sheet, number, record, tidied):
    found = Candidate(sheet, number, own_number(record.get("number")))
    if found.number:
        found.cells = record
    read_texts(found, record, tidied)
    read_body_type(found, record)
    add_people(found, record, tidied)
    read_contract(found, record, tidied)
    return found


def own_number(value):
    """The number under which we keep an employer, or "": registers count their rows, and have numbers of their own."""
    match = OWN_NUMBER.fullmatch(cells.as_text(value).translate(cells.SIGNS))
    return f"{NUMBER_PREFIX}-{int(match[1]):04d}" if match else ""


def read_texts(found, record, tidied):
    for name in ("name", "town", "address", "contract_number", "worker", "note"):
        value = record.get(name)
        text, longest = cells.as_text(value), LONGEST.get(name, 40)
        setattr(found, name, text[:longest])
        tidied.note("spaces", isinstance(value, str) and value != value.strip(" \u3000\t\n"))
        if len(text) > longest:
            found.blame(name, text[:20], _("太长了，最多%s个字。") % longest)
    found.worker = cells.squeezed(found.worker)
    if not found.name and not found.number:
        found.blame("name", "", _("没有单位名称。"))


def read_body_type(found, record):
    word = cells.squeezed(record.get("body_type"))
    if not word:
        return
    found.body_word = word[:40]
    found.body_type = BODY_TYPE_OF.get(word) or exported_body_types().get(word, "")
    if not found.body_type:
        choices = "、".join(words[0] for words in BODY_TYPES.values())
        found.blame("body_type", word, _("没有这个单位类型，可以填：%s。") % choices)


@cache
def exported_body_types():
    """{word: body type} as our own lists write them, in every language."""
    return {
        cells.squeezed(words): value
        for value, label in BodyType.choices
        for words in in_every_language(label)
    }


def add_people(found, record, tidied):
    names, titles = cells.as_list(record.get("contacts")), cells.as_list(record.get("titles"))
    phones = read_phones(found, record, tidied)
    if len(names) > 1:
        tidied.note("people")
    for column, items in (("titles", titles), ("phones", phones)):
        if len(items) > len(names):
            found.blame(
                column,
                record.get(column),
                _("对接人有%(names)s位，这里有%(items)s个，对不上。")
                % {"names": len(names), "items": len(items)},
            )
            return
    if len(found.people) + len(names) > MOST_PEOPLE:
        found.blame("contacts", names[0], _("一家单位最多%s位对接人。") % MOST_PEOPLE)
        return
    for place, name in enumerate(names):
        person = person_of(name, place, titles, phones)
        if any(before.name == person.name and before.title == person.title for before in found.people):
            found.blame("contacts", name, _("同一位对接人写了两次。"))
        found.people.append(person)


def person_of(name, place, titles, phones):
    title = titles[place] if place < len(titles) else ""
    if (together := TITLED.match(name)) and not title:
        name, title = together["name"], together["title"]
    phone = phones[place] if place < len(phones) else ""
    return Person(name.replace(" ", "")[:40], title[:60], phone[:60])


def read_phones(found, record, tidied):
    value = record.get("phones")
    tidied.note("phones", isinstance(value, (int, float)))
    tidied.note("full_width", isinstance(value, str) and any("０" <= char <= "９" for char in value))
    try:
        return cells.as_phones(value)
    except cells.Unclear as problem:
        found.blame("phones", value, str(problem))
        return []


def read_contract(found, record, tidied):
    found.starts_on = read_date(found, "starts_on", record, tidied)
    found.ends_on = read_date(found, "ends_on", record, tidied)
    if any(fault.column in {LABELS["starts_on"], LABELS["ends_on"]} for fault in found.faults):
        return
    if found.has_contract:
        for name in ("contract_number", "starts_on", "ends_on"):
            if not getattr(found, name):
                found.blame(name, "", _("有合同的单位要写全合同编号、合同开始和合同结束。"))
    if found.starts_on and found.ends_on and found.ends_on < found.starts_on:
        found.blame(
            "ends_on",
            found.ends_on.isoformat(),
            _("比合同开始（%s）早，请检查年份。") % found.starts_on.isoformat(),
        )


def read_date(found, name, record, tidied):
    value = record.get(name)
    try:
        day = cells.as_date(value)
    except cells.Unclear as problem:
        found.blame(name, value, str(problem))
        return None
    tidied.note("dates", day is not None and isinstance(value, (str, int, float)))
    return day
