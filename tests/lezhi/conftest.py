"""The browser of the machine, for the tests of the scripts."""

import pytest

from tests.plugins.services import need


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": need("chromium"), "args": ["--no-sandbox"]}
