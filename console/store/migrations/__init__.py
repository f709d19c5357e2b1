"""Migrations: how a data file of an older version becomes one of this version."""
