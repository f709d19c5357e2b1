"""Widgets for Textual that know neither OCPP nor the console."""

from widgets.ascii import AsciiFilter, needs_ascii, to_ascii
from widgets.columns import Column
from widgets.dialog import ConfirmDialog, PromptDialog
from widgets.filter_bar import FilterBar
from widgets.form import Choice, Field, Form
from widgets.json_view import JsonView
from widgets.line_chart import LineChart
from widgets.live_table import LiveTable
from widgets.row_line import Cell, CellStyle
from widgets.schedule_chart import ScheduleChart
from widgets.schedule_editor import ScheduleEditor
from widgets.schedule_layers import Layers
from widgets.schedule_limits import Supply
from widgets.schedule_plan import Plan, Step
from widgets.status_line import StatusKind, StatusLine
from widgets.text import cut, fit, plain

__all__ = [
    "AsciiFilter",
    "Cell",
    "CellStyle",
    "Choice",
    "Column",
    "ConfirmDialog",
    "Field",
    "FilterBar",
    "Form",
    "JsonView",
    "Layers",
    "LineChart",
    "LiveTable",
    "Plan",
    "PromptDialog",
    "ScheduleChart",
    "ScheduleEditor",
    "StatusKind",
    "StatusLine",
    "Step",
    "Supply",
    "cut",
    "fit",
    "needs_ascii",
    "plain",
    "to_ascii",
]
