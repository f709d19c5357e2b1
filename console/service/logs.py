"""What the service says to whoever runs it: to a terminal, to systemd's journal, or to a file that stays small."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from pathlib import Path

_LARGEST_BYTES = 1 << 20
_KEPT_FILES = 3
_TIMED = "%(asctime)s %(levelname)s %(message)s"
#: The journal knows the time, and reads the severity from a number in angle brackets (sd-daemon(3)).
_SEVERITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _JournalFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{_SEVERITY.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


class _OutputFile(logging.handlers.RotatingFileHandler):
    """A log file that standard output and error go to as well, also after it was renamed and begun anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LARGEST_BYTES, backupCount=_KEPT_FILES, encoding="utf-8")
        self._take_output()

    def doRollover(self) -> None:
        super().doRollover()
        self._take_output()

    def _take_output(self) -> None:
        if self.stream is not None:
            for descriptor in (1, 2):
                os.dup2(self.stream.fileno(), descriptor)


def log_to_stderr() -> None:
    """Log to standard error: with the time at a terminal, with severities where systemd reads along."""
    handler = logging.StreamHandler(sys.stderr)
    journal = "JOURNAL_STREAM" in os.environ and not sys.stderr.isatty()
    handler.setFormatter(_JournalFormatter() if journal else logging.Formatter(_TIMED))
    _use(handler)


def log_to_file(path: Path) -> None:
    """Log to a file of bounded size; whatever else the process prints goes there too."""
    handler = _OutputFile(path)
    handler.setFormatter(logging.Formatter(_TIMED))
    _use(handler)


def _use(handler: logging.Handler) -> None:
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
