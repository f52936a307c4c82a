"""What does `shopwatch notify status` say?  What is held, what waits, and what is wrong with which endpoint."""

import pytest

from stream.cli.notify.standing import standing_of
from stream.merchant.notify.outcome import Outcome, Verdict
from tests.merchant.notify.desks import FAILED, Office
from tests.merchant.notify.stories import alert, book, merchant


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (
            Outcome(Verdict.FAILED, "the address 10.0.0.1 is not public", retry_after_ms=3_600_000),
            "acme/erp has failed once (the address 10.0.0.1 is not public); 1 waiting, next try at {}",
        ),
        (Outcome(Verdict.GONE, "answered 410"), "acme/erp is gone since {} (410): give it another address"),
        (
            Outcome(Verdict.REFUSED, "answered 404"),
            "acme/erp does not want 1 of its messages (answered 404); next try at {}",
        ),
    ],
)
def test_whoever_looks_after_an_endpoint_reads_what_is_wrong_with_it(outcome: Outcome, said: str) -> None:
    office = Office(book(merchant("acme", "s1")))
    office.take(alert("a"))
    (parcel,) = office.pick()
    office.done(parcel, outcome)
    found = standing_of(office.kept)
    (line,) = [line for line in found.lines() if line.startswith("acme/erp")]
    head, _, tail = said.partition("{}")
    assert line.startswith(head)
    assert line.endswith(tail)
    assert outcome.why in str(found.document())


def test_what_is_wrong_is_known_after_a_restart_and_forgotten_once_all_is_well() -> None:
    office = Office(book(merchant("acme", "s1")))
    office.take(alert("a"))
    (parcel,) = office.pick()
    office.done(parcel, FAILED)
    office.start()
    assert office.endpoints.trouble("acme/erp") == standing_of(office.kept).troubles["acme/erp"]
    office.deliver(60_000)
    assert standing_of(office.kept).troubles == {}
