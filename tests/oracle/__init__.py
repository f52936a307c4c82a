"""A second, naive computation of SEMANTICS, to hold the engine against.

Nothing here imports the engine, the policy reader or the backtest, and nothing is counted on from an earlier instant: at
every instant that is judged, the state of an order follows anew from its facts (SEMANTICS T1).
"""
