"""Rows and columns of the list of contacts when it is exported as a workbook."""

from itertools import islice

from django.utils.translation import gettext as _

from relations.log.people import people_of

CHUNK_SIZE = 1000


def with_people(rows):
    """Yields the contacts, newest first, each with its `people`; the names are queried in batches of CHUNK_SIZE."""
    source = rows.select_related("stakeholder", "entered_by", "starter").order_by("-contact_on", "-pk")
    source = source.iterator(chunk_size=CHUNK_SIZE)
    while part := list(islice(source, CHUNK_SIZE)):
        people = people_of(part)
        for row in part:
            row.people = people[row.pk]
            yield row


def columns():
    """Returns the columns in order: a list of (heading, function that returns the value for a row)."""
    return [
        (_("沟通日期"), lambda row: row.contact_on),
        (_("关系对象"), lambda row: row.stakeholder.name),
        (_("方式"), lambda row: row.get_channel_display()),
        (_("事由"), lambda row: row.get_purpose_display()),
        (_("正式程度"), lambda row: _("正式") if row.is_formal else _("非正式")),
        (_("结果"), lambda row: row.get_outcome_display()),
        (_("发起方"), lambda row: row.get_started_by_display()),
        (_("发起人"), lambda row: row.starter.name if row.starter else ""),
        (_("我方参加"), lambda row: "、".join(row.people.ours)),
        (_("陪同"), lambda row: "、".join(row.people.accompanying)),
        (_("对方"), lambda row: "、".join(row.people.theirs)),
        (_("对方身份"), lambda row: row.get_guest_role_display()),
        (_("说了什么"), lambda row: row.content),
        (_("需跟进事项"), lambda row: row.follow_up),
        (_("登记人"), lambda row: row.entered_by.name),
        (_("登记时间"), lambda row: row.entered_at),
    ]
