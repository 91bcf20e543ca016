"""The receipt code: random enough, tolerant of how it is typed, derived from a signed token."""

import pytest

from complaints.portal import codes

SEEN = 4000


def test_code_has_at_least_128_bits():
    assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 32
    assert codes.LENGTH * 5 >= 128
    assert codes.TOKEN_BYTES * 8 >= 128


def test_code_characters_are_uniformly_distributed():
    drawn = [codes.code_of(codes.seed_of(codes.new_token())) for _code in range(SEEN)]
    assert len(set(drawn)) == SEEN
    for place in range(codes.LENGTH):
        counted = [sum(code[place] == sign for code in drawn) for sign in codes.ALPHABET]
        assert min(counted) > SEEN / 32 / 2
        assert max(counted) < SEEN / 32 * 2


def test_same_token_gives_the_same_code():
    token = codes.new_token()
    assert codes.code_of(codes.seed_of(token)) == codes.code_of(codes.seed_of(token))


def test_another_secret_gives_another_code(settings):
    token = codes.new_token()
    seed = codes.seed_of(token)
    before = seed, codes.code_of(seed), codes.key_of(seed)
    settings.SECRET_KEY = "another" * 10
    after = codes.seed_of(token), codes.code_of(seed), codes.key_of(seed)
    assert [old for old, new in zip(before, after, strict=True) if old == new] == []


@pytest.mark.parametrize("token", ["", "x", "a:b", "a" * 500, "一二三:四"])
def test_token_that_we_did_not_sign_is_not_ours(token):
    assert not codes.is_valid_token(token)


def test_code_is_shown_in_two_lines_of_groups():
    code = "7MXD4RTWK9HBV2NE6PQA3JKC7KQ2"
    assert codes.code_lines(code) == ["7MXD-4RTW-K9HB", "V2NE-6PQA-3JKC-7KQ2"]


@pytest.mark.parametrize(
    "typed",
    [
        "7mxd 01tw",
        "7MXD-01TW",
        "  7mxd\n01tw ",
        "7MXDOITW",
        "7mxdolTw",
        "７ＭＸＤ－０１ＴＷ",
        "7MXD—01TW",
        "7M.X.D_01TW",
    ],
)
def test_code_is_read_however_it_was_typed(typed):
    assert codes.normalized_code(typed) == "7MXD01TW"
    assert codes.code_hash(typed) == codes.code_hash("7MXD01TW")


def test_another_code_is_another():
    assert codes.code_hash("7MXD01TW") != codes.code_hash("7MXD01TX")
