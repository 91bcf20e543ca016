"""Printed forms of employers: what they contain, and that nothing is printed that is not meant for paper."""

from datetime import date

import pytest
from django.urls import reverse

from relations.interactions import monthly
from relations.models import Task
from tests.employers.desk import MARKER, asking
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory
from tests.word import text_of_word

pytestmark = pytest.mark.django_db


@pytest.fixture
def employer(place):
    employer = EmployerFactory(
        name="青岚镇社会事务局",
        responsible=place.worker,
        parent_unit="青岚镇人民政府",
        service_area="东塘社区",
        past_cooperation="2022年买过一年",
        prospects="愿意续签",
        caution=MARKER,
        source="referral",
        source_detail="由残联转介",
        first_contact={"first_contact_on": date(2026, 1, 8), "received_by": place.staff},
    )
    ContractFactory(
        stakeholder=employer, number="YR-HT-2026-031", goals="个案30个", constraints="每周到岗5天"
    )
    return employer


@pytest.fixture
def contact(employer, place):
    director = ContactPersonFactory(stakeholder=employer, name="梁晓东", director=True, main=True)
    return InteractionFactory(
        stakeholder=employer,
        contact_on=date(2026, 9, 22),
        purpose="work_report",
        ours=[place.worker],
        accompanying=[place.director],
        theirs=[director],
        content="汇报上半年完成情况。<b>粗</b> {{ 7*7 }}",
        follow_up="送总结",
    )


def papers(employer, contact):
    """Returns the URLs of the three forms: information, contact, month."""
    base = f"/employers/{employer.pk}/paper/"
    return [f"{base}sheet/", f"{base}contact/{contact.pk}/", f"{base}month/2026-09/"]


def test_papers_out_of_sight_are_not_found(place, employer, contact):
    for address in papers(employer, contact):
        for page in (address, f"{address}word/"):
            assert asking(place.stranger).get(page).status_code == 404, page
    sheets = asking(place.stranger).get(f"/employers/sheets/?pick={employer.pk}")
    assert sheets.status_code == 404


def test_contact_of_another_employer_is_not_on_this_ones_paper(place, employer, contact):
    other = EmployerFactory(responsible=place.worker)
    assert asking(place.worker).get(f"/employers/{other.pk}/paper/contact/{contact.pk}/").status_code == 404


@pytest.mark.parametrize("month", ["2026-13", "2026-0", "x", "0000-01", "2026-09-01"])
def test_month_nobody_can_read_is_not_found(place, employer, month):
    assert asking(place.worker).get(f"/employers/{employer.pk}/paper/month/{month}/").status_code == 404


def test_no_paper_holds_the_note_of_caution(place, employer, contact):
    for address in papers(employer, contact):
        assert MARKER not in asking(place.worker).get(address).content.decode(), address
        assert MARKER not in text_of_word(asking(place.worker).get(f"{address}word/")), address


SHEET = [
    "用人单位信息表",
    "青岚镇社会事务局",
    "☑政府部门",
    "□企业",
    "☑购买并使用",
    "☑直接监督和指导",
    "青岚镇人民政府",
    "和风路12号",
    "东塘社区",
    "☑转介",
    "由残联转介",
    "2026-01-08",
    "韦晓彤",
    "☑显在",
    "合同期内，至2026年12月31日",
    "郑雅婷",
    "社会服务部",
    "梁晓东",
    "局长",
    "YR-HT-2026-031",
    "2026-01-01 至 2026-12-31",
    "个案30个",
    "每周到岗5天",
    "2022年买过一年",
    "愿意续签",
    "第四季度",
    "核对无变化",
]


def test_sheet_holds_every_field(place, employer, contact):
    """R8, R69."""
    client = asking(place.worker)
    client.post(f"/employers/{employer.pk}/check/")
    printed = client.get(f"/employers/{employer.pk}/paper/sheet/").content.decode()
    word = text_of_word(client.get(f"/employers/{employer.pk}/paper/sheet/word/"))
    assert [words for words in SHEET if words not in printed] == []
    assert [words for words in SHEET if words not in word] == []
    assert "打印：郑雅婷　2026-10-12 10:00" in printed


def test_contact_sheet_holds_every_field(place, employer, contact):
    """R102."""
    base = f"/employers/{employer.pk}/paper/contact/{contact.pk}/"
    printed, word = asking(place.worker).get(base), asking(place.worker).get(f"{base}word/")
    for text in (printed.content.decode(), text_of_word(word)):
        for words in (
            "沟通记录表",
            "2026-09-22",
            "2026-10-12",
            "☑正式",
            "☑我们发起",
            "送总结",
            "汇报上半年完成情况。",
        ):
            assert words in text, words
        assert "郑雅婷（驻点社工／负责人）" in text
        assert "何婉清（总干事、副总干事）" in text
        assert "梁晓东 局长（局长）" in text


def test_what_was_typed_stays_text(place, employer, contact):
    base = f"/employers/{employer.pk}/paper/contact/{contact.pk}/"
    assert "&lt;b&gt;粗&lt;/b&gt; {{ 7*7 }}" in asking(place.worker).get(base).content.decode()
    assert "<b>粗</b> {{ 7*7 }}" in text_of_word(asking(place.worker).get(f"{base}word/"))


def test_control_signs_do_not_spoil_a_word_file(place, employer):
    contact = InteractionFactory(stakeholder=employer, content="前\x0b\x01后")
    answer = asking(place.worker).get(f"/employers/{employer.pk}/paper/contact/{contact.pk}/word/")
    assert "前后" in text_of_word(answer)


def test_confidential_papers_say_so(place, employer):
    assert (
        "严格保密" not in asking(place.worker).get(f"/employers/{employer.pk}/paper/sheet/").content.decode()
    )
    type(employer).objects.filter(pk=employer.pk).update(is_confidential=True)
    client = asking(place.worker)
    assert "严格保密" in client.get(f"/employers/{employer.pk}/paper/sheet/").content.decode()
    assert "严格保密" in text_of_word(client.get(f"/employers/{employer.pk}/paper/sheet/word/"))


def test_month_holds_its_contacts_in_order(place, employer, contact):
    contents = {"2026-08-31": "八月", "2026-09-01": "月初", "2026-09-30": "月末", "2026-10-01": "十月"}
    for day, words in contents.items():
        InteractionFactory(stakeholder=employer, contact_on=date.fromisoformat(day), content=words)
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 9, 5), attempted=True, content="没人接")
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 9, 6), check=True, content="核对过")
    answer = asking(place.worker).get(f"/employers/{employer.pk}/paper/month/2026-09/")
    rows = [row["content"] for row in answer.context["paper"]["rows"]]
    assert rows == ["月初", contact.content, "月末"]
    assert "本月沟通3次" in answer.content.decode()
    word = text_of_word(asking(place.worker).get(f"/employers/{employer.pk}/paper/month/2026-09/word/"))
    assert word.index("月初") < word.index("汇报上半年") < word.index("月末")


def filing(employer, month="2026-09"):
    """Returns the URL that marks the form of `month` as filed."""
    return f"/employers/{employer.pk}/paper/month/{month}/filed/"


def test_looking_at_the_month_files_nothing(place, employer, contact):
    url = f"/employers/{employer.pk}/paper/month/2026-09/"
    for address in (url, f"{url}word/"):
        asking(place.worker).get(address)
    assert not Task.objects.exists()


def test_month_is_filed_by_its_button_and_says_so(place, employer, contact):
    client = asking(place.worker)
    url = f"/employers/{employer.pk}/paper/month/2026-09/"
    assert f'action="{filing(employer)}"' in client.get(url).content.decode()
    client.post(filing(employer))
    task = Task.objects.get()
    assert (task.origin, task.done_on) == (Task.Origin.MONTHLY_SHEET, date(2026, 10, 12))
    assert [version.history_user for version in task.history.all()] == [place.worker]
    page = client.get(url).content.decode()
    assert ("10月12日已归档" in page, filing(employer) in page) == (True, False)


def test_filing_closes_what_was_asked_with_a_history_and_is_taken_back(place, employer, contact):
    task = Task.objects.create(
        key=monthly.key_of(employer.pk, date(2026, 9, 1)),
        stakeholder=employer,
        origin=Task.Origin.MONTHLY_SHEET,
        title="打印并存档9月沟通记录表",
        due_on=date(2026, 10, 14),
        owner=place.worker,
    )
    client = asking(place.worker)
    answer = client.post(filing(employer), follow=True)
    task.refresh_from_db()
    assert (task.done_on, task.history.first().history_user) == (date(2026, 10, 12), place.worker)
    undo = reverse("relations:reopen_task", args=[task.pk])
    assert undo in answer.content.decode()
    client.post(undo)
    task.refresh_from_db()
    assert (task.done_on, task.history.count()) == (None, 3)


def test_filing_twice_is_said_and_changes_nothing(place, employer, contact):
    client = asking(place.worker)
    client.post(filing(employer))
    again = client.post(filing(employer), follow=True)
    assert "刚才已经完成或取消了" in again.content.decode()
    assert Task.objects.get().history.count() == 1


@pytest.mark.parametrize(
    ("who", "month", "status"), [("worker", "2026-10", 302), ("finance", "2026-09", 403)]
)
def test_month_that_runs_and_who_logs_nothing_file_nothing(place, employer, contact, who, month, status):
    assert asking(getattr(place, who)).post(filing(employer, month)).status_code == status
    assert not Task.objects.exists()


def test_sheets_cost_the_same_for_one_and_for_many(place, employer, django_assert_num_queries):
    client, others = asking(place.worker), [EmployerFactory(responsible=place.worker) for _ in range(5)]
    query = "&".join(f"pick={one.pk}" for one in others)
    for picked in (f"pick={employer.pk}", query):
        with django_assert_num_queries(3):
            client.get(f"/employers/sheets/?{picked}")


def test_sheets_of_several_are_printed_together(place, employer):
    other = EmployerFactory(name="白鹭街道总工会", responsible=place.worker)
    hidden = EmployerFactory(name="别人的单位", responsible=place.stranger)
    query = "&".join(f"pick={one.pk}" for one in (employer, other, hidden))
    text = asking(place.worker).get(f"/employers/sheets/?{query}").content.decode()
    assert ("青岚镇社会事务局" in text, "白鹭街道总工会" in text, "别人的单位" in text) == (True, True, False)
