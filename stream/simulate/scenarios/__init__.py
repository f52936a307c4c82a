"""What can befall the shops of the simulated marketplace: one module a scenario."""
