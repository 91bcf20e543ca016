"""The notes of `check --deploy` about virus scanner and proxy are shown, and are not warnings."""

import pytest
from django.core.checks import run_checks
from django.core.checks.messages import WARNING


def check_levels():
    """Returns {id: level} of the messages of our checks."""
    return {
        each.id: each.level
        for each in run_checks(include_deployment_checks=True)
        if each.id.startswith("lezhi.")
    }


@pytest.mark.parametrize(
    ("scanner", "proxies", "ids"),
    [
        ("", 0, {"lezhi.I001", "lezhi.I002"}),
        ("/run/clamav/clamd.ctl", 0, {"lezhi.I002"}),
        ("", 1, {"lezhi.I001"}),
        ("127.0.0.1:3310", 2, set()),
    ],
)
def test_what_is_missing_is_told_and_is_no_warning(settings, scanner, proxies, ids):
    settings.CLAMD_SOCKET, settings.TRUSTED_PROXIES = scanner, proxies
    assert set(check_levels()) == ids
    assert all(level < WARNING for level in check_levels().values())


def test_it_is_told_for_deployment_only(settings):
    settings.CLAMD_SOCKET = ""
    assert not [each for each in run_checks() if each.id.startswith("lezhi.")]
