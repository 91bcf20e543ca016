"""Search by a few characters: surnames, letters, digits and mixtures; it finds only matching and visible records."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from employers.models import Employer
from relations.models import Kind, SearchName, SearchToken, Stakeholder
from relations.search import index as search
from relations.search.index import index, matching
from relations.search.pinyin import find_match, name_reading, normalize_name, pinyin_and_initials
from relations.search.ranking import search_ranked
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, StakeholderFactory

db = pytest.mark.django_db


@pytest.fixture
def worker(at):
    at("2026-11-20")
    return UserFactory()


@pytest.fixture
def unit(worker):
    """make(name, *people) creates an indexed employer with people given as (name, phone)."""

    def make(name, *people):
        employer = EmployerFactory(name=name, responsible=worker)
        for person, phone in people:
            ContactPersonFactory(stakeholder=employer, name=person, phone=phone)
        index([employer])
        return employer

    return make


def names(query):
    """The names of the stakeholders that match."""
    return sorted(matching(Stakeholder.objects.all(), query).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单晓东", "shanxiaodong", "sxd"),
        ("曾文", "zengwen", "zw"),
        ("仇英", "qiuying", "qy"),
        ("解放", "xiefang", "xf"),
        ("查理", "zhali", "zl"),
        ("区文", "ouwen", "ow"),
        ("单于明", "chanyuming", "cym"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("吕布", "lvbu", "lb"),
        ("Ａｎｎ 李", "annli", "annl"),
    ],
)
def test_surnames_are_read_as_such(name, pinyin, initials):
    assert pinyin_and_initials(name, is_person=True) == (pinyin, initials)


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [("解放路小学", "jiefangluxiaoxue"), ("区政府", "quzhengfu"), ("单位后勤处", "danweihouqinchu")],
)
def test_units_are_not_read_as_surnames(name, pinyin):
    assert pinyin_and_initials(name)[0] == pinyin


@pytest.mark.parametrize(
    ("name", "query", "held"),
    [
        ("青岚镇（社会）事务局", "社会事务", "社会）事务"),
        ("青岚镇社会事务局", "青l", "青岚"),
        ("青岚镇社会事务局", "青lz", "青岚镇"),
        ("青岚镇社会事务局", "青lan", "青岚"),
        ("青岚镇社会事务局", "lanz", "岚镇"),
        ("青岚镇社会事务局", "ＱＬ", "青岚"),
        ("李明", "li", "李"),
        ("3号社工站", "3h", "3号"),
        ("IBM社工站", "bm社", "BM社"),
        ("青岚镇", "青z", None),
        ("青岚镇", "岚青", None),
        ("青岚镇", "an", None),
        ("青岚镇", "", None),
        ("青岚镇", "%", None),
        ("青岚镇", "ngl", None),
        ("青岚镇", "lanzh", "岚镇"),
        ("李明", "lim", "李明"),
    ],
)
def test_place_of_a_query_in_a_name(name, query, held):
    span = find_match(name, query)
    assert (name[slice(*span)] if span else None) == held


@given(st.text(max_size=60), st.text(max_size=10))
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_spelling_and_a_place(name, query):
    reading = name_reading(name, is_person=True)
    assert len(reading.pairs) == 3 * len(reading.plain)
    span = find_match(name, query)
    assert span is None or 0 <= span[0] < span[1] <= len(name)


@db
@pytest.mark.parametrize(
    "query", ["青", "青岚", "青岚镇", "镇社", "青岚镇社会事务局", "（青岚）", " 青 岚 ", "局"]
)
def test_characters_find_a_name(unit, query):
    unit("青岚镇社会事务局")
    unit("荷塘街道办")
    assert names(query) == ["青岚镇社会事务局"]


@db
@pytest.mark.parametrize(
    "query",
    [
        "q",
        "ql",
        "qlz",
        "qlzs",
        "QLZ",
        "ｑｌｚ",
        "qing",
        "qinglan",
        "lanzhen",
        "lanzhens",
        "qinglanzhenshe",
        "青l",
        "青lz",
        "青lan",
        "q岚",
        "青L",
    ],
)
def test_letters_find_a_name(unit, query):
    unit("青岚镇社会事务局")
    unit("荷塘街道办")
    assert names(query) == ["青岚镇社会事务局"]


@db
@pytest.mark.parametrize(
    ("person", "query"),
    [
        ("单晓东", "shan"),
        ("曾文", "zw"),
        ("仇英", "qiu"),
        ("解放", "xf"),
        ("查理", "zha"),
        ("区文", "ou"),
        ("区文", "ow"),
    ],
)
def test_people_are_found_by_the_reading_of_their_surname(unit, person, query):
    unit("荷塘街道办", (person, ""))
    assert names(query) == ["荷塘街道办"]


@db
@pytest.mark.parametrize("query", ["dan", "cha", "jie", "jf"])
def test_people_are_not_found_by_another_reading(unit, query):
    unit("青岚镇社会事务局", ("单明", ""), ("查明", ""), ("解放", ""))
    assert names(query) == []


@db
@pytest.mark.parametrize(
    "query", ["6021", "80006021", "076980006021", "0769-8000 6021", "０７６９８０００６０２１"]
)
def test_numbers_are_found_by_their_end(unit, query):
    unit("青岚镇社会事务局", ("梁晓", "0769-80006021；13700001234"))
    assert names(query) == ["青岚镇社会事务局"]


@db
@pytest.mark.parametrize("query", ["99996021", "0602", "8000", "602", "1370", "13700006021"])
def test_other_numbers_are_not_found(unit, query):
    unit("青岚镇社会事务局", ("梁晓", "0769-80006021；13700001234"))
    assert names(query) == []


@db
def test_digits_of_a_name_are_found(unit):
    unit("2026年项目办")
    unit("3号社工站")
    assert names("2026") == ["2026年项目办"]
    assert names("3") == names("3h") == names("3号") == ["3号社工站"]


@db
@pytest.mark.parametrize(
    "query",
    [
        "青镇",
        "社会局",
        "qlsw",
        "qinlan",
        "nglan",
        "anzhen",
        "qinglanshe",
        "青z",
        "青lzz",
        "青岚镇社会事务局x",
        "shish",
    ],
)
def test_separated_parts_of_a_name_do_not_match(unit, query):
    unit("青岚镇社会事务局")
    assert names(query) == []


@db
def test_pieces_of_several_names_find_nothing(unit):
    unit("社会青", ("会事务", ""), ("事务局", ""), ("青岚会", ""))
    assert names("社会事务局") == []
    unit("荷塘", ("周青", ""), ("青岚", ""))
    assert names("周青岚") == names("zql") == names("zhouqing岚") == []


@db
@pytest.mark.parametrize(
    "query", ["%", "_", "%%", "\\", "'", "。", "青%岚", "q_l", "(", "青.", "^", "@", "[青]"]
)
def test_wildcard_characters_are_escaped(unit, query):
    unit("青岚镇")
    unit("荷塘")
    bare = normalize_name(query)
    assert names(query) == (["青岚镇"] if bare else [])


@db
def test_an_empty_query_changes_nothing(unit):
    unit("青岚镇")
    assert names("") == names("   ") == ["青岚镇"]


@db
@pytest.mark.parametrize("sign", ["青", "q", "7", "青q", "%", "a b"])
def test_very_long_queries_find_nothing(unit, sign):
    unit("青" * 120)
    assert names(sign * 500) == []


@db
def test_the_longest_name_is_found_whole(unit):
    name = ("青岚镇社会事务局" * 15)[:120]
    unit(name)
    assert names(name) == [name]
    assert names(pinyin_and_initials(name)[1]) == [name]


@db
def test_the_number_of_a_record_finds_it_alone(unit):
    employer = unit("青岚镇")
    unit(f"{employer.number}号楼")
    assert names(employer.number) == names(employer.number.lower()) == ["青岚镇"]


@db
def test_people_who_left_are_not_found(unit):
    employer = unit("青岚镇", ("梁晓", ""))
    assert names("梁晓") == ["青岚镇"]
    employer.contacts.update(left_on="2026-11-01")
    index([employer])
    assert names("梁晓") == []


@db
def test_a_changed_name_is_found_and_the_old_one_is_not(unit):
    employer = unit("青岚镇")
    employer.name = "荷塘街道"
    employer.save()
    index([employer])
    assert (names("青"), names("ht")) == ([], ["荷塘街道"])


@db
def test_clients_are_read_as_people(worker):
    StakeholderFactory(name="单晓东", kind=Kind.CLIENT, responsible=worker)
    StakeholderFactory(name="单车协会", kind=Kind.PARTNER, responsible=worker)
    assert names("shan") == ["单晓东"]
    assert names("dan") == ["单车协会"]


@db
def test_best_are_found_first(unit):
    held, begun, meant = unit("大青山").pk, unit("青岚镇").pk, unit("荷塘", ("李青", "")).pk
    director = UserFactory(director=True)
    for query in ("青", "q"):
        assert ranked(director, query, Kind.EMPLOYER) == [(begun, 0), (held, 1), (meant, 2)]
        assert ranked(director, query, Kind.PARTNER) == []


def ranked(user, query, *kinds):
    """The results for `user` in order of rank."""
    (ranks,) = search_ranked(user, query, [kinds], 20)
    return list(ranks.items())


@db
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_ranks_together_find_what_matching_finds(data):
    director = UserFactory(director=True)
    signs = "青岚镇单l会q3zan"
    texts = st.text(signs, min_size=1, max_size=5)
    Stakeholder.objects.all().delete()
    titles = data.draw(st.lists(texts, min_size=1, max_size=5))
    rows = Stakeholder.objects.bulk_create(
        Stakeholder(kind=Kind.PARTNER, name=name, watched_from="2026-01-01") for name in titles
    )
    search.index(rows)
    query = data.draw(texts)
    together = {pk for pk, _rank in ranked(director, query, Kind.PARTNER, Kind.STAFF)}
    assert together == set(matching(Stakeholder.objects.all(), query).values_list("pk", flat=True))


@db
def test_search_stays_within_sight(unit, worker):
    unit("青岚镇")
    EmployerFactory(name="青山镇", responsible=UserFactory())
    EmployerFactory(name="青水镇", responsible=worker, confidential=True)
    seen = matching(Employer.objects.visible_to(worker), "青")
    assert sorted(seen.values_list("name", flat=True)) == ["青岚镇", "青水镇"]
    stranger = UserFactory()
    assert not matching(Employer.objects.visible_to(stranger), "青").exists()


@db
def test_indexing_costs_the_same_for_one_and_for_many(unit):
    one, many = [unit("青岚镇", ("梁晓", ""))], [unit(f"荷塘{n}村", ("周文", "")) for n in range(4)]
    assert statements(one) == statements(many)


def statements(stakeholders):
    """The number of queries to index these stakeholders."""
    with CaptureQueriesContext(connection) as captured:
        index(stakeholders)
    return len(captured)


@db
def test_reindex_restores_what_was_lost(unit):
    unit("青岚镇", ("梁晓", "13700001234"))
    before = set(SearchToken.objects.values_list("token", flat=True))
    SearchToken.objects.all().delete()
    SearchName.objects.all().delete()
    assert names("青") == []
    call_command("reindex", verbosity=0)
    assert set(SearchToken.objects.values_list("token", flat=True)) == before
    assert names("青") == names("1234") == ["青岚镇"]


@db
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_search_results_match_a_plain_scan_of_names(data):
    """The database agrees with a plain scan of the names, whatever is typed."""
    signs = "青岚镇单社l会q3zan"
    texts = st.text(signs, min_size=1, max_size=5)
    titles = data.draw(st.lists(texts, min_size=1, max_size=5))
    Stakeholder.objects.all().delete()
    rows = Stakeholder.objects.bulk_create(
        Stakeholder(kind=Kind.PARTNER, name=name, watched_from="2026-01-01") for name in titles
    )
    search.index(rows)
    query = data.draw(texts)
    held = sorted(row.pk for row in rows if find_match(row.name, query))
    matches = matching(Stakeholder.objects.filter(pk__in=[row.pk for row in rows]), query)
    assert sorted(matches.values_list("pk", flat=True)) == held
