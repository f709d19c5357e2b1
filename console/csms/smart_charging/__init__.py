"""Charging profiles: what is installed where, for whom, and sent to many."""
