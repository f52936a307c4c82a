"""Is every value of a TOML document found where it stands, however oddly it is written?"""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.policy.locating import Path, Spot, locate

ODD = '''\
# a comment [not.a.table] x = 1
 "quoted key" = 1
'literal.key'.b = 2
 a . "b.c" . d = "x # no comment"
list = [ # a comment ]
  1, [2, "]"],
  { deep = [3] }, # , {
]
many = """
"" [x] ""\\
  \\" y = 1 """"
raw = \'\'\'
' '' \\\'\'\'
inline = { x = 1, y.z = 2, "w" = { v = "}" } }
when = 2024-01-01 00:00:00.5 # the time
[table]
key = "\\" ]"
[table . sub]
key = +1_000.5e3
[[rows]]
n = 1
[[rows.cells]]
m = 1
[[rows.cells]]
m = 2
[rows.cells.tail]
t = 1
[[rows]]
n = 2
[[rows.cells]]
m = 3
[implied.by.name]
'''
SPOTS = {
    ("quoted key",): (2, 2, "1"),
    ("literal.key",): (3, 1, ""),
    ("literal.key", "b"): (3, 1, "2"),
    ("a",): (4, 2, ""),
    ("a", "b.c", "d"): (4, 2, '"x # no comment"'),
    ("list", 0): (6, 3, "1"),
    ("list", 1): (6, 6, '[2, "]"]'),
    ("list", 1, 1): (6, 10, '"]"'),
    ("list", 2): (7, 3, "{ deep = [3] }"),
    ("list", 2, "deep"): (7, 5, "[3]"),
    ("list", 2, "deep", 0): (7, 13, "3"),
    ("raw",): (12, 1, "'''\n' '' \\'''"),
    ("inline", "x"): (14, 12, "1"),
    ("inline", "y"): (14, 19, ""),
    ("inline", "y", "z"): (14, 19, "2"),
    ("inline", "w", "v"): (14, 36, '"}"'),
    ("when",): (15, 1, "2024-01-01 00:00:00.5"),
    ("table",): (16, 1, ""),
    ("table", "key"): (17, 1, '"\\" ]"'),
    ("table", "sub"): (18, 1, ""),
    ("table", "sub", "key"): (19, 1, "+1_000.5e3"),
    ("rows",): (20, 1, ""),
    ("rows", 0): (20, 1, ""),
    ("rows", 0, "n"): (21, 1, "1"),
    ("rows", 0, "cells", 1, "m"): (25, 1, "2"),
    ("rows", 0, "cells", 1, "tail", "t"): (27, 1, "1"),
    ("rows", 1): (28, 1, ""),
    ("rows", 1, "cells", 0, "m"): (31, 1, "3"),
    ("implied",): (32, 1, ""),
    ("implied", "by", "name"): (32, 1, ""),
}


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """The path of everything in a document but the document itself."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, each in entries:
        yield (*path, key)
        yield from paths(each, (*path, key))


@pytest.mark.parametrize("path", SPOTS, ids=str)
def test_each_thing_stands_where_it_begins(path: Path) -> None:
    assert locate(ODD)[path] == Spot(*SPOTS[path])


def test_a_list_over_several_lines_stands_where_its_key_does_with_all_of_it() -> None:
    spot = locate(ODD)["list",]
    assert (spot.line, spot.column) == (5, 1)
    assert spot.written == ODD[ODD.index("[ # a") : ODD.index("\nmany")]


def test_nothing_is_forgotten_and_nothing_made_up() -> None:
    assert set(locate(ODD)) == set(paths(tomllib.loads(ODD)))


def test_lines_and_columns_are_the_same_where_lines_end_as_on_windows() -> None:
    assert locate(ODD.replace("\n", "\r\n")) == locate(ODD)


WORD = st.sampled_from(["a", "b", "c-1", '"q. #"', "'l]'", '"\\u0061"', '""'])
KEY = st.lists(WORD, min_size=1, max_size=3).map(" . ".join)
SCALAR = st.sampled_from(
    [
        "1",
        "-0x0f".replace("-", ""),
        "+1.5e3",
        "nan",
        "true",
        "2024-01-01",
        "2024-01-01 07:00:00.25+08:00",
        "07:00:00",
        '"a\\"]}#"',
        "'b\\'",
        '"""\n"x"" # y\n"""',
        "'''z''\n'''''",
        '""',
    ]
)
BREAK = st.sampled_from(["", " ", "\n", " # c ]\n", "\n\n\t"])
VALUE = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(st.tuples(BREAK, inner, BREAK).map("".join), max_size=3).map(
            lambda parts: f"[{','.join(parts)}]"
        )
        | st.lists(st.tuples(KEY, inner).map(" = ".join), max_size=3).map(
            lambda parts: f"{{ {', '.join(parts)} }}"
        )
    ),
    max_leaves=6,
)
LINE = (
    st.tuples(KEY, VALUE).map(" = ".join)
    | KEY.map("[{}]".format)
    | KEY.map("[[ {} ]]".format)
    | st.sampled_from(["# [x]", "", "\t"])
)
DOCUMENT = st.lists(LINE, max_size=8).map("\n".join)


@given(DOCUMENT)
def test_every_document_that_is_toml_is_found_whole(document: str) -> None:
    try:
        read = tomllib.loads(document)
    except tomllib.TOMLDecodeError:
        return
    assert set(locate(document)) == set(paths(read))
