"""Stations' settings: read, changed, compared, taken back."""
