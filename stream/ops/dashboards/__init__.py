"""Grafana's dashboards: what each asks Prometheus, as a program that writes Classic JSON."""
