"""The report of a backtest: one page that needs no network, to be sent round and read by people."""
