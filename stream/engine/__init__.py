"""Pure and deterministic: facts -> verdicts -> windows -> alerts; knows neither Kafka nor the wall clock."""
