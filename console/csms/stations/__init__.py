"""Stations come, are let in, and are treated as their make wants."""
