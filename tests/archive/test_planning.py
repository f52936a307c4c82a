"""Is nothing passed over that Kafka has, nor anything that it had?"""

from stream.archive.manifest import Manifest, Place, Read, Run, Source
from stream.archive.planning import At, Log, plan

PLACE = Place("orders", 0)
BEGIN, END = 1_000, 9_000


def manifest(*entries: Read | Run) -> Manifest:
    found = Manifest(Source("cluster", ""))
    for entry in entries:
        found.take(entry)
    return found


def log(begin: At | None, start: int = 2_500) -> Log:
    return Log(start, 3_000, 3_000, begin, None)


def test_where_the_oldest_that_is_left_is_of_the_wanted_time_all_before_is_lost() -> None:
    planned = plan(manifest(), PLACE, log(At(2_500, BEGIN)), (BEGIN, END), 3_000)
    assert (planned.read, planned.lost) == ([(2_500, 3_000)], [(0, 2_500)])


def test_where_an_older_one_is_left_nothing_is_lost() -> None:
    planned = plan(manifest(), PLACE, log(At(2_600, BEGIN)), (BEGIN, END), 3_000)
    assert (planned.read, planned.lost) == ([(2_600, 3_000)], [])


def test_a_first_record_that_was_deleted_since_it_was_found_proves_nothing() -> None:
    planned = plan(manifest(), PLACE, log(At(2_400, BEGIN)), (BEGIN, END), 3_000)
    assert (planned.first, planned.read, planned.lost) == (2_500, [(2_500, 3_000)], [(0, 2_500)])


def test_what_an_earlier_run_did_not_see_is_read_though_its_time_was_noted() -> None:
    noted = manifest(Read("orders", 0, 3_000, 3_000, BEGIN, END))
    for times in ((BEGIN, END), (BEGIN, END + 1)):
        assert plan(noted, PLACE, log(At(2_500, BEGIN)), times, 3_000).read == [(2_500, 3_000)]


def test_what_is_known_is_not_read_again() -> None:
    noted = manifest(
        Run("orders", 0, 2_400, 2_900, (2_899, 2_000), ()), Read("orders", 0, 2_400, 2_900, BEGIN, END)
    )
    planned = plan(noted, PLACE, log(At(2_500, BEGIN)), (BEGIN, END + 1), 3_000)
    assert (planned.read, planned.lost) == ([(2_900, 3_000)], [])
