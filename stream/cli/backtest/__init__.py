"""`shopwatch backtest`: what a change of policy would have done, from what was recorded; as tables, JSON, CSV and a page."""
