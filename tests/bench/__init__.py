"""Benchmarks: ratios measured in one run. ``make bench`` runs them; BENCHMARKS.md holds what was reached."""
