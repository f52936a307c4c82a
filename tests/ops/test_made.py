"""Is what is made from the catalogue fresh?"""

import pytest

from stream.ops.made import made
from tests.house.tree import ROOT


@pytest.mark.parametrize("name", made())
def test_what_is_made_is_fresh(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == made()[name], "run `python -m stream.ops`"
