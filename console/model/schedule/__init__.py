"""Charging schedules: the profiles an operator writes, and what a station will do with all of them together."""
