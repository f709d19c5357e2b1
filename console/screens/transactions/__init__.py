"""Transactions, and one of them with its meter values."""
