"""Which parts of a range are left when others are taken away?  Ranges are half open: the end is not in them."""

from collections.abc import Iterable, Iterator

Range = tuple[int, int]


def without(whole: Range, others: Iterable[Range]) -> Iterator[Range]:
    """The parts of ``whole`` that are in none of ``others``, rising."""
    begin, end = whole
    for first, after in sorted(others):
        if first >= end:
            break
        if begin < first:
            yield begin, first
        begin = max(begin, after)
    if begin < end:
        yield begin, end


def meet(one: Range, other: Range) -> bool:
    """Whether they have anything in common."""
    return max(one[0], other[0]) < min(one[1], other[1])
