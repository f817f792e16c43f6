"""A report's rows as a CSV file that a spreadsheet opens and does not obey."""

import csv
import os
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from accounts.viewer import Viewer
from reporting.base import Cell, Chosen, Column, Report
from reporting.timeframes import Timeframe
from textengage.lib.sheets import inert

CHUNK = 1_000
"""Rows read and written at a time."""


def write(
    report: Report,
    viewer: Viewer,
    timeframe: Timeframe,
    chosen: Chosen,
    *,
    zone: tzinfo,
    to: Path,
    written: Callable[[int], None],
) -> int:
    """Write every row to a new file on disk, and return how many.

    ``written`` is told the number of rows so far after each chunk; what it raises stops
    the writing. UTF-8 with a byte order mark, which Excel needs, and every cell quoted.
    """
    number_of_rows = 0
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file, quoting=csv.QUOTE_ALL)
        sheet.writerow([inert(heading(column, zone)) for column in report.columns])
        for page in report.pages(viewer, timeframe, chosen, CHUNK):
            sheet.writerows(line(row, zone) for row in page.rows)
            number_of_rows += len(page.rows)
            written(number_of_rows)
        file.flush()
        os.fsync(file.fileno())
    return number_of_rows


def heading(column: Column, zone: tzinfo) -> str:
    """A column's title; times name their zone, because the cells do not."""
    return f"{column.title} ({zone})" if column.is_time else column.title


def line(row: Sequence[Cell], zone: tzinfo) -> list[str]:
    return [inert(text(cell.value, zone)) for cell in row]


def text(value: object, zone: tzinfo) -> object:
    """Times in the form that every spreadsheet reads as a time."""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    return value
