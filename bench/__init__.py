"""Benchmarks that a stranger can run: ``make bench``."""
