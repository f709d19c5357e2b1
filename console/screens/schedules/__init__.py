"""Charging schedules of a station, and for many."""
