"""Contact rules as data: the tier table, new versions from a period on, parameters with a history (R80-R88, R120)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.exceptions import ActionRefused
from accounts.roles import Role
from accounts.stamps import row_stamp
from relations.duties import settlement as duties
from relations.models import CadenceRule, Duty
from relations.rules import versions as rules
from reminders import numbers
from reminders.models import Parameter, Reminder
from reminders.steps import sweep
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory

pytestmark = pytest.mark.django_db

BACKEND = "accounts.backends.RoleBackend"


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def director(today):
    return UserFactory(director=True, name="总干事")


@pytest.fixture
def employer(today, director):
    return EmployerFactory(active=True, watched_from=date(2026, 9, 1))


def change(director, today, **given):
    """Changes the monthly rule to two contacts from November on; `given` overrides."""
    values = {"effective_from": date(2026, 11, 1), "reason": "理事会决定", "times": 2} | given
    code = values.pop("code", "resident-contact")
    return rules.change_rule(code, by=director, today=today, **values)


def monthly(employer):
    """[(first day, number owed)] of the monthly contacts."""
    rows = Duty.objects.filter(stakeholder=employer, rule__code="resident-contact").order_by("period_start")
    return list(rows.values_list("period_start", "owed"))


def test_change_needs_the_right(today):
    with pytest.raises(PermissionDenied):
        change(UserFactory(), today)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "  "}, "请写明修改的原因"),
        ({"times": 1}, "没有改动"),
        ({"effective_from": date(2026, 11, 2)}, "请选2026-12-01"),
        ({"effective_from": date(2026, 9, 1)}, "最早从2026-10-01"),
        ({"period": "quarter", "effective_from": date(2026, 11, 1)}, "2027-01-01"),
        ({"code": "no-such-rule"}, "没有这条规则"),
    ],
)
def test_change_that_cannot_be_is_refused_in_words(director, today, given, words):
    with pytest.raises(ActionRefused, match=words):
        change(director, today, **given)
    assert CadenceRule.objects.count() == 10


def test_change_opens_a_version_and_ends_the_one_before(director, today):
    version = change(director, today)
    before = CadenceRule.objects.get(code="resident-contact", effective_from=date(2018, 11, 1))
    assert before.effective_to == date(2026, 10, 31)
    assert (version.times, version.effective_from, version.effective_to) == (2, date(2026, 11, 1), None)
    assert version.history.first().history_change_reason == "理事会决定"
    assert version.history.first().history_user == director


def test_period_is_judged_by_the_version_of_its_first_day(employer, director, today, at):
    change(director, today)
    sweep(today)
    assert monthly(employer) == [(date(2026, 9, 1), 1), (date(2026, 10, 1), 1)]
    sweep(at("2026-11-01"))
    assert monthly(employer) == [(date(2026, 9, 1), 1), (date(2026, 10, 1), 1), (date(2026, 11, 1), 2)]


def test_change_of_the_present_period_derives_its_duties_at_once(employer, director, today):
    InteractionFactory(stakeholder=employer)
    change(director, today, effective_from=date(2026, 10, 1))
    duty = Duty.objects.get(rule__code="resident-contact", period_start=date(2026, 10, 1))
    assert (duty.owed, duty.met, duty.met_on) == (2, 1, None)


def test_change_closes_the_reminders_of_the_version_it_replaces(employer, director, at):
    today = at("2026-10-28")
    sweep(today)
    october = Reminder.objects.filter(subject__contains="2026-10-01", subject__startswith="duty:1:")
    assert october.open().count() == 1
    change(director, today, effective_from=date(2026, 10, 1))
    assert october.open().count() == 0
    sweep(today)
    reminder = Reminder.objects.open().get(kind="due", due_on=date(2026, 10, 31))
    assert reminder.title == f"{employer.name}：10月驻点沟通，10月31日到期"


def test_version_that_has_not_begun_is_changed_in_place(director, today):
    change(director, today, effective_from=date(2027, 1, 1))
    version = change(director, today, times=3, effective_from=date(2026, 12, 1), reason="再改")
    spans = CadenceRule.objects.filter(code="resident-contact").order_by("effective_from")
    assert list(spans.values_list("effective_from", "effective_to", "times")) == [
        (date(2018, 11, 1), date(2026, 11, 30), 1),
        (date(2026, 12, 1), None, 3),
    ]
    assert version.history.count() == 2


def test_ended_rule_owes_nothing_from_then_on(employer, director, today, at):
    rules.end_rule(
        "resident-contact", by=director, today=today, effective_from=date(2026, 11, 1), reason="试点结束"
    )
    sweep(at("2026-11-01"))
    assert monthly(employer) == [(date(2026, 9, 1), 1), (date(2026, 10, 1), 1)]


def test_rule_that_was_ended_and_begins_again_owes_nothing_for_the_time_between(employer, director, at):
    today = at("2026-10-12")
    rules.end_rule(
        "resident-contact", by=director, today=today, effective_from=date(2026, 10, 1), reason="试点结束"
    )
    sweep(at("2026-11-02"))
    change(director, date(2026, 11, 2), effective_from=date(2026, 12, 1))
    sweep(at("2026-12-01"))
    assert monthly(employer) == [(date(2026, 9, 1), 1), (date(2026, 12, 1), 2)]
    assert duties.differences(date(2026, 12, 1)) == 0


def test_large_centre_leaves_the_deriving_to_the_sweep(
    employer, director, today, monkeypatch, django_capture_on_commit_callbacks
):
    sweep(today)
    monkeypatch.setattr(rules, "SMALL_CENTRE", 0)
    with django_capture_on_commit_callbacks(execute=True):
        change(director, today, effective_from=date(2026, 10, 1))
    assert monthly(employer) == [(date(2026, 9, 1), 1), (date(2026, 10, 1), 2)]


def test_preview_counts_and_changes_nothing(employer, director, today):
    InteractionFactory(stakeholder=employer)
    preview = rules.preview("resident-contact", by=director, effective_from=date(2026, 10, 1), times=2)
    assert preview == rules.Preview(rules.DutyCounts(1, 1), rules.DutyCounts(1, 0), 1)
    assert monthly(employer) == [(date(2026, 9, 1), 1), (date(2026, 10, 1), 1)]
    assert CadenceRule.objects.count() == 10


def test_preview_counts_only_what_one_may_see(employer, director, today):
    EmployerFactory(active=True, confidential=True)

    def owed(by):
        preview = rules.preview("resident-contact", by=by, effective_from=date(2026, 10, 1), times=2)
        return preview.before.owed, preview.later.owed

    assert owed(UserFactory(roles=[Role.ADMINISTRATOR])) == (1, 1)
    assert owed(director) == (2, 2)


def test_preview_of_a_period_to_come(employer, director, today):
    preview = rules.preview("sheet-check", by=director, effective_from=date(2027, 1, 1), times=2)
    assert preview.before.owed == preview.later.owed == 0  # the contract ends in 2026
    preview = rules.preview("resident-contact", by=director, effective_from=date(2026, 12, 1), times=2)
    assert (preview.before, preview.later) == (rules.DutyCounts(1, 0), rules.DutyCounts(1, 0))
    assert not Duty.objects.filter(period_start=date(2026, 12, 1)).exists()


def test_number_holds_from_its_day_and_keeps_its_history(director, today):
    """R120, R452."""
    numbers.set_parameter(
        "escalate_after", 5, by=director, today=today, effective_from=date(2026, 10, 20), reason="放宽"
    )
    assert Parameter.objects.value_on("escalate_after", date(2026, 10, 19)) == 3
    assert Parameter.objects.value_on("escalate_after", date(2026, 10, 20)) == 5


def test_number_set_twice_for_a_day_keeps_the_former_value_in_its_reason(director, today):
    for value in (30, 3):
        numbers.set_parameter(
            "escalate_after", value, by=director, today=today, effective_from=today, reason="理事会决定"
        )
    row = Parameter.objects.get(key="escalate_after")
    assert (row.value, row.reason) == (3, "理事会决定（原定30）")


@pytest.mark.parametrize(
    ("key", "value", "day", "words"),
    [
        ("escalate_after", 0, date(2026, 10, 12), "1到30"),
        ("escalate_after", 31, date(2026, 10, 12), "1到30"),
        ("escalate_after", 5, date(2026, 10, 11), "最早从今天起"),
        ("work_starts", 18, date(2026, 10, 12), "早于"),
        ("work_ends", 9, date(2026, 10, 12), "早于"),
    ],
)
def test_number_that_cannot_be_is_refused_in_words(director, today, key, value, day, words):
    with pytest.raises(ActionRefused, match=words):
        numbers.set_parameter(key, value, by=director, today=today, effective_from=day, reason="试")


def test_hours_that_would_cross_later_are_refused_now(director, today):
    """From 1 December on sending ends at 11:00; a start at 11:00, set today, would leave no hours from that day on."""
    later = date(2026, 12, 1)
    numbers.set_parameter("work_ends", 11, by=director, today=today, effective_from=later, reason="试")

    with pytest.raises(ActionRefused, match="从2026-12-01起"):
        numbers.set_parameter("work_starts", 11, by=director, today=today, effective_from=today, reason="试")

    numbers.set_parameter("work_starts", 10, by=director, today=today, effective_from=today, reason="试")
    assert Parameter.objects.value_on("work_starts", later) == 10


def test_number_set_by_two_at_once_is_refused_in_words(director, today, monkeypatch):
    numbers.set_parameter("escalate_after", 4, by=director, today=today, effective_from=today, reason="试")
    monkeypatch.setattr(Parameter.objects, "select_for_update", Parameter.objects.none)

    with pytest.raises(ActionRefused, match="刚才有人"):
        numbers.set_parameter(
            "escalate_after", 6, by=director, today=today, effective_from=today, reason="试"
        )

    assert Parameter.objects.value_on("escalate_after", today) == 4


def test_rule_changed_by_two_at_once_is_refused_in_words(director, today, monkeypatch):
    stale = CadenceRule.objects.get(code="resident-contact")
    common = {"by": director, "today": today, "reason": "试"}
    rules.change_rule(stale.code, effective_from=date(2026, 11, 1), times=2, **common)
    monkeypatch.setattr(rules, "lock_newest_version", lambda code, seen=None: stale)

    with pytest.raises(ActionRefused, match="刚才有人"):
        rules.change_rule(stale.code, effective_from=date(2026, 12, 1), times=3, **common)

    assert CadenceRule.objects.get(code=stale.code, effective_to=None).times == 2


def test_number_needs_the_right_and_a_reason(director, today):
    with pytest.raises(PermissionDenied):
        numbers.set_parameter(
            "escalate_after", 4, by=UserFactory(), today=today, effective_from=today, reason="试"
        )
    with pytest.raises(ActionRefused, match="原因"):
        numbers.set_parameter("escalate_after", 4, by=director, today=today, effective_from=today, reason=" ")


def test_tier_table_stands_in_the_order_of_the_guide(client, director):
    client.force_login(director, backend=BACKEND)
    tiers = client.get(reverse("rules")).context["tiers"]
    assert [(rule.code, rule.frequency) for rule in tiers] == [
        ("council-contact", "每年至少1次"),
        ("director-contact", "每年至少1次"),
        ("department-contact", "每半年至少1次"),
        ("senior-supervisor", "按实际需要"),
        ("resident-contact", "每月至少1次"),
    ]
    assert tiers[0].level_words == "镇街党委、局长"


def form_data(rule, **given):
    """The form data of a change of `rule`, changed by `given`."""
    data = {
        "seen": row_stamp(rule),
        "name": rule.name,
        "standing": rule.standing,
        "tier": rule.tier,
        "period": rule.period,
        "times": 2,
        "lead_days": rule.lead_days,
        "clause": rule.clause,
        "remark": rule.remark,
        "purposes": [str(purpose) for purpose in rule.purposes],
        "tiers": [str(tier) for tier in rule.tiers],
        "levels": [str(level) for level in rule.levels],
        "effective_from": "2026-11-01",
        "reason": "理事会决定",
    }
    return data | given


def test_form_previews_before_it_saves(client, director, employer):
    client.force_login(director, backend=BACKEND)
    rule = CadenceRule.objects.get(code="resident-contact")
    address = reverse("rule_change", args=[rule.code])
    page = client.post(address, form_data(rule, act="preview"))
    assert page.context["preview"].later == rules.DutyCounts(1, 0)
    assert CadenceRule.objects.count() == 10
    assert client.post(address, form_data(rule, act="save")).status_code == 302
    later = CadenceRule.objects.get(code=rule.code, effective_from=date(2026, 11, 1))
    assert (later.times, later.purpose_mask, later.tier_mask) == (2, rule.purpose_mask, rule.tier_mask)


def test_form_does_not_overwrite_what_a_colleague_saved(client, director, today):
    client.force_login(director, backend=BACKEND)
    rule = CadenceRule.objects.get(code="resident-contact")
    change(director, today, times=4)
    page = client.post(reverse("rule_change", args=[rule.code]), form_data(rule, act="save"))
    assert page.status_code == 409
    assert "“次数”现在是4，您填的是2" in page.content.decode()
    assert rules.newest_version(rule.code).times == 4
    again = form_data(rule, act="save", seen=page.context["form"]["seen"].value())
    assert client.post(reverse("rule_change", args=[rule.code]), again).status_code == 302
    assert rules.newest_version(rule.code).times == 2


def test_rule_changed_in_place_is_another_one(client, director, today):
    """A version not yet in force keeps its key when it is changed, so the key alone does not show the change."""
    client.force_login(director, backend=BACKEND)
    change(director, today, times=3)
    shown = rules.newest_version("resident-contact")
    change(director, today, times=4)
    assert rules.newest_version("resident-contact").pk == shown.pk
    page = client.post(reverse("rule_change", args=[shown.code]), form_data(shown, act="save"))
    assert (page.status_code, rules.newest_version(shown.code).times) == (409, 4)


def test_rule_that_changed_is_not_ended_by_an_old_page(client, director, today):
    client.force_login(director, backend=BACKEND)
    address = reverse("rule_end", args=["resident-contact"])
    seen = client.get(address).context["form"]["seen"].value()
    change(director, today, times=4)
    page = client.post(address, {"effective_from": "2026-11-01", "reason": "不用了", "seen": seen})
    assert (page.status_code, rules.newest_version("resident-contact").effective_to) == (409, None)


def test_number_set_by_a_colleague_is_shown_before_it_is_replaced(client, director, today):
    client.force_login(director, backend=BACKEND)
    address = reverse("number", args=["escalate_after"])
    seen = client.get(address).context["form"]["seen"].value()
    numbers.set_parameter("escalate_after", 4, by=director, today=today, effective_from=today, reason="试")
    data = {"value": "6", "effective_from": "2026-10-12", "reason": "早一点", "seen": seen}
    page = client.post(address, data)
    assert page.status_code == 409
    assert "现在是4，最近一次改成4（从2026-10-12起）" in page.content.decode()
    assert Parameter.objects.value_on("escalate_after", today) == 4
    data["seen"] = page.context["form"]["seen"].value()
    assert client.post(address, data).status_code == 302
    assert Parameter.objects.value_on("escalate_after", today) == 6


@pytest.mark.parametrize(
    ("name", "args", "method", "statuses"),
    [
        ("rules", [], "get", (200, 200)),
        ("rule", ["resident-contact"], "get", (200, 200)),
        ("rule", ["no-such-rule"], "get", (404, 404)),
        ("rule_change", ["resident-contact"], "get", (403, 200)),
        ("rule_change", ["resident-contact"], "post", (403, 200)),
        ("rule_change", ["no-such-rule"], "get", (404, 404)),
        ("rule_end", ["resident-contact"], "get", (403, 200)),
        ("number", ["escalate_after"], "get", (200, 200)),
        ("number", ["escalate_after"], "post", (403, 200)),
        ("number", ["no_such_number"], "get", (404, 404)),
    ],
)
def test_pages_open_to_those_who_may(client, director, name, args, method, statuses):
    for user, status in zip((UserFactory(), director), statuses, strict=True):
        client.force_login(user, backend=BACKEND)
        assert getattr(client, method)(reverse(name, args=args)).status_code == status


def test_number_page_saves(client, director):
    client.force_login(director, backend=BACKEND)
    data = {"value": "4", "effective_from": "2026-10-12", "reason": "早一点"}
    seen = client.get(reverse("number", args=["escalate_after"])).context["form"]["seen"].value()
    assert client.post(reverse("number", args=["escalate_after"]), data | {"seen": seen}).status_code == 302
    assert Parameter.objects.value_on("escalate_after", date(2026, 10, 12)) == 4
