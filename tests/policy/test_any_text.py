"""Is there a text that raises anything but PolicyError?"""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.policy.durations import UNITS, duration_text, duration_words, milliseconds
from stream.policy.problems import PolicyError
from stream.policy.reading import Source, read_policies
from stream.policy.showing import describe
from tests.policy.documents import EXEMPTION, HEAD, ON_TIME, PICKUP, RETURN, RULE

WORDS = (
    "policy name version effective_from time_zone languages keep metrics rules scores exemptions on_time kind goods "
    "anchor lag promise_reasons retroactive_promises pickup_within resolve_within kinds reasons faults late metric score "
    "window pane warning below above clear_at min_orders min_bad bad_above for keep_firing_for penalty forecast parts weight points "
    "missing id effect from to regions region_of categories published_at by until"
)
PLAIN = (
    "0 1 -1 0.5 1e-9 1e99 nan -inf 0x10 true 9223372036854775808 2024-01-01 2024-01-01T00:00:00 2024-02-30T00:00:00 "
    "0001-01-01T00:00:00+23:59 9999-12-31T23:59:59.999-23:59 9999-12-31T23:59:59 00:00:00 [] {} [[]] [{}] [1] [[0,1],[1,2]]"
)
VALUES = PLAIN.split() + [
    json.dumps(word)
    for word in (
        *[
            "",
            "on_time",
            "on_time_ship",
            "pickup_anomaly",
            "return",
            "after_sales",
            "due",
            "paid",
            "requested",
            "drop",
        ],
        *[
            "extend",
            "forgive",
            "decided",
            "UTC",
            "Europe/Berlin",
            "America/Sao_Paulo",
            "en",
            "1d12h",
            "90s",
            "0ms",
        ],
        *["999999999999w", "physical", "610100", "leave_out", "\u2028", "\x00", "é"],
    )
]
KEY = st.sampled_from(WORDS.split())
VALUE = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(KEY, inner, max_size=4).map(
            lambda table: f"{{ {', '.join(f'{key} = {value}' for key, value in table.items())} }}"
        )
    ),
    max_leaves=5,
)
HEADING = st.lists(KEY, min_size=1, max_size=3).map(".".join)
LINE = (
    st.tuples(KEY, VALUE).map(" = ".join)
    | HEADING.map("[{}]".format)
    | st.sampled_from([HEAD, ON_TIME, PICKUP, RETURN, RULE, "warning.below = 0.9", EXEMPTION])
)
DOCUMENT = st.lists(LINE, max_size=12).map("\n".join)
PROPER = HEAD + ON_TIME + RULE + "warning = { below = 0.9 }\n" + EXEMPTION


def read_and_describe(*texts: str) -> None:
    """Anything but PolicyError comes through."""
    with contextlib.suppress(PolicyError):
        assert describe(read_policies([Source("p", text) for text in texts]))


@settings(max_examples=300)
@given(st.lists(DOCUMENT, min_size=1, max_size=2))
def test_documents_of_known_words_in_any_disorder(documents: list[str]) -> None:
    read_and_describe(*documents)


@settings(max_examples=300)
@given(st.data())
def test_a_proper_document_with_one_value_exchanged(data: st.DataObject) -> None:
    lines = PROPER.split("\n")
    pairs = [number for number, line in enumerate(lines) if " = " in line]
    number = data.draw(st.sampled_from(pairs))
    lines[number] = f"{lines[number].split(' = ')[0]} = {data.draw(VALUE)}"
    read_and_describe("\n".join(lines))


@given(st.text())
def test_any_text_at_all(text: str) -> None:
    read_and_describe(text)


@given(st.text(), st.integers(0, len(PROPER)), st.integers(0, 20))
def test_any_text_within_a_proper_document(text: str, at: int, cut: int) -> None:
    read_and_describe(PROPER[:at] + text + PROPER[at + cut :])


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = " + "{ b = " * 900 + "1" + " }" * 900,
        ".".join("a" * 3_000) + " = 1",
        "a = " + "1" * 100_000,
        "a = 1e" + "9" * 5_000,
        "a = 2024-13-45T99:99:99",
        "\ufeff\ufeff",
        "\x00",
        "\ud800",
        "\r",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_texts_made_to_hurt(text: str) -> None:
    with pytest.raises(PolicyError):
        read_policies([Source("p", text)])


@given(st.integers(0, 10**15))
def test_t6_a_duration_is_read_back_as_it_is_written(length: int) -> None:
    assert milliseconds(duration_text(length)) == length
    assert duration_words(length)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(list(UNITS))), min_size=1))
def test_t6_the_parts_of_a_duration_are_added_up(parts: list[tuple[int, str]]) -> None:
    written = "".join(f"{count}{unit}" for count, unit in parts)
    assert milliseconds(written) == sum(count * UNITS[unit] for count, unit in parts)
