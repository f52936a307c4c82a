"""How much is measured?  The full run, a quick one to look around with, and a toy that only shows that everything runs."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of one run.  Rounds are interleaved: everything that is compared runs once a round, and medians are told."""

    name: str
    rounds: int
    events: int
    """Of the backlog that is read as fast as can be."""
    faust_events: int
    """Plain Faust gets a shorter one: it would take minutes."""
    shops: int
    engine_rounds: int
    engine_events: int
    open_orders: int
    """Held in memory to weigh one."""
    recovered_orders: int
    rates: Sequence[int]
    """Events a second for the latencies."""
    flow_s: int
    """For so long each."""
    growth: Sequence[int]
    """Numbers of shops."""
    growth_events: int
    backtest_events: int
    """Of the first pass."""
    backtest_orders: int
    """Of the second."""
    backtest_shops: int
    variants: int
    """A multiple of 250."""


FULL = Sizes(
    name="full",
    rounds=5,
    events=300_000,
    faust_events=40_000,
    shops=1_000,
    engine_rounds=2,
    engine_events=100_000,
    open_orders=200_000,
    recovered_orders=1_000_000,
    rates=(5_000, 20_000, 50_000),
    flow_s=15,
    growth=(1_000, 10_000, 100_000, 1_000_000),
    growth_events=200_000,
    backtest_events=1_000_000,
    backtest_orders=10_000_000,
    backtest_shops=10_000,
    variants=1_000,
)

QUICK = Sizes(
    name="quick",
    rounds=1,
    events=80_000,
    faust_events=10_000,
    shops=1_000,
    engine_rounds=1,
    engine_events=30_000,
    open_orders=50_000,
    recovered_orders=100_000,
    rates=(5_000, 20_000, 50_000),
    flow_s=4,
    growth=(1_000, 10_000, 100_000),
    growth_events=40_000,
    backtest_events=100_000,
    backtest_orders=500_000,
    backtest_shops=1_000,
    variants=250,
)

TOY = Sizes(
    name="toy",
    rounds=1,
    events=4_000,
    faust_events=400,
    shops=40,
    engine_rounds=1,
    engine_events=2_000,
    open_orders=1_000,
    recovered_orders=2_000,
    rates=(500,),
    flow_s=2,
    growth=(100, 200),
    growth_events=1_000,
    backtest_events=2_000,
    backtest_orders=5_000,
    backtest_shops=40,
    variants=250,
)
