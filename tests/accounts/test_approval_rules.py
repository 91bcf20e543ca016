"""Rules of approval: who approves what, in which order and by when; changed and added on a page (R58)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.approvals import chains
from accounts.approvals.models import Chain
from accounts.approvals.registers import MATTERS
from relations.approvals.matter import CourseDecision
from tests.accounts.waiting import rule, waiting_decision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-12-02")


def test_changed_rule_touches_no_open_sheet(director, people, today):
    before = waiting_decision(people["proposer"]).sheet
    now = rule(director, ("approver", 3))
    later = waiting_decision(people["proposer"]).sheet
    assert list(before.steps.values_list("asks", flat=True)) == ["department", "head"]
    assert list(later.steps.values_list("asks", "due_on")) == [("approver", today.replace(day=7))]
    assert (now.version, Chain.objects.filter(matter="decision").count()) == (3, 3)
    assert Chain.objects.in_force().get(matter="decision") == now


@pytest.mark.parametrize(
    ("condition", "facts", "fits"),
    [
        ({"kind": "employer"}, {"kind": "employer"}, True),
        ({"kind": "client"}, {"kind": "employer"}, False),
        ({"funding": "agency"}, {"funding": "agency"}, True),
        ({"funding": "agency"}, {"funding": "sponsor"}, False),
        ({"amount_from": 5000}, {"amount": 5000}, True),
        ({"amount_from": 5000}, {"amount": 4999}, False),
    ],
)
def test_rule_is_chosen_by_kind_funding_and_amount(condition, facts, fits, director):
    special = chains.change_chain("decision", steps=[("head", None)], by=director, reason="大额", **condition)
    assert (chains.chain_for("decision", **facts) == special) == fits


@pytest.mark.parametrize("matter", ["roles", "headship", "stand_in", "in_charge", "name", "nothing"])
def test_who_confirms_rights_is_changed_by_no_rule(matter, director):
    with pytest.raises(ValidationError, match="固定"):
        chains.change_chain(matter, steps=[("director", None)], by=director, reason="方便")


def test_rule_is_changed_on_its_page_by_who_manages_rules(client, director, people):
    chain = Chain.objects.in_force().get(matter="decision")
    address = f"/rules/approvals/{chain.pk}/"
    data = {"asks1": "supervisor", "days1": "2", "asks2": "head", "days2": "", "seen": chain.version}
    client.force_login(people["lead"])
    assert client.get("/rules/approvals/").status_code == 200
    assert client.post(address, data | {"reason": "x"}).status_code == 403
    client.force_login(director)
    shown = client.get(address).context["form"]
    assert [shown[name].value() for name in ("seen", "asks1", "asks2", "asks3")] == [
        chain.version,
        "department",
        "head",
        None,
    ]
    assert "reason" in client.post(address, data).context["form"].errors
    assert client.post(address, data | {"reason": "按督导走"}).url == "/rules/approvals/"
    now = Chain.objects.in_force().get(matter="decision")
    assert now.steps == [{"asks": "supervisor", "days": 2}, {"asks": "head", "days": None}]
    assert (now.set_by, now.reason, now.version) == (director, "按督导走", chain.version + 1)
    page = client.get("/rules/approvals/").content.decode()
    assert "按督导走" in page
    assert "试行" in page
    old = data | {"reason": "又改", "asks1": "head", "days1": "5"}
    stale = client.post(address, old)
    assert stale.status_code == 409
    assert "刚才有人改了这条规则" in stale.content.decode()
    shown = stale.context["form"]
    assert [shown[name].value() for name in ("seen", "asks1", "days1")] == [now.version, "head", "5"]
    assert client.post(address, old | {"seen": shown["seen"].value()}).url == "/rules/approvals/"


NEW_RULE = "/rules/approvals/new/"


def typed(form):
    """What the form shows as typed in its fields."""
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}


@pytest.mark.parametrize("who", ["lead", "proposer", "council"])
def test_rule_is_added_by_nobody_who_does_not_manage_rules(client, people, who):
    client.force_login(people[who])
    assert NEW_RULE not in client.get("/rules/approvals/").content.decode()
    answers = [client.get(NEW_RULE), client.post(NEW_RULE, {"kind": "client", "asks1": "head"})]
    assert [answer.status_code for answer in answers] == [403, 403]
    with pytest.raises(PermissionDenied):
        chains.add_chain("decision", steps=[("head", None)], by=people[who], reason="x", kind="client")


@pytest.mark.parametrize("matter", ["roles", "in_charge", "nothing"])
def test_no_rule_is_added_to_a_fixed_matter(client, director, matter):
    client.force_login(director)
    assert client.get(NEW_RULE, {"matter": matter}).status_code == 404
    with pytest.raises(ValidationError, match="固定"):
        chains.add_chain(matter, steps=[("director", None)], by=director, reason="方便")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"asks1": ""}, "asks1"),
        ({"asks1": "somebody"}, "asks1"),
        ({"days1": "0"}, "days1"),
        ({"asks3": "director"}, "中间不要留空的一步。"),
        ({"reason": " "}, "reason"),
        ({"kind": "nothing"}, "kind"),
        ({"kind": ""}, "“关系进程的决定（一般情况）”已经有规则了；要改，请在那一条上按“修改”。"),
    ],
)
def test_faulty_rule_is_refused_and_what_was_typed_stays(client, director, changed, said):
    client.force_login(director)
    data = {
        "kind": "client",
        "asks1": "supervisor",
        "days1": "2",
        "asks2": "",
        "reason": "按督导走",
    } | changed
    data["seen"] = str(client.get(NEW_RULE).context["form"]["seen"].value())
    before = Chain.objects.count()

    answer = client.post(NEW_RULE, data)

    form = answer.context["form"]
    assert answer.status_code == 200
    assert said in form.errors or said in form.non_field_errors()
    assert typed(form) == {name: value for name, value in data.items() if value}
    assert Chain.objects.count() == before


@pytest.mark.parametrize("condition", [{"funding": "agency"}, {"amount_from": 5000}, {"kind": "nothing"}])
def test_condition_that_the_matter_does_not_declare_is_refused(director, condition):
    with pytest.raises(ValidationError, match="不按这个条件"):
        chains.add_chain("decision", steps=[("head", None)], by=director, reason="x", **condition)


def test_added_rule_decides_about_its_kind_alone(client, director, people):
    client.force_login(director)
    assert f"{NEW_RULE}?matter=decision" in client.get("/rules/approvals/").content.decode()
    waits = waiting_decision(people["proposer"]).sheet
    data = {"kind": "partner", "asks1": "head", "days1": "2", "asks2": "director", "reason": "都由中心定"}
    data["seen"] = client.get(NEW_RULE).context["form"]["seen"].value()

    assert client.post(NEW_RULE, data).url == "/rules/approvals/"

    added = Chain.objects.in_force().get(kind="partner")
    assert (added.version, added.set_by, added.reason) == (1, director, "都由中心定")
    assert added.title == "关系进程的决定（其他利益相关方）"
    assert chains.chain_for("decision", kind="partner") == added
    assert chains.chain_for("decision", kind="employer").kind == ""
    later = waiting_decision(people["proposer"]).sheet
    assert list(waits.steps.values_list("asks", flat=True)) == ["department", "head"]
    assert list(later.steps.values_list("asks", "days")) == [("head", 2), ("director", None)]
    page = client.get("/rules/approvals/").content.decode()
    assert "都由中心定" in page
    assert f"/rules/approvals/{added.pk}/" in page
    changed = {"asks1": "director", "seen": 1, "reason": "改"}
    assert client.post(f"/rules/approvals/{added.pk}/", changed).status_code == 302
    assert list(Chain.objects.filter(kind="partner").values_list("version", flat=True)) == [2, 1]


def test_rule_that_somebody_added_meanwhile_is_a_conflict(client, director, people):
    client.force_login(director)
    data = {"kind": "client", "asks1": "supervisor", "reason": "按督导走"}
    data["seen"] = client.get(NEW_RULE).context["form"]["seen"].value()
    first = chains.add_chain("decision", steps=[("head", 3)], by=director, reason="先定", kind="client")

    stale = client.post(NEW_RULE, data)

    assert stale.status_code == 409
    page = stale.content.decode()
    assert "刚才有人给“关系进程的决定（服务对象）”定了规则" in page
    assert f"/rules/approvals/{first.pk}/" in page
    assert "先定" in page
    shown = typed(stale.context["form"])
    assert shown == data | {"seen": first.pk}
    again = client.post(NEW_RULE, shown)
    assert again.status_code == 200
    assert "已经有规则了" in again.content.decode()
    assert client.post(NEW_RULE, shown | {"kind": "employer"}).status_code == 302
    assert Chain.objects.in_force().filter(kind="client").get() == first


class CostlyMatter(CourseDecision):
    """A matter whose rules differ by funding and amount, as another app would declare it."""

    conditions = ("funding", "amount")
    funding_choices = (("agency", "中心自筹"), ("project", "项目经费"))


def test_matter_that_declares_funding_and_amount_has_rules_for_them(client, director, monkeypatch):
    monkeypatch.setitem(MATTERS._entries, "costly", CostlyMatter())
    client.force_login(director)
    form = client.get(NEW_RULE, {"matter": "costly"}).context["form"]
    assert list(form.fields)[:3] == ["funding", "amount_from", "seen"]
    address = f"{NEW_RULE}?matter=costly"
    data = {"funding": "agency", "amount_from": "5000", "asks1": "finance", "reason": "大额", "seen": 0}
    assert "amount_from" in client.post(address, data | {"amount_from": "-1"}).context["form"].errors
    assert "funding" in client.post(address, data | {"funding": "luck"}).context["form"].errors
    assert client.post(address, data).status_code == 302
    added = Chain.objects.in_force().get(matter="costly")
    assert added.condition_words == ["中心自筹", "5000元以上（含）"]
    facts = [("agency", 5000), ("agency", 4999), ("project", 5000)]
    found = [chains.chain_for("costly", funding=funding, amount=amount) for funding, amount in facts]
    assert found == [added, None, None]
