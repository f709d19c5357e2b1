"""Widgets for Textual that know neither OCPP nor the console."""

from widgets.columns import Column
from widgets.filter_bar import FilterBar
from widgets.live_table import LiveTable
from widgets.row_line import Cell, CellStyle
from widgets.status_line import StatusKind, StatusLine
from widgets.text import plain

__all__ = ["Cell", "CellStyle", "Column", "FilterBar", "LiveTable", "StatusKind", "StatusLine", "plain"]
