"""Who may see what."""

from pathlib import Path

import pytest

from stream.merchant.api.tokens import (
    TokenFileError,
    Tokens,
    digest_of,
    line_of,
    new_token,
)

NOW = 1_795_000_000_000


def written(path: Path, *lines: str) -> Tokens:
    path.write_text("\n".join(lines), "utf-8")
    made = Tokens(path)
    made.read()
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.toml"


def test_a_token_is_found_by_what_the_file_has_of_it(path: Path) -> None:
    token, shops = new_token(), ['a"b\\c', "杭州", "x\ty"]
    tokens = written(path, line_of(digest_of(token), shops, ops=False, name='Ann "the" boss'))
    found = tokens.find(token, NOW)
    assert found is not None
    assert (found.shops, found.ops, found.name) == (tuple(shops), False, 'Ann "the" boss')
    assert [found.may_see(shop) for shop in (*shops, "a", "")] == [True, True, True, False, False]
    assert tokens.find(token + "x", NOW) is None
    assert tokens.find(found.digest, NOW) is None, "the file itself opens nothing"
    assert token not in path.read_text("utf-8")


def test_no_two_tokens_are_alike_and_each_has_256_bits() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(len(token) == 3 + 43 for token in made)


def test_ops_may_see_any_shop(path: Path) -> None:
    found = written(path, line_of(digest_of("t"), [], ops=True, name=None)).find("t", NOW)
    assert found is not None
    assert found.may_see("whatever")


def test_a_token_opens_nothing_from_its_end_on(path: Path) -> None:
    tokens = written(path, f'"{digest_of("t")}" = {{ shops = ["s"], expires = 2026-11-18T11:06:40Z }}')
    ends = NOW
    assert tokens.find("t", ends - 1) is not None
    assert tokens.find("t", ends) is None


HEX = "0" * 64


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x = [", "is no TOML"),
        ('"sw_abcdefghijkl" = { shops = ["s"] }', '"sw_abcde...": a token stands by its SHA-256'),
        (f'"{HEX}" = 7', "its value is to be such as"),
        (
            f'"{HEX}" = {{ shop = ["s"], ops = true }}',
            "shop is not known; there are expires, name, ops, shops",
        ),
        (f'"{HEX}" = {{ shops = [] }}', "shops is a list of shop ids"),
        (f'"{HEX}" = {{ shops = "s" }}', "shops is a list of shop ids"),
        (f'"{HEX}" = {{ }}', "it has either shops, or ops = true"),
        (f'"{HEX}" = {{ shops = ["s"], ops = true }}', "it has either shops, or ops = true"),
        (f'"{HEX}" = {{ ops = 1 }}', "ops is true or false"),
        (f'"{HEX}" = {{ ops = true, name = 7 }}', "name is a text"),
        (f'"{HEX}" = {{ ops = true, expires = 2026-01-01T00:00:00 }}', "expires is a time with an offset"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(path: Path, line: str, said: str) -> None:
    with pytest.raises(TokenFileError) as raised:
        written(path, line)
    assert any(said in each and each.startswith(f"{path}: ") for each in raised.value.lines)
    assert "sw_abcdefghijkl" not in str(raised.value), "somebody may have put the token itself there"


def test_all_that_is_wrong_is_said_at_once(path: Path) -> None:
    with pytest.raises(TokenFileError) as raised:
        written(path, f'"{HEX}" = {{ ops = 1 }}', '"x" = 7')
    assert len(raised.value.lines) == 4


def test_a_file_that_is_not_there_is_said(path: Path) -> None:
    with pytest.raises(TokenFileError, match="cannot be read: No such file"):
        Tokens(path).read()


def test_a_file_that_changed_is_read_again_and_a_wrong_one_changes_nothing(path: Path) -> None:
    tokens = written(path, line_of(digest_of("one"), ["s"], ops=False, name=None))
    one = tokens.find("one", NOW)
    assert one is not None
    assert tokens.read_if_changed() is False
    path.write_text("no TOML at all", "utf-8")
    with pytest.raises(TokenFileError):
        tokens.read_if_changed()
    assert tokens.read_if_changed() is False, "told once"
    assert tokens.holds(one, NOW)
    path.unlink()
    with pytest.raises(TokenFileError):
        tokens.read_if_changed()
    assert tokens.read_if_changed() is False, "told once"
    path.write_text(line_of(digest_of("other"), ["s"], ops=False, name=None), "utf-8")
    assert tokens.read_if_changed() is True
    assert not tokens.holds(one, NOW)
    assert tokens.find("other", NOW) is not None


def test_a_token_with_other_shops_is_not_the_one_that_was_granted(path: Path) -> None:
    tokens = written(path, line_of(digest_of("one"), ["s", "t"], ops=False, name=None))
    before = tokens.find("one", NOW)
    assert before is not None
    path.write_text(line_of(digest_of("one"), ["t"], ops=False, name=None), "utf-8")
    tokens.read()
    assert not tokens.holds(before, NOW)
