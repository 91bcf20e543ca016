"""The tool that compares all pages before and after a change of layout ignores line breaks and shows changed text."""

import json

import pytest

from tools.crawl_pages import Reader, differences, main, shape, steady


def text_of(html):
    """The text that the crawler reads from `html`."""
    reader = Reader()
    reader.feed(html)
    return reader.text()


def test_line_breaks_of_a_template_are_no_difference():
    packed = {"status": 200, "text": text_of("<p>共<b>3</b>家</p><p>显在</p>")}
    spread = {"status": 200, "text": text_of("<p>\n  共<b>3</b>家\n</p>\n<p>显在</p>\n")}
    assert list(differences(packed, spread)) == []


def test_another_word_another_status_and_more_statements_are_told():
    before = {"status": 200, "sql": 4, "text": text_of("<p>共3家</p>")}
    after = {"status": 404, "sql": 5, "text": text_of("<p>共4家</p>")}
    assert list(differences(before, after)) == ["status: 200 -> 404", "sql: 4 -> 5", "- 共3家", "+ 共4家"]


def test_addresses_of_one_kind_have_one_shape():
    assert shape("/employers/7/?page=2") == shape("/employers/12/?page=9")
    assert shape("/employers/7/") != shape("/employers/7/edit/")


def test_a_token_that_differs_at_every_visit_is_taken_out():
    first, second = (f'<input name="csrfmiddlewaretoken" value="{token}">家' for token in ("aB3", "xY9"))
    assert first != second
    assert steady(first) == steady(second)


def test_words_in_attributes_are_read_and_scripts_are_not():
    assert text_of('<input placeholder="搜单位"><script>let a</script>') == ["[搜单位]"]


@pytest.mark.parametrize(("after", "code"), [("共3家", 0), ("共4家", 1)])
def test_the_command_compares_two_records(after, code, tmp_path, monkeypatch, capsys):
    files = [tmp_path / "before.json", tmp_path / "after.json"]
    for file, line in zip(files, ("共3家", after), strict=True):
        file.write_text(json.dumps({"wu en /": {"status": 200, "sql": 4, "gzip": 9, "text": [line]}}))
    monkeypatch.setattr("sys.argv", ["crawl_pages", "--compare", *map(str, files)])
    assert (main(), f"1 and 1 pages, {code} differ" in capsys.readouterr().out) == (code, True)
