"""What has to be made or changed?"""

import pytest

from stream.admin.errors import OtherPartitionsError
from stream.admin.plan import Difference, Found, plan_of
from topics.settings import Setting, TopicSettings

ORDERS = TopicSettings("orders", "Orders.", {"retention.ms": Setting("100", "why")})
ALERTS = TopicSettings("alerts", "Alerts.", {"cleanup.policy": Setting("compact,delete", "why")})
TOPICS = [ORDERS, ALERTS]


def found(partitions: int = 4, **config: str) -> Found:
    settings = {name.replace("_", "."): value for name, value in config.items()}
    return Found(partitions, settings, {})


def test_what_is_not_there_is_made() -> None:
    plan = plan_of(TOPICS, {"orders": found(retention_ms="100")}, 4)
    assert (plan.missing, plan.differing) == ([ALERTS], [])


def test_a_setting_that_differs_is_changed_and_the_order_of_a_list_is_none_of_it() -> None:
    there = {"orders": found(retention_ms="99"), "alerts": found(cleanup_policy="delete,compact")}
    plan = plan_of(TOPICS, there, 4)
    assert plan.missing == []
    assert plan.differing == [(ORDERS, [Difference("retention.ms", "99", "100")])]


def test_a_number_is_the_same_however_it_is_written() -> None:
    ratio = TopicSettings("rates", "Rates.", {"min.cleanable.dirty.ratio": Setting("0.2", "why")})
    assert plan_of([ratio], {"rates": Found(4, {"min.cleanable.dirty.ratio": "0.20"}, {})}, 4).differing == []


def test_another_number_of_partitions_is_refused_and_the_one_that_fits_is_named() -> None:
    with pytest.raises(OtherPartitionsError, match=r"alerts 8, orders 8; give --partitions 8,"):
        plan_of(TOPICS, {"orders": found(8), "alerts": found(8)}, 4)


def test_where_no_number_fits_all_none_is_named() -> None:
    with pytest.raises(OtherPartitionsError, match=r"alerts 8, orders 6; they must all have the same number"):
        plan_of(TOPICS, {"orders": found(6), "alerts": found(8)}, 4)
