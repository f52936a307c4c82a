"""Facts of one order, drawn so that many are repeats, and some texts not ASCII."""

from hypothesis import strategies as st

from stream.engine.facts import (
    Cancelled,
    Changed,
    Fact,
    Paid,
    PickedUp,
    Requested,
    Resolved,
    Shipped,
    Withdrawn,
)

_times = st.integers(0, 3)
_ids = st.sampled_from(["a", "b", "ä"])
_words = st.sampled_from(["x", "y"])
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        Paid.of,
        at=_times,
        event_id=_ids,
        ship_by=st.none() | _times,
        goods=_words,
        ship_from=_words,
        ship_to=_words,
        items=_times,
        amount=_times,
        currency=_words,
        category=st.none() | _words,
    ),
    st.builds(Cancelled.of, _times, _ids, _words, _words),
    st.builds(Changed.of, _times, _ids, _times, _words),
    st.builds(Shipped.of, _times, _ids, _ids, _words, st.none() | st.booleans()),
    st.builds(PickedUp.of, _times, _ids, _ids, _words),
    st.builds(Requested.of, _times, _ids, _ids, _words, _words, _words),
    st.builds(Withdrawn.of, _times, _ids, _ids),
    st.builds(Resolved.of, _times, _ids, _ids, _words),
)
