"""Is the first pass on a cluster of two processes the same as here?"""

import re
from pathlib import Path

import pytest
from distributed import LocalCluster

from stream.archive.errors import ArchiveError
from stream.backtest.timeline.dask import Cluster, NoClusterError
from stream.backtest.timeline.run import timeline
from tests.backtest.timeline.recorded import as_archive
from tests.backtest.timeline.test_run import LINES, POLICY, Unreadable, same


@pytest.mark.long
def test_partitions_are_read_by_two_processes_of_a_cluster(tmp_path: Path) -> None:
    recording = as_archive(LINES, 3)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        spread = Cluster(cluster.scheduler_address)
        with timeline(POLICY, recording, tmp_path, spread=spread) as made:
            assert same(made, recording)
        unreadable = Unreadable(recording.records, says="others")
        with (
            pytest.raises(ArchiveError, match="is cut off"),
            timeline(POLICY, unreadable, tmp_path, spread=spread),
        ):
            pass


def test_where_no_cluster_answers_it_is_said_in_one_line(tmp_path: Path) -> None:
    spread = Cluster("tcp://127.0.0.1:1", wait_s=0.2)
    with (
        pytest.raises(NoClusterError, match=re.escape("no Dask scheduler answers at tcp://127.0.0.1:1")),
        timeline(POLICY, as_archive(LINES, 2), tmp_path, spread=spread),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
