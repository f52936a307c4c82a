"""Does a region code cover what lies under it, and nothing else?  (SEMANTICS E6)"""

import pytest

from stream.engine.exempting import covers


@pytest.mark.parametrize(
    ("region", "code", "covered"),
    [
        ("610100", "610100", True),
        ("610100", "610113", True),
        ("610100", "610200", False),
        ("650000", "659001", True),
        ("650000", "640104", False),
        ("620503", "620503", True),
        ("620503", "620502", False),
        ("100000", "100101", True),
        ("0000", "001234", True),
        ("0000", "010000", False),
        ("00", "0099", True),
        ("000", "0001", True),
        ("61010", "610101", True),
        ("610100000", "610100900", True),
        ("610100", "6101", True),
        ("610100", "61", False),
        ("SP", "SP", True),
        ("SP", "SP1", False),
        ("6101A0", "6101A0", True),
        ("6101", "6101A0", False),
        ("٦١", "٦١٠٠", False),
    ],
)
def test_a_code_of_digits_covers_what_begins_with_it_e6(region: str, code: str, covered: bool) -> None:  # noqa: FBT001
    assert covers(region, code) is covered
