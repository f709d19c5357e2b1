"""Where a site's saved requests lie."""

from __future__ import annotations

from console.actions.saved import SavedRequests
from console.cli.context import Call
from profiles import loader


def saved_requests(call: Call) -> SavedRequests:
    """The templates and last requests of the profile that is meant: files in the user's configuration folder."""
    return SavedRequests(loader.config_folder() / "requests" / call.profile_id)
