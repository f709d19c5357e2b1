"""A station's answers, explained: tables of words for every status, and what the station's own settings tell of it."""

from console.csms.explain.causes import token_of
from console.csms.explain.explain import accepted, explain, explain_error
from console.csms.explain.facts import Facts, by_key

__all__ = ["Facts", "accepted", "by_key", "explain", "explain_error", "token_of"]
