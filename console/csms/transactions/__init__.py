"""Transactions of every version and their meter values: begun, followed, limited, ended."""
