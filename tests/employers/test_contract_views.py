"""Contracts: dates, numbers, early end, voiding, scans, and the standing of the employer (R29-R32, R67)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.exceptions import ActionRefused
from employers.contracts import CONTRACTS
from employers.forms import ContractForm
from employers.models import Contract, Employer
from relations.models import Attachment, Duty, StandingSpan
from relations.parties import terms
from tests.employers.desk import asking, errors
from tests.factories.employers import ContractFactory, EmployerFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def employer(place):
    return EmployerFactory(name="青岚镇社会事务局", responsible=place.worker)


def typed(**changed):
    """Returns the form data of a contract."""
    return {
        "number": "YR-HT-2026-031",
        "parties": "青岚镇社会事务局；乐知社会工作服务中心",
        "signed_on": "2026-04-20",
        "starts_on": "2026-05-01",
        "ends_on": "2027-04-30",
        "goals": "个案30个",
        "amount": "120000.00",
    } | changed


def add(user, employer, **changed):
    """Submits the form of a new contract as `user`. Returns the response."""
    return asking(user).post(f"/employers/{employer.pk}/contracts/new/", typed(**changed))


def test_contracts_are_registered_by_those_who_may(place, employer):
    assert add(place.worker, employer).status_code == 403
    assert add(place.supervisor, employer).status_code == 403
    assert add(place.stranger, employer).status_code == 404
    assert not Contract.objects.exists()
    assert add(place.finance, employer).status_code == 302


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"ends_on": "2026-04-30"}, "ends_on", "比合同开始（2026-05-01）早，请检查年份。"),
        ({"ends_on": "2062-04-30"}, "ends_on", "合同期超过10年，请检查年份。"),
        ({"signed_on": "2027-05-01"}, "signed_on", "比合同结束（2027-04-30）晚，请检查年份。"),
        ({"amount": "-1"}, "amount", "金额不能小于0。"),
        ({"number": ""}, "number", "请填写这一项。"),
    ],
)
def test_contract_says_which_date_is_wrong(place, employer, changed, field, words):
    assert errors(add(place.head, employer, **changed)) == {field: [words]}


def test_contract_of_one_day_is_taken(place, employer):
    assert add(place.head, employer, ends_on="2026-05-01").status_code == 302


def test_number_is_used_once(place, employer):
    add(place.head, employer)
    again = add(place.head, employer, number="yr-ht-2026-031", starts_on="2027-05-01", ends_on="2028-04-30")
    other = add(place.head, EmployerFactory(responsible=place.worker))
    assert errors(again) == {
        "number": ["这家单位已经有编号yr-ht-2026-031的合同（2026-05-01至2027-04-30），请检查编号。"]
    }
    assert errors(other) == {"number": ["编号YR-HT-2026-031已用在另一份合同上，请检查编号。"]}


def test_number_taken_while_a_contract_was_changed_is_refused_in_words(place, employer, monkeypatch):
    add(place.head, employer)
    mine = ContractFactory(stakeholder=employer, number="YR-HT-2026-040")
    monkeypatch.setattr(ContractForm, "clean_number", lambda form: form.cleaned_data["number"])

    url = f"/employers/{employer.pk}/contracts/{mine.pk}/edit/"
    later = {"starts_on": "2027-05-01", "ends_on": "2028-04-30"}
    answer = asking(place.head).post(url, typed(version=mine.version, **later))

    assert errors(answer) == {"number": ["编号YR-HT-2026-031刚刚已经登记过了。"]}


def test_number_out_of_sight_is_not_told(place, employer):
    add(place.director, EmployerFactory())
    assert add(place.head, employer).status_code == 302
    assert Contract.objects.filter(number="YR-HT-2026-031").count() == 2


def test_same_term_twice_is_asked_about(place, employer):
    add(place.head, employer)
    answer = add(place.head, employer, number="YR-HT-2026-032")
    assert errors(answer) == {"starts_on": ["和合同YR-HT-2026-031的期限完全一样，请检查是不是登记过了。"]}


def test_overlapping_contracts_make_one_span(place, employer):
    add(place.head, employer)
    add(place.head, employer, number="B", starts_on="2027-04-01", ends_on="2027-12-31")
    add(place.head, employer, number="C", starts_on="2028-01-01", ends_on="2028-06-30")
    spans = StandingSpan.objects.filter(stakeholder=employer).values_list("starts_on", "ends_on")
    assert list(spans) == [(date(2026, 5, 1), date(2028, 6, 30))]


@pytest.mark.parametrize(
    ("day", "is_active"),
    [("2026-04-30", False), ("2026-05-01", True), ("2027-04-30", True), ("2027-05-01", False)],
)
def test_standing_on_any_day_follows_the_term(place, employer, day, is_active):
    add(place.head, employer)
    assert Employer.objects.active_on(date.fromisoformat(day)).exists() is is_active


def test_early_end_turns_prospective_the_next_day(place, employer):
    contract = ContractFactory(stakeholder=employer, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    duty = Duty.objects.filter(
        stakeholder=employer, rule__code="resident-contact", period_start=date(2026, 10, 1)
    )
    assert duty.exists()
    url = f"/employers/{employer.pk}/contracts/{contract.pk}/end/"
    assert asking(place.worker).post(url, {"ended_on": "2026-10-12", "reason": "项目撤销"}).status_code == 403
    assert asking(place.head).post(url, {"ended_on": "2026-10-12", "reason": "项目撤销"}).status_code == 302
    contract.refresh_from_db()
    assert (contract.last_day, contract.end_reason) == (TODAY, "项目撤销")
    assert Employer.objects.active_on(TODAY).exists()
    assert not Employer.objects.active_on(TODAY + timedelta(days=1)).exists()
    assert not duty.exists()


@pytest.mark.parametrize("day", ["2025-12-31", "2027-01-01"])
def test_early_end_outside_the_term_is_refused(place, employer, day):
    contract = ContractFactory(stakeholder=employer, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    url = f"/employers/{employer.pk}/contracts/{contract.pk}/end/"
    answer = asking(place.head).post(url, {"ended_on": day, "reason": "项目撤销"})
    assert errors(answer) == {"__all__": ["终止日期要在合同期内（2026-01-01至2026-12-31）。"]}


def test_contract_ends_early_once(place, employer):
    contract = ContractFactory(stakeholder=employer)
    terms.end_term_early(contract, ended_on=TODAY, reason="项目撤销", by=place.head, today=TODAY)
    with pytest.raises(ActionRefused):
        terms.end_term_early(contract, ended_on=TODAY, reason="又一次", by=place.head, today=TODAY)


def test_edit_keeps_the_early_end_within_the_term(place, employer):
    contract = ContractFactory(stakeholder=employer, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    terms.end_term_early(contract, ended_on=TODAY, reason="项目撤销", by=place.head, today=TODAY)
    url = f"/employers/{employer.pk}/contracts/{contract.pk}/edit/"
    data = typed(number=contract.number, starts_on="2026-01-01", ends_on="2026-09-30", version=2)
    answer = asking(place.head).post(url, data)
    assert errors(answer) == {"ends_on": ["这份合同已于2026-10-12提前终止，期限要包括这一天。"]}


def test_voided_contract_counts_no_more_and_frees_its_number(place, employer):
    add(place.head, employer)
    contract = Contract.objects.get()
    url = f"/employers/{employer.pk}/contracts/{contract.pk}/void/"
    assert asking(place.finance).post(url, {"reason": "录错单位"}).status_code == 403
    assert asking(place.head).post(url, {"reason": "录错单位"}).status_code == 302
    assert not Employer.objects.active_on(TODAY).exists()
    assert asking(place.head).get(f"/employers/{employer.pk}/contracts/{contract.pk}/").status_code == 404
    assert add(place.head, employer).status_code == 302


def test_voiding_is_for_leaders(place, employer):
    contract = ContractFactory(stakeholder=employer)
    with pytest.raises(PermissionDenied):
        terms.void_term(contract, reason="录错", by=place.finance, today=TODAY)


def test_contract_of_another_employer_is_not_found(place, employer):
    contract = ContractFactory(stakeholder=EmployerFactory(responsible=place.worker))
    for act in ("", "edit/", "end/", "void/"):
        assert (
            asking(place.head).get(f"/employers/{employer.pk}/contracts/{contract.pk}/{act}").status_code
            == 404
        )


def test_two_editors_of_a_contract(place, employer):
    add(place.head, employer)
    contract = Contract.objects.get()
    url = f"/employers/{employer.pk}/contracts/{contract.pk}/edit/"
    asking(place.head).post(url, typed(goals="个案40个", version=1))
    answer = asking(place.finance).post(url, typed(goals="个案50个", version=1))
    assert answer.status_code == 409
    data = typed(goals="个案50个", version=2, resolving="1", keep_goals="theirs")
    asking(place.finance).post(url, data)
    contract.refresh_from_db()
    assert contract.goals == "个案40个"


def test_changed_term_moves_the_standing(place, employer):
    add(place.head, employer)
    contract = Contract.objects.get()
    url = f"/employers/{employer.pk}/contracts/{contract.pk}/edit/"
    asking(place.head).post(url, typed(ends_on="2026-09-30", version=1))
    contract.refresh_from_db()
    assert contract.last_day == date(2026, 9, 30)
    assert not Employer.objects.active_on(TODAY).exists()


@pytest.mark.parametrize(
    ("first", "last", "next_first", "next_last"),
    [
        ("2025-12-15", "2026-12-14", "2026-12-15", "2027-12-14"),
        ("2023-03-01", "2024-02-29", "2024-03-01", "2025-02-28"),
        ("2024-01-01", "2025-12-31", "2026-01-01", "2027-12-31"),
        ("2026-03-01", "2026-08-31", "2026-09-01", "2027-03-03"),
    ],
)
def test_renewal_follows_on_for_as_long(first, last, next_first, next_last):
    first, last = date.fromisoformat(first), date.fromisoformat(last)
    contract = Contract(starts_on=first, ends_on=last, last_day=last, goals="个案30个", amount=Decimal("10"))
    renewal = terms.renewed_term_values(contract, CONTRACTS.renewed)
    assert (str(renewal["starts_on"]), str(renewal["ends_on"])) == (next_first, next_last)
    assert renewal["goals"] == "个案30个"


def test_renewal_form_begins_with_the_last_contract(place, employer):
    contract = ContractFactory(stakeholder=employer, goals="个案30个")
    answer = asking(place.head).get(f"/employers/{employer.pk}/contracts/new/?renew={contract.pk}")
    assert answer.context["form"]["goals"].value() == "个案30个"
    assert answer.context["form"]["starts_on"].value() == date(2027, 1, 1)
    odd = asking(place.head).get(f"/employers/{employer.pk}/contracts/new/?renew=x")
    assert odd.status_code == 200


def test_scan_is_kept_with_the_contract_and_typed_by_content(place, employer):
    scan = SimpleUploadedFile("合同.pdf", PDF)
    answer = add(place.head, employer, scans=scan)
    assert answer.status_code == 302
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.content_type, attachment.term.contract.number) == (
        "合同.pdf",
        "application/pdf",
        "YR-HT-2026-031",
    )
    text = asking(place.worker).get(f"/employers/{employer.pk}/").content.decode()
    assert f"/files/{attachment.pk}/" in text
    wrong = add(place.head, employer, number="B", scans=SimpleUploadedFile("合同.pdf", b"<script>"))
    assert "scans" in errors(wrong)
    assert Contract.objects.count() == 1


def test_scan_is_added_later(place, employer):
    contract = ContractFactory(stakeholder=employer)
    url = f"/employers/{employer.pk}/contracts/{contract.pk}/scans/"
    assert asking(place.worker).post(url, {"scans": SimpleUploadedFile("a.pdf", PDF)}).status_code == 403
    assert asking(place.head).post(url, {}).status_code == 200
    assert asking(place.head).post(url, {"scans": SimpleUploadedFile("a.pdf", PDF)}).status_code == 302
    assert (
        "a.pdf"
        in asking(place.worker).get(f"/employers/{employer.pk}/contracts/{contract.pk}/").content.decode()
    )
