"""Is what the worker leans on in Faust and aiokafka without being told still there, and does it still do what it did?

Both are pinned; a new version that fails here needs `stream/worker/transport.py`, `app.py` and `producer.py` read again.
"""

import inspect
import tomllib
from importlib.metadata import version
from pathlib import Path

import aiokafka
import faust
import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState, TopicPartitionState
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator
from aiokafka.producer.producer import AIOKafkaProducer
from aiokafka.producer.sender import Sender
from faust.tables.recovery import Recovery
from faust.transport import consumer as faust_consumer
from faust.transport.drivers import aiokafka as driver
from mode import Service


def source(thing: object) -> str:
    return inspect.getsource(thing)  # type: ignore[arg-type]  # whatever is given has a source


def test_the_versions_are_those_that_were_read() -> None:
    assert (version("faust-streaming"), version("aiokafka"), version("mode-streaming")) == (
        "0.15.3",
        "0.14.0",
        "0.7.1",
    )


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("_getmany", ["self", "active_partitions", "timeout"]),
        ("getmany", ["self", "timeout"]),
        ("_wait_next_records", ["self", "timeout"]),
        ("perform_seek", ["self"]),
        ("seek_to_committed", ["self"]),
        ("_seek", ["self", "partition", "offset"]),
        ("on_buffer_full", ["self", "tp"]),
        ("on_buffer_drop", ["self", "tp"]),
        ("_commit", ["self", "offsets"]),
        ("_filter_tps_with_pending_acks", ["self", "topics"]),
        ("wait_empty", ["self"]),
        ("stop_flow", ["self"]),
        ("pause_partitions", ["self", "tps"]),
        ("on_partitions_revoked", ["self", "revoked"]),
        ("on_partitions_assigned", ["self", "assigned", "generation_id"]),
        ("_new_consumer_thread", ["self"]),
    ],
)
def test_the_consumer_has_what_is_overridden_or_called(name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(driver.Consumer, name)).parameters) == parameters


def test_fetched_batches_pass_through_getmany_alone() -> None:
    drained = source(faust_consumer.Consumer._drain_messages)
    assert "getmany(timeout=" in drained
    # A read offset of None switches off both "DROPPED MESSAGE" and _add_gap().
    assert "if r_offset is None or offset >= r_offset:" in drained
    assert "if gap > 1 and r_offset:" in drained


def test_the_next_records_come_with_the_partitions_asked_for() -> None:
    assert "return records, active_partitions" in source(faust_consumer.Consumer._wait_next_records)


def test_acks_are_kept_in_lists_that_only_a_commit_would_clear() -> None:
    acking = source(faust_consumer.Consumer.ack)
    assert "self._acked_index[tp]" in acking
    assert "self._acked[tp]" in acking
    assert "_unacked_messages.discard(message)" in acking
    assert "self._filter_tps_with_pending_acks(topics)" in source(faust_consumer.Consumer.force_commit)


def test_waiting_until_empty_asks_the_messages_that_were_delivered() -> None:
    waiting = source(faust_consumer.Consumer.wait_empty)
    assert "while not self.should_stop and self._unacked_messages:" in waiting
    assert "self._unacked_messages.add(message)" in source(faust_consumer.Consumer.track_message)


def test_the_thread_makes_the_consumer_where_its_settings_can_still_be_changed() -> None:
    thread = driver.AIOKafkaConsumerThread
    assert list(inspect.signature(thread._create_worker_consumer).parameters) == ["self", "transport"]
    assert "await self._consumer.start()" in source(thread.on_start)
    assert "await self._consumer.stop()" in source(thread.on_thread_stop)
    started = source(aiokafka.AIOKafkaConsumer.start)
    assert "isolation_level=self._isolation_level" in started
    assert "fetch_max_wait_ms=self._fetch_max_wait_ms" in started
    assert "fetched_records(" in source(thread._fetch_records)
    assert list(inspect.signature(thread.seek_to_beginning).parameters) == ["self", "partitions"]


def test_records_are_made_by_a_method_that_a_partitions_fetch_can_be_given() -> None:
    assert "self._fetcher = Fetcher(" in source(aiokafka.AIOKafkaConsumer.start)
    assert "self._proc_fetch_request(" in source(Fetcher._fetch_requests_routine)
    assert "self._consumer_record(tp, record)" in source(PartitionRecords._unpack_records)
    fetching = source(Fetcher._proc_fetch_request)
    put = fetching.index("self._records[tp] = FetchResult(")
    assert "partition_records=partition_records" in fetching[put:]
    # Nobody may take a record out between the moment it is there and the end, where that method is put in.
    assert "await " not in fetching[put:]
    assert "self._partition_records = partition_records" in source(FetchResult.__init__)
    assert "for msg in self._partition_records:" in source(FetchResult.getall)
    assert "self._records_iterator = self._unpack_records()" in source(PartitionRecords.__init__)


def test_a_batch_is_filled_through_its_builder_which_says_none_where_it_is_full() -> None:
    appending = source(BatchBuilder.append)
    assert "metadata = self._builder.append(" in appending
    assert appending.index("if metadata is None:") < appending.index("self._relative_offset += 1")
    assert "return self._relative_offset" in source(BatchBuilder.record_count)


def test_the_member_id_and_the_positions_are_where_they_are_looked_for() -> None:
    assert "self._consumer" in source(driver.AIOKafkaConsumerThread.on_start)
    assert "self._coordinator = GroupCoordinator" in source(aiokafka.AIOKafkaConsumer.start)
    assert "self.member_id" in source(GroupCoordinator.__init__)
    assert "self._subscription = SubscriptionState" in source(aiokafka.AIOKafkaConsumer.__init__)
    assert isinstance(SubscriptionState.subscription, property)
    assert isinstance(TopicPartitionState.has_valid_position, property)
    assert isinstance(TopicPartitionState.position, property)


def test_what_the_group_refuses_is_kept_until_somebody_asks() -> None:
    assert "self._pending_exception = exc" in source(GroupCoordinator._push_error_to_user)
    assert "await self._push_error_to_user(exc)" in source(GroupCoordinator)
    assert "self._pending_exception = None" in source(GroupCoordinator.__init__)


def test_positions_move_only_where_records_are_handed_out_or_sought() -> None:
    assert "consumed_to" in source(FetchResult._update_position)
    assert "consumed_to" not in source(Fetcher._fetch_requests_routine)
    fetching = source(Fetcher._proc_fetch_request)
    assert fetching.count("consumed_to") == 1
    # A record larger than the fetch, which brokers since 0.10.1 hand out whole.
    assert "RecordTooLargeError" in fetching[: fetching.index("consumed_to")]


def test_seeking_to_committed_leaves_partitions_without_an_offset_alone() -> None:
    assert "if offset and offset > 0:" in source(aiokafka.AIOKafkaConsumer.seek_to_committed)


def test_the_hook_is_awaited_before_anything_is_delivered() -> None:
    resuming = source(Recovery._resume_streams)
    assert (
        resuming.index("await app.on_rebalance_complete.send()")
        < resuming.index("consumer.perform_seek()")
        < resuming.index("consumer.resume_flow()")
    )


def test_the_generation_is_known_before_the_hook() -> None:
    listening = source(driver.ConsumerRebalanceListener.on_partitions_assigned)
    assert listening.index("consumer_generation_id = generation") < listening.index(
        "thread.on_partitions_assigned"
    )


def test_shutdown_stops_the_flow_then_asks_us_then_leaves_the_group() -> None:
    stopping = source(faust.App.on_stop)
    assert stopping.index("_stop_consumer()") < stopping.index("on_before_shutdown.send()")


def test_a_crash_anywhere_in_faust_reaches_the_app() -> None:
    assert "child._crash(reason)" in source(Service.crash)
    assert list(inspect.signature(Service._crash).parameters) == ["self", "reason"]


def test_the_app_makes_directories_in_one_place_only() -> None:
    assert "self._create_directories()" in source(faust.App.on_first_start)


def test_a_standby_replica_forces_the_copartitioning_assignor() -> None:
    assert "self.app.conf.table_standby_replicas > 0" in source(
        driver.AIOKafkaConsumerThread._create_worker_consumer
    )


def test_maxsize_as_an_argument_is_still_dropped() -> None:
    app = faust.App("a", broker="kafka://nowhere", store="memory://", autodiscover=False)
    topic = app.topic("t", maxsize=2)
    assert topic.maxsize != 2
    topic.maxsize = 2
    assert topic.queue.maxsize == 2


def test_the_producer_is_built_around_a_sender_that_can_be_replaced() -> None:
    parameters = list(inspect.signature(Sender.__init__).parameters)
    assert parameters == [
        "self",
        "client",
        "acks",
        "txn_manager",
        "message_accumulator",
        "retry_backoff_ms",
        "request_timeout_ms",
    ]
    made = source(AIOKafkaProducer.__init__)
    for name in ("_txn_manager", "_message_accumulator", "_request_timeout_ms", "client"):
        assert f"self.{name} = " in made
    assert list(inspect.signature(Sender._find_coordinator).parameters) == [
        "self",
        "coordinator_type",
        "coordinator_key",
    ]


def test_a_connection_lost_in_a_lookup_is_an_error_with_its_cause() -> None:
    assert "raise KafkaError(repr(err)) from err" in source(Sender._find_coordinator)


def test_a_commit_does_not_look_at_the_batches() -> None:
    """The reason for awaiting every batch before: should aiokafka ever look itself, this test says so."""
    flushing = source(MessageAccumulator.flush_for_commit)
    assert "raise" not in flushing
    assert "result()" not in flushing


def test_the_entry_point_names_the_transport() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    points = project["project"]["entry-points"]["faust.transports"]
    assert points == {"shopwatch": "stream.worker.transport:Transport"}
