"""Which site a verb is about: its profile, and the folder its data lie in."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from profiles import loader
from profiles.schema import Profile

#: The variable that names the folder where the command line does not.
ENVIRONMENT = "OCPP_CONSOLE_DATA"


@dataclass(frozen=True)
class Place:
    """Which site: its profile, and the folder its data lie in."""

    profile: Profile
    data: Path

    def again(self, words: str = "") -> str:
        """A command line that means the same site, for hints."""
        return again_there(self.profile.profile_id, None if self.data == own_folder(self.profile) else self.data, words)


def own_folder(profile: Profile) -> Path:
    """The folder of a profile's data, unless another is named."""
    return loader.data_folder(profile).expanduser().absolute()


def again_there(profile_id: str, data: Path | None, words: str) -> str:
    """A command line that means the site of a profile and a folder, for hints."""
    options = "" if profile_id == loader.DEFAULT else f" --profile {shlex.quote(profile_id)}"
    if data is not None and data != from_environment():
        options += f" --data {shlex.quote(str(data))}"
    return f"ocpp-console{options} {words}".rstrip()


def from_environment() -> Path | None:
    """The folder of ``OCPP_CONSOLE_DATA``, None where it is not set."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else None
