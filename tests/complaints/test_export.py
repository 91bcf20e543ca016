"""The export: masked, strictly confidential complaints for their head only, no formulas, each export recorded."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from accounts.roles import Role
from complaints.models import Viewing
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.queries import queries_of

EXPORT = "/complaints/export/"


def rows(answer):
    """Returns the rows of the workbook, as dicts with the headings as keys."""
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    heads, *found = sheet.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in found]


def test_without_the_permission_nothing_is_taken_out(client, case):
    client.force_login(UserFactory(roles=[Role.VOLUNTEER]))
    assert client.get(EXPORT, {"show": "all"}).status_code == 403


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ADMINISTRATOR, Role.FRONT_LINE])
def test_somebody_on_no_list_takes_nothing_out(client, case, role):
    client.force_login(UserFactory(roles=[role]))
    assert client.get(EXPORT, {"show": "all"}).url == "/complaints/?show=all"
    assert not Viewing.objects.exists()


def test_names_are_masked_even_for_the_head(head_client, case):
    (row,) = rows(head_client.get(EXPORT, {"show": "all"}))
    assert (row["编号"], row["姓名"], row["联系方式"]) == (case.number, "陈**", "137****6021")
    assert case.statement not in row.values()


def test_anonymous_is_called_anonymous(head_client, registrar):
    ComplaintFactory(by=registrar, anonymous=True)
    assert rows(head_client.get(EXPORT, {"show": "all"}))[0]["姓名"] == "匿名"


def test_strictly_confidential_only_through_its_head(client, head, handler, registrar):
    secret = ComplaintFactory(by=registrar, is_strictly_confidential=True)
    plain = ComplaintFactory(by=registrar)
    for case in (secret, plain):
        take_step(case, "appoint", head, user=handler)
    client.force_login(handler)
    assert [row["编号"] for row in rows(client.get(EXPORT, {"show": "all"}))] == [plain.number]
    client.force_login(head)
    found = rows(client.get(EXPORT, {"show": "all"}))
    assert {row["编号"] for row in found} == {secret.number, plain.number}


def test_filters_hold_for_the_workbook(head_client, registrar):
    wanted = ComplaintFactory(by=registrar, suggestion=True)
    ComplaintFactory(by=registrar)
    found = rows(head_client.get(EXPORT, {"show": "all", "kind": "suggestion"}))
    assert [row["编号"] for row in found] == [wanted.number]


def test_each_one_taken_out_is_written_down(head_client, head, registrar):
    cases = {ComplaintFactory(by=registrar).pk for _place in range(3)}
    rows(head_client.get(EXPORT, {"show": "all"}))
    viewings = Viewing.objects.values_list("complaint", "user", "what")
    assert set(viewings) == {(pk, head.pk, Viewing.What.EXPORT) for pk in cases}
    assert len(viewings) == 3


@pytest.mark.parametrize("live", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_is_run(head_client, registrar, live):
    ComplaintFactory(by=registrar, title=live, name=live.strip())
    (row,) = rows(head_client.get(EXPORT, {"show": "all"}))
    assert row["反映的主题"].startswith("'")
    assert row["姓名"].startswith("'")


def test_cost_is_the_same_for_many(head_client, registrar):
    def export():
        rows(head_client.get(EXPORT, {"show": "all"}))

    ComplaintFactory(by=registrar)
    export()
    few = queries_of(export)
    for _place in range(12):
        ComplaintFactory(by=registrar)
    assert queries_of(export) == few
