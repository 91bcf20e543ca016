"""Pages are sent without the indentation of their templates, to keep them small."""

import re

from django.template.loader import get_template


def test_no_line_of_a_page_is_indented_and_none_is_lost():
    source = get_template("403.html").template
    with open(source.origin.name, encoding="utf-8") as file:
        written = file.read()
    assert re.search(r"^ +", written, re.MULTILINE)
    assert not re.search(r"^[ \t]+", source.source, re.MULTILINE)
    assert source.source.count("\n") == written.count("\n")
