"""``ocpp-console`` and ``python -m console``."""

from __future__ import annotations

import os

# Textual reads these when it is imported: no animation, no smooth scrolling and few repaints, for slow links.
for _name, _value in (
    ("TEXTUAL_ANIMATIONS", "none"),
    ("TEXTUAL_SMOOTH_SCROLL", "0"),
    ("TEXTUAL_FPS", "15"),
):
    os.environ.setdefault(_name, _value)


def main() -> None:
    """Run the command line."""
    from console.cli.main import main as command_line

    command_line(prog_name="ocpp-console")


if __name__ == "__main__":
    main()
